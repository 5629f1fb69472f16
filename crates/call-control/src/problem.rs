//! From refusals and errors to what a client is told.
use offhook_call::{Call, Refusal};
use offhook_signaling::{Code, Problem};
use offhook_store::StoreError;
use offhook_types::{Party, Timestamp};

use crate::view;

/// How long a client waits before it tries again what the store could not do.
const STORE_RETRY_MS: u64 = 1_000;

/// A refusal of the machine, with the sentence for the developer.
pub(crate) fn of_refusal(refusal: Refusal, message: String) -> Problem {
    let code = match refusal {
        Refusal::AlreadyAccepted => Code::AlreadyAccepted,
        Refusal::AlreadyMainDevice => Code::AlreadyMainDevice,
        Refusal::AnsweredElsewhere => Code::AnsweredElsewhere,
        Refusal::CallEnded(_) => Code::CallEnded,
        Refusal::GeneralMode => Code::GeneralMode,
        Refusal::NoInvitees => Code::NoInvitees,
        Refusal::NobodyRegistered => Code::NobodyRegistered,
        Refusal::NotCaller => Code::NotCaller,
        Refusal::NotInvited => Code::NotInvited,
        Refusal::NotJoined => Code::NotJoined,
        Refusal::RingOver => Code::RingOver,
        Refusal::TooManyInvitees => Code::TooManyInvitees,
    };
    Problem::new(code, message)
}

/// The store could not: logged here, once, and told without its inner words.
pub(crate) fn of_store(error: &StoreError) -> Problem {
    tracing::warn!(%error, "the store refused");
    let message = match error {
        StoreError::Full => "the server's disk is full: nothing was stored, try again once there is space",
        StoreError::Damaged(_)
        | StoreError::Locked(_)
        | StoreError::Newer { .. }
        | StoreError::Unavailable(_) => {
            "the server cannot reach its store: nothing was acknowledged, try again"
        }
    };
    let mut problem = Problem::new(Code::StoreUnavailable, message);
    problem.retry_after_ms = Some(STORE_RETRY_MS);
    problem
}

/// A state that the code holds to be impossible.
pub(crate) fn internal(what: &str) -> Problem {
    tracing::error!(what, "an impossible state");
    Problem::new(Code::Internal, "something broke on the server; it has been logged")
}

/// Too many devices fought over one call.
pub(crate) fn contended() -> Problem {
    tracing::warn!("a command lost every round against other commands to its call");
    let mut problem =
        Problem::new(Code::StoreUnavailable, "the call changes too fast at the moment: try again");
    problem.retry_after_ms = Some(50);
    problem
}

/// No media here, or not through this door.
pub(crate) fn media_unavailable() -> Problem {
    Problem::new(Code::MediaUnavailable, "this server carries no media")
}

/// The same words for an unknown call, another app's call and one that the user has nothing to do with.
pub(crate) fn call_not_found() -> Problem {
    Problem::new(Code::CallNotFound, "no call of this id concerns the user")
}

/// Lets a problem carry the outcome that its sender missed.
pub(crate) trait WithCall {
    /// Adds the call as it is, if the party has a leg in it.
    fn with_call(self, call: &Call, party: &Party, now: Timestamp) -> Self;
}

impl WithCall for Problem {
    fn with_call(mut self, call: &Call, party: &Party, now: Timestamp) -> Self {
        if call.legs.contains_key(&party.account.user) {
            self.call = Some(view::of_call(call, party, now));
        }
        self
    }
}
