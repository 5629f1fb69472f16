//! What is made of the vendors' answers: each verdict with what follows from it.
use std::time::Duration;

use offhook_call_control::Parcel;
use offhook_push::{Address, Environment, Verdict};
use offhook_testing_kit::{Phone, TestPushes, Town, line};
use offhook_types::CallId;

use crate::{SECOND, asleep, fcm, town, voip};

/// Bob's phone is asleep, alice calls, and this is the push.
fn rung(address: offhook_signaling::DeviceAddress) -> (Town, TestPushes, (Phone, Phone), (CallId, Parcel)) {
    let (town, pushes, alice) = town();
    let bob = asleep(&town, "bob", "phone", &[address]);
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    let parcel = pushes.posted().remove(0);
    (town, pushes, (alice, bob), (call, parcel))
}

/// Whether bob's phone is woken by the next call.
fn is_known(town: &Town, pushes: &TestPushes, alice: &Phone) -> bool {
    let _ = alice.call(&["bob"]);
    town.pass(SECOND);
    !pushes.lines().is_empty()
}

#[test]
fn each_verdict_is_written_down_and_only_dead_addresses_are_forgotten() {
    let why = || "reason".into();
    for (verdict, is_kept) in [
        (Verdict::Accepted { id: Some("id".into()) }, true),
        (Verdict::AddressDead { since: None }, false),
        (Verdict::AddressMisfit, false),
        (Verdict::CredentialRefused { why: why() }, true),
        (Verdict::Malformed { why: why() }, true),
        (Verdict::Throttled { after: None }, true),
        (Verdict::Unknown, true),
    ] {
        let (town, pushes, (alice, _), (call, parcel)) = rung(fcm("1"));
        let word = verdict.as_str();
        town.answers(parcel, verdict);
        town.pass(SECOND * 20);
        assert_eq!(pushes.lines(), [""; 0], "{word} is not sent again");
        assert_eq!(town.ledger(alice.party(), call), [format!("phone Ring {word}")]);
        assert_eq!(is_known(&town, &pushes, &alice), is_kept, "{word}");
    }
}

#[test]
fn an_address_that_was_registered_anew_after_its_death_lives() {
    for anew_first in [true, false] {
        let (town, pushes, (alice, bob), (_, parcel)) = rung(fcm("1"));
        let since = parcel.claimed_at + SECOND * 2;
        town.pass(SECOND * if anew_first { 4 } else { 1 });
        bob.register(&[fcm("1")]).expect("registered");
        town.answers(parcel, Verdict::AddressDead { since: Some(since) });
        assert_eq!(is_known(&town, &pushes, &alice), anew_first);
    }
}

#[test]
fn a_vendor_in_trouble_is_asked_again_while_it_rings() {
    let (town, pushes, (alice, _), (call, parcel)) = rung(fcm("1"));
    town.answers(parcel, Verdict::Unavailable { after: None });
    town.pass(SECOND * 2);
    let second = pushes.posted().remove(0);
    assert_eq!(second.attempt, 2);
    town.answers(second, Verdict::Unavailable { after: Some(SECOND * 5) });
    town.pass(SECOND * 4);
    assert_eq!(pushes.lines(), [""; 0]);
    town.pass(SECOND);
    let third = pushes.posted().remove(0);
    town.answers(third, Verdict::Unavailable { after: None });
    town.pass(SECOND * 10);
    assert_eq!(pushes.lines(), [""; 0]);
    assert_eq!(town.ledger(alice.party(), call), ["phone Ring unavailable"]);
}

#[test]
fn a_push_that_is_to_go_again_goes_no_more_once_the_ring_is_over() {
    let (town, pushes, (alice, _), (call, parcel)) = rung(fcm("1"));
    town.answers(parcel, Verdict::Unavailable { after: Some(SECOND * 5) });
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND * 10);
    assert_eq!(pushes.lines(), ["stop(canceled) bob/phone by fcm"]);
    assert_eq!(town.ledger(alice.party(), call), ["phone Ring unsent", "phone Stop -"]);
}

#[test]
fn the_other_of_apples_services_is_tried_once_and_remembered() {
    let (town, pushes, (alice, _), (_, parcel)) = rung(voip("01"));
    let environment = |parcel: &Parcel| match &parcel.address {
        Address::Apns(apns) => Some(apns.environment),
        Address::Fcm { .. } | Address::Web(_) | Address::Webhook { .. } => None,
    };
    assert_eq!(environment(&parcel), Some(Environment::Production));
    town.answers(parcel, Verdict::WrongEnvironment { other: Environment::Sandbox });
    town.pass(Duration::ZERO);
    let again = pushes.posted().remove(0);
    assert_eq!(environment(&again), Some(Environment::Sandbox));
    town.answers(again, Verdict::Accepted { id: None });
    let _ = alice.call(&["bob"]);
    town.pass(SECOND);
    let next = pushes.posted().remove(0);
    assert_eq!(environment(&next), Some(Environment::Sandbox));
}

#[test]
fn an_address_that_both_of_apples_services_refuse_is_forgotten() {
    let (town, pushes, (alice, _), (_, parcel)) = rung(voip("01"));
    town.answers(parcel, Verdict::WrongEnvironment { other: Environment::Sandbox });
    town.pass(Duration::ZERO);
    let again = pushes.posted().remove(0);
    assert_eq!(line(&again), "ring bob/phone by apns_voip");
    town.answers(again, Verdict::WrongEnvironment { other: Environment::Production });
    assert!(!is_known(&town, &pushes, &alice));
}
