//! The port itself.
use std::{future::Future, sync::Arc, time::Duration};

use offhook_call::Call;
use offhook_types::{Account, AppId, CallId, Epoch, IdempotencyKey, Offset, Timestamp};

use crate::{
    CommitError, Committed, Devices, EventPage, Outbox, Remembered, StoreError, Transition, User, UserChange,
};

/// Where calls, users and event logs live. Every method may be called from many tasks at once; what a method promised
/// when it returned survives the death of the process.
pub trait Store: Devices + Outbox + Send + Sync + 'static {
    /// The life of the event logs. Changes only if offsets given out before have lost their meaning.
    fn epoch(&self) -> Epoch;

    /// Makes a transition true, whole or not at all. Concurrent commits are grouped by the store. A call that is over
    /// takes no further transition but one that changes its usage alone ([`crate::may_follow`]). What stands against a
    /// transition is named in this order: its key, its version, its guards.
    ///
    /// # Errors
    /// [`CommitError`]: nothing has changed; but after [`CommitError::Store`] of an engine whose answer was lost, it may
    /// have. Then load the call to find out.
    fn commit(&self, transition: Transition) -> impl Future<Output = Result<Committed, CommitError>> + Send;

    /// Reads a call of `app`, live or ended.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn load(
        &self,
        app: AppId,
        call: CallId,
    ) -> impl Future<Output = Result<Option<Arc<Call>>, StoreError>> + Send;

    /// The calls that live and in which the user has a leg, with the revision to guard a decision on.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn live(&self, account: &Account) -> impl Future<Output = Result<LiveCalls, StoreError>> + Send;

    /// The user's calls, live and ended, newest first, created before `before` (exclusive), at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn calls(
        &self,
        account: &Account,
        before: Option<CallId>,
        limit: usize,
    ) -> impl Future<Output = Result<CallPage, StoreError>> + Send;

    /// Live calls whose deadline lies at or before `now`, the earliest first, at most `limit`. A store of several nodes gives a
    /// call at once to the node that committed its last step, and to the others a little later: whoever is given a call
    /// commits against its version, so that one of them serves the deadline, once.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn due(&self, now: Timestamp, limit: usize) -> impl Future<Output = Result<Vec<Due>, StoreError>> + Send;

    /// When [`Store::due`] will have something to give, as far as can be known now: a hint for the driver's sleep.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn next_deadline(&self) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// How often to look for what became due or was left behind by other nodes on the same store; `None` if there are none,
    /// the default.
    fn look_again(&self) -> Option<Duration> {
        None
    }

    /// Callers of live calls in which nobody else has accepted, for the leases of lost callers after a restart.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn waiting_callers(&self) -> impl Future<Output = Result<Vec<Account>, StoreError>> + Send;

    /// The user's events after `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn events(
        &self,
        account: &Account,
        after: Offset,
        limit: usize,
    ) -> impl Future<Output = Result<EventPage, StoreError>> + Send;

    /// The newest offset of each user's log, in the order asked. For many users at once, to find whose news got lost on the way.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn heads(&self, accounts: &[Account]) -> impl Future<Output = Result<Vec<Offset>, StoreError>> + Send;

    /// What a key of this user stands for.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn remembered(
        &self,
        account: &Account,
        key: &IdempotencyKey,
    ) -> impl Future<Output = Result<Option<Remembered>, StoreError>> + Send;

    /// Leaves a tombstone under a key that stands for nothing yet; else returns what it stands for.
    ///
    /// # Errors
    /// [`StoreError`] if nothing could be stored.
    fn bury(
        &self,
        account: &Account,
        key: &IdempotencyKey,
        at: Timestamp,
    ) -> impl Future<Output = Result<Option<Remembered>, StoreError>> + Send;

    /// What is known of each of these users of one app, in the order asked; `None` for who was never registered.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn users(
        &self,
        accounts: &[Account],
    ) -> impl Future<Output = Result<Vec<Option<Arc<User>>>, StoreError>> + Send;

    /// Registers the user, or changes what is known of them; returns the user as stored.
    ///
    /// # Errors
    /// [`StoreError`] if nothing could be stored.
    fn put_user(
        &self,
        account: &Account,
        change: UserChange,
        at: Timestamp,
    ) -> impl Future<Output = Result<Arc<User>, StoreError>> + Send;

    /// Forgets what no longer matters at `now`: keys, events, jobs and entries of the ledger past their retention. Cheap if
    /// nothing is due.
    ///
    /// # Errors
    /// [`StoreError`] if it could not be done; nothing that matters is lost.
    fn trim(&self, now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether commits can be expected to succeed now; for readiness, never for liveness.
    ///
    /// # Errors
    /// [`StoreError`] says why not.
    fn health(&self) -> Result<(), StoreError>;
}

/// The live calls of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveCalls {
    /// Oldest first.
    pub calls: Vec<Arc<Call>>,
    /// Grows whenever a call is added to or removed from the list, or changes.
    pub revision: u64,
}

/// A page of a user's calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallPage {
    /// Newest first.
    pub calls: Vec<Arc<Call>>,
    /// Whether older ones exist.
    pub more: bool,
}

/// A call whose deadline has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The deadline.
    pub at: Timestamp,
    /// The tenant.
    pub app: AppId,
    /// The call.
    pub call: CallId,
}
