//! Losing the caller.
use crate::kit::*;

#[test]
fn a_caller_lost_before_anyone_accepted_takes_the_call_along() {
    for mut scene in [Scene::general(&["bob", "carol"]), Scene::advanced(&["bob", "carol"])] {
        scene.does(
            1,
            "bob/phone",
            reject(),
            &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
        );
        scene.loses_caller(
            30,
            &["alice@all: Changed [alice, carol]", "carol@all: Canceled by alice [alice, carol]"],
        );
        scene.stands("alice=Canceled bob=Rejected(Declined) carol=BeCanceled | CallerLost");
        assert_eq!(scene.call.seq.0, 3);
        scene.loses_caller(31, &[]);
        assert_eq!(scene.call.seq.0, 3);
    }
}

#[test]
fn a_caller_lost_after_an_acceptance_changes_nothing() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    let before = scene.call.clone();
    scene.loses_caller(30, &[]);
    assert_eq!(scene.call, before);
}

#[test]
fn a_caller_who_has_left_cannot_be_lost() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "alice/phone", quit(), &["alice@phone: Changed [alice]", "bob@all: Changed [alice]"]);
    let before = scene.call.clone();
    scene.loses_caller(30, &[]);
    assert_eq!(scene.call, before);
    scene.does(
        31,
        "alice/tablet",
        cancel(&[]),
        &["alice@all: Changed [alice, bob]", "bob@all: Canceled by alice 'sorry' [alice, bob]"],
    );
}

#[test]
fn a_lost_caller_says_nothing_more() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "alice/phone", quit(), &["alice@phone: Changed [alice]", "bob@all: Changed [alice]"]);
    scene.does(2, "alice/phone", join(), &["alice@all: Changed [alice]", "bob@all: Changed [alice]"]);
    assert_eq!(scene.call.legs[&user("alice")].data.as_str(), "hi");
    scene.loses_caller(30, &["alice@all: Changed [alice, bob]", "bob@all: Canceled by alice [alice, bob]"]);
    assert_eq!(scene.call.legs[&user("alice")].data.as_str(), "", "the system sends no data");
}
