//! Devices that can be woken.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    pushes::{address, device, device_id, digest},
    world::{account, at, stranger},
};
use crate::{Device, Devices};

/// The ids of a user's devices with the digests' numbers of their addresses.
async fn known(store: &impl Devices, name: &str) -> Vec<(String, Vec<u8>)> {
    let devices = store.devices(&account(name)).await.unwrap();
    let known = |device: Device| {
        let numbers = device.addresses.iter().map(|address| address.digest[15]).collect();
        (device.id.as_str().to_owned(), numbers)
    };
    devices.into_iter().map(known).collect()
}

fn wakes(device: &str, addresses: &[u8]) -> (String, Vec<u8>) {
    (device.to_owned(), addresses.to_vec())
}

pub async fn a_registered_device_is_known_as_it_was_brought<S: Subject>(subject: &S) {
    let store = subject.open();
    let phone = device("phone", &[2, 1], 3);
    store.put_device(&account("bob"), phone.clone()).await.unwrap();
    assert_eq!(store.devices(&account("bob")).await.unwrap(), [phone]);
    assert_eq!(store.devices(&account("alice")).await.unwrap(), []);
}

pub async fn devices_come_in_the_order_of_their_ids<S: Subject>(subject: &S) {
    let store = subject.open();
    for (n, name) in [(1, "tablet"), (2, "phone"), (3, "watch"), (4, "laptop")] {
        store.put_device(&account("bob"), device(name, &[n], 1)).await.unwrap();
    }
    let names: Vec<_> = known(&store, "bob").await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["laptop", "phone", "tablet", "watch"]);
}

pub async fn registering_again_replaces_what_was_known<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_device(&account("bob"), device("phone", &[1, 2], 1)).await.unwrap();
    let renewed = device("phone", &[2, 3], 5);
    store.put_device(&account("bob"), renewed.clone()).await.unwrap();
    assert_eq!(store.devices(&account("bob")).await.unwrap(), [renewed]);
    store.put_device(&account("carol"), device("phone", &[1], 6)).await.unwrap();
    assert_eq!(known(&store, "bob").await, [wakes("phone", &[2, 3])], "the address it had given up was free");
}

pub async fn an_address_is_kept_in_another_form_if_it_stands_as_it_was_read<S: Subject>(subject: &S) {
    let store = subject.open();
    let bob = account("bob");
    store.put_device(&bob, device("phone", &[1, 2], 1)).await.unwrap();
    let (known, form) = (address(2, 1), b"another form".to_vec());
    assert_eq!(store.exchange_address(&account("carol"), &known, form.clone()).await, Ok(false));
    assert_eq!(store.exchange_address(&bob, &known, form.clone()).await, Ok(true));
    let kept = &store.devices(&bob).await.unwrap()[0].addresses[1];
    assert_eq!((kept.registered_at, &kept.sealed, kept.digest), (known.registered_at, &form, known.digest));
    assert_eq!(store.exchange_address(&bob, &known, b"a third".to_vec()).await, Ok(false), "it has changed");
    store.put_device(&bob, device("phone", &[2], 5)).await.unwrap();
    let renewed = store.devices(&bob).await.unwrap();
    assert_eq!(store.exchange_address(&bob, kept, form).await, Ok(false), "it was brought anew");
    assert_eq!(store.devices(&bob).await.unwrap(), renewed);
}

pub async fn an_address_moves_from_one_user_to_another<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_device(&account("bob"), device("phone", &[1, 2], 1)).await.unwrap();
    store.put_device(&account("carol"), device("phone", &[2], 2)).await.unwrap();
    assert_eq!(known(&store, "bob").await, [wakes("phone", &[1])]);
    assert_eq!(known(&store, "carol").await, [wakes("phone", &[2])]);
    store.put_device(&account("bob"), device("phone", &[2], 1)).await.unwrap();
    assert_eq!(known(&store, "bob").await, [wakes("phone", &[2])], "it moves back, too");
    assert_eq!(known(&store, "carol").await, []);
}

pub async fn an_address_moves_from_one_device_of_a_user_to_another<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_device(&account("bob"), device("old", &[1, 2], 1)).await.unwrap();
    store.put_device(&account("bob"), device("new", &[1], 2)).await.unwrap();
    assert_eq!(known(&store, "bob").await, [wakes("new", &[1]), wakes("old", &[2])]);
}

pub async fn a_device_whose_addresses_moved_away_is_forgotten<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_device(&account("bob"), device("phone", &[1], 1)).await.unwrap();
    store.put_device(&account("carol"), device("phone", &[1], 2)).await.unwrap();
    assert_eq!(known(&store, "bob").await, []);
    assert_eq!(store.remove_device(&account("bob"), &device_id("phone")).await, Ok(false));
}

