//! Losing the caller, and losing those who are in the call; and what they used.
use std::{collections::BTreeMap, time::Duration};

use offhook_call::Usage;
use offhook_types::UserId;

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

#[test]
fn a_party_whose_media_is_lost_quits_a_call_of_the_advanced_mode() {
    let mut scene = talk();
    let told = ["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"];
    scene.loses(9, "bob/phone", &told);
    scene.stands("alice=Accepted(phone) bob=Quit carol=Inviting | live");
    let bob = &scene.call.legs[&user("bob")];
    assert_eq!((bob.left_at, bob.data.as_str()), (Some(s(9)), ""), "the system sends no data");
    assert_eq!(scene.call.seq.0, 3);
    scene.loses(10, "bob/phone", &[]);
    scene.does(
        11,
        "bob/phone",
        join(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
}

#[test]
fn a_loss_on_a_device_that_was_left_means_nothing() {
    let mut scene = talk();
    scene.does(2, "bob/tablet", join(), &["bob@all: Changed [bob]"]);
    scene.loses(9, "bob/phone", &[]);
    let told = ["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"];
    scene.loses(9, "bob/tablet", &told);
}

#[test]
fn a_party_without_a_known_device_is_lost_on_any() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "bob", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.loses(2, "bob/phone", &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.loses(3, "alice", &["alice@all: Changed [alice]"]);
    scene.stands("alice=Quit bob=Quit | AllLeft");
}

#[test]
fn a_lost_party_is_one_who_left_to_the_end_policies() {
    let mut last = Scene::quiet(advanced_with(&["bob"], ends_with_last));
    last.does(1, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    last.loses(9, "bob/phone", &["bob@all: Changed [bob]", "alice@phone: Ended by policy [bob]"]);
    last.stands("alice=Accepted(phone) bob=Quit | LastOneLeft");
    last.loses(10, "alice/phone", &[]);

    let mut caller = Scene::quiet(advanced_with(&["bob"], ends_with_caller));
    caller.does(1, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    caller.loses(9, "alice/phone", &["alice@all: Changed [alice]", "bob@phone: Ended by policy [alice]"]);
}

#[test]
fn a_loss_means_nothing_to_a_caller_who_waits_and_in_the_general_mode() {
    let mut waiting = Scene::advanced(&["bob"]);
    waiting.loses(1, "alice/phone", &[]);
    waiting.loses(1, "bob/phone", &[]);
    waiting.loses(1, "mallory/phone", &[]);

    let mut general = Scene::general(&["bob", "carol"]);
    let told = ["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"];
    general.does(1, "bob/phone", accept(), &told);
    general.loses(2, "bob/phone", &[]);
    general.loses(2, "alice/phone", &[]);
}

#[test]
fn a_loss_after_the_age_limit_means_nothing_even_before_the_timer_is_served() {
    let mut scene = Scene::quiet(advanced_with(&["bob"], |policy| policy.max_age = Duration::from_secs(50)));
    scene.does(1, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.loses(50, "bob/phone", &[]);
}

#[test]
fn what_was_used_adds_up_before_and_after_the_end() {
    let used = |seconds| Usage {
        present: Duration::from_secs(seconds),
        received_bytes: seconds * 3,
        sent_bytes: seconds * 2,
        tiers: [1, 0, 0, 0, 0, 5].map(|part| Duration::from_secs(part * seconds)),
    };
    let of = |shares: &[(&str, u64)]| -> BTreeMap<UserId, Usage> {
        shares.iter().map(|(name, seconds)| (user(name), used(*seconds))).collect()
    };
    let mut scene = talk();
    scene.call.add_usage(&of(&[("alice", 4), ("bob", 2)]));
    assert_eq!(scene.call.seq.0, 3);
    scene.does(
        9,
        "alice/phone",
        end(),
        &[
            "alice@phone: Ended by alice 'bye' [alice]",
            "bob@phone: Ended by alice 'bye' [alice]",
            "carol@all: Ended by alice 'bye' [alice]",
        ],
    );
    scene.call.add_usage(&of(&[("bob", 5), ("dave", 1)]));
    assert_eq!(scene.call.usage, of(&[("alice", 4), ("bob", 7), ("dave", 1)]));
    assert_eq!(scene.call.seq.0, 5);
    let before = scene.call.clone();
    scene.call.add_usage(&BTreeMap::from([(user("bob"), Usage::default())]));
    assert_eq!(scene.call, before, "nothing used, nothing to store");
}
