//! Who is in which room, as the media threads tell it.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_sfu::{Address, RoomKey};
use offhook_types::{Account, CallId, DeviceId, Party, UserId};

/// Who is in which room. Held by media threads for a moment at each coming and going.
#[derive(Debug, Default)]
pub(super) struct Index {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rooms: HashMap<RoomKey, BTreeMap<UserId, DeviceId>>,
    users: HashMap<Account, Stays>,
}

/// The rooms of one user.
#[derive(Debug, Default)]
struct Stays {
    here: BTreeSet<RoomKey>,
    /// Joins on their way, so that two of them do not both pass the limit.
    reserved: BTreeSet<RoomKey>,
}

/// A place in a room that a join is on its way to. Given back when dropped, unless the user has come.
#[derive(Debug)]
pub(super) struct Reservation<'a> {
    account: Account,
    index: &'a Index,
    is_kept: bool,
    room: RoomKey,
}

impl Index {
    /// Reserves a place for a user who may be in `max` rooms; `None` if they are in as many others.
    pub(super) fn reserve(&self, account: &Account, room: &RoomKey, max: usize) -> Option<Reservation<'_>> {
        let mut state = self.lock();
        let stays = state.users.entry(account.clone()).or_default();
        let others = stays.here.union(&stays.reserved).filter(|other| *other != room).count();
        let fits = others < max;
        let is_new = fits && !stays.here.contains(room) && stays.reserved.insert(room.clone());
        state.tidy(account);
        drop(state);
        let (account, room) = (account.clone(), room.clone());
        fits.then_some(Reservation { account, index: self, is_kept: !is_new, room })
    }

    /// Whether the room is new by that.
    pub(super) fn joined(&self, address: &Address) -> bool {
        let mut state = self.lock();
        let stays = state.users.entry(account_of(address)).or_default();
        stays.reserved.remove(&address.room);
        stays.here.insert(address.room.clone());
        let is_new = !state.rooms.contains_key(&address.room);
        let members = state.rooms.entry(address.room.clone()).or_default();
        members.insert(address.user.clone(), address.device.clone());
        is_new
    }

    pub(super) fn left(&self, address: &Address) {
        let mut state = self.lock();
        let Some(members) = state.rooms.get_mut(&address.room) else { return };
        if members.get(&address.user) == Some(&address.device) {
            members.remove(&address.user);
            state.forget(&account_of(address), &address.room);
        }
    }

    pub(super) fn closed(&self, room: &RoomKey) {
        let mut state = self.lock();
        for user in state.rooms.remove(room).unwrap_or_default().into_keys() {
            state.forget(&Account::new(room.app, user), room);
        }
    }

    /// Whether there is such a room.
    pub(super) fn is_open(&self, room: &RoomKey) -> bool {
        self.lock().rooms.contains_key(room)
    }

    /// The device with which the user is in the room.
    pub(super) fn device_in(&self, room: &RoomKey, user: &UserId) -> Option<DeviceId> {
        self.lock().rooms.get(room)?.get(user).cloned()
    }

    /// Where this device is.
    pub(super) fn places_of(&self, party: &Party) -> Vec<Address> {
        let state = self.lock();
        let (Some(stays), Some(device)) = (state.users.get(&party.account), &party.device) else {
            return Vec::new();
        };
        let user = &party.account.user;
        let is_here =
            |room: &&RoomKey| state.rooms.get(*room).and_then(|room| room.get(user)) == Some(device);
        let place =
            |room: &RoomKey| Address { device: device.clone(), room: room.clone(), user: user.clone() };
        stays.here.iter().filter(is_here).map(place).collect()
    }

    /// The rooms in which the user is, or is about to be.
    pub(super) fn rooms_of(&self, account: &Account) -> BTreeSet<RoomKey> {
        let state = self.lock();
        state
            .users
            .get(account)
            .map(|stays| stays.here.union(&stays.reserved).cloned().collect())
            .unwrap_or_default()
    }

    /// Who is in rooms of calls.
    pub(super) fn in_calls(&self) -> Vec<(Account, CallId)> {
        let state = self.lock();
        let calls = |(account, stays): (&Account, &Stays)| -> Vec<(Account, CallId)> {
            stays.here.iter().filter_map(|key| Some((account.clone(), key.room.call()?))).collect()
        };
        state.users.iter().flat_map(calls).collect()
    }

    /// Whether the user is in the room of a call other than `except`.
    pub(super) fn is_in_a_call(&self, account: &Account, except: Option<CallId>) -> bool {
        let state = self.lock();
        let mut calls = state.users.get(account).into_iter().flat_map(|stays| &stays.here);
        calls.any(|key| key.room.call().is_some_and(|call| Some(call) != except))
    }

    /// A thread that died while it held the lock left whole values behind, or a room too many, which closes.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self, account: &Account, room: &RoomKey) {
        if let Some(stays) = self.users.get_mut(account) {
            stays.here.remove(room);
        }
        self.tidy(account);
    }

    fn tidy(&mut self, account: &Account) {
        if self.users.get(account).is_some_and(|stays| stays.here.is_empty() && stays.reserved.is_empty()) {
            self.users.remove(account);
        }
    }
}