pub async fn a_device_registered_without_addresses_is_forgotten<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_device(&account("bob"), device("phone", &[1], 1)).await.unwrap();
    store.put_device(&account("bob"), device("phone", &[], 2)).await.unwrap();
    store.put_device(&account("bob"), device("tablet", &[], 2)).await.unwrap();
    assert_eq!(known(&store, "bob").await, []);
}

pub async fn a_removed_device_is_known_no_more<S: Subject>(subject: &S) {
    let store = subject.open();
    for (n, name) in [(1, "phone"), (2, "tablet")] {
        store.put_device(&account("bob"), device(name, &[n], 1)).await.unwrap();
    }
    assert_eq!(store.remove_device(&account("bob"), &device_id("phone")).await, Ok(true));
    assert_eq!(store.remove_device(&account("bob"), &device_id("phone")).await, Ok(false));
    assert_eq!(store.remove_device(&account("carol"), &device_id("tablet")).await, Ok(false));
    assert_eq!(known(&store, "bob").await, [wakes("tablet", &[2])]);
}

pub async fn a_removed_address_is_known_no_more<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_device(&account("bob"), device("phone", &[1, 2], 5)).await.unwrap();
    assert_eq!(store.remove_address(&account("bob"), digest(1), at(5)).await, Ok(true));
    assert_eq!(known(&store, "bob").await, [wakes("phone", &[2])]);
    assert_eq!(store.remove_address(&account("bob"), digest(1), at(5)).await, Ok(false));
}

pub async fn an_address_brought_anew_is_not_removed<S: Subject>(subject: &S) {
    let store = subject.open();
    let phone = Device { addresses: vec![address(1, 4), address(2, 9)], id: device_id("phone") };
    store.put_device(&account("bob"), phone.clone()).await.unwrap();
    assert_eq!(store.remove_address(&account("bob"), digest(2), at(8)).await, Ok(false));
    assert_eq!(store.devices(&account("bob")).await.unwrap(), [phone]);
}

pub async fn an_address_of_another_user_is_not_removed<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_device(&account("bob"), device("phone", &[1], 1)).await.unwrap();
    assert_eq!(store.remove_address(&account("carol"), digest(1), at(9)).await, Ok(false));
    assert_eq!(known(&store, "bob").await, [wakes("phone", &[1])]);
}

pub async fn a_device_whose_last_address_is_removed_is_forgotten<S: Subject>(subject: &S) {
    let store = subject.open();
    store.put_device(&account("bob"), device("phone", &[1], 1)).await.unwrap();
    assert_eq!(store.remove_address(&account("bob"), digest(1), at(1)).await, Ok(true));
    assert_eq!(known(&store, "bob").await, []);
    assert_eq!(store.remove_device(&account("bob"), &device_id("phone")).await, Ok(false));
}

pub async fn an_address_in_two_apps_belongs_to_both<S: Subject>(subject: &S) {
    let store = subject.open();
    let phone = device("phone", &[1], 1);
    store.put_device(&account("bob"), phone.clone()).await.unwrap();
    store.put_device(&stranger("bob"), phone.clone()).await.unwrap();
    assert_eq!(store.devices(&account("bob")).await.unwrap(), std::slice::from_ref(&phone));
    assert_eq!(store.remove_address(&stranger("bob"), digest(1), at(9)).await, Ok(true));
    assert_eq!(store.devices(&account("bob")).await.unwrap(), [phone]);
    assert_eq!(store.devices(&stranger("bob")).await.unwrap(), []);
}

pub async fn a_reopened_store_knows_its_devices<S: Subject>(subject: &S) {
    let store = subject.open();
    for (n, name) in [(1, "gone"), (2, "phone"), (3, "tablet"), (6, "robbed")] {
        store.put_device(&account("bob"), device(name, &[n, n + 10], 1)).await.unwrap();
    }
    drop(store);
    let store = subject.open();
    store.remove_device(&account("bob"), &device_id("gone")).await.unwrap();
    store.remove_address(&account("bob"), digest(2), at(9)).await.unwrap();
    store.put_device(&account("carol"), device("phone", &[6, 16], 2)).await.unwrap();
    drop(store);
    let store = subject.open();
    assert_eq!(known(&store, "bob").await, [wakes("phone", &[12]), wakes("tablet", &[3, 13])]);
    assert_eq!(store.devices(&account("carol")).await.unwrap(), [device("phone", &[6, 16], 2)]);
    store.put_device(&account("alice"), device("phone", &[3], 2)).await.unwrap();
    assert_eq!(known(&store, "bob").await, [wakes("phone", &[12]), wakes("tablet", &[13])]);
}
