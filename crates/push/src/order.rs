//! What is to be sent.
use std::{fmt, time::Duration};

use offhook_types::{AppId, CallId, CallSeq, DeviceId, Opaque, Timestamp, UserId};

use crate::PushId;

/// One push to one device, derived from the record of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The tenant.
    pub app: AppId,
    /// How many unread things the app's icon counts, if the caller chose to say so.
    pub badge: Option<u32>,
    /// The call.
    pub call: CallId,
    /// Who calls.
    pub caller: UserId,
    /// Lets the device answer this ring without a login; rings alone have one. A secret.
    pub credential: Opaque,
    /// The device.
    pub device: DeviceId,
    /// What it says.
    pub kind: Kind,
    /// What the caller sends along, untouched.
    pub payload: Opaque,
    /// The name of this push.
    pub push: PushId,
    /// When the user was invited.
    pub rung_at: Timestamp,
    /// When the ring ends.
    pub ring_until: Timestamp,
    /// The step of the call that this push tells of. A device that has seen a later one passes over it.
    pub seq: CallSeq,
    /// What people read.
    pub text: Text,
    /// Groups notifications of one conversation; empty for none.
    pub thread: String,
    /// To whom it is addressed. A device at which somebody else is logged in passes over it.
    pub user: UserId,
    /// What iOS shows of the caller.
    pub voip: Voip,
}

/// What a push says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Ring until the ring ends.
    Ring,
    /// Ring no more.
    Stop(StopReason),
    /// A call was missed.
    Missed,
}

/// Why a device shall ring no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// Accepted on another device.
    AnsweredElsewhere,
    /// Taken back.
    Canceled,
    /// The call is over.
    Ended,
    /// Rejected on another device.
    RejectedElsewhere,
    /// Nobody answered in time.
    TimedOut,
}

/// What people read: a notification's two lines.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// Usually who calls.
    pub title: String,
    /// Usually that they call.
    pub body: String,
}

/// What iOS shows of a caller (call-semantics section 6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voip {
    /// What `handle` is.
    pub handle_kind: HandleKind,
    /// Names the caller for the system's list of calls; empty for none.
    pub handle: Opaque,
    /// Whether it is a video call.
    pub has_video: bool,
}

/// What names a caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HandleKind {
    /// Any text (1).
    #[default]
    Generic,
    /// A telephone number (2).
    Phone,
    /// An e-mail address (3).
    Email,
}

impl Order {
    /// How much of the ring is left.
    #[must_use]
    pub fn remaining(&self, now: Timestamp) -> Duration {
        self.ring_until.since(now)
    }

    /// How long ago the ring began.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Duration {
        now.since(self.rung_at)
    }
}

impl Kind {
    /// The word for it on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Stop(_) => "stop",
            Self::Missed => "missed",
        }
    }
}

impl StopReason {
    /// The word for it on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::Canceled => "canceled",
            Self::Ended => "ended",
            Self::RejectedElsewhere => "rejected_elsewhere",
            Self::TimedOut => "timed_out",
        }
    }
}

impl HandleKind {
    /// Its number in the specification.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Generic => 1,
            Self::Phone => 2,
            Self::Email => 3,
        }
    }
}

impl Text {
    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.title.is_empty() && self.body.is_empty()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} and {} bytes)", self.title.len(), self.body.len())
    }
}
