//! The forms of a device and of a resource.
use offhook_types::{Account, AppId, DeviceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{base64, record::Record};
use crate::{Device, SealedAddress, StoredResource};

/// What a device is from now on.
#[derive(Serialize, Deserialize)]
pub(super) struct DeviceForm {
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "u")]
    user: UserId,
    #[serde(rename = "d")]
    device: DeviceId,
    /// Left out if it is forgotten.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<AddressForm>,
}

#[derive(Serialize, Deserialize)]
struct AddressForm {
    #[serde(rename = "g", with = "base64")]
    digest: [u8; 16],
    #[serde(rename = "k")]
    kind: String,
    #[serde(rename = "t")]
    registered_at: Timestamp,
    #[serde(rename = "x", with = "base64")]
    sealed: Vec<u8>,
}

/// What a resource is from now on.
#[derive(Serialize, Deserialize)]
pub(super) struct ResourceForm {
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "n")]
    name: String,
    /// Left out if it is forgotten.
    #[serde(rename = "x", with = "base64", default, skip_serializing_if = "Vec::is_empty")]
    sealed: Vec<u8>,
}

impl DeviceForm {
    pub(super) fn new(account: &Account, device: &Device) -> Self {
        let form = |address: &SealedAddress| AddressForm {
            digest: address.digest,
            kind: address.kind.clone(),
            registered_at: address.registered_at,
            sealed: address.sealed.clone(),
        };
        Self {
            app: account.app,
            user: account.user.clone(),
            device: device.id.clone(),
            addresses: device.addresses.iter().map(form).collect(),
        }
    }

    pub(super) fn into_record(self) -> Record {
        let address = |form: AddressForm| SealedAddress {
            digest: form.digest,
            kind: form.kind,
            registered_at: form.registered_at,
            sealed: form.sealed,
        };
        let device = Device { addresses: self.addresses.into_iter().map(address).collect(), id: self.device };
        Record::Device { account: Account::new(self.app, self.user), device }
    }
}

impl From<StoredResource> for ResourceForm {
    fn from(resource: StoredResource) -> Self {
        Self { app: resource.app, name: resource.name, sealed: resource.sealed }
    }
}

impl From<ResourceForm> for StoredResource {
    fn from(form: ResourceForm) -> Self {
        Self { app: form.app, name: form.name, sealed: form.sealed }
    }
}
