//! Taking invitations back.
use offhook_call::{EndReason, Refusal};

use crate::kit::*;

#[test]
fn the_caller_takes_the_whole_call_back() {
    for named in [&[][..], &["bob", "carol"], &["carol", "bob", "bob"]] {
        let mut scene = Scene::general(&["bob", "carol"]);
        scene.does(
            3,
            "alice/phone",
            cancel(named),
            &[
                "alice@phone: Changed [alice, bob, carol]",
                "bob@all: Canceled by alice 'sorry' [alice, bob]",
                "carol@all: Canceled by alice 'sorry' [alice, carol]",
            ],
        );
        scene.stands("alice=Canceled bob=BeCanceled carol=BeCanceled | Canceled by alice");
        assert_eq!(scene.call.legs[&user("alice")].data.as_str(), "sorry");
        scene.refuses(4, "bob/phone", accept(), Refusal::CallEnded(EndReason::Canceled));
    }
}

#[test]
fn an_advanced_call_is_taken_back_too() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(
        3,
        "alice/phone",
        cancel(&[]),
        &["alice@phone: Changed [alice, bob]", "bob@all: Canceled by alice 'sorry' [alice, bob]"],
    );
    scene.stands("alice=Canceled bob=BeCanceled | Canceled by alice");
}

#[test]
fn the_caller_takes_back_a_call_in_which_nobody_rings_any_more() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "bob/phone", reject(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.does_in_part(2, "alice/phone", cancel(&["bob"]), (&[], &["bob: NotRinging"]));
    scene.stands("alice=Accepted(phone) bob=Rejected(Declined) | live");
    scene.does(3, "alice/phone", cancel(&[]), &["alice@phone: Changed [alice]"]);
    scene.stands("alice=Canceled bob=Rejected(Declined) | Canceled by alice");
}

#[test]
fn a_list_takes_back_those_named() {
    for mut scene in [Scene::general(&["bob", "carol"]), Scene::advanced(&["bob", "carol"])] {
        scene.does(
            3,
            "alice/phone",
            cancel(&["bob"]),
            &[
                "bob@all: Canceled by alice 'sorry' [bob]",
                "alice@phone: Changed [bob]",
                "carol@all: Changed [bob]",
            ],
        );
        scene.stands("alice=Accepted(phone) bob=BeCanceled carol=Inviting | live");
        assert_eq!(scene.call.legs[&user("bob")].data.as_str(), "");
        scene.refuses(4, "bob/phone", accept(), Refusal::RingOver);
        scene.refuses(4, "bob/phone", reject(), Refusal::RingOver);
        scene.repeats(4, "bob/phone", acknowledge());
        scene.does_in_part(
            5,
            "alice/phone",
            cancel(&["bob", "zoe"]),
            (&[], &["bob: NotRinging", "zoe: NotRinging"]),
        );
    }
}

#[test]
fn after_one_was_taken_back_the_general_call_ends_by_its_rule() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.does(
        1,
        "alice/phone",
        cancel(&["bob"]),
        &[
            "bob@all: Canceled by alice 'sorry' [bob]",
            "alice@phone: Changed [bob]",
            "carol@all: Changed [bob]",
        ],
    );
    scene.wakes(60, &["carol@all: Unanswered [carol]", "alice@phone: Changed [carol]"]);
    scene.stands("alice=Accepted(phone) bob=BeCanceled carol=TimedOut | Unanswered");
}

#[test]
fn naming_all_who_still_ring_takes_the_whole_call_back_if_nobody_accepted() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.does(
        1,
        "bob/phone",
        reject(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.does_in_part(
        2,
        "alice/phone",
        cancel(&["carol", "bob"]),
        (
            &["alice@phone: Changed [alice, carol]", "carol@all: Canceled by alice 'sorry' [alice, carol]"],
            &["bob: NotRinging"],
        ),
    );
    scene.stands("alice=Canceled bob=Rejected(Declined) carol=BeCanceled | Canceled by alice");
}

#[test]
fn after_an_acceptance_the_rest_can_be_taken_back_by_name() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.refuses(2, "alice/phone", cancel(&[]), Refusal::AlreadyAccepted);
    scene.refuses(2, "alice/phone", cancel(&["bob"]), Refusal::AlreadyAccepted);
    scene.does_in_part(
        3,
        "alice/phone",
        cancel(&["bob", "carol"]),
        (
            &[
                "carol@all: Canceled by alice 'sorry' [carol]",
                "alice@phone: Changed [carol]",
                "bob@phone: Changed [carol]",
            ],
            &["bob: AlreadyAccepted"],
        ),
    );
    scene.stands("alice=Accepted(phone) bob=Accepted(phone) carol=BeCanceled | Answered");
}

