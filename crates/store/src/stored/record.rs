//! The form of what a journal holds: one record for each thing that became true.
use std::sync::Arc;

use offhook_types::{Account, AppId, IdempotencyKey, Offset, Opaque, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{
    append,
    device::{DeviceForm, ResourceForm},
    parse,
    push::{ClaimForm, SettledForm},
    transition::TransitionForm,
};
use crate::{
    Device, JobKey, LedgerEntry, LedgerKey, LedgerOutcome, StoreError, StoredResource, Transition, User,
};

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
    /// Entries were made in the ledger, and a job was finished.
    Claim {
        /// What is about to be sent; none of it was claimed before.
        entries: Vec<LedgerEntry>,
        /// The job.
        finished: Option<JobKey>,
    },
    /// A device was registered or changed.
    Device {
        /// Whose.
        account: Account,
        /// What is kept of it, whole; without addresses if it was forgotten.
        device: Device,
    },
    /// A resource was kept or changed; it was forgotten if nothing is sealed.
    Resource(StoredResource),
    /// It was written down what came of a push.
    Settled {
        /// Which.
        key: LedgerKey,
        /// What came of it.
        outcome: LedgerOutcome,
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

/// The form of what a device is now. One without addresses is forgotten.
#[must_use]
pub fn write_device(account: &Account, device: &Device) -> Vec<u8> {
    written(&RecordForm::Device(DeviceForm::new(account, device)))
}

/// The form of a resource. One with nothing sealed is forgotten.
#[must_use]
pub fn write_resource(resource: &StoredResource) -> Vec<u8> {
    written(&RecordForm::Resource(ResourceForm::from(resource.clone())))
}

/// The form of new entries of the ledger, and of the job that is finished with them.
#[must_use]
pub fn write_claim(entries: &[LedgerEntry], finished: Option<&JobKey>) -> Vec<u8> {
    written(&RecordForm::Claim(ClaimForm::new(entries, finished)))
}

/// The form of what came of a push.
#[must_use]
pub fn write_settled(key: &LedgerKey, outcome: &LedgerOutcome) -> Vec<u8> {
    written(&RecordForm::Settled(SettledForm::new(key, outcome)))
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
        RecordForm::Claim(form) => form.into_record(),
        RecordForm::Device(form) => form.into_record(),
        RecordForm::Resource(form) => Record::Resource(form.into()),
        RecordForm::Settled(form) => form.into_record(),
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
pub(super) enum RecordForm {
    #[serde(rename = "b")]
    Buried(BuriedForm),
    #[serde(rename = "p")]
    Claim(ClaimForm),
    #[serde(rename = "d")]
    Device(DeviceForm),
    #[serde(rename = "r")]
    Resource(ResourceForm),
    #[serde(rename = "s")]
    Settled(SettledForm),
    #[serde(rename = "t")]
    Transition(TransitionForm),
    #[serde(rename = "u")]
    User(UserForm),
}

#[derive(Serialize, Deserialize)]
pub(super) struct BuriedForm {
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "u")]
    user: UserId,
    #[serde(rename = "k")]
    key: IdempotencyKey,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
pub(super) struct UserForm {
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
