//! What comes out of a call.
use alloc::{sync::Arc, vec::Vec};

use offhook_types::{DeviceId, Opaque, UserId};

use crate::InviteeProblem;

/// What a handled input brought about. The new state is the call itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whom to tell what, in the order in which one user must hear it.
    pub notices: Vec<Notice>,
    /// Named users to whom the command could not be applied, each with the reason; the others went through.
    pub problems: Vec<(UserId, InviteeProblem)>,
}

/// One event for one user. The states it speaks of are those of the call after the transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which of the user's devices hear it.
    pub audience: Audience,
    /// The users whose state changed, as far as the receiver is told; first the one who acted.
    pub changed: Arc<[UserId]>,
    /// What happened.
    pub event: Event,
    /// The receiver.
    pub to: UserId,
}

/// Which devices of a user hear an event (call-semantics section 3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// All of them: the party rings, or an answer closes the ring everywhere.
    AllDevices,
    /// The main device alone.
    Device(DeviceId),
}

/// What happened, as the receiver sees it. Beside it stand the changed users; a receiver that shows the events of the
/// specification raises the specific event first and the state change after it (section 2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The receiver's invitation was taken back.
    Canceled {
        /// Who took it back.
        by: UserId,
        /// What they sent along.
        data: Opaque,
    },
    /// Somebody's state changed.
    Changed,
    /// The receiver's call was created (told to the devices that did not create it only if a back end did).
    Created,
    /// The call was ended for all, or ended by a policy.
    Ended {
        /// Who ended it; `None` for a policy.
        by: Option<UserId>,
        /// What they sent along.
        data: Opaque,
    },
    /// The receiver is invited and should ring.
    Invited,
    /// Two users called each other; the receiver's own attempt became this call, which is accepted.
    Merged,
    /// The receiver did not answer in time.
    Unanswered,
}
