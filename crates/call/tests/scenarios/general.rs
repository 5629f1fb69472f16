//! Calls of the general mode: over when every invitee has answered.
use offhook_call::{EndReason, Refusal};

use crate::kit::*;

#[test]
fn a_call_of_two_is_over_once_accepted() {
    let mut scene = Scene::general(&["bob"]);
    scene.does(1, "bob/phone", acknowledge(), &["alice@phone: Changed [bob]", "bob@all: Changed [bob]"]);
    scene.repeats(1, "bob/phone", acknowledge());
    scene.does(1, "bob/tablet", acknowledge(), &[]);
    scene.repeats(1, "bob/tablet", acknowledge());
    scene.stands("alice=Accepted(phone) bob=Received | live");
    scene.does(5, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.stands("alice=Accepted(phone) bob=Accepted(phone) | Answered");
    assert_eq!(scene.call.poll_timeout(), None, "an ended call wakes nobody");
    assert_eq!(scene.call.legs[&user("alice")].accepted_at, Some(s(5)), "the first acceptance");
    assert_eq!(scene.call.legs[&user("bob")].accepted_at, Some(s(5)));
    scene.refuses(6, "alice/phone", cancel(&[]), Refusal::CallEnded(EndReason::Answered));
}

#[test]
fn after_the_end_everyone_is_refused_and_nothing_stirs() {
    let over = Refusal::CallEnded(EndReason::Rejected);
    let mut scene = Scene::general(&["bob"]);
    scene.does(3, "bob/phone", reject(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.stands("alice=Accepted(phone) bob=Rejected(Declined) | Rejected");
    for actor in ["alice/phone", "bob/phone", "mallory/phone"] {
        for command in
            [accept(), acknowledge(), add(&["carol"]), cancel(&[]), end(), ignore(), join(), quit(), reject()]
        {
            scene.refuses(4, actor, command, over);
        }
    }
    let before = scene.call.clone();
    scene.loses_caller(5, &[]);
    assert_eq!(scene.call.handle_timeout(s(1000)).notices, []);
    assert_eq!(scene.call, before, "after the end, silence");
}

#[test]
fn a_rejection_carries_its_reason_and_data() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.does(
        3,
        "bob/phone",
        reject(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    assert_eq!(scene.call.legs[&user("bob")].data.as_str(), "no");
    scene.repeats(4, "bob/phone", reject());
    scene.repeats(4, "bob/tablet", reject());
    scene.stands("alice=Accepted(phone) bob=Rejected(Declined) carol=Inviting | live");
}

#[test]
fn a_group_is_over_with_the_last_answer_and_answered_if_one_accepted() {
    let mut scene = Scene::general(&["bob", "carol", "dave"]);
    scene.does(
        1,
        "bob/phone",
        accept(),
        &[
            "bob@all: Changed [bob]",
            "alice@phone: Changed [bob]",
            "carol@all: Changed [bob]",
            "dave@all: Changed [bob]",
        ],
    );
    scene.does(
        2,
        "carol/phone",
        reject(),
        &[
            "carol@all: Changed [carol]",
            "alice@phone: Changed [carol]",
            "bob@phone: Changed [carol]",
            "dave@all: Changed [carol]",
        ],
    );
    scene.stands("alice=Accepted(phone) bob=Accepted(phone) carol=Rejected(Declined) dave=Inviting | live");
    scene.wakes(
        60,
        &["dave@all: Unanswered [dave]", "alice@phone: Changed [dave]", "bob@phone: Changed [dave]"],
    );
    scene.stands(
        "alice=Accepted(phone) bob=Accepted(phone) carol=Rejected(Declined) dave=TimedOut | Answered",
    );
}

#[test]
fn a_group_without_an_acceptance_was_rejected_if_one_rejected() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.does(
        2,
        "carol/phone",
        reject(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "bob@all: Changed [carol]"],
    );
    scene.wakes(60, &["bob@all: Unanswered [bob]", "alice@phone: Changed [bob]"]);
    scene.stands("alice=Accepted(phone) bob=TimedOut carol=Rejected(Declined) | Rejected");
}

#[test]
fn the_commands_of_the_advanced_mode_are_refused() {
    let mut scene = Scene::general(&["bob"]);
    for actor in ["alice/phone", "bob/phone", "mallory/phone"] {
        for command in [add(&["carol"]), end(), join(), quit()] {
            scene.refuses(1, actor, command, Refusal::GeneralMode);
        }
    }
}

#[test]
fn a_stranger_is_not_invited() {
    let mut scene = Scene::general(&["bob"]);
    for command in [accept(), acknowledge(), cancel(&[]), cancel(&["bob"]), ignore(), reject()] {
        scene.refuses(1, "mallory/phone", command, Refusal::NotInvited);
    }
}

#[test]
fn the_caller_has_nothing_to_answer() {
    let mut scene = Scene::general(&["bob"]);
    scene.refuses(1, "alice/phone", accept(), Refusal::NotInvited);
    scene.refuses(1, "alice/phone", reject(), Refusal::NotInvited);
    scene.repeats(1, "alice/phone", acknowledge());
    scene.repeats(1, "alice/phone", ignore());
}

#[test]
fn a_back_end_accepts_on_behalf_of_a_user() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.does(
        1,
        "bob",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.repeats(2, "bob", accept());
    scene.refuses(2, "bob/phone", accept(), Refusal::AnsweredElsewhere);
    scene.does(
        3,
        "carol/phone",
        accept(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "bob@all: Changed [carol]"],
    );
}
