//! What goes into the machine and what comes out.
use alloc::{boxed::Box, string::String};
use core::fmt;

use offhook_signaling::{ClientFrame, FrameError, Problem, Reply, Request, ServerFrame};

use crate::Event;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "an input lives for one call; a box would be paid per frame")]
pub enum Input {
    /// The app wants to be connected. During a pause it cuts the pause short; online it has a token that the session
    /// lacks asked for at once.
    Connect,
    /// The app wants to be disconnected. What is known is kept, for the next connection to resume.
    Disconnect,
    /// A frame came, or a text that is none.
    Frame(Result<ServerFrame, FrameError>),
    /// The driver does not read from the socket until [`Input::Resumed`]: silence says nothing about the server.
    Paused,
    /// The app asks for something; [`Output::Resolve`] with the same handle follows.
    Request {
        /// Chosen by the driver, unique among the requests that are not resolved.
        handle: Handle,
        /// What for. An invite should bear a key: without one it cannot be repeated safely.
        request: Request,
    },
    /// The driver reads again.
    Resumed,
    /// The socket closed, with the close code if there was one.
    SocketClosed(Option<u16>),
    /// The socket could not be opened.
    SocketFailed,
    /// The socket is open.
    SocketOpened,
    /// The time of [`Client::poll_timeout`](crate::Client::poll_timeout) has come.
    Timeout,
    /// A token, asked for or not.
    Token(Token),
    /// The source of tokens failed; it may work later.
    TokenFailed,
    /// The source of tokens has no other token.
    TokenGone,
}

/// Something is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "an output is carried out at once; a box would be paid per reply"
)]
pub enum Output {
    /// Close the socket, or stop opening it, and say no more of it.
    CloseSocket,
    /// Tell the app.
    Event(Event),
    /// Ask the source of tokens.
    NeedToken,
    /// Open a socket.
    OpenSocket,
    /// A request is done.
    Resolve {
        /// The request.
        handle: Handle,
        /// How it went.
        result: Result<Reply, ClientError>,
    },
    /// Write this frame.
    Send(ClientFrame),
}

/// Names a request of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub u64);

/// A user's token. `Debug` keeps it to itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({} bytes)", self.0.len())
    }
}

/// Why a request brought no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientError {
    /// The connection ended before the reply came, and the request could not be repeated.
    Disconnected {
        /// Whether the server may have carried it out. If it has, events will tell.
        maybe_applied: bool,
    },
    /// The client is not connected, and nobody asked it to be.
    NotConnected,
    /// The server refused. The state of the call, if the problem bears it, is already known to the client.
    Problem(Box<Problem>),
    /// No reply came in time.
    TimedOut {
        /// Whether the server may have carried it out. If it has, events will tell.
        maybe_applied: bool,
    },
    /// Too many requests wait for their reply already.
    TooManyRequests,
    /// The reply could not be read: the server is of another version. The request was carried out.
    Unreadable,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected { .. } => f.write_str("the connection ended before the reply came"),
            Self::NotConnected => f.write_str("the client is not connected"),
            Self::Problem(problem) => {
                write!(f, "the server refused ({}): {}", problem.code.as_str(), problem.message)
            }
            Self::TimedOut { .. } => f.write_str("no reply came in time"),
            Self::TooManyRequests => f.write_str("too many requests wait for their reply"),
            Self::Unreadable => f.write_str("the reply could not be read"),
        }
    }
}

impl core::error::Error for ClientError {}
