//! What is forgotten leaves no trace in memory.
use std::time::Duration;

use offhook_store::suite::{
    pushes::device,
    world::{account, stranger},
};

use crate::memory::{Limits, Memory};

#[test]
fn every_address_has_one_owner_and_what_is_forgotten_has_none() {
    let mut memory = Memory::new(Limits { age: Duration::ZERO, bytes: 0, per_user: 0 });
    for (who, name, addresses, owned) in [
        (account("bob"), "phone", &[1, 2][..], 2),
        (account("bob"), "tablet", &[2, 3], 3),
        (account("bob"), "phone", &[4], 3),
        (account("carol"), "phone", &[4], 3),
        (stranger("bob"), "phone", &[4], 4),
        (stranger("bob"), "phone", &[], 3),
        (account("bob"), "tablet", &[], 1),
        (account("carol"), "phone", &[], 0),
    ] {
        memory.put_device(&who, device(name, addresses, 1));
        assert_eq!(memory.devices.owners.len(), owned, "{name} at {addresses:?}");
    }
    assert!(memory.devices.of_user.is_empty());
}
