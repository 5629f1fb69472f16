//! How far an invitation has got, for callers who want to know.
use offhook_call::{
    Delivery::{Delivered, PushAccepted, Queued},
    Policy,
};

use crate::kit::*;

fn telling(policy: &mut Policy) {
    policy.tell_delivery = true;
}

#[test]
fn the_caller_alone_hears_how_far_an_invitation_has_got_and_only_what_is_new() {
    let mut scene = Scene::quiet(general_with(&["bob", "carol"], telling));
    let reached = |scene: &Scene, name| scene.call.legs[&user(name)].delivery;
    assert_eq!((reached(&scene, "alice"), reached(&scene, "bob")), (None, Some(Queued)));
    scene.delivers(1, "bob", (Queued, &[]));
    scene.delivers(1, "bob", (Delivered, &["alice@phone: Changed [bob]"]));
    scene.delivers(2, "bob", (PushAccepted, &[]));
    assert_eq!((reached(&scene, "bob"), reached(&scene, "carol")), (Some(Delivered), Some(Queued)));
    scene.delivers(2, "dave", (Delivered, &[]));
    scene.delivers(2, "alice", (Delivered, &[]));
}

#[test]
fn what_rings_or_has_ended_is_beyond_delivery() {
    let mut scene = Scene::quiet(general_with(&["bob"], telling));
    scene.does(1, "bob/phone", acknowledge(), &["alice@phone: Changed [bob]", "bob@all: Changed [bob]"]);
    scene.delivers(2, "bob", (Delivered, &[]));
    scene.does(3, "bob/phone", reject(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.delivers(4, "bob", (Delivered, &[]));
}

#[test]
fn nobody_hears_who_has_not_asked() {
    let mut scene = Scene::general(&["bob"]);
    scene.delivers(1, "bob", (Delivered, &[]));
    assert_eq!(scene.call.legs[&user("bob")].delivery, None);
}
