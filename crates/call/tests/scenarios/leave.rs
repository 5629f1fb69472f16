//! Leaving a call of the advanced mode, ending it for all, and policies that end it.
use offhook_call::Refusal;

use crate::kit::*;

#[test]
fn only_a_party_in_the_call_may_quit_or_end_it() {
    let mut scene = talk();
    scene.does(
        2,
        "dave/phone",
        join(),
        &[
            "dave@all: Changed [dave]",
            "alice@phone: Changed [dave]",
            "bob@phone: Changed [dave]",
            "carol@all: Changed [dave]",
        ],
    );
    for actor in ["carol/phone", "mallory/phone"] {
        scene.refuses(3, actor, quit(), Refusal::NotJoined);
        scene.refuses(3, actor, end(), Refusal::NotJoined);
    }
}

#[test]
fn any_party_ends_the_call_for_all_and_the_others_keep_their_states() {
    let mut scene = talk();
    scene.does(
        2,
        "bob/phone",
        end(),
        &[
            "bob@phone: Ended by bob 'bye' [bob]",
            "alice@phone: Ended by bob 'bye' [bob]",
            "carol@all: Ended by bob 'bye' [bob]",
        ],
    );
    scene.stands("alice=Accepted(phone) bob=Ended carol=Inviting | Ended by bob");
    assert_eq!(scene.call.legs[&user("bob")].data.as_str(), "bye");
    assert_eq!(scene.call.poll_timeout(), None, "an ended call wakes nobody");
}

#[test]
fn the_caller_may_end_the_call_while_it_rings() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(
        2,
        "alice/phone",
        end(),
        &["alice@phone: Ended by alice 'bye' [alice]", "bob@all: Ended by alice 'bye' [alice]"],
    );
    scene.stands("alice=Ended bob=Inviting | Ended by alice");
}

#[test]
fn a_call_is_over_when_everyone_has_quit() {
    let mut scene = talk();
    scene.does(
        2,
        "carol/phone",
        reject(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    scene.does(3, "bob/phone", quit(), &["bob@phone: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.does(4, "alice/phone", quit(), &["alice@phone: Changed [alice]"]);
    scene.stands("alice=Quit bob=Quit carol=Rejected(Declined) | AllLeft");
}

#[test]
fn a_call_lives_while_somebody_rings() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "alice/phone", quit(), &["alice@phone: Changed [alice]", "bob@all: Changed [alice]"]);
    scene.stands("alice=Quit bob=Inviting | live");
    scene.wakes(60, &["bob@all: Unanswered [bob]"]);
    scene.stands("alice=Quit bob=TimedOut | AllLeft");
}

#[test]
fn a_caller_left_alone_stays() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "bob/phone", reject(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.stands("alice=Accepted(phone) bob=Rejected(Declined) | live");
    assert_eq!(scene.call.poll_timeout(), Some(s(24 * 3600)), "the age limit remains");
}

#[test]
fn a_policy_ends_the_call_when_the_caller_leaves() {
    let mut scene = Scene::quiet(advanced_with(&["bob", "carol"], ends_with_caller));
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.does(
        2,
        "alice/phone",
        quit(),
        &[
            "alice@phone: Changed [alice]",
            "bob@phone: Ended by policy [alice]",
            "carol@all: Ended by policy [alice]",
        ],
    );
    scene.stands("alice=Quit bob=Accepted(phone) carol=Inviting | CallerLeft");
}

#[test]
fn a_policy_ends_the_call_of_the_last_one_left() {
    let mut scene = Scene::quiet(advanced_with(&["bob", "carol"], ends_with_last));
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.does(
        2,
        "alice/phone",
        quit(),
        &["alice@phone: Changed [alice]", "bob@phone: Changed [alice]", "carol@all: Changed [alice]"],
    );
    scene.does(
        3,
        "carol/phone",
        reject(),
        &["carol@all: Changed [carol]", "bob@phone: Ended by policy [carol]"],
    );
    scene.stands("alice=Quit bob=Accepted(phone) carol=Rejected(Declined) | LastOneLeft");
}

#[test]
fn the_last_ring_ends_the_call_of_the_last_one_left() {
    let mut scene = Scene::quiet(advanced_with(&["bob"], ends_with_last));
    scene.wakes(60, &["bob@all: Unanswered [bob]", "alice@phone: Ended by policy [bob]"]);
    scene.stands("alice=Accepted(phone) bob=TimedOut | LastOneLeft");
}

#[test]
fn a_caller_who_quit_may_come_back_without_having_been_answered() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "alice/phone", quit(), &["alice@phone: Changed [alice]", "bob@all: Changed [alice]"]);
    scene.does(2, "alice/phone", join(), &["alice@all: Changed [alice]", "bob@all: Changed [alice]"]);
    assert_eq!(scene.call.legs[&user("alice")].accepted_at, None);
    assert_eq!(scene.call.legs[&user("alice")].left_at, None);
}
