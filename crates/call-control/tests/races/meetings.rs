//! Two calls that meet: glare, busy, calling again, calling twice.
use super::*;

#[test]
fn race_12_two_users_who_call_each_other_are_in_one_call() {
    let town = merging();
    let (mut alice, mut bob, mut tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let theirs = alice.invite(advanced(&["bob"])).expect("out").call.call;
    let merged = bob.invite(advanced(&["alice"])).expect("merged");
    assert!(merged.merged);
    assert_eq!(merged.call.call, theirs);
    assert_eq!(alice.hears()[1..], ["merged alice:accepted bob:accepted"]);
    assert_eq!(bob.hears()[1..], ["merged alice:accepted bob:accepted"]);
    assert_eq!(tablet.hears()[1..], ["merged alice:accepted bob:accepted"], "answered elsewhere");
    assert_eq!(alice.calls().len(), 1);
}

#[test]
fn race_13_a_group_call_merges_with_nothing() {
    let town = merging();
    let (alice, bob, _carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let group = alice.call(&["bob", "carol"]);
    let back = bob.invite(Phone::inviting(&["alice"])).expect("out");
    assert!(!back.merged);
    assert_ne!(back.call.call, group);
}

#[test]
fn race_14_a_merged_call_has_the_weaker_media_and_offers_the_stronger() {
    let town = merging();
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    alice.invite(Invite { media: MediaKind::Audio, ..advanced(&["bob"]) }).expect("out");
    let merged = bob.invite(Invite { media: MediaKind::Video, ..advanced(&["alice"]) }).expect("merged");
    assert_eq!(merged.call.media, MediaKind::Audio);
    assert!(merged.call.upgrade_offered);
}

#[test]
fn race_15_a_user_in_a_call_is_busy_where_the_app_wants_that() {
    let town = busy(BusyPolicy::Reject);
    let (mut alice, mut bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let first = carol.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(first), Ok(()));
    bob.hears();
    let second = alice.invite(Phone::inviting(&["bob"])).expect("answered at once");
    assert_eq!(second.call.end.expect("over").cause.as_str(), "rejected");
    assert_eq!(bob.hears(), Vec::<String>::new(), "never rings");
    assert_eq!(alice.hears(), ["created alice:accepted bob:rejected(busy)"]);
}

#[test]
fn race_15_a_user_in_a_call_rings_with_a_flag_under_call_waiting() {
    let town = busy(BusyPolicy::Waiting);
    let (alice, bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let first = carol.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(first), Ok(()));
    let second = alice.call(&["bob"]);
    assert!(bob.read(second).expect("invited").waiting);
    assert!(!bob.read(first).expect("in it").waiting);
}

#[test]
fn race_15_a_crashed_user_is_busy_no_longer_than_the_lease() {
    let town = busy(BusyPolicy::Reject);
    let (alice, bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let first = carol.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(first), Ok(()));
    bob.drop_connection();
    town.pass(LEASE - s(1));
    let within = alice.invite(Phone::inviting(&["bob"])).expect("answered at once");
    assert_eq!(within.call.end.expect("over").cause.as_str(), "rejected");
    town.pass(s(1));
    let after = alice.invite(Phone::inviting(&["bob"])).expect("out");
    assert_eq!(after.call.end, None, "rings, or waits for the device to come back");
}

#[test]
fn race_16_of_two_callers_the_later_finds_the_user_busy() {
    let town = busy(BusyPolicy::Reject);
    let (alice, mut bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let first = alice.call(&["bob"]);
    let second = carol.invite(Phone::inviting(&["bob"])).expect("answered at once");
    assert_eq!(second.call.end.expect("over").cause.as_str(), "rejected");
    assert_eq!(bob.accept(first), Ok(()));
    assert_eq!(bob.hears(), ["invited by alice for 0 ms", "changed bob:accepted · over: answered"]);
}

#[test]
fn race_17_an_accept_and_a_join_of_the_same_user_both_stand() {
    let town = Town::new();
    let (alice, carol, phone, tablet) = (
        town.phone("alice", "phone"),
        town.phone("carol", "phone"),
        town.phone("bob", "phone"),
        town.phone("bob", "tablet"),
    );
    let other = carol.invite(advanced(&["alice"])).expect("out").call.call;
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(tablet.join(other), Ok(()));
    assert_eq!(phone.accept(call), Ok(()));
    assert_eq!(tablet.read(other).expect("in it").main_device.expect("joined").as_str(), "tablet");
    assert_eq!(phone.read(call).expect("in it").main_device.expect("accepted").as_str(), "phone");
}
#[test]
fn race_18_a_user_calls_again_while_both_are_in_a_call() {
    let town = busy(BusyPolicy::Reject);
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    let again = alice.invite(advanced(&["bob"])).expect("answered at once");
    assert_eq!(again.call.legs.iter().filter(|leg| leg.reason.is_some()).count(), 1, "busy, with each other");
    assert_eq!(alice.end(call), Ok(()), "the first call lived on");
}

#[test]
fn race_35_two_devices_that_place_the_same_call_place_one() {
    let town = Town::new();
    let (phone, tablet, mut bob) =
        (town.phone("alice", "phone"), town.phone("alice", "tablet"), town.phone("bob", "phone"));
    let first = phone.invite(keyed(&["bob"], "same")).expect("out").call.call;
    let second = tablet.invite(keyed(&["bob"], "same")).expect("the same").call.call;
    assert_eq!(first, second);
    assert_eq!(bob.hears().len(), 1);
}
