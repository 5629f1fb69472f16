//! The forms of what the ledger of pushes is told.
use offhook_types::{AppId, CallId, CallSeq, DeviceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{append, base64, parse, record::Record};
use crate::{JobKey, LedgerEntry, LedgerKey, LedgerOutcome, StoreError, Turn};

/// Appends the stored form of what came of a push to `out`.
pub fn write_outcome(outcome: &LedgerOutcome, out: &mut Vec<u8>) {
    append(outcome, out);
}

/// Reads the stored form of what came of a push.
///
/// # Errors
/// [`StoreError::Damaged`] if it makes no sense.
pub fn read_outcome(bytes: &[u8]) -> Result<LedgerOutcome, StoreError> {
    parse(bytes)
}

/// What is about to be sent, and the job that is finished by it.
#[derive(Serialize, Deserialize)]
pub(super) struct ClaimForm {
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    entries: Vec<EntryForm>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    finished: Option<JobKeyForm>,
}

/// What came of it.
#[derive(Serialize, Deserialize)]
pub(super) struct SettledForm {
    #[serde(rename = "k")]
    key: KeyForm,
    #[serde(rename = "o")]
    outcome: LedgerOutcome,
}

#[derive(Serialize, Deserialize)]
struct EntryForm {
    #[serde(rename = "k")]
    key: KeyForm,
    at: Timestamp,
    #[serde(rename = "g", with = "base64")]
    digest: [u8; 16],
    #[serde(rename = "p")]
    provider: String,
    #[serde(rename = "i", with = "base64")]
    push: [u8; 16],
    #[serde(rename = "n")]
    resource: String,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    outcome: Option<LedgerOutcome>,
}

#[derive(Serialize, Deserialize)]
struct KeyForm {
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "c")]
    call: CallId,
    #[serde(rename = "u")]
    user: UserId,
    #[serde(rename = "d")]
    device: DeviceId,
    #[serde(rename = "q")]
    ring: CallSeq,
    #[serde(rename = "w")]
    turn: Turn,
}

#[derive(Serialize, Deserialize)]
struct JobKeyForm {
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "c")]
    call: CallId,
    #[serde(rename = "q")]
    seq: CallSeq,
    #[serde(rename = "u")]
    user: UserId,
}

impl ClaimForm {
    pub(super) fn new(entries: &[LedgerEntry], finished: Option<&JobKey>) -> Self {
        let finished = finished.map(|job| JobKeyForm {
            app: job.app,
            call: job.call,
            seq: job.seq,
            user: job.user.clone(),
        });
        Self { entries: entries.iter().map(EntryForm::from).collect(), finished }
    }

    pub(super) fn into_record(self) -> Record {
        let finished =
            self.finished.map(|job| JobKey { app: job.app, call: job.call, seq: job.seq, user: job.user });
        Record::Claim { entries: self.entries.into_iter().map(LedgerEntry::from).collect(), finished }
    }
}

impl SettledForm {
    pub(super) fn new(key: &LedgerKey, outcome: &LedgerOutcome) -> Self {
        Self { key: key.into(), outcome: outcome.clone() }
    }

    pub(super) fn into_record(self) -> Record {
        Record::Settled { key: self.key.into(), outcome: self.outcome }
    }
}

impl From<&LedgerEntry> for EntryForm {
    fn from(entry: &LedgerEntry) -> Self {
        Self {
            key: (&entry.key).into(),
            at: entry.at,
            digest: entry.digest,
            provider: entry.provider.clone(),
            push: entry.push.to_be_bytes(),
            resource: entry.resource.clone(),
            outcome: entry.outcome.clone(),
        }
    }
}

impl From<EntryForm> for LedgerEntry {
    fn from(form: EntryForm) -> Self {
        Self {
            at: form.at,
            digest: form.digest,
            key: form.key.into(),
            outcome: form.outcome,
            provider: form.provider,
            push: u128::from_be_bytes(form.push),
            resource: form.resource,
        }
    }
}

impl From<&LedgerKey> for KeyForm {
    fn from(key: &LedgerKey) -> Self {
        let LedgerKey { app, call, user, device, ring, turn } = key.clone();
        Self { app, call, user, device, ring, turn }
    }
}

impl From<KeyForm> for LedgerKey {
    fn from(form: KeyForm) -> Self {
        let KeyForm { app, call, user, device, ring, turn } = form;
        Self { app, call, user, device, ring, turn }
    }
}
