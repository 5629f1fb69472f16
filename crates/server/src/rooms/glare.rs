//! Offers that cross.
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_sfu::Address;

/// Devices whose own offer is being answered.
///
/// A session lets the answer go before the events that come meanwhile. An offer of ours that the device's own has made void
/// would then reach it after the answer, when it can no longer tell that it is void, and would leave it with sections that
/// the machine does not know. So an offer that comes up meanwhile is held back, one that waits for the session already is
/// taken back, and before the answer goes, the machine is asked to make again what still stands.
#[derive(Debug, Default)]
pub(super) struct Crossings {
    offering: Mutex<HashSet<Address>>,
}

/// A device's offer on its way. Dropped, it is no longer.
#[derive(Debug)]
pub(super) struct Crossing<'a> {
    address: Address,
    crossings: &'a Crossings,
}

impl Crossings {
    /// The device offers. A session carries out one request at a time, so it does so once at a time.
    pub(super) fn begin(&self, address: Address) -> Crossing<'_> {
        self.lock().insert(address.clone());
        Crossing { address, crossings: self }
    }

    /// Whether an offer to this device has to be held back.
    pub(super) fn holds_back(&self, address: &Address) -> bool {
        self.lock().contains(address)
    }

    /// Nothing is left half-done by a thread that died while it held the lock.
    fn lock(&self) -> MutexGuard<'_, HashSet<Address>> {
        self.offering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Crossing<'_> {
    fn drop(&mut self) {
        self.crossings.lock().remove(&self.address);
    }
}

#[cfg(test)]
mod tests {
    use offhook_sfu::RoomKey;
    use offhook_types::{AppId, DeviceId, RoomId, UserId};

    use super::*;

    fn address(user: &str) -> Address {
        Address {
            device: DeviceId::new("phone").expect("an id"),
            room: RoomKey { app: AppId(1), room: RoomId::new("lobby").expect("a name") },
            user: UserId::new(user).expect("an id"),
        }
    }

    #[test]
    fn only_offers_to_one_who_offers_are_held_back() {
        let crossings = Crossings::default();
        let offering = crossings.begin(address("alice"));
        assert!(crossings.holds_back(&address("alice")));
        assert!(!crossings.holds_back(&address("bob")));
        drop(offering);
        assert!(!crossings.holds_back(&address("alice")));
    }
}
