//! Why a call or a connection failed. Failures are counted by their text, so it names kinds and never users.
use std::fmt;

use offhook_signaling::{CloseCode, Code};

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The connection ended, or was never made.
    Closed,
    /// The server ended the session and said why.
    Closing(CloseCode),
    /// At the time of a call of the open loop every pair was still busy: the server, or this tool, is too slow.
    NoPairFree,
    /// The server turned a request down.
    Problem(Code),
    /// The call was not through in time.
    Timeout,
    /// A frame that this tool cannot read.
    Unreadable,
    /// Caller and callee were told of different calls.
    WrongCall,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("connection closed"),
            Self::Closing(code) => write!(f, "session closed: {}", code.as_str()),
            Self::NoPairFree => f.write_str("no pair free"),
            Self::Problem(code) => write!(f, "problem: {}", code.as_str()),
            Self::Timeout => f.write_str("timeout"),
            Self::Unreadable => f.write_str("unreadable frame"),
            Self::WrongCall => f.write_str("wrong call"),
        }
    }
}

impl std::error::Error for Failure {}
