//! The race table, row by row, as far as it concerns the call itself. The winner is the order of the commits, here the
//! order of the calls.
use offhook_call::{EndReason, Event, Media, Mode, Refusal};

use crate::kit::*;

const RINGS_OFF: &[&str] = &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"];
const TAKEN_BACK: &[&str] =
    &["alice@phone: Changed [alice, bob]", "bob@all: Canceled by alice 'sorry' [alice, bob]"];
const MISSED: &[&str] = &["bob@all: Unanswered [bob]", "alice@phone: Changed [bob]"];

#[test]
fn race_01_accept_then_cancel_is_an_end_by_the_caller() {
    let mut scene = Scene::quiet(advanced_with(&["bob"], late_cancel_ends));
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.does(
        5,
        "alice/phone",
        cancel(&[]),
        &["alice@phone: Ended by alice 'sorry' [alice]", "bob@phone: Ended by alice 'sorry' [alice]"],
    );
    scene.stands("alice=Ended bob=Accepted(phone) | Ended by alice");
}

#[test]
fn race_01_accept_then_cancel_is_refused_by_the_specification() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.refuses(5, "alice/phone", cancel(&[]), Refusal::AlreadyAccepted);
    scene.refuses(5, "alice/phone", cancel(&["bob"]), Refusal::AlreadyAccepted);
}

#[test]
fn race_02_cancel_then_accept_is_gone() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "alice/phone", cancel(&[]), TAKEN_BACK);
    scene.refuses(5, "bob/phone", accept(), Refusal::CallEnded(EndReason::Canceled));
}

#[test]
fn race_03_accept_at_the_deadline_wins_inside_the_grace_only() {
    let mut scene = Scene::quiet(advanced_with(&["bob"], grace));
    scene.does(64, "bob/phone", accept(), RINGS_OFF);
    assert_eq!(scene.call.poll_timeout(), Some(s(24 * 3600)), "the ring's end is off");

    let mut scene = Scene::quiet(advanced_with(&["bob"], grace));
    scene.refuses(65, "bob/phone", accept(), Refusal::RingOver);
    scene.wakes(65, MISSED);
    scene.refuses(65, "bob/phone", accept(), Refusal::RingOver);
}

#[test]
fn race_04_of_two_accepting_devices_the_first_wins() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/tablet", accept(), RINGS_OFF);
    scene.refuses(5, "bob/phone", accept(), Refusal::AnsweredElsewhere);
    scene.stands("alice=Accepted(phone) bob=Accepted(tablet) | live");
}

#[test]
fn race_05_a_reject_after_an_accept_and_the_reverse_find_it_answered() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.refuses(5, "bob/tablet", reject(), Refusal::AnsweredElsewhere);

    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/tablet", reject(), RINGS_OFF);
    scene.refuses(5, "bob/phone", accept(), Refusal::AnsweredElsewhere);
}

#[test]
fn race_06_of_reject_and_cancel_the_first_counts() {
    let mut scene = Scene::general(&["bob"]);
    scene.does(5, "bob/phone", reject(), RINGS_OFF);
    scene.refuses(5, "alice/phone", cancel(&[]), Refusal::CallEnded(EndReason::Rejected));

    let mut scene = Scene::general(&["bob"]);
    scene.does(5, "alice/phone", cancel(&[]), TAKEN_BACK);
    scene.refuses(5, "bob/phone", reject(), Refusal::CallEnded(EndReason::Canceled));
}

#[test]
fn race_07_a_silenced_ring_never_changes_the_invitation() {
    let mut scene = Scene::general(&["bob"]);
    scene.does(1, "bob/phone", ignore(), &[]);
    scene.does(2, "bob/phone", acknowledge(), &["alice@phone: Changed [bob]", "bob@all: Changed [bob]"]);
    scene.does(3, "bob/tablet", ignore(), &[]);
    scene.wakes(60, MISSED);
}

#[test]
fn race_08_of_reject_and_deadline_the_first_counts() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(59, "bob/phone", reject(), RINGS_OFF);
    assert_eq!(scene.call.handle_timeout(s(60)).notices, []);
    scene.stands("alice=Accepted(phone) bob=Rejected(Declined) | live");

    let mut scene = Scene::advanced(&["bob"]);
    scene.wakes(60, MISSED);
    scene.refuses(60, "bob/phone", reject(), Refusal::RingOver);
}

#[test]
fn race_09_of_cancel_and_deadline_the_first_counts() {
    let mut scene = Scene::general(&["bob"]);
    scene.does(60, "alice/phone", cancel(&[]), TAKEN_BACK);
    assert_eq!(scene.call.handle_timeout(s(60)).notices, []);

    let mut scene = Scene::general(&["bob"]);
    scene.wakes(60, MISSED);
    scene.refuses(60, "alice/phone", cancel(&[]), Refusal::CallEnded(EndReason::Unanswered));
}

#[test]
fn race_10_a_cancel_right_behind_its_invite_leaves_nothing_to_ring() {
    let mut scene = Scene::general(&["bob"]);
    scene.does(0, "alice/phone", cancel(&[]), TAKEN_BACK);
    assert_eq!(scene.call.poll_timeout(), None);
    scene.refuses(0, "bob/phone", acknowledge(), Refusal::CallEnded(EndReason::Canceled));
}

#[test]
fn race_11_a_user_named_twice_rings_once() {
    Scene::start(
        invitation(Mode::General, &["bob", "bob"]),
        &["alice@phone: Created [alice, bob]", "bob@all: Invited []"],
    );
}

