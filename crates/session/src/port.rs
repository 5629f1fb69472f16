//! What a session is told, and what it wants done.
use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use offhook_signaling::{
    ClientFrame, CloseCode, Event, FrameError, Hello, Problem, RenewToken, Reply, Request, RoomEvent,
    ServerFrame, Snapshot,
};
use offhook_types::{Epoch, Offset, Timestamp, UserId};

/// What a session is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The answer to [`Output::Fetch`]: the log no longer reaches back to the wanted offset.
    Behind,
    /// The answer to [`Output::Fetch`]: events for this device, in order.
    Delivered(Page),
    /// The socket is gone.
    Disconnected,
    /// The answer to [`Output::Execute`] or [`Output::LogOut`].
    Executed(Result<Reply, Problem>),
    /// The answer to [`Output::Fetch`]: the store could not tell.
    FetchFailed,
    /// A text arrived.
    Frame(Result<ClientFrame, FrameError>),
    /// The user's log reaches at least to this offset.
    Hint(Offset),
    /// Another device of the user took this one's place.
    Kicked,
    /// The answer to [`Output::Open`]: the session begins.
    Opened {
        /// The life of the event log.
        epoch: Epoch,
        /// When the token ends.
        expires: Timestamp,
        /// Where the session begins in the log.
        offset: Offset,
        /// The state at `offset`, unless the client resumes from there.
        snapshot: Option<Snapshot>,
        /// Who the token says the client is.
        user: UserId,
    },
    /// A ping, or the pong that answers [`Output::Ping`], arrived: a sign of life that asks for nothing.
    Pinged,
    /// The answer to [`Output::Open`]: there will be no session.
    Refused(Problem),
    /// The answer to [`Output::Renew`]: the end of the new token, which is of the same user.
    Renewed(Result<Timestamp, Problem>),
    /// A newer connection of the same device took over.
    Replaced,
    /// Events of rooms, in order; when [`crate::Session::takes_room_events`] says so.
    Room(Vec<RoomEvent>),
    /// The token is no longer accepted.
    Revoked,
    /// The server stops; the client shall come back after this time.
    Shutdown(Duration),
    /// [`crate::Session::poll_timeout`] has been reached, or may have been.
    Timeout,
    /// A message arrived that is no text.
    Unreadable,
    /// Everything sent so far has left for the client.
    Written,
}

/// A part of the user's event log, as far as it is meant for this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The events, in order. Their `after` is set by the session.
    pub events: Vec<Event>,
    /// Whether the log goes on after `through`.
    pub more: bool,
    /// Everything up to here has been looked at.
    pub through: Offset,
}

/// What a session wants done, in this order. At most one of Execute, Fetch, LogOut, Open and Renew is unanswered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every output is a frame, and a box would be paid per event"
)]
pub enum Output {
    /// Close the connection with this code. Nothing follows.
    Close(CloseCode),
    /// Carry the request out; [`Input::Executed`] answers.
    Execute(Request),
    /// Read the events after this offset; [`Input::Delivered`], [`Input::Behind`] or [`Input::FetchFailed`] answers.
    Fetch {
        /// Where to begin.
        after: Offset,
    },
    /// Log the device out; [`Input::Executed`] answers.
    LogOut,
    /// Verify the token and begin the session; [`Input::Opened`] or [`Input::Refused`] answers.
    Open(Box<Hello>),
    /// Write a ping of the WebSocket: nothing was heard for long. The pong comes back as [`Input::Pinged`].
    Ping,
    /// Verify a new token; [`Input::Renewed`] answers.
    Renew(RenewToken),
    /// Write the frame. When everything has been written, [`Input::Written`] is due.
    Send(ServerFrame),
}
