//! What an operator may say of a connection.
use std::{fmt, fmt::Write as _, time::Duration};

use tokio_postgres::Config;

use crate::{ConnectError, address::Address};

/// How a database is reached.
#[derive(Clone)]
pub struct Options {
    /// `postgres://user:password@host:port/database`; several hosts, separated by commas, are tried in order. Of libpq's parameters it
    /// may carry what `tokio-postgres` knows, such as `target_session_attrs=read-write`, and `sslmode`:
    ///
    /// | `sslmode` | |
    /// |---|---|
    /// | none given | `disable` if all hosts are this machine (loopback, a Unix socket), else `require` |
    /// | `disable` | nothing is encrypted |
    /// | `prefer` | TLS with a checked certificate if the server speaks it, else nothing is encrypted |
    /// | `require`, `verify-ca`, `verify-full` | TLS; the certificate is checked, and must be for the host's name |
    pub url: String,
    /// Certificates of authorities as PEM, trusted instead of the system's. Default: the system's.
    pub roots: Option<Vec<u8>>,
    /// What the server's operator sees in `pg_stat_activity`. Default `offhook`.
    pub application_name: String,
    /// How long names, connections, TLS and login may take together. Default 5 s.
    pub connect_timeout: Duration,
    /// After so much silence the kernel asks whether the server lives. Default 10 s. Less costs packets, more finds out later that
    /// a server is gone while nothing is sent.
    pub keepalive: Duration,
    /// The connection is given up when the server's machine has not confirmed what was sent for so long. Default 20 s. Less ends
    /// connections at a short outage of the network, more lets statements hang longer in a dead one. Linux only.
    pub unconfirmed_for: Duration,
    /// The server ends a statement that takes longer. Default: none does.
    pub statement_timeout: Option<Duration>,
    /// Settings of the session, by name, such as `("lock_timeout", "2s")`.
    pub settings: Vec<(String, String)>,
}

impl Options {
    /// All defaults for the database at that URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            roots: None,
            application_name: "offhook".to_owned(),
            connect_timeout: Duration::from_secs(5),
            keepalive: Duration::from_secs(10),
            unconfirmed_for: Duration::from_secs(20),
            statement_timeout: None,
            settings: Vec::new(),
        }
    }

    /// The database and where its servers are, for messages: the URL without user, password and settings.
    ///
    /// # Errors
    /// The [`ConnectError`] that a connection would end with for the URL's sake.
    pub fn place(&self) -> Result<String, ConnectError> {
        let address = Address::parse(&self.url)?;
        Ok(format!("{} at {}", address.database(), address.place()))
    }

    pub(crate) fn config(&self, address: &Address) -> Config {
        let mut config = address.config().clone();
        config.application_name(&self.application_name);
        config.connect_timeout(self.connect_timeout);
        config.keepalives(true).keepalives_idle(self.keepalive).keepalives_interval(self.keepalive / 3);
        config.keepalives_retries(3).tcp_user_timeout(self.unconfirmed_for);
        let asked = config.get_options().map(|asked| format!("{asked} ")).unwrap_or_default();
        let settings = self.startup();
        if !settings.is_empty() {
            config.options(format!("{asked}{settings}"));
        }
        config
    }

    /// The settings in the form of the server's command line, in which a backslash takes a space's meaning away.
    fn startup(&self) -> String {
        let mut startup = String::new();
        if let Some(longest) = self.statement_timeout {
            let _ = write!(startup, "-c statement_timeout={} ", longest.as_millis()); // Writing to a String cannot fail.
        }
        for (name, value) in &self.settings {
            let value = value.replace('\\', r"\\").replace(' ', r"\ ");
            let _ = write!(startup, "-c {name}={value} "); // As above.
        }
        startup.trim_end().to_owned()
    }
}

/// Without the URL, which holds a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("application_name", &self.application_name)
            .field("connect_timeout", &self.connect_timeout)
            .field("keepalive", &self.keepalive)
            .field("unconfirmed_for", &self.unconfirmed_for)
            .field("statement_timeout", &self.statement_timeout)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_go_with_the_login() {
        let mut options = Options::new("postgres://ann@localhost/calls?options=-c%20geqo%3Doff");
        options.statement_timeout = Some(Duration::from_secs(3));
        options.settings = vec![("search_path".to_owned(), r"a b\c".to_owned())];
        let config = options.config(&Address::parse(&options.url).unwrap());
        assert_eq!(
            config.get_options(),
            Some(r"-c geqo=off -c statement_timeout=3000 -c search_path=a\ b\\c")
        );
        assert_eq!(config.get_application_name(), Some("offhook"));
    }

    #[test]
    fn a_password_is_not_shown() {
        let shown = format!("{:?}", Options::new("postgres://ann:secret@localhost/calls"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