impl Reservation<'_> {
    /// The room has let the user in: the place is theirs until it says that they are gone.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            let mut state = self.index.lock();
            if let Some(stays) = state.users.get_mut(&self.account) {
                stays.reserved.remove(&self.room);
            }
            state.tidy(&self.account);
        }
    }
}

pub(super) fn account_of(address: &Address) -> Account {
    Account::new(address.room.app, address.user.clone())
}

#[cfg(test)]
mod tests {
    use offhook_types::{AppId, RoomId, Timestamp};

    use super::*;

    const APP: AppId = AppId(1);

    fn key(room: impl Into<RoomId>) -> RoomKey {
        RoomKey { app: APP, room: room.into() }
    }

    fn lobby() -> RoomKey {
        key(RoomId::new("lobby").expect("a name"))
    }

    fn call(number: u8) -> CallId {
        CallId::from_parts(Timestamp::default(), [number; 10])
    }

    fn bob() -> Account {
        Account::new(APP, UserId::new("bob").expect("an id"))
    }

    fn at(room: &RoomKey, device: &str) -> Address {
        let device = DeviceId::new(device).expect("an id");
        Address { device, room: room.clone(), user: bob().user }
    }

    fn on(device: &str) -> Party {
        Party { account: bob(), device: DeviceId::new(device).ok() }
    }

    #[test]
    fn a_user_is_in_as_many_rooms_as_permitted_also_while_joins_are_on_their_way() {
        let (index, other) = (Index::default(), key(call(1)));
        let first = index.reserve(&bob(), &lobby(), 1).expect("room for one");
        assert!(index.reserve(&bob(), &other, 1).is_none());
        assert!(index.reserve(&bob(), &lobby(), 1).is_some(), "the same room again");
        drop(first);
        index.reserve(&bob(), &other, 1).expect("the first was not let in").keep();
        assert!(index.reserve(&bob(), &lobby(), 1).is_none(), "until it is heard of");
        index.joined(&at(&other, "phone"));
        assert!(index.reserve(&bob(), &lobby(), 1).is_none());
        assert!(index.reserve(&bob(), &lobby(), 2).is_some());
        index.left(&at(&other, "phone"));
        assert!(index.reserve(&bob(), &lobby(), 1).is_some());
        assert!(index.lock().users.is_empty(), "nothing is kept of who is nowhere");
    }

    #[test]
    fn a_reservation_of_one_who_was_there_keeps_their_place() {
        let index = Index::default();
        index.joined(&at(&lobby(), "phone"));
        drop(index.reserve(&bob(), &lobby(), 1).expect("a renewal"));
        assert_eq!(index.places_of(&on("phone")), [at(&lobby(), "phone")]);
        assert!(index.reserve(&bob(), &key(call(1)), 1).is_none());
    }

    #[test]
    fn a_late_leave_of_a_former_device_takes_nobody_out() {
        let index = Index::default();
        assert!(index.joined(&at(&lobby(), "phone")), "the first opens the room");
        assert!(!index.joined(&at(&lobby(), "tablet")));
        index.left(&at(&lobby(), "phone"));
        assert_eq!(index.device_in(&lobby(), &bob().user), DeviceId::new("tablet").ok());
        assert_eq!(index.places_of(&on("phone")), []);
        assert_eq!(index.places_of(&on("tablet")), [at(&lobby(), "tablet")]);
    }

    #[test]
    fn only_rooms_of_calls_make_busy() {
        let index = Index::default();
        index.joined(&at(&lobby(), "phone"));
        assert!(!index.is_in_a_call(&bob(), None));
        index.joined(&at(&key(call(1)), "phone"));
        assert!(index.is_in_a_call(&bob(), None));
        assert!(index.is_in_a_call(&bob(), Some(call(2))));
        assert!(!index.is_in_a_call(&bob(), Some(call(1))));
        index.closed(&key(call(1)));
        assert!(!index.is_in_a_call(&bob(), None));
        assert!(index.is_open(&lobby()) && !index.is_open(&key(call(1))));
    }
}