#[test]
fn race_19_the_second_hang_up_finds_the_call_over() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.does(
        6,
        "alice/phone",
        end(),
        &["alice@phone: Ended by alice 'bye' [alice]", "bob@phone: Ended by alice 'bye' [alice]"],
    );
    scene.refuses(6, "bob/phone", end(), Refusal::CallEnded(EndReason::Ended));
    scene.refuses(6, "bob/phone", quit(), Refusal::CallEnded(EndReason::Ended));
}

#[test]
fn race_21_a_lost_caller_stops_the_ring() {
    let mut scene = Scene::general(&["bob"]);
    scene.loses_caller(30, &["alice@all: Changed [alice, bob]", "bob@all: Canceled by alice [alice, bob]"]);
    scene.refuses(30, "bob/phone", accept(), Refusal::CallEnded(EndReason::CallerLost));
}

#[test]
fn race_25_overdue_rings_end_once_however_late() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.serves_timer(4000, MISSED);
}

#[test]
fn race_28_an_invite_into_an_ended_call_is_gone_and_an_end_stops_the_ring() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.does(
        6,
        "bob/phone",
        add(&["carol"]),
        &["carol@all: Invited []", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    scene.does(
        7,
        "alice/phone",
        end(),
        &[
            "alice@phone: Ended by alice 'bye' [alice]",
            "bob@phone: Ended by alice 'bye' [alice]",
            "carol@all: Ended by alice 'bye' [alice]",
        ],
    );
    scene.refuses(8, "bob/phone", add(&["dave"]), Refusal::CallEnded(EndReason::Ended));
}

#[test]
fn race_29_the_second_to_invite_a_user_finds_them_ringing() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.does(
        6,
        "alice/phone",
        add(&["carol"]),
        &["carol@all: Invited []", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    let before = scene.call.clone();
    scene.does_in_part(6, "bob/phone", add(&["carol"]), (&[], &["carol: AlreadyInCall"]));
    assert_eq!(scene.call, before, "one invitation per user");
}

#[test]
fn race_30_accept_and_leaving_caller_both_stand_and_the_policy_decides() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "alice/phone", quit(), &["alice@phone: Changed [alice]", "bob@all: Changed [alice]"]);
    scene.does(5, "bob/phone", accept(), &["bob@all: Changed [bob]"]);
    scene.stands("alice=Quit bob=Accepted(phone) | live");

    let mut scene = Scene::quiet(advanced_with(&["bob"], ends_with_last));
    scene.does(5, "alice/phone", quit(), &["alice@phone: Changed [alice]", "bob@all: Changed [alice]"]);
    scene.does(5, "bob/phone", accept(), &["bob@all: Ended by policy [bob]"]);
    scene.stands("alice=Quit bob=Accepted(phone) | LastOneLeft");

    let mut scene = Scene::quiet(advanced_with(&["bob"], ends_with_caller));
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.does(
        5,
        "alice/phone",
        quit(),
        &["alice@phone: Changed [alice]", "bob@phone: Ended by policy [alice]"],
    );

    let mut scene = Scene::quiet(advanced_with(&["bob"], ends_with_last));
    scene.does(5, "alice/phone", quit(), &["alice@phone: Changed [alice]", "bob@all: Changed [alice]"]);
    let outcome = scene.call.merge(s(5), &who("bob/phone"), Media::Video).expect("bob rings");
    assert_eq!(
        outcome.notices[0].event,
        Event::Ended { by: None, data: "".into() },
        "an end outranks a merge"
    );
}

#[test]
fn race_31_of_the_last_to_leave_and_one_who_accepts_the_first_counts() {
    let mut scene = Scene::advanced(&["bob", "carol"]);
    let told = ["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"];
    scene.does(5, "bob/phone", reject(), &told);
    scene.does(6, "alice/phone", quit(), &["alice@phone: Changed [alice]", "carol@all: Changed [alice]"]);
    scene.does(6, "carol/phone", accept(), &["carol@all: Changed [carol]"]);
    scene.stands("alice=Quit bob=Rejected(Declined) carol=Accepted(phone) | live");
    scene.does(7, "carol/phone", quit(), &["carol@phone: Changed [carol]"]);
    scene.refuses(7, "bob/phone", join(), Refusal::CallEnded(EndReason::AllLeft));
}

#[test]
fn race_32_of_taking_back_one_invitee_and_their_accept_the_first_counts() {
    let mut scene = Scene::advanced(&["bob", "carol"]);
    let told = [
        "bob@all: Canceled by alice 'sorry' [bob]",
        "alice@phone: Changed [bob]",
        "carol@all: Changed [bob]",
    ];
    scene.does(5, "alice/phone", cancel(&["bob"]), &told);
    scene.refuses(5, "bob/phone", accept(), Refusal::RingOver);

    let mut scene = Scene::advanced(&["bob", "carol"]);
    let told = ["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"];
    scene.does(5, "bob/phone", accept(), &told);
    scene.refuses(5, "alice/phone", cancel(&["bob"]), Refusal::AlreadyAccepted);
}

#[test]
fn race_36_a_device_that_moves_into_an_ended_call_finds_it_over() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.does(
        6,
        "alice/phone",
        end(),
        &["alice@phone: Ended by alice 'bye' [alice]", "bob@phone: Ended by alice 'bye' [alice]"],
    );
    scene.refuses(6, "bob/tablet", join(), Refusal::CallEnded(EndReason::Ended));

    let mut scene = Scene::advanced(&["bob"]);
    scene.does(5, "bob/phone", accept(), RINGS_OFF);
    scene.does(6, "bob/tablet", join(), &["bob@all: Changed [bob]"]);
    scene.does(
        6,
        "alice/phone",
        end(),
        &["alice@phone: Ended by alice 'bye' [alice]", "bob@tablet: Ended by alice 'bye' [alice]"],
    );
}
