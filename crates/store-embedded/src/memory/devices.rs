//! The devices that can be woken, and the named policies of all apps.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use offhook_store::{Device, SealedAddress, StoredResource};
use offhook_types::{Account, AppId, DeviceId, Timestamp};

use super::{Memory, UserNumber};

type Digest = [u8; 16];

/// All devices and resources. A device with one address costs about 400 bytes beside what is sealed.
#[derive(Default)]
pub(crate) struct Devices {
    /// The kinds of addresses, which are few, each once.
    kinds: HashSet<Arc<str>>,
    /// In the order of their ids.
    of_user: HashMap<UserNumber, Vec<Known>>,
    /// Whose address it is.
    owners: HashMap<(AppId, Digest), UserNumber>,
    resources: BTreeMap<(AppId, String), Vec<u8>>,
    unfolded: BTreeSet<(UserNumber, DeviceId)>,
    unfolded_resources: BTreeSet<(AppId, String)>,
}

/// A device. Has addresses.
struct Known {
    addresses: Vec<Address>,
    id: DeviceId,
}

struct Address {
    digest: Digest,
    kind: Arc<str>,
    registered_at: Timestamp,
    sealed: Box<[u8]>,
}

/// What one fold carries of devices: each that changed, without addresses if it is forgotten.
pub(crate) struct DeviceBatch {
    pub(crate) devices: Vec<(UserNumber, Device)>,
    /// With nothing sealed if it is forgotten.
    pub(crate) resources: Vec<StoredResource>,
}

impl Devices {
    /// Puts a device in place of what was known of it, and its addresses out of all others. One without addresses is
    /// forgotten.
    fn put(&mut self, (app, user): (AppId, UserNumber), device: Device) {
        self.change((app, user), &device.id, |addresses| addresses.clear());
        for address in &device.addresses {
            if let Some(&owner) = self.owners.get(&(app, address.digest)) {
                self.strip((app, owner), address.digest, Timestamp::FAR_FUTURE);
            }
        }
        if !device.addresses.is_empty() {
            let digests = device.addresses.iter().map(|address| ((app, address.digest), user));
            self.owners.extend(digests);
            let addresses = device.addresses.into_iter().map(|address| self.pack(address)).collect();
            let devices = self.of_user.entry(user).or_default();
            let place = devices.partition_point(|known| known.id < device.id);
            devices.reserve_exact(1); // Most users have one.
            devices.insert(place, Known { addresses, id: device.id.clone() });
        }
        self.unfolded.insert((user, device.id));
    }

    /// Takes an address that was registered up to `since` from the user's devices; gives those that had it.
    fn strip(&mut self, whose: (AppId, UserNumber), digest: Digest, since: Timestamp) -> Vec<DeviceId> {
        let stays = |address: &Address| address.digest != digest || address.registered_at > since;
        let loses = |known: &&Known| !known.addresses.iter().all(stays);
        let devices = self.of_user.get(&whose.1).map_or(&[][..], Vec::as_slice);
        let losing: Vec<_> = devices.iter().filter(loses).map(|known| known.id.clone()).collect();
        for device in &losing {
            self.change(whose, device, |addresses| addresses.retain(stays));
            self.unfolded.insert((whose.1, device.clone()));
        }
        losing
    }

    /// Changes the addresses of a device, if it is known. One without addresses is forgotten.
    fn change(
        &mut self,
        (app, user): (AppId, UserNumber),
        device: &DeviceId,
        change: impl FnOnce(&mut Vec<Address>),
    ) {
        let Some(devices) = self.of_user.get_mut(&user) else { return };
        let Ok(place) = devices.binary_search_by(|known| known.id.cmp(device)) else { return };
        let addresses = &mut devices[place].addresses;
        for address in addresses.iter() {
            self.owners.remove(&(app, address.digest));
        }
        change(addresses);
        self.owners.extend(addresses.iter().map(|address| ((app, address.digest), user)));
        if addresses.is_empty() {
            devices.remove(place);
        }
        if devices.is_empty() {
            self.of_user.remove(&user);
        }
    }

    fn find(&self, user: UserNumber, device: &DeviceId) -> Option<&Known> {
        let devices = self.of_user.get(&user)?;
        devices.binary_search_by(|known| known.id.cmp(device)).ok().map(|place| &devices[place])
    }

    fn pack(&mut self, address: SealedAddress) -> Address {
        let SealedAddress { digest, kind, registered_at, sealed } = address;
        let kind = self.kinds.get(kind.as_str()).cloned().unwrap_or_else(|| {
            let kind: Arc<str> = kind.into();
            self.kinds.insert(kind.clone());
            kind
        });
        Address { digest, kind, registered_at, sealed: sealed.into() }
    }

    /// Keeps a resource in place of the one of that name; one with nothing sealed is forgotten.
    pub(crate) fn put_resource(&mut self, resource: StoredResource) {
        let name = (resource.app, resource.name);
        self.unfolded_resources.insert(name.clone());
        if resource.sealed.is_empty() {
            self.resources.remove(&name);
        } else {
            self.resources.insert(name, resource.sealed);
        }
    }

    /// Whether that is what is known of the resource already.
    pub(crate) fn holds_resource(&self, resource: &StoredResource) -> bool {
        let name = (resource.app, resource.name.clone());
        self.resources.get(&name).map_or(&[][..], Vec::as_slice) == resource.sealed
    }

    pub(crate) fn resources(&self) -> Vec<StoredResource> {
        self.resources.keys().map(|name| self.resource(name)).collect()
    }

    fn resource(&self, name: &(AppId, String)) -> StoredResource {
        let sealed = self.resources.get(name).cloned().unwrap_or_default();
        StoredResource { app: name.0, name: name.1.clone(), sealed }
    }

    /// Takes what the database does not know.
    pub(super) fn take_batch(&mut self) -> DeviceBatch {
        let devices = std::mem::take(&mut self.unfolded).into_iter().map(|(user, id)| {
            let known = self.find(user, &id).map(Known::device);
            (user, known.unwrap_or(Device { addresses: vec![], id }))
        });
        let devices = devices.collect();
        let resources = std::mem::take(&mut self.unfolded_resources);
        DeviceBatch { devices, resources: resources.iter().map(|name| self.resource(name)).collect() }
    }

    /// What was put up to now came from the database.
    pub(crate) fn is_stored(&mut self) {
        self.unfolded.clear();
        self.unfolded_resources.clear();
    }
}

impl Known {
    fn device(&self) -> Device {
        Device { addresses: self.addresses.iter().map(Address::unpacked).collect(), id: self.id.clone() }
    }
}

impl Address {
    fn unpacked(&self) -> SealedAddress {
        SealedAddress {
            digest: self.digest,
            kind: self.kind.as_ref().to_owned(),
            registered_at: self.registered_at,
            sealed: self.sealed.to_vec(),
        }
    }
}

impl Memory {
    pub(crate) fn put_device(&mut self, account: &Account, device: Device) {
        let user = self.users.number(account.app, &account.user);
        self.devices.put((account.app, user), device);
    }

    /// A device of the user, if it is known.
    pub(crate) fn device(&self, account: &Account, device: &DeviceId) -> Option<Device> {
        let user = self.users.find(account.app, &account.user)?;
        self.devices.find(user, device).map(Known::device)
    }

    pub(crate) fn devices_of(&self, account: &Account) -> Vec<Device> {
        let user = self.users.find(account.app, &account.user);
        let devices = user.and_then(|user| self.devices.of_user.get(&user));
        devices.map_or_else(Vec::new, |devices| devices.iter().map(Known::device).collect())
    }
}

#[cfg(test)]
mod tests;
