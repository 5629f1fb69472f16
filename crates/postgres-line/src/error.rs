//! Why there is no connection, and what an operator does about it.
use std::{error::Error as _, io, time::Duration};

use rustls_pki_types::pem;
use tokio_postgres::{Error, error::SqlState};

use crate::address::Address;

/// Why there is no connection. Every text says what to do; none holds a password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The database is not there (3D000).
    #[error(
        "the server at {place} has no database `{database}`: create it (`createdb {database}`), or correct the URL"
    )]
    DatabaseMissing {
        /// The database's name.
        database: String,
        /// Where the server is.
        place: String,
    },
    /// The URL names no host.
    #[error("the database's URL names no host: write postgres://user:password@host:port/database")]
    NoHost,
    /// The PEM holds no certificate.
    #[error("the roots for the database hold no certificate: give the authority's certificate as PEM")]
    NoRoots,
    /// It is no URL at all.
    #[error("the database's URL must begin with postgres:// or postgresql://")]
    NoUrl,
    /// The user may not connect: `pg_hba.conf`, a role that is missing or may not log in, a missing grant (28000, 42501).
    #[error(
        "the server at {place} does not let user `{user}` in ({reason}): see pg_hba.conf, the role and its grants"
    )]
    NotAdmitted {
        /// Where the server is.
        place: String,
        /// In the server's words.
        reason: String,
        /// Who was not let in.
        user: String,
    },
    /// No host is a primary, and the URL asks for one.
    #[error(
        "no server at {place} is what target_session_attrs asks for: wait for the failover to end, or promote a standby"
    )]
    NotPrimary {
        /// Where the servers are.
        place: String,
    },
    /// The two sides know no way to log in that both accept, or the server does not prove that it knows the password.
    #[error(
        "no login at {place} as user `{user}`: see the method in pg_hba.conf (scram-sha-256 is best) and channel_binding in the URL"
    )]
    NoAgreement {
        /// Where the server is.
        place: String,
        /// What went wrong.
        #[source]
        source: Error,
        /// Who wanted in.
        user: String,
    },
    /// The server starts, recovers or stops (57P01, 57P02, 57P03).
    #[error("the server at {place} takes no connections now ({reason}): wait until it has started")]
    NotReady {
        /// Where the server is.
        place: String,
        /// In the server's words.
        reason: String,
    },
    /// The server asks for a password, and the URL has none.
    #[error("the server at {place} asks for a password of user `{user}`: write it into the URL")]
    PasswordMissing {
        /// Where the server is.
        place: String,
        /// Whose password.
        user: String,
    },
    /// The password is wrong (28P01).
    #[error(
        "the server at {place} refuses the password of user `{user}`: correct it in the URL, or set it with ALTER ROLE"
    )]
    PasswordRefused {
        /// Where the server is.
        place: String,
        /// Whose password.
        user: String,
    },
    /// The server refuses for a reason that is none of the others.
    #[error("the server at {place} refuses the connection: {reason} (SQLSTATE {code})")]
    Refused {
        /// The SQLSTATE.
        code: String,
        /// Where the server is.
        place: String,
        /// In the server's words.
        reason: String,
    },
    /// One of the roots is no certificate of an authority.
    #[error("one of the roots for the database is no certificate of an authority")]
    RootRefused(#[source] rustls::Error),
    /// The roots are not PEM.
    #[error("the roots for the database are not PEM")]
    RootsUnreadable(#[source] pem::Error),
    /// Nothing came of it in time.
    #[error("no login at {place} within {after:?}: see whether the server runs and the way there is open")]
    TimedOut {
        /// How long it was waited for.
        after: Duration,
        /// Where the server is.
        place: String,
    },
    /// No TLS with the server.
    #[error(
        "no TLS with {place}: give the authority's certificate if it is your own, or write sslmode=disable into the URL if nobody \
         else can listen on the way there"
    )]
    Tls {
        /// Where the server is.
        place: String,
        /// What went wrong.
        #[source]
        source: Error,
    },
    /// All of the server's connections are taken (53300).
    #[error(
        "the server at {place} has no connection to spare: raise its max_connections, or lower what the nodes take"
    )]
    TooManyConnections {
        /// Where the server is.
        place: String,
    },
    /// `sslmode` is none that there is.
    #[error(
        "the database's URL has an unknown sslmode `{mode}`: write disable, prefer, require, verify-ca or verify-full"
    )]
    UnknownMode {
        /// As it was written.
        mode: String,
    },
    /// The server is not reached, or went away during the login.
    #[error("no connection to {place}: see whether the server runs there and the way is open")]
    Unreachable {
        /// Where the server should be.
        place: String,
        /// What went wrong.
        #[source]
        source: Error,
    },
    /// The URL cannot be read.
    #[error("the database's URL cannot be read: write postgres://user:password@host:port/database")]
    Url(#[source] Error),
}

/// How `tokio-postgres` tells its kinds of errors apart; they have no other sign. Tests against a server hold it to that.
const IN_TLS: &str = "error performing TLS handshake";
const IN_CONFIGURATION: &str = "invalid configuration";
const IN_LOGIN: &str = "authentication error";

impl ConnectError {
    pub(crate) fn of(error: Error, address: &Address) -> Self {
        let (place, user) = (address.place(), address.user());
        if let Some(refusal) = error.as_db_error() {
            return Self::of_refusal(refusal.code(), refusal.message().to_owned(), address);
        }
        match error.to_string().as_str() {
            IN_TLS => Self::Tls { place, source: error },
            IN_CONFIGURATION if lacks_password(&error) => Self::PasswordMissing { place, user },
            IN_CONFIGURATION => Self::Url(error),
            IN_LOGIN => Self::NoAgreement { place, source: error, user },
            _ if is_wrong_role(&error) => Self::NotPrimary { place },
            _ => Self::Unreachable { place, source: error },
        }
    }

    fn of_refusal(code: &SqlState, reason: String, address: &Address) -> Self {
        let place = address.place();
        match code.code() {
            "28P01" => Self::PasswordRefused { place, user: address.user() },
            "28000" | "42501" => Self::NotAdmitted { place, reason, user: address.user() },
            "3D000" => Self::DatabaseMissing { database: address.database(), place },
            "53300" => Self::TooManyConnections { place },
            "57P01" | "57P02" | "57P03" => Self::NotReady { place, reason },
            code => Self::Refused { code: code.to_owned(), place, reason },
        }
    }

    /// Whether it may pass without anybody's doing: the server is away, busy or in a failover. The others stay until an operator
    /// changes something.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NotPrimary { .. }
            | Self::NotReady { .. }
            | Self::TimedOut { .. }
            | Self::TooManyConnections { .. }
            | Self::Unreachable { .. } => true,
            Self::DatabaseMissing { .. }
            | Self::NoHost
            | Self::NoRoots
            | Self::NoUrl
            | Self::NoAgreement { .. }
            | Self::NotAdmitted { .. }
            | Self::PasswordMissing { .. }
            | Self::PasswordRefused { .. }
            | Self::Refused { .. }
            | Self::RootRefused(_)
            | Self::RootsUnreadable(_)
            | Self::Tls { .. }
            | Self::UnknownMode { .. }
            | Self::Url(_) => false,
        }
    }
}

fn lacks_password(error: &Error) -> bool {
    error.source().is_some_and(|cause| cause.to_string() == "password missing")
}

/// What `tokio-postgres` says when a server is not what `target_session_attrs` asks for; the system's own refusals bear a number.
fn is_wrong_role(error: &Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|io| io.kind() == io::ErrorKind::PermissionDenied && io.raw_os_error().is_none())
}
