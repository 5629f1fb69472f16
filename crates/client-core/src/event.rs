//! What the app is told.
use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use offhook_signaling::{CallView, EndView, LegView, Problem, RoomEvent};
use offhook_types::{CallId, Opaque, UserId};

/// Something the app should know. Each change is told once: whichever of event, reply and snapshot brings it first tells
/// it, the others are silent. After [`Event::CallEnded`] nothing more is told of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Parties of a known call changed, or the user's main device did.
    CallChanged {
        /// The call.
        call: CallId,
        /// The parties that changed, with their new states; empty if only the main device did.
        changed: Vec<LegView>,
    },
    /// A call came up that this device did not know, and that does not ring: the app's back end placed it, the user came
    /// into it by a request whose reply was lost, it was found when the client began anew, or it is an invitation that
    /// came too late to ring, or that is silenced, but may still be answered. An invitation that is over when it comes
    /// is not told at all. The call may bear its end already, as one that everyone was too busy for; then nothing
    /// follows.
    CallCreated(Box<CallView>),
    /// A known call is over. It is the last event of that call.
    CallEnded {
        /// Who ended it; absent for timers and policies, and if the end was learned afterwards.
        by: Option<UserId>,
        /// The call.
        call: CallId,
        /// The parties that changed with the end, with their new states.
        changed: Vec<LegView>,
        /// What they sent along.
        data: Opaque,
        /// How it ended; absent if the call ended so long ago that the server does not say.
        end: Option<EndView>,
    },
    /// The connection is in another state.
    Connection(ConnectionState),
    /// Ring, for `remaining_ms` from now at most. [`Event::RingStopped`] follows in any case.
    Incoming(Box<CallView>),
    /// Two users called each other at once; the user's attempt became this accepted call. If that is its end, as in a
    /// general call, [`Event::CallEnded`] follows at once.
    Merged(Box<CallView>),
    /// The server refused the session, or a frame that it could not match to a request.
    Refused(Box<Problem>),
    /// Stop ringing.
    RingStopped {
        /// Who canceled or ended; absent for everything else.
        by: Option<UserId>,
        /// The call.
        call: CallId,
        /// What they sent along.
        data: Opaque,
        /// Why.
        reason: RingStopReason,
    },
    /// Something happened in a room that this device is in, as the server told it. A `room.reset` calls for `room.read`:
    /// the client tells one by itself for every room after it came back on a new connection, because what happened
    /// meanwhile is lost.
    Room(Box<RoomEvent>),
    /// The source of tokens gave none: without a new one the session ends soon, or does not begin.
    TokenNeeded,
}

/// Why a ring stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RingStopReason {
    /// Another device of the user, or the app's back end, accepted.
    AnsweredElsewhere,
    /// This device accepted.
    AnsweredHere,
    /// The invitation was taken back.
    Canceled,
    /// Another device of the user, or the server, rejected.
    DeclinedElsewhere,
    /// This device rejected.
    DeclinedHere,
    /// The call is over.
    Ended,
    /// The ring was silenced on this device.
    Ignored,
    /// This device's session was stopped; other devices may ring on.
    SessionOver,
    /// The time of the ring has passed on this device's own clock.
    TimedOut,
    /// The server says that nobody answered in time.
    Unanswered,
}

/// Where the connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionState {
    /// Waiting before the next attempt. Rings go on and end by their own clock.
    Backoff {
        /// How long.
        retry_in: Duration,
    },
    /// Asking for a token, opening a socket, or greeting.
    Connecting,
    /// Not connected, because nobody asked for it.
    Disconnected,
    /// Connected.
    Online {
        /// Whether missed events follow. Otherwise everything known was replaced by the server's state, and the
        /// differences follow as events.
        resumed: bool,
        /// Who the token says the user is.
        user: UserId,
    },
    /// Not connected, and not coming back by itself. Everything known is void.
    Stopped(StopReason),
}

/// Why the client does not come back by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// The server found the client's frames wrong; a defect, or versions that do not fit.
    BadFrame,
    /// Another device of the user logged in, and the app permits only so many.
    KickedOut,
    /// The client logged out.
    LoggedOut,
    /// A newer connection of the same device took over.
    Replaced,
    /// Two tokens in a row were refused, or there was none.
    Unauthenticated,
}
