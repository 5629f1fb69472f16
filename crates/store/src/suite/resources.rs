//! Named policies of apps.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    pushes::resource,
    world::{APP, OTHER_APP},
};
use crate::{Devices, StoredResource};

pub async fn a_resource_comes_back_as_it_was_put<S: Subject>(subject: &S) {
    let store = subject.open();
    assert_eq!(store.resources().await.unwrap(), []);
    store.put_resource(resource("ring", &[0, 0xff, 7])).await.unwrap();
    assert_eq!(store.resources().await.unwrap(), [resource("ring", &[0, 0xff, 7])]);
}

pub async fn a_resource_takes_the_place_of_the_one_of_its_name<S: Subject>(subject: &S) {
    let store = subject.open();
    for sealed in [b"one", b"two"] {
        store.put_resource(resource("ring", sealed)).await.unwrap();
    }
    assert_eq!(store.resources().await.unwrap(), [resource("ring", b"two")]);
}

pub async fn a_resource_with_nothing_sealed_is_forgotten<S: Subject>(subject: &S) {
    let store = subject.open();
    for name in ["ring", "other"] {
        store.put_resource(resource(name, b"sealed")).await.unwrap();
    }
    store.put_resource(resource("ring", b"")).await.unwrap();
    store.put_resource(resource("never", b"")).await.unwrap();
    assert_eq!(store.resources().await.unwrap(), [resource("other", b"sealed")]);
}

pub async fn resources_come_in_the_order_of_app_and_name<S: Subject>(subject: &S) {
    let store = subject.open();
    for (app, name) in [(OTHER_APP, "a"), (APP, "b"), (OTHER_APP, "B"), (APP, "a")] {
        store.put_resource(StoredResource { app, ..resource(name, b"sealed") }).await.unwrap();
    }
    let resources = store.resources().await.unwrap();
    let names: Vec<_> = resources.iter().map(|resource| (resource.app, resource.name.as_str())).collect();
    assert_eq!(names, [(APP, "a"), (APP, "b"), (OTHER_APP, "B"), (OTHER_APP, "a")]);
}

pub async fn a_resource_of_one_app_does_not_touch_that_of_another<S: Subject>(subject: &S) {
    let store = subject.open();
    let theirs = StoredResource { app: OTHER_APP, ..resource("ring", b"theirs") };
    store.put_resource(theirs.clone()).await.unwrap();
    store.put_resource(resource("ring", b"ours")).await.unwrap();
    store.put_resource(resource("ring", b"")).await.unwrap();
    assert_eq!(store.resources().await.unwrap(), [theirs]);
}

pub async fn a_reopened_store_knows_its_resources<S: Subject>(subject: &S) {
    let store = subject.open();
    for name in ["ring", "gone", "other"] {
        store.put_resource(resource(name, b"one")).await.unwrap();
    }
    drop(store);
    let store = subject.open();
    store.put_resource(resource("gone", b"")).await.unwrap();
    store.put_resource(resource("ring", b"two")).await.unwrap();
    drop(store);
    let known = subject.open().resources().await.unwrap();
    assert_eq!(known, [resource("other", b"one"), resource("ring", b"two")]);
}
