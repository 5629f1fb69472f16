//! Rows that speak of media: presence in rooms.
use offhook_testing_kit::TestRooms;

use super::*;

fn busy_with_rooms() -> (Town, TestRooms) {
    let rooms = TestRooms::default();
    (Town::with_rooms(AppPolicy { busy: BusyPolicy::Reject, ..AppPolicy::default() }, &rooms), rooms)
}

fn is_busy(caller: &Phone, callee: &str) -> bool {
    let invited = caller.invite(Phone::inviting(&[callee])).expect("answered at once");
    invited.call.legs.iter().any(|leg| leg.user.as_str() == callee && leg.reason.is_some())
}

#[test]
fn race_23_who_accepts_and_never_connects_is_freed() {
    let (town, rooms) = busy_with_rooms();
    let (mut alice, mut bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert!(is_busy(&carol, "bob"));
    alice.hears();
    bob.hears();
    assert_eq!(rooms.told(), ["close"], "of the call that found him busy");
    assert!(town.loses(&bob, call), "the room's connect timeout has come");
    assert_eq!(bob.hears(), ["changed bob:quit"]);
    assert_eq!(alice.hears(), ["changed bob:quit"]);
    assert_eq!(rooms.told(), ["remove bob"]);
    assert!(!is_busy(&carol, "bob"));
    assert!(town.loses(&bob, call), "said twice");
    assert_eq!(alice.hears(), Vec::<String>::new());
}

#[test]
fn race_23_a_call_that_ends_as_answered_is_left_with_its_room() {
    let (town, rooms) = busy_with_rooms();
    let (mut alice, bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let call = alice.call(&["bob"]);
    assert_eq!(bob.accept(call), Ok(()));
    rooms.enter(&bob.party().account, call);
    assert!(is_busy(&carol, "bob"), "the call is over, and they talk in its room");
    alice.hears();
    rooms.leave(&bob.party().account, call);
    assert!(town.loses(&bob, call));
    assert_eq!(alice.hears(), Vec::<String>::new(), "nothing changes in a call that is over");
    assert!(!is_busy(&carol, "bob"));
}

#[test]
fn race_17_who_is_in_a_call_on_one_device_may_accept_another_call_and_is_lost_to_each_alone() {
    let (town, rooms) = busy_with_rooms();
    let (alice, carol, phone, tablet) = (
        town.phone("alice", "phone"),
        town.phone("carol", "phone"),
        town.phone("bob", "phone"),
        town.phone("bob", "tablet"),
    );
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    let other = carol.invite(advanced(&["alice"])).expect("out").call.call;
    assert_eq!(tablet.join(other), Ok(()));
    rooms.enter(&tablet.party().account, other);
    assert_eq!(phone.accept(call), Ok(()), "an accept is the user's own will, whatever room they are in");
    assert!(town.loses(&tablet, other));
    assert_eq!(rooms.told(), ["remove bob"]);
    assert_eq!(phone.read(call).expect("in it").main_device.expect("accepted").as_str(), "phone");
}

#[test]
fn race_36_a_device_that_was_left_for_another_cannot_be_lost() {
    let (town, rooms) = busy_with_rooms();
    let (alice, phone, tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(phone.accept(call), Ok(()));
    assert_eq!(tablet.join(call), Ok(()));
    assert!(town.loses(&phone, call));
    assert_eq!(tablet.read(call).expect("in it").main_device.expect("moved").as_str(), "tablet");
    assert_eq!(rooms.told(), Vec::<String>::new(), "the room's own takeover sees to the phone");
}
