//! From a URL to hosts, a user, a database, and whether TLS is spoken.
use std::net::IpAddr;

use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};

use crate::ConnectError;

/// A URL that has been read.
pub(crate) struct Address {
    config: Config,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, ConnectError> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(ConnectError::NoUrl);
        }
        let (rest, mode) = take_mode(url);
        let mut config: Config = rest.parse().map_err(ConnectError::Url)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(ConnectError::NoHost);
        }
        let mode = match mode.as_deref() {
            None if is_here(&config) => SslMode::Disable,
            Some("disable") => SslMode::Disable,
            Some("prefer") => SslMode::Prefer,
            None | Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some(other) => return Err(ConnectError::UnknownMode { mode: other.to_owned() }),
        };
        config.ssl_mode(mode);
        Ok(Self { config })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Where the servers are, for messages.
    pub(crate) fn place(&self) -> String {
        let ports = self.config.get_ports();
        let port = |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        let hosts = self.config.get_hosts().iter().enumerate().map(|(index, host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(index)),
            Host::Unix(folder) => format!("{}/.s.PGSQL.{}", folder.display(), port(index)),
        });
        let addresses =
            self.config.get_hostaddrs().iter().enumerate().map(|(index, it)| format!("{it}:{}", port(index)));
        let places: Vec<String> = hosts.collect();
        if places.is_empty() { addresses.collect::<Vec<_>>().join(", ") } else { places.join(", ") }
    }

    pub(crate) fn user(&self) -> String {
        self.config.get_user().unwrap_or("of this process").to_owned()
    }

    pub(crate) fn database(&self) -> String {
        let named = self.config.get_dbname().or(self.config.get_user());
        named.unwrap_or("named after the user").to_owned()
    }
}

/// The URL without its `sslmode`, of which `tokio-postgres` knows less than libpq, and the mode.
fn take_mode(url: &str) -> (String, Option<String>) {
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut mode = None;
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| match pair.strip_prefix("sslmode=") {
            Some(named) => {
                mode = Some(named.to_owned());
                false
            }
            None => true,
        })
        .collect();
    (format!("{place}?{}", kept.join("&")), mode)
}

/// Whether nothing that is said leaves this machine.
fn is_here(config: &Config) -> bool {
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => is_loopback(name),
        Host::Unix(_) => true,
    });
    let addresses = config.get_hostaddrs();
    if addresses.is_empty() { hosts } else { addresses.iter().all(IpAddr::is_loopback) }
}

fn is_loopback(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Address::parse(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted_unless_the_operator_says_otherwise() {
        assert_eq!(mode("postgres://ann@localhost/calls"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@127.0.0.2:5433/calls"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@%2Frun%2Fpostgresql/calls"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@db/calls"), SslMode::Require);
        assert_eq!(mode("postgres://ann@localhost,db/calls"), SslMode::Require, "one host is not here");
        assert_eq!(mode("postgres://ann@db/calls?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@db/calls?sslmode=prefer"), SslMode::Prefer);
        assert_eq!(mode("postgresql://ann@localhost/calls?sslmode=verify-full"), SslMode::Require);
    }

    #[test]
    fn other_parameters_stay() {
        let address =
            Address::parse("postgres://ann@db/calls?connect_timeout=3&sslmode=verify-ca&keepalives=0");
        let config = address.unwrap().config;
        assert_eq!(config.get_connect_timeout().map(|it| it.as_secs()), Some(3));
        assert!(!config.get_keepalives());
    }

    #[test]
    fn a_place_names_every_host_and_no_password() {
        let address = Address::parse("postgres://ann:secret@a:1,b:2/calls").unwrap();
        assert_eq!(address.place(), "a:1, b:2");
        assert_eq!((address.user().as_str(), address.database().as_str()), ("ann", "calls"));
    }

    #[test]
    fn what_is_no_url_is_refused_with_a_reason_and_no_password() {
        let reason = |url: &str| Address::parse(url).err().map(|error| error.to_string()).unwrap();
        assert!(reason("host=db password=secret").starts_with("the database's URL"));
        assert!(reason("postgres:///calls?user=ann").contains("names no host"));
        assert!(reason("postgres://db/calls?sslmode=maybe").contains("`maybe`"));
        let wrong = reason("postgres://ann:secret@db:port/calls");
        assert!(!wrong.contains("secret"), "{wrong}");
    }
}
