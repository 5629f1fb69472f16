//! The form of what a journal holds: one record for each thing that became true.
use std::sync::Arc;

use offhook_types::{Account, AppId, CallId, IdempotencyKey, Offset, Opaque, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{append, call::CallForm, damaged, notice::NoticeForm, parse};
use crate::{Key, Remembered, StoreError, Transition, User};

/// Something that became true.
#[derive(Clone, Debug)]
pub enum Record {
    /// A key was used up before its request came.
    Buried {
        /// Whose key.
        account: Account,
        /// When.
        at: Timestamp,
        /// The key.
        key: IdempotencyKey,
    },
    /// A transition was committed; its guards are not kept.
    Transition {
        /// What was committed.
        transition: Transition,
        /// The place that each notice took in its receiver's log.
        offsets: Vec<Offset>,
    },
    /// A user was registered or changed.
    User {
        /// Who.
        account: Account,
        /// What is kept of them, whole.
        user: Arc<User>,
    },
}

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

/// The form of a tombstone.
#[must_use]
pub fn write_buried(account: &Account, key: &IdempotencyKey, at: Timestamp) -> Vec<u8> {
    let form = BuriedForm { app: account.app, at, key: key.clone(), user: account.user.clone() };
    written(&RecordForm::Buried(form))
}

/// The form of a registered user.
#[must_use]
pub fn write_user(account: &Account, user: &User) -> Vec<u8> {
    written(&RecordForm::User(UserForm {
        app: account.app,
        avatar_url: user.avatar_url.clone(),
        extended_data: user.extended_data.clone(),
        name: user.name.clone(),
        registered_at: user.registered_at,
        user: account.user.clone(),
    }))
}

/// Reads a record.
///
/// # Errors
/// [`StoreError::Newer`] if a newer Offhook wrote it, [`StoreError::Damaged`] if it makes no sense.
pub fn read_record(bytes: &[u8]) -> Result<Record, StoreError> {
    Ok(match parse(bytes)? {
        RecordForm::Buried(form) => {
            Record::Buried { account: Account::new(form.app, form.user), at: form.at, key: form.key }
        }
        RecordForm::Transition(form) => form.into_record()?,
        RecordForm::User(form) => Record::User {
            account: Account::new(form.app, form.user),
            user: Arc::new(User {
                avatar_url: form.avatar_url,
                extended_data: form.extended_data,
                name: form.name,
                registered_at: form.registered_at,
            }),
        },
    })
}

fn written(form: &RecordForm) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    append(form, &mut bytes);
    bytes
}

#[derive(Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "lives for a moment; a box would be paid for with every commit"
)]
enum RecordForm {
    #[serde(rename = "b")]
    Buried(BuriedForm),
    #[serde(rename = "t")]
    Transition(TransitionForm),
    #[serde(rename = "u")]
    User(UserForm),
}

#[derive(Serialize, Deserialize)]
struct BuriedForm {
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "u")]
    user: UserId,
    #[serde(rename = "k")]
    key: IdempotencyKey,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct UserForm {
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "u")]
    user: UserId,
    #[serde(rename = "n", default, skip_serializing_if = "Opaque::is_empty")]
    name: Opaque,
    #[serde(rename = "p", default, skip_serializing_if = "Opaque::is_empty")]
    avatar_url: Opaque,
    #[serde(rename = "x", default, skip_serializing_if = "Opaque::is_empty")]
    extended_data: Opaque,
    #[serde(rename = "t")]
    registered_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct TransitionForm {
    at: Timestamp,
    #[serde(rename = "c")]
    call: CallForm,
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

impl TransitionForm {
    fn new(transition: &Transition) -> Self {
        let call = &transition.call;
        Self {
            at: transition.at,
            call: CallForm::from(&**call),
            key: transition.key.as_ref().map(|key| KeyForm {
                user: key.account.user.clone(),
                fingerprint: key.fingerprint,
                key: key.key.clone(),
            }),
            notices: transition.notices.iter().map(|notice| NoticeForm::new(notice, call)).collect(),
            offsets: Vec::new(),
        }
    }

    fn into_record(self) -> Result<Record, StoreError> {
        if self.offsets.len() != self.notices.len() {
            return Err(damaged(&"a notice without a place"));
        }
        let call = self.call.into_call()?;
        let users: Vec<UserId> = call.legs.keys().cloned().collect();
        let notices = self.notices.into_iter().map(|notice| notice.into_notice(&users));
        let transition = Transition {
            at: self.at,
            guards: Vec::new(),
            jobs: Vec::new(),
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

impl Key {
    /// What the key stands for once it has created `call`.
    #[must_use]
    pub fn remembers(&self, call: CallId) -> Remembered {
        Remembered::Call { call, fingerprint: self.fingerprint }
    }
}
