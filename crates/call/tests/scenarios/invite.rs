//! Creating calls.
use offhook_call::{Call, Mode, Refusal};

use crate::kit::*;

#[test]
fn an_invitation_rings_everyone_and_tells_the_calling_device() {
    let scene = Scene::start(
        invitation(Mode::General, &["bob", "carol"]),
        &["alice@phone: Created [alice, bob, carol]", "bob@all: Invited []", "carol@all: Invited []"],
    );
    scene.stands("alice=Accepted(phone) bob=Inviting carol=Inviting | live");
    assert_eq!(scene.call.poll_timeout(), Some(s(60)));
    let bob = &scene.call.legs[&user("bob")];
    assert_eq!((bob.inviter.as_str(), bob.invited_at, bob.accepted_at), ("alice", s(0), None));
    assert_eq!(scene.call.legs[&user("alice")].accepted_at, None, "nobody has accepted yet");
    assert_eq!(scene.call.legs[&user("alice")].inviter.as_str(), "alice");
}

#[test]
fn a_call_created_by_a_back_end_is_told_to_all_devices_of_the_caller() {
    let mut placed = invitation(Mode::General, &["bob"]);
    placed.caller = who("alice");
    let mut scene = Scene::start(placed, &["alice@all: Created [alice, bob]", "bob@all: Invited []"]);
    scene.does(1, "bob/phone", accept(), &["bob@all: Changed [bob]", "alice@all: Changed [bob]"]);
}

#[test]
fn an_invitee_in_another_call_waits_or_is_rejected_at_once() {
    let scene = Scene::start(
        invitation(Mode::General, &["bob:busy", "carol:waiting"]),
        &["alice@phone: Created [alice, bob, carol]", "carol@all: Invited []"],
    );
    scene.stands("alice=Accepted(phone) bob=Rejected(Busy) carol=Inviting(waiting) | live");
}

#[test]
fn call_waiting_survives_the_acknowledgment() {
    let mut scene = Scene::general(&["bob:waiting"]);
    scene.does(1, "bob/phone", acknowledge(), &["alice@phone: Changed [bob]", "bob@all: Changed [bob]"]);
    let state = &scene.call.legs[&user("bob")].state;
    assert_eq!(*state, offhook_call::LegState::Received { ring_until: s(60), waiting: true });
}

#[test]
fn a_general_call_to_busy_users_alone_is_rejected_at_once() {
    let scene =
        Scene::start(invitation(Mode::General, &["bob:busy"]), &["alice@phone: Created [alice, bob]"]);
    scene.stands("alice=Accepted(phone) bob=Rejected(Busy) | Rejected");
    assert_eq!(scene.call.poll_timeout(), None);
}

#[test]
fn an_advanced_call_to_busy_users_alone_lets_the_caller_stay() {
    let scene = Scene::advanced(&["bob:busy"]);
    scene.stands("alice=Accepted(phone) bob=Rejected(Busy) | live");
}

#[test]
fn the_unregistered_are_left_out_and_named() {
    let placed = invitation(Mode::General, &["zoe:unregistered", "bob"]);
    let (call, outcome) = Call::invite(s(0), placed).expect("bob is registered");
    assert_eq!(notices(&outcome.notices), ["alice@phone: Created [alice, bob]", "bob@all: Invited []"]);
    assert_eq!(problems(&outcome), ["zoe: Unregistered"]);
    assert_eq!(call.legs.len(), 2);
}

#[test]
fn duplicates_and_the_caller_are_dropped() {
    Scene::start(
        invitation(Mode::General, &["bob", "alice", "bob:busy"]),
        &["alice@phone: Created [alice, bob]", "bob@all: Invited []"],
    )
    .stands("alice=Accepted(phone) bob=Inviting | live");
}

#[test]
fn an_invitation_that_rings_nobody_is_refused() {
    assert_eq!(refusal(&[]), Some(Refusal::NoInvitees));
    assert_eq!(refusal(&["alice"]), Some(Refusal::NoInvitees));
    assert_eq!(refusal(&["zoe:unregistered", "yan:unregistered"]), Some(Refusal::NobodyRegistered));
}

#[test]
fn nine_may_be_invited_and_ten_are_too_many() {
    let nine = ["b", "c", "d", "e", "f", "g", "h", "i", "j"];
    assert_eq!(refusal(&nine), None);
    assert_eq!(
        refusal(&[&nine[..], &["alice", "b"]].concat()),
        None,
        "each user counts once, the caller never"
    );
    assert_eq!(refusal(&[&nine[..], &["k"]].concat()), Some(Refusal::TooManyInvitees));
}

#[test]
fn an_advanced_call_has_room_for_so_many_at_once() {
    let place = |mode, named: &[&str]| {
        let mut placed = invitation(mode, named);
        placed.policy.max_participants = 3;
        Call::invite(s(0), placed).err()
    };
    assert_eq!(place(Mode::Advanced, &["bob", "carol"]), None);
    assert_eq!(place(Mode::Advanced, &["bob", "carol", "dave:busy"]), None, "who is busy takes no seat");
    assert_eq!(place(Mode::Advanced, &["bob", "carol", "dave"]), Some(Refusal::TooManyInvitees));
    assert_eq!(place(Mode::General, &["bob", "carol", "dave"]), None);
}

#[test]
fn the_eleventh_participant_is_too_many() {
    let mut scene = Scene::advanced(&["b", "c", "d", "e", "f", "g", "h", "i", "j"]);
    scene.refuses(1, "alice/phone", add(&["k"]), Refusal::TooManyInvitees);
    scene.refuses(1, "k/phone", join(), Refusal::TooManyInvitees);
}

fn refusal(named: &[&str]) -> Option<Refusal> {
    Call::invite(s(0), invitation(Mode::General, named)).err()
}
