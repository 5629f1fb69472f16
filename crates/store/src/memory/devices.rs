//! Devices and resources of the model.
use std::collections::BTreeMap;

use offhook_types::{Account, AppId, DeviceId, Timestamp};

use super::{MemoryStore, Op};
use crate::{Device, Devices, SealedAddress, StoreError, StoredResource};

#[derive(Default)]
pub(super) struct DeviceState {
    /// No device is without addresses.
    devices: BTreeMap<(Account, DeviceId), Device>,
    resources: BTreeMap<(AppId, String), StoredResource>,
}

impl DeviceState {
    fn put(&mut self, account: &Account, device: Device) {
        let is_its_own = |digest| device.addresses.iter().any(|address| address.digest == digest);
        for ((owner, _), other) in &mut self.devices {
            if owner.app == account.app {
                other.addresses.retain(|address| !is_its_own(address.digest));
            }
        }
        self.devices.insert((account.clone(), device.id.clone()), device);
        self.forget_empty();
    }

    fn remove(&mut self, account: &Account, device: &DeviceId) -> bool {
        self.devices.remove(&(account.clone(), device.clone())).is_some()
    }

    fn remove_address(&mut self, account: &Account, digest: [u8; 16], since: Timestamp) -> bool {
        let mut removed = false;
        for (_, device) in self.devices.iter_mut().filter(|((owner, _), _)| owner == account) {
            let before = device.addresses.len();
            device.addresses.retain(|address| address.digest != digest || address.registered_at > since);
            removed |= device.addresses.len() < before;
        }
        self.forget_empty();
        removed
    }

    fn exchange_address(&mut self, account: &Account, known: &SealedAddress, sealed: Vec<u8>) -> bool {
        let of_user = self.devices.iter_mut().filter(|((owner, _), _)| owner == account);
        let found = of_user.flat_map(|(_, device)| &mut device.addresses).find(|address| *address == known);
        found.map(|address| address.sealed = sealed).is_some()
    }

    fn of(&self, account: &Account) -> Vec<Device> {
        let of_user = self.devices.iter().filter(|((owner, _), _)| owner == account);
        of_user.map(|(_, device)| device.clone()).collect()
    }

    fn put_resource(&mut self, resource: StoredResource) {
        let key = (resource.app, resource.name.clone());
        if resource.sealed.is_empty() {
            self.resources.remove(&key);
        } else {
            self.resources.insert(key, resource);
        }
    }

    fn forget_empty(&mut self) {
        self.devices.retain(|_, device| !device.addresses.is_empty());
    }
}

impl Devices for MemoryStore {
    async fn put_device(&self, account: &Account, device: Device) -> Result<(), StoreError> {
        self.run(Op::PutDevice, |state| {
            state.devices.put(account, device);
            Ok(())
        })
    }

    async fn remove_device(&self, account: &Account, device: &DeviceId) -> Result<bool, StoreError> {
        self.run(Op::RemoveDevice, |state| Ok(state.devices.remove(account, device)))
    }

    async fn remove_address(
        &self,
        account: &Account,
        digest: [u8; 16],
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(Op::RemoveAddress, |state| Ok(state.devices.remove_address(account, digest, since)))
    }

    async fn exchange_address(
        &self,
        account: &Account,
        known: &SealedAddress,
        sealed: Vec<u8>,
    ) -> Result<bool, StoreError> {
        self.run(Op::ExchangeAddress, |state| Ok(state.devices.exchange_address(account, known, sealed)))
    }

    async fn devices(&self, account: &Account) -> Result<Vec<Device>, StoreError> {
        self.run(Op::Devices, |state| Ok(state.devices.of(account)))
    }

    async fn put_resource(&self, resource: StoredResource) -> Result<(), StoreError> {
        self.run(Op::PutResource, |state| {
            state.devices.put_resource(resource);
            Ok(())
        })
    }

    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        self.run(Op::Resources, |state| Ok(state.devices.resources.values().cloned().collect()))
    }
}
