//! Users with several devices: all ring, one is the main device.
use offhook_call::Refusal;

use crate::kit::*;

#[test]
fn an_answer_is_told_to_all_devices_and_what_follows_to_the_main_device() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.does(
        1,
        "bob/tablet",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.repeats(2, "bob/tablet", accept());
    scene.does(
        3,
        "carol/phone",
        acknowledge(),
        &["alice@phone: Changed [carol]", "bob@tablet: Changed [carol]", "carol@all: Changed [carol]"],
    );
}

#[test]
fn a_join_moves_the_main_device_and_the_others_hear_nothing() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.does(2, "bob/tablet", join(), &["bob@all: Changed [bob]"]);
    let bob = &scene.call.legs[&user("bob")];
    assert_eq!((bob.accepted_at, bob.data.as_str()), (Some(s(1)), ""), "nothing that others see has changed");
    scene.refuses(3, "bob/tablet", join(), Refusal::AlreadyMainDevice);
    scene.refuses(3, "bob", join(), Refusal::AlreadyMainDevice);
    scene.does(4, "alice/phone", quit(), &["alice@phone: Changed [alice]", "bob@tablet: Changed [alice]"]);
}

#[test]
fn a_device_takes_over_what_a_back_end_accepted() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "bob", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.refuses(2, "bob", join(), Refusal::AlreadyMainDevice);
    scene.does(3, "bob/phone", join(), &["bob@all: Changed [bob]"]);
    scene.stands("alice=Accepted(phone) bob=Accepted(phone) | live");
}

#[test]
fn the_caller_moves_to_another_device_too() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "alice/tablet", join(), &["alice@all: Changed [alice]"]);
    assert_eq!(scene.call.legs[&user("alice")].accepted_at, None, "a move is no acceptance");
    scene.does(2, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@tablet: Changed [bob]"]);
}

#[test]
fn the_second_device_to_answer_loses() {
    let mut scene = Scene::advanced(&["bob", "carol"]);
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.refuses(2, "bob/tablet", accept(), Refusal::AnsweredElsewhere);
    scene.refuses(2, "bob/tablet", reject(), Refusal::AnsweredElsewhere);
    scene.refuses(2, "bob/phone", reject(), Refusal::AnsweredElsewhere);
    scene.repeats(2, "bob/tablet", acknowledge());
    scene.does(
        3,
        "carol/phone",
        reject(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    scene.refuses(4, "carol/tablet", accept(), Refusal::AnsweredElsewhere);
}

#[test]
fn a_ring_is_silenced_on_one_device_and_nobody_hears_of_it() {
    let mut scene = Scene::general(&["bob"]);
    scene.does(1, "bob/phone", ignore(), &[]);
    scene.repeats(2, "bob/phone", ignore());
    scene.does(3, "bob/tablet", ignore(), &[]);
    scene.repeats(3, "bob", ignore());
    let silenced: Vec<&str> =
        scene.call.legs[&user("bob")].ignored_on.iter().map(|device| device.as_str()).collect();
    assert_eq!(silenced, ["phone", "tablet"]);
    scene.stands("alice=Accepted(phone) bob=Inviting | live");
    scene.does(4, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
}

#[test]
fn the_devices_that_ring_are_known_until_the_next_invitation() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "bob/phone", acknowledge(), &["alice@phone: Changed [bob]", "bob@all: Changed [bob]"]);
    scene.does(2, "bob/tablet", acknowledge(), &[]);
    scene.repeats(2, "bob", acknowledge());
    let rung = |scene: &Scene| -> Vec<String> {
        let leg = &scene.call.legs[&user("bob")];
        leg.rung_on.iter().map(|device| device.as_str().to_owned()).collect()
    };
    assert_eq!(rung(&scene), ["phone", "tablet"]);
    scene.does(3, "bob/phone", reject(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.does(4, "alice/phone", add(&["bob"]), &["bob@all: Invited []", "alice@phone: Changed [bob]"]);
    assert_eq!(rung(&scene), [""; 0]);
}
