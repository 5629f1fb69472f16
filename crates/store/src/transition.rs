//! What is committed.
use std::sync::Arc;

use offhook_call::{Call, Notice};
use offhook_types::{Account, CallId, IdempotencyKey, Offset, Opaque, Timestamp, UserId};

/// One step of one call, with all that must become true together.
#[derive(Clone, Debug)]
pub struct Transition {
    /// When, on the clock of the one who commits.
    pub at: Timestamp,
    /// The call after the step. The store must hold the version before it (`seq` − 1), or none if `seq` is 1.
    pub call: Arc<Call>,
    /// Users whose live calls must not have changed since they were read.
    pub guards: Vec<Guard>,
    /// What is to be done for whom because of the step; at most one for each user.
    pub jobs: Vec<(UserId, Opaque)>,
    /// The key of the request that created the call.
    pub key: Option<Key>,
    /// Whom to tell what; each becomes an event of its receiver's log, in this order.
    pub notices: Vec<Notice>,
}

/// Whether a call may follow on what is stored: it is the next version, and after the end nothing has changed but what
/// was used of its media.
#[must_use]
pub fn may_follow(next: &Call, stored: &Call) -> bool {
    next.app == stored.app
        && next.seq == stored.seq.next()
        && (!stored.is_over() || changes_usage_alone(next, stored))
}

fn changes_usage_alone(next: &Call, stored: &Call) -> bool {
    next.usage != stored.usage
        && Call { seq: stored.seq, usage: stored.usage.clone(), ..next.clone() } == *stored
}

/// A condition on another user's live calls (busy, glare).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The user.
    pub account: Account,
    /// The revision that the decision was based on.
    pub revision: u64,
}

/// The idempotency key of the request that creates a call. It belongs to the user who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Whose key.
    pub account: Account,
    /// A digest of the request, to tell a retry from a different request under the same key.
    pub fingerprint: u64,
    /// The key.
    pub key: IdempotencyKey,
}

/// What a key stands for. Kept for 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// The request created this call.
    Call {
        /// The call.
        call: CallId,
        /// The digest of the request.
        fingerprint: u64,
    },
    /// The request was canceled before it arrived.
    Canceled,
}

/// What a commit gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The newest offset of each user who got an event.
    pub heads: Vec<(UserId, Offset)>,
}