#[test]
fn a_call_that_someone_was_in_cannot_be_taken_back_any_more() {
    let mut scene = Scene::advanced(&["bob", "carol"]);
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.does(
        2,
        "bob/phone",
        quit(),
        &["bob@phone: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.refuses(3, "alice/phone", cancel(&[]), Refusal::AlreadyAccepted);
    scene.does(
        4,
        "alice/phone",
        cancel(&["carol"]),
        &["carol@all: Canceled by alice 'sorry' [carol]", "alice@phone: Changed [carol]"],
    );
    scene.stands("alice=Accepted(phone) bob=Quit carol=BeCanceled | live");
}

#[test]
fn a_policy_turns_a_late_cancel_into_an_end() {
    for placed in [
        general_with(&["bob", "carol"], late_cancel_ends),
        advanced_with(&["bob", "carol"], late_cancel_ends),
    ] {
        let mut scene = Scene::quiet(placed);
        scene.does(
            1,
            "bob/phone",
            accept(),
            &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
        );
        scene.does(
            2,
            "alice/phone",
            cancel(&[]),
            &[
                "alice@phone: Ended by alice 'sorry' [alice]",
                "bob@phone: Ended by alice 'sorry' [alice]",
                "carol@all: Ended by alice 'sorry' [alice]",
            ],
        );
        scene.stands("alice=Ended bob=Accepted(phone) carol=Inviting | Ended by alice");
    }
}

#[test]
fn only_the_caller_takes_the_call_back() {
    let mut scene = Scene::advanced(&["bob", "carol"]);
    for named in [&[][..], &["carol"], &["bob"]] {
        scene.refuses(1, "bob/phone", cancel(named), Refusal::NotCaller);
    }
    scene.refuses(1, "mallory/phone", cancel(&["bob"]), Refusal::NotInvited);
}

#[test]
fn who_added_a_user_may_take_that_one_back() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(1, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.does(
        2,
        "bob/phone",
        add(&["carol", "dave"]),
        &[
            "carol@all: Invited []",
            "dave@all: Invited []",
            "alice@phone: Changed [carol, dave]",
            "bob@phone: Changed [carol, dave]",
        ],
    );
    scene.refuses(3, "bob/phone", cancel(&["carol", "alice"]), Refusal::NotCaller);
    scene.refuses(3, "bob/phone", cancel(&["zoe"]), Refusal::NotCaller);
    scene.refuses(3, "dave/phone", cancel(&["carol"]), Refusal::NotCaller);
    scene.does(
        4,
        "bob/phone",
        cancel(&["carol"]),
        &[
            "carol@all: Canceled by bob 'sorry' [carol]",
            "alice@phone: Changed [carol]",
            "bob@phone: Changed [carol]",
            "dave@all: Changed [carol]",
        ],
    );
    scene.does(
        5,
        "alice/phone",
        cancel(&["dave"]),
        &[
            "dave@all: Canceled by alice 'sorry' [dave]",
            "alice@phone: Changed [dave]",
            "bob@phone: Changed [dave]",
        ],
    );
    scene.stands("alice=Accepted(phone) bob=Accepted(phone) carol=BeCanceled dave=BeCanceled | live");
}

#[test]
fn who_has_not_been_reached_is_taken_back_as_well() {
    let mut scene = Scene::quiet(general_with(&["bob"], check));
    scene.wakes(5, &["alice@phone: Changed [bob]"]);
    scene.does(
        6,
        "alice/phone",
        cancel(&[]),
        &["alice@phone: Changed [alice, bob]", "bob@all: Canceled by alice 'sorry' [alice, bob]"],
    );
}
