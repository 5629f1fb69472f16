//! The form of a committed transition.
use std::sync::Arc;

use offhook_call::Call;
use offhook_types::{Account, CallId, IdempotencyKey, Offset, Opaque, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{
    append,
    call::{CallForm, Who},
    damaged,
    notice::NoticeForm,
    record::{Record, RecordForm},
};
use crate::{Key, Remembered, StoreError, Transition};

/// The form of a transition whose offsets are not known yet. Made before a lock is taken, finished under it.
#[derive(Debug)]
pub struct PendingTransition {
    bytes: Vec<u8>,
}

impl PendingTransition {
    /// Writes everything but the offsets.
    #[must_use]
    pub fn new(transition: &Transition) -> Self {
        let mut bytes = Vec::with_capacity(1024);
        append(&RecordForm::Transition(TransitionForm::new(transition)), &mut bytes);
        bytes.truncate(bytes.len() - 2); // The braces around the transition and around the record.
        Self { bytes }
    }

    /// Adds the place that each notice took in its receiver's log, in the order of the notices.
    #[must_use]
    pub fn finish(mut self, offsets: &[Offset]) -> Vec<u8> {
        if offsets.is_empty() {
            self.bytes.extend_from_slice(b"}}");
        } else {
            self.bytes.extend_from_slice(b",\"o\":");
            append(&offsets, &mut self.bytes);
            self.bytes.extend_from_slice(b"}}");
        }
        self.bytes
    }
}

/// The form of a committed transition.
#[must_use]
pub fn write_transition(transition: &Transition, offsets: &[Offset]) -> Vec<u8> {
    PendingTransition::new(transition).finish(offsets)
}

#[derive(Serialize, Deserialize)]
pub(super) struct TransitionForm {
    at: Timestamp,
    #[serde(rename = "c")]
    call: CallForm,
    #[serde(rename = "j", default, skip_serializing_if = "Vec::is_empty")]
    jobs: Vec<JobForm>,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    key: Option<KeyForm>,
    #[serde(rename = "n", default, skip_serializing_if = "Vec::is_empty")]
    notices: Vec<NoticeForm>,
    #[serde(rename = "o", default, skip_serializing)]
    offsets: Vec<Offset>,
}

/// The key of the app of the call.
#[derive(Serialize, Deserialize)]
struct KeyForm {
    #[serde(rename = "u")]
    user: UserId,
    #[serde(rename = "f")]
    fingerprint: u64,
    #[serde(rename = "k")]
    key: IdempotencyKey,
}

/// A job of the step.
#[derive(Serialize, Deserialize)]
struct JobForm {
    #[serde(rename = "u")]
    user: Who,
    #[serde(rename = "b")]
    body: Opaque,
}

impl TransitionForm {
    fn new(transition: &Transition) -> Self {
        let call = &transition.call;
        Self {
            at: transition.at,
            call: CallForm::from(&**call),
            jobs: transition.jobs.iter().map(|job| JobForm::new(job, call)).collect(),
            key: transition.key.as_ref().map(|key| KeyForm {
                user: key.account.user.clone(),
                fingerprint: key.fingerprint,
                key: key.key.clone(),
            }),
            notices: transition.notices.iter().map(|notice| NoticeForm::new(notice, call)).collect(),
            offsets: Vec::new(),
        }
    }

    pub(super) fn into_record(self) -> Result<Record, StoreError> {
        if self.offsets.len() != self.notices.len() {
            return Err(damaged(&"a notice without a place"));
        }
        let call = self.call.into_call()?;
        let users: Vec<UserId> = call.legs.keys().cloned().collect();
        let notices = self.notices.into_iter().map(|notice| notice.into_notice(&users));
        let jobs = self.jobs.into_iter().map(|job| Ok((job.user.name(&users)?, job.body)));
        let transition = Transition {
            at: self.at,
            guards: Vec::new(),
            jobs: jobs.collect::<Result<_, StoreError>>()?,
            key: self.key.map(|form| Key {
                account: Account::new(call.app, form.user),
                fingerprint: form.fingerprint,
                key: form.key,
            }),
            notices: notices.collect::<Result<_, _>>()?,
            call: Arc::new(call),
        };
        Ok(Record::Transition { transition, offsets: self.offsets })
    }
}

impl JobForm {
    fn new((user, body): &(UserId, Opaque), call: &Call) -> Self {
        Self { user: Who::of(user, call), body: body.clone() }
    }
}

impl Key {
    /// What the key stands for once it has created `call`.
    #[must_use]
    pub fn remembers(&self, call: CallId) -> Remembered {
        Remembered::Call { call, fingerprint: self.fingerprint }
    }
}
