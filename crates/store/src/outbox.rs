//! What a transition leaves to be done, and the ledger of what was sent to which device.
use std::future::Future;

use offhook_types::{AppId, CallId, CallSeq, DeviceId, Opaque, Timestamp, UserId};

use crate::StoreError;

/// How long the ledger and jobs that nobody finished are kept at least. More than any ring and its end takes.
pub const LEDGER_RETENTION: std::time::Duration = std::time::Duration::from_hours(24);

/// Something to be done for one user because of one step of a call. Committed with the step; done at least once begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// When it was committed.
    pub at: Timestamp,
    /// What is to be done, in the words of who left it.
    pub body: Opaque,
    /// Its name.
    pub key: JobKey,
}

/// Names a job. A step of a call leaves at most one for each user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobKey {
    /// The tenant.
    pub app: AppId,
    /// The call.
    pub call: CallId,
    /// The step.
    pub seq: CallSeq,
    /// For whom.
    pub user: UserId,
}

/// One push to one device, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When it was claimed, right before it was sent.
    pub at: Timestamp,
    /// The digest of the address it went to.
    pub digest: [u8; 16],
    /// Its name.
    pub key: LedgerKey,
    /// What came of it; `None` until the vendor has answered.
    pub outcome: Option<LedgerOutcome>,
    /// The kind of the address, for people.
    pub provider: String,
    /// The id under which the vendor and the device know it.
    pub push: u128,
    /// The policy by which it was sent.
    pub resource: String,
}

/// Names an entry. No two pushes have one name, so that none is sent twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerKey {
    /// The tenant.
    pub app: AppId,
    /// The call.
    pub call: CallId,
    /// To whom.
    pub user: UserId,
    /// To which device.
    pub device: DeviceId,
    /// The step of the call that rang the user. Who is invited anew is rung anew.
    pub ring: CallSeq,
    /// What it says.
    pub turn: Turn,
}

/// What a push says, as far as a device must not be told it twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Ring.
    Ring,
    /// Ring no more.
    Stop,
    /// A call was missed.
    Missed,
}

/// What came of a push.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LedgerOutcome {
    /// When.
    pub at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// The vendor's own words or name for it; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Whether the vendor is known not to have taken it.
    pub refused: bool,
    /// The word for the verdict.
    pub verdict: String,
}

/// Where jobs and the ledger live. A part of [`crate::Store`], with its promises.
pub trait Outbox {
    /// Jobs that are not finished, the oldest first; of those committed up to `at`.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn jobs(&self, at: Timestamp) -> impl Future<Output = Result<Vec<Job>, StoreError>> + Send;

    /// Enters into the ledger what is about to be sent, and finishes a job, both or neither. Says of each entry, in order,
    /// whether it is new: what is not has been sent before, or is being sent, and the ledger keeps the first.
    ///
    /// # Errors
    /// [`StoreError`]: nothing may be sent.
    fn claim(
        &self,
        entries: Vec<LedgerEntry>,
        finished: Option<&JobKey>,
    ) -> impl Future<Output = Result<Vec<bool>, StoreError>> + Send;

    /// Writes down what came of a push. An entry that is not there is passed over.
    ///
    /// # Errors
    /// [`StoreError`] if nothing could be stored.
    fn settle(
        &self,
        key: &LedgerKey,
        outcome: LedgerOutcome,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The entries of a call, in the order of their keys, as far as they are kept ([`LEDGER_RETENTION`]).
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn ledger(
        &self,
        app: AppId,
        call: CallId,
    ) -> impl Future<Output = Result<Vec<LedgerEntry>, StoreError>> + Send;
}
