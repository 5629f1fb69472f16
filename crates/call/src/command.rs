//! What goes into a call.
use alloc::vec::Vec;

use offhook_types::{DeviceId, Opaque, UserId};

use crate::Delivery;

/// Who gives a command, and on which of their devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The device, or `None` when the app's back end acts on the user's behalf.
    pub device: Option<DeviceId>,
    /// The user.
    pub user: UserId,
}

/// What a party, or the app's back end in their name, asks of a call. Creation is [`crate::Call::invite`].
///
/// Deadlines and losses are not commands: no client can send them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Answers the call; the acting device becomes the main device.
    Accept {
        /// Shown to the others in the call.
        data: Opaque,
    },
    /// Tells that this device rings.
    AcknowledgeRinging,
    /// Invites more users into a call of the advanced mode.
    Add {
        /// Whom, and how each of them stands.
        invitees: Vec<Invitee>,
    },
    /// Takes back the invitation of the named users, or of everyone if none is named.
    Cancel {
        /// Shown to those who rang.
        data: Opaque,
        /// Whose invitation; empty for the whole call.
        invitees: Vec<UserId>,
    },
    /// Ends the call for everybody (advanced mode).
    End {
        /// Shown to the others in the call.
        data: Opaque,
    },
    /// Silences the ring on the acting device only; nobody else learns of it.
    Ignore,
    /// Enters the call uninvited, or moves the user's part in it to the acting device (advanced mode).
    Join {
        /// Shown to the others in the call.
        data: Opaque,
    },
    /// Leaves the call; the others stay (advanced mode).
    Quit {
        /// Shown to the others in the call.
        data: Opaque,
    },
    /// Declines the call on all of the user's devices.
    Reject {
        /// Shown to the others in the call.
        data: Opaque,
        /// Why.
        reason: RejectReason,
    },
}

/// What befalls a call from outside, apart from the passing of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incident {
    /// The caller logged out, or stayed away for longer than their lease.
    CallerLost,
    /// The invitation of a user has got so far on its way to a device.
    Delivered {
        /// How far.
        reached: Delivery,
        /// The user.
        user: UserId,
    },
    /// A party's media is gone for good: it did not come back within its lease, never came, or was cut off by an
    /// operator. Names the device it flowed to; `None` if that is not known.
    ParticipantLost(Actor),
}

/// One user to invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitee {
    /// What the driver knows of them at this moment.
    pub standing: Standing,
    /// The user.
    pub user: UserId,
}

/// How an invitee stands at the moment of the invitation. The driver finds out; the call only obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In another call, and the app's policy is to turn the invitation down: never rings, counts as a rejection.
    Busy,
    /// Rings.
    Free,
    /// Nobody of this name is registered: not part of the call.
    Unregistered,
    /// In another call, and the app's policy is call waiting: rings with a flag.
    Waiting,
}

/// Why an invitation was turned down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectReason {
    /// In another call.
    Busy,
    /// The user said no.
    Declined,
}
