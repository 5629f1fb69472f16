//! Devices with a session here, in rooms that live on other nodes.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use offhook_bus::NodeId;
use offhook_sfu::{Address, RoomKey};
use offhook_store::Place;
use offhook_types::{Account, DeviceId, Party, RoomId};
use tokio::sync::Mutex as Turn;

use super::super::index::account_of;

/// Which device of this node is in which room elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Abroad {
    stays: Mutex<HashMap<Account, Stays>>,
}

type Stays = BTreeMap<(DeviceId, RoomId), Stay>;

#[derive(Debug)]
struct Stay {
    /// How often the device was found to be without a session since it went; `None` while it has one.
    absent: Option<u32>,
    place: Place,
    /// Requests of one device to one room go one after the other, so that none overtakes another on the way.
    turn: Arc<Turn<()>>,
}

impl Abroad {
    /// Where the device is in this room.
    pub(crate) fn place_of(&self, address: &Address) -> Option<Place> {
        self.lock().get(&account_of(address))?.get(&key(address)).map(|stay| stay.place)
    }

    /// The device is in a room there. Where it was before.
    pub(crate) fn put(&self, address: &Address, place: Place) -> Option<Place> {
        let mut stays = self.lock();
        let stays = stays.entry(account_of(address)).or_default();
        match stays.get_mut(&key(address)) {
            Some(stay) => {
                stay.absent = None;
                Some(std::mem::replace(&mut stay.place, place))
            }
            None => {
                stays.insert(key(address), Stay { absent: None, place, turn: Arc::default() });
                None
            }
        }
    }

    /// The device is not in that room, or not elsewhere. Where it was.
    pub(crate) fn remove(&self, address: &Address) -> Option<Place> {
        let (mut all, account) = (self.lock(), account_of(address));
        let stays = all.get_mut(&account)?;
        let gone = stays.remove(&key(address));
        if stays.is_empty() {
            all.remove(&account);
        }
        gone.map(|stay| stay.place)
    }

    /// What a request of this device to this room waits for.
    pub(crate) fn turn(&self, address: &Address) -> Arc<Turn<()>> {
        let stays = self.lock();
        let stay = stays.get(&account_of(address)).and_then(|stays| stays.get(&key(address)));
        stay.map(|stay| Arc::clone(&stay.turn)).unwrap_or_default()
    }

    /// The session of a device came or went. Where it is.
    pub(crate) fn mark(&self, party: &Party, is_present: bool) -> Vec<(Address, Place)> {
        let mut all = self.lock();
        let stays = all.get_mut(&party.account).into_iter().flatten();
        let own = stays.filter(|((device, _), _)| Some(device) == party.device.as_ref());
        let marked = own.map(|(key, stay)| {
            stay.absent = (!is_present).then_some(0);
            (address(&party.account, key), stay.place)
        });
        marked.collect()
    }

    /// The rooms in which the user is with any device of this node.
    pub(crate) fn rooms_of(&self, account: &Account) -> BTreeSet<RoomKey> {
        let all = self.lock();
        let rooms = all.get(account).into_iter().flat_map(BTreeMap::keys);
        rooms.map(|(_, room)| RoomKey { app: account.app, room: room.clone() }).collect()
    }

    /// Who is in rooms on that node.
    pub(crate) fn on(&self, node: NodeId) -> Vec<Address> {
        self.which(|stay| stay.place.node == node.bits())
    }

    /// Takes out who was in rooms on nodes that are gone.
    pub(crate) fn take_gone(&self, is_gone: impl Fn(NodeId) -> bool) -> Vec<Address> {
        self.take(|stay| is_gone(NodeId::new(stay.place.node)))
    }

    /// Forgets devices that have been without a session for so many looks, of which this is one. Their rooms have given them up, or
    /// they came back over another node.
    pub(crate) fn forget_absent(&self, looks: u32) {
        for stays in self.lock().values_mut() {
            for stay in stays.values_mut() {
                stay.absent = stay.absent.map(|absent| absent + 1);
            }
        }
        self.take(|stay| stay.absent.is_some_and(|absent| absent >= looks));
    }

    fn which(&self, is_meant: impl Fn(&Stay) -> bool) -> Vec<Address> {
        let all = self.lock();
        let each =
            all.iter().flat_map(|(account, stays)| stays.iter().map(move |(key, stay)| (account, key, stay)));
        each.filter(|(_, _, stay)| is_meant(stay)).map(|(account, key, _)| address(account, key)).collect()
    }

    fn take(&self, is_meant: impl Fn(&Stay) -> bool) -> Vec<Address> {
        let taken = self.which(is_meant);
        for address in &taken {
            self.remove(address);
        }
        taken
    }

    /// Every change is one step: a thread that died while it held the lock left whole values behind.
    fn lock(&self) -> MutexGuard<'_, HashMap<Account, Stays>> {
        self.stays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(address: &Address) -> (DeviceId, RoomId) {
    (address.device.clone(), address.room.room.clone())
}

fn address(account: &Account, (device, room): &(DeviceId, RoomId)) -> Address {
    let room = RoomKey { app: account.app, room: room.clone() };
    Address { device: device.clone(), room, user: account.user.clone() }
}

#[cfg(test)]
mod tests {
    use offhook_types::{AppId, UserId};

    use super::*;

    fn at(room: &str, device: &str) -> Address {
        let room = RoomKey { app: AppId(1), room: RoomId::new(room).expect("a name") };
        let user = UserId::new("bob").expect("an id");
        Address { device: DeviceId::new(device).expect("an id"), room, user }
    }

    fn on(device: &str) -> Party {
        Party { account: account_of(&at("lobby", device)), device: DeviceId::new(device).ok() }
    }

    const fn place(node: u64, epoch: u64) -> Place {
        Place { epoch, node }
    }

    #[test]
    fn stays_on_a_node_that_is_gone_are_over() {
        let (abroad, phone, tablet) = (Abroad::default(), at("lobby", "phone"), at("hall", "tablet"));
        assert_eq!(abroad.put(&phone, place(2, 5)), None);
        assert_eq!(abroad.put(&phone, place(3, 6)), Some(place(2, 5)));
        abroad.put(&tablet, place(2, 7));
        assert_eq!(abroad.rooms_of(&on("phone").account).len(), 2);
        assert_eq!(abroad.on(NodeId::new(3)), vec![phone.clone()]);
        assert_eq!(abroad.take_gone(|node| node == NodeId::new(2)), vec![tablet.clone()]);
        assert_eq!((abroad.place_of(&tablet), abroad.place_of(&phone)), (None, Some(place(3, 6))));
        assert_eq!(abroad.remove(&phone), Some(place(3, 6)));
        assert!(abroad.lock().is_empty(), "nothing is kept of who is nowhere");
    }

    #[test]
    fn a_device_that_stays_away_is_forgotten() {
        let (abroad, phone) = (Abroad::default(), at("lobby", "phone"));
        abroad.put(&phone, place(2, 5));
        abroad.forget_absent(1);
        assert_eq!(abroad.mark(&on("tablet"), false), [], "another device");
        assert_eq!(abroad.mark(&on("phone"), false), [(phone.clone(), place(2, 5))]);
        abroad.forget_absent(2);
        abroad.mark(&on("phone"), true);
        abroad.forget_absent(2);
        assert_eq!(abroad.place_of(&phone), Some(place(2, 5)), "it came back");
        abroad.mark(&on("phone"), false);
        abroad.forget_absent(2);
        abroad.forget_absent(2);
        assert_eq!(abroad.place_of(&phone), None);
    }
}
