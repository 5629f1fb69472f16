//! What can go wrong.
use offhook_client_core::ClientError;
use offhook_signaling::Problem;

/// Why a client could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// `ws://` to another machine, and [`Config::allow_plaintext`](crate::Config::allow_plaintext) is not set.
    #[error("the token would cross the network in the clear; use wss://")]
    Plaintext,
    /// The platform's root certificates could not be read.
    #[error("the platform has no root certificates")]
    Roots,
    /// `wss://`, but the crate was built without its feature `tls`.
    #[error("this build knows no TLS")]
    TlsMissing,
    /// Not a URL of a WebSocket server.
    #[error("the URL is not that of a WebSocket server")]
    Url,
}

/// Why a request brought no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// The connection ended before the reply came, and the request could not be repeated.
    #[error("the connection ended before the reply came")]
    Disconnected {
        /// Whether the server may have carried it out. If it has, events will tell.
        maybe_applied: bool,
    },
    /// The session was stopped; [`Client::reconnect`](crate::Client::reconnect) begins another.
    #[error("the client is not connected")]
    NotConnected,
    /// The server refused; the problem says why, and bears the call as it now is.
    #[error("the server refused ({}): {}", .0.code.as_str(), .0.message)]
    Problem(Box<Problem>),
    /// No reply came within 10 s.
    #[error("no reply came in time")]
    TimedOut {
        /// Whether the server may have carried it out. If it has, events will tell.
        maybe_applied: bool,
    },
    /// 64 requests wait for their reply already.
    #[error("too many requests wait for their reply")]
    TooManyRequests,
    /// The reply could not be read, or is not one to this request: the server is of another version.
    #[error("the reply could not be read")]
    Unreadable,
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Disconnected { maybe_applied } => Self::Disconnected { maybe_applied },
            ClientError::NotConnected => Self::NotConnected,
            ClientError::Problem(problem) => Self::Problem(problem),
            ClientError::TimedOut { maybe_applied } => Self::TimedOut { maybe_applied },
            ClientError::TooManyRequests => Self::TooManyRequests,
            ClientError::Unreadable => Self::Unreadable,
        }
    }
}
