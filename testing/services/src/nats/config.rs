//! A NATS server's configuration file.
use std::{fmt, fmt::Write as _, net::SocketAddrV4};

use anyhow::Result;

use super::{NatsAccess, NatsOptions};
use crate::programs;

/// What a client must know.
pub(super) enum Credentials {
    Nothing,
    Token(String),
    User { name: &'static str, password: String },
}

impl Credentials {
    pub(super) fn new(access: NatsAccess) -> Result<Self> {
        Ok(match access {
            NatsAccess::Open => Self::Nothing,
            NatsAccess::Token => Self::Token(programs::secret()?),
            NatsAccess::User => Self::User { name: "offhook", password: programs::secret()? },
        })
    }

    /// What stands before the host in a URL.
    pub(super) fn in_url(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Token(token) => format!("{token}@"),
            Self::User { name, password } => format!("{name}:{password}@"),
        }
    }
}

/// Without the secrets.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Token(_) => "Token",
            Self::User { .. } => "User",
        })
    }
}

/// The whole file. Paths in it are relative to the server's working directory, its own folder.
pub(super) fn text(credentials: &Credentials, place: SocketAddrV4, options: &NatsOptions) -> String {
    let mut text = format!("listen: \"{place}\"\n");
    // Writing to a String cannot fail. Values are quoted: a bare one that begins with digits would be read as a number.
    let _ = match credentials {
        Credentials::Nothing => Ok(()),
        Credentials::Token(token) => writeln!(text, "authorization {{ token: \"{token}\" }}"),
        Credentials::User { name, password } => {
            writeln!(text, "authorization {{ user: \"{name}\", password: \"{password}\" }}")
        }
    };
    if options.tls {
        text += "tls { cert_file: \"server.crt\", key_file: \"server.key\", timeout: 5 }\n";
    }
    text + &options.settings + "\n"
}
