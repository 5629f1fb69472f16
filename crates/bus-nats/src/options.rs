//! What an operator may say of the bus.
use std::{fmt, time::Duration};

use offhook_bus::NodeName;

/// How NATS is reached. Start from [`NatsOptions::new`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NatsOptions {
    /// `nats://host:port`, or `tls://host:port` to speak TLS or nothing; several are servers of one NATS cluster. With `nats://`, TLS is
    /// spoken if the server asks for it. A user and a password, or a token, may stand before the host.
    pub urls: Urls,
    /// Whose nodes these are: one to 32 letters, digits, `-` and `_`. Nodes with different words share a server and never meet. Default
    /// `main`.
    pub cluster: String,
    /// What this node is called; no two that live at the same time may have one name. Default: nothing.
    pub name: Option<NodeName>,
    /// How the node shows who it is; beats what stands in the URLs. Default: nothing is shown.
    pub credentials: Credentials,
    /// Certificates of authorities as PEM, trusted instead of the system's. Default: the system's.
    pub roots: Option<Vec<u8>>,
    /// How long a connection and its login may take. Default 2 s.
    pub connect_timeout: Duration,
    /// How many messages may wait to be sent; more are dropped. Default 16,384. More keeps more through a burst, less costs less memory
    /// when the server is slow.
    pub queue: usize,
    /// How many messages of one subject may wait to be heard; more are dropped. Default 8,192.
    pub backlog: usize,
}

/// URLs that are not shown, as they may hold passwords.
#[derive(Clone)]
pub struct Urls(pub Vec<String>);

impl fmt::Debug for Urls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} URLs", self.0.len())
    }
}

/// How a node shows a server who it is.
#[derive(Clone, Default)]
pub enum Credentials {
    /// With the contents of a file of credentials (`.creds`): a JWT and its seed.
    File(String),
    /// Not at all, unless the URL says how.
    #[default]
    None,
    /// With an nkey's seed (`SU…`).
    Nkey(String),
    /// With a token.
    Token(String),
    /// With a user's name and password.
    User {
        /// The name.
        name: String,
        /// The password.
        password: String,
    },
}

/// Without the secrets.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::None => "None",
            Self::Nkey(_) => "Nkey",
            Self::Token(_) => "Token",
            Self::User { .. } => "User",
        })
    }
}

impl NatsOptions {
    /// All defaults for the servers at these URLs.
    #[must_use]
    pub fn new(urls: impl IntoIterator<Item = String>) -> Self {
        Self {
            urls: Urls(urls.into_iter().collect()),
            cluster: "main".to_owned(),
            name: None,
            credentials: Credentials::None,
            roots: None,
            connect_timeout: Duration::from_secs(2),
            queue: 16_384,
            backlog: 8_192,
        }
    }
}

/// Why options cannot be used. Every text says what to do; none holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The cluster's word.
    #[error("the bus's cluster must be 1 to 32 letters, digits, `-` and `_`")]
    Cluster,
    /// The credentials.
    #[error(
        "the credentials for NATS cannot be read: give the whole contents of a .creds file, or an nkey's seed (SU…)"
    )]
    Credentials,
    /// The client does not start.
    #[error("the NATS client does not start")]
    Client(#[source] async_nats::ConnectError),
    /// The PEM holds no certificate.
    #[error("the roots for NATS hold no certificate: give the authority's certificate as PEM")]
    NoRoots,
    /// No URL is given.
    #[error("no URL of a NATS server is given: write nats://host:4222, or tls://host:4222")]
    NoUrl,
    /// One of the roots is no certificate of an authority.
    #[error("one of the roots for NATS is no certificate of an authority")]
    RootRefused(#[source] rustls::Error),
    /// The roots are not PEM.
    #[error("the roots for NATS are not PEM")]
    RootsUnreadable(#[source] rustls_pki_types::pem::Error),
    /// A URL.
    #[error("URL {number} of the NATS servers cannot be read: write nats://host:4222, or tls://host:4222")]
    Url {
        /// Which one, counted from one; its text may hold a password.
        number: usize,
    },
}
