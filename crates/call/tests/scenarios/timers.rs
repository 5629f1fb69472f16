//! Rings that end, checks that fall due, calls that grow too old.
use std::time::Duration;

use offhook_call::{EndReason, Refusal};

use crate::kit::*;

#[test]
fn an_unanswered_ring_ends_for_both_sides() {
    let mut scene = Scene::general(&["bob"]);
    scene.wakes(60, &["bob@all: Unanswered [bob]", "alice@phone: Changed [bob]"]);
    scene.stands("alice=Accepted(phone) bob=TimedOut | Unanswered");
    assert_eq!(scene.call.end.as_ref().map(|end| end.at), Some(s(60)));
}

#[test]
fn rings_that_end_together_are_told_together() {
    let mut scene = Scene::general(&["bob", "carol"]);
    scene.wakes(
        60,
        &["bob@all: Unanswered [bob]", "carol@all: Unanswered [carol]", "alice@phone: Changed [bob, carol]"],
    );
    scene.stands("alice=Accepted(phone) bob=TimedOut carol=TimedOut | Unanswered");
}

#[test]
fn each_invitee_rings_from_their_own_invitation() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(
        20,
        "alice/phone",
        add(&["carol"]),
        &["carol@all: Invited []", "alice@phone: Changed [carol]", "bob@all: Changed [carol]"],
    );
    scene.wakes(60, &["bob@all: Unanswered [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"]);
    scene.wakes(80, &["carol@all: Unanswered [carol]", "alice@phone: Changed [carol]"]);
    scene.stands("alice=Accepted(phone) bob=TimedOut carol=TimedOut | live");
}

#[test]
fn a_ring_ends_by_its_own_time_even_if_the_timer_is_late() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.refuses(60, "bob/phone", accept(), Refusal::RingOver);
    scene.refuses(60, "bob/phone", reject(), Refusal::RingOver);
    scene.repeats(60, "bob/phone", acknowledge());
    scene.serves_timer(75, &["bob@all: Unanswered [bob]", "alice@phone: Changed [bob]"]);
    scene.refuses(76, "bob/phone", accept(), Refusal::RingOver);
    scene.refuses(76, "bob/phone", reject(), Refusal::RingOver);
    scene.repeats(76, "bob/phone", acknowledge());
}

#[test]
fn the_grace_lets_a_late_answer_win_and_the_ring_end_later() {
    let mut scene = Scene::quiet(general_with(&["bob", "carol"], grace));
    scene.does(
        64,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.refuses(65, "carol/phone", accept(), Refusal::RingOver);
    scene.wakes(
        65,
        &["carol@all: Unanswered [carol]", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
}

#[test]
fn a_check_tells_the_others_that_nothing_rang() {
    let mut scene = Scene::quiet(general_with(&["bob", "carol"], check));
    scene.does(
        1,
        "carol/phone",
        acknowledge(),
        &["alice@phone: Changed [carol]", "bob@all: Changed [carol]", "carol@all: Changed [carol]"],
    );
    scene.wakes(5, &["alice@phone: Changed [bob]", "carol@all: Changed [bob]"]);
    scene.stands("alice=Accepted(phone) bob=NotYetReceived carol=Received | live");
    assert_eq!(scene.call.poll_timeout(), Some(s(60)));
    scene.does(
        20,
        "bob/phone",
        acknowledge(),
        &["alice@phone: Changed [bob]", "bob@all: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.stands("alice=Accepted(phone) bob=Received carol=Received | live");
}

#[test]
fn two_failed_checks_tell_each_the_other() {
    let mut scene = Scene::quiet(general_with(&["bob", "carol"], check));
    scene.wakes(
        5,
        &["bob@all: Changed [carol]", "carol@all: Changed [bob]", "alice@phone: Changed [bob, carol]"],
    );
}

#[test]
fn a_user_not_yet_reached_may_answer_or_time_out() {
    let mut scene = Scene::quiet(general_with(&["bob", "carol", "dave"], check));
    scene.serves_timer(
        5,
        &[
            "bob@all: Changed [carol, dave]",
            "carol@all: Changed [bob, dave]",
            "dave@all: Changed [bob, carol]",
            "alice@phone: Changed [bob, carol, dave]",
        ],
    );
    scene.does(
        6,
        "bob/phone",
        reject(),
        &[
            "bob@all: Changed [bob]",
            "alice@phone: Changed [bob]",
            "carol@all: Changed [bob]",
            "dave@all: Changed [bob]",
        ],
    );
    scene.does(
        7,
        "carol/phone",
        accept(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "dave@all: Changed [carol]"],
    );
    scene.wakes(
        60,
        &["dave@all: Unanswered [dave]", "alice@phone: Changed [dave]", "carol@phone: Changed [dave]"],
    );
}

#[test]
fn a_check_served_after_the_ring_is_a_ring_that_ended() {
    let mut scene = Scene::quiet(general_with(&["bob"], check));
    scene.serves_timer(60, &["bob@all: Unanswered [bob]", "alice@phone: Changed [bob]"]);
    scene.stands("alice=Accepted(phone) bob=TimedOut | Unanswered");
}

#[test]
fn a_check_later_than_the_ring_never_comes() {
    let mut scene = Scene::quiet(advanced_with(&["bob"], |policy| {
        policy.not_received_check = Some(Duration::from_secs(90));
    }));
    scene.wakes(60, &["bob@all: Unanswered [bob]", "alice@phone: Changed [bob]"]);
    assert_eq!(scene.call.poll_timeout(), Some(s(24 * 3600)));
}

#[test]
fn a_call_ends_at_its_age_limit() {
    let mut scene = Scene::quiet(advanced_with(&["bob", "carol"], |policy| {
        policy.max_age = Duration::from_secs(30);
        check(policy);
    }));
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.wakes(5, &["alice@phone: Changed [carol]", "bob@phone: Changed [carol]"]);
    scene.refuses(30, "bob/phone", quit(), Refusal::CallEnded(EndReason::MaxAge));
    scene.wakes(
        30,
        &[
            "alice@phone: Ended by policy []",
            "bob@phone: Ended by policy []",
            "carol@all: Ended by policy []",
        ],
    );
    scene.stands("alice=Accepted(phone) bob=Accepted(phone) carol=NotYetReceived | MaxAge");
    assert_eq!(scene.call.poll_timeout(), None);
}

#[test]
fn a_late_timer_tells_of_ended_rings_and_of_the_age_limit_at_once() {
    let mut scene = Scene::quiet(advanced_with(&["bob", "carol"], |policy| {
        policy.max_age = Duration::from_secs(70);
    }));
    scene.does(
        1,
        "bob/phone",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.serves_timer(
        70,
        &[
            "carol@all: Unanswered [carol]",
            "alice@phone: Ended by policy [carol]",
            "bob@phone: Ended by policy [carol]",
        ],
    );
}

#[test]
fn a_general_call_knows_no_age() {
    let mut scene = Scene::quiet(general_with(&["bob"], |policy| policy.max_age = Duration::from_secs(30)));
    assert_eq!(scene.call.poll_timeout(), Some(s(60)));
    scene.does(40, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
}
