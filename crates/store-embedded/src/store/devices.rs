//! Devices and resources.
use offhook_store::{Device, Devices, SealedAddress, StoreError, StoredResource, stored};
use offhook_types::{Account, DeviceId, Timestamp};

use super::EmbeddedStore;
use crate::shared::Core;

impl EmbeddedStore {
    /// Writes down what a device is now, and applies it.
    fn record_device(&self, core: &mut Core, account: &Account, device: Device) -> Result<(), StoreError> {
        core.append(&stored::write_device(account, &device), &self.shared)?;
        core.memory.put_device(account, device);
        Ok(())
    }
}

impl Devices for EmbeddedStore {
    async fn put_device(&self, account: &Account, device: Device) -> Result<(), StoreError> {
        let put = |core: &mut Core| {
            let known = core.memory.device(account, &device.id);
            let is_known =
                known.map_or(device.addresses.is_empty(), |known| known.addresses == device.addresses);
            if is_known { Ok(()) } else { self.record_device(core, account, device) }
        };
        self.change(put).await
    }

    async fn remove_device(&self, account: &Account, device: &DeviceId) -> Result<bool, StoreError> {
        let remove = |core: &mut Core| {
            if core.memory.device(account, device).is_none() {
                return Ok(false);
            }
            self.record_device(core, account, Device { addresses: vec![], id: device.clone() })?;
            Ok(true)
        };
        self.change(remove).await
    }

    async fn remove_address(
        &self,
        account: &Account,
        digest: [u8; 16],
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let remove = |core: &mut Core| {
            let mut removed = false;
            for mut device in core.memory.devices_of(account) {
                let before = device.addresses.len();
                device.addresses.retain(|address| address.digest != digest || address.registered_at > since);
                if device.addresses.len() < before {
                    self.record_device(core, account, device)?;
                    removed = true;
                }
            }
            Ok(removed)
        };
        self.change(remove).await
    }

    async fn exchange_address(
        &self,
        account: &Account,
        known: &SealedAddress,
        sealed: Vec<u8>,
    ) -> Result<bool, StoreError> {
        let exchange = |core: &mut Core| {
            for mut device in core.memory.devices_of(account) {
                if let Some(address) = device.addresses.iter_mut().find(|address| *address == known) {
                    address.sealed = sealed;
                    self.record_device(core, account, device)?;
                    return Ok(true);
                }
            }
            Ok(false)
        };
        self.change(exchange).await
    }

    async fn devices(&self, account: &Account) -> Result<Vec<Device>, StoreError> {
        self.read(|core| core.memory.devices_of(account)).await
    }

    async fn put_resource(&self, resource: StoredResource) -> Result<(), StoreError> {
        let put = |core: &mut Core| {
            if !core.memory.devices.holds_resource(&resource) {
                core.append(&stored::write_resource(&resource), &self.shared)?;
                core.memory.devices.put_resource(resource);
            }
            Ok(())
        };
        self.change(put).await
    }

    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        self.read(|core| core.memory.devices.resources()).await
    }
}
