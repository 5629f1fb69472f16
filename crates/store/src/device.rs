//! What is kept of devices that can be woken, and of the named policies by which that is done.
use std::{fmt, future::Future};

use offhook_types::{Account, AppId, DeviceId, Timestamp};

use crate::StoreError;

/// A device of a user that can be woken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Where it is reached. Never empty.
    pub addresses: Vec<SealedAddress>,
    /// The device.
    pub id: DeviceId,
}

/// An address of a device. What it is, only its owner can read.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedAddress {
    /// Tells this address from all others, without saying it: a keyed digest.
    pub digest: [u8; 16],
    /// Its kind, for people and for statistics: `apns_voip`, `fcm`.
    pub kind: String,
    /// When the device brought it last.
    pub registered_at: Timestamp,
    /// The address, encrypted.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for SealedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedAddress")
            .field("kind", &self.kind)
            .field("registered_at", &self.registered_at)
            .finish_non_exhaustive()
    }
}

/// A named policy of an app, as an operator gave it over the interface of back ends.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredResource {
    /// The tenant.
    pub app: AppId,
    /// Its name within the app.
    pub name: String,
    /// The policy with its credentials, encrypted.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for StoredResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredResource")
            .field("app", &self.app)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Where devices and resources live. A part of [`crate::Store`], with its promises.
pub trait Devices {
    /// Registers a device of the user in place of whatever was known of it. An address of the same digest that another
    /// device of the app had, whoever's it is, is that device's no more; a device without addresses is forgotten.
    ///
    /// # Errors
    /// [`StoreError`] if nothing could be stored.
    fn put_device(
        &self,
        account: &Account,
        device: Device,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets a device of the user; returns whether it was known.
    ///
    /// # Errors
    /// [`StoreError`] if nothing could be stored.
    fn remove_device(
        &self,
        account: &Account,
        device: &DeviceId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Forgets an address of the user's device, unless the device has brought it anew after `since`; returns whether it
    /// was forgotten. A device without addresses is forgotten with it.
    ///
    /// # Errors
    /// [`StoreError`] if nothing could be stored.
    fn remove_address(
        &self,
        account: &Account,
        digest: [u8; 16],
        since: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Keeps an address of the user's in another form, for what was learned of it, if it stands as it was read: nothing
    /// else has been brought, taken away or learned since. Returns whether it does.
    ///
    /// # Errors
    /// [`StoreError`] if nothing could be stored.
    fn exchange_address(
        &self,
        account: &Account,
        known: &SealedAddress,
        sealed: Vec<u8>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The user's devices that can be woken, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn devices(&self, account: &Account) -> impl Future<Output = Result<Vec<Device>, StoreError>> + Send;

    /// Keeps a resource in place of the one of that name, or forgets it if there is nothing `sealed`.
    ///
    /// # Errors
    /// [`StoreError`] if nothing could be stored.
    fn put_resource(&self, resource: StoredResource) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// All resources of all apps, in the order of app and name.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn resources(&self) -> impl Future<Output = Result<Vec<StoredResource>, StoreError>> + Send;
}
