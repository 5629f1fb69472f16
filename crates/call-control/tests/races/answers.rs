//! One call and its answers: accept, reject, cancel, deadline, keys.
use super::*;

#[test]
fn race_01_a_cancel_after_the_accept_ends_the_call_where_the_app_wants_that() {
    let town = with(Policy { late_cancel: LateCancel::End, ..Policy::default() });
    let (mut alice, mut bob, mut tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    assert_eq!(alice.hears()[1..], ["changed bob:accepted", "ended by alice alice:ended · over: ended"]);
    assert_eq!(bob.hears()[1..], ["changed bob:accepted", "ended by alice alice:ended · over: ended"]);
    assert_eq!(tablet.hears()[1..], ["changed bob:accepted"], "answered elsewhere, once");
}

#[test]
fn race_01_a_cancel_after_the_accept_is_refused_by_the_specification() {
    let town = Town::new();
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(alice.cancel(call, &[]), Err(Code::AlreadyAccepted));
    assert_eq!(alice.end(call), Ok(()), "the call lived on");
}

#[test]
fn race_02_an_accept_after_the_cancel_learns_of_it() {
    let town = Town::new();
    let (alice, mut bob, mut tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.call(&["bob"]);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    assert_eq!(bob.accept(call), Err(Code::CallEnded));
    let heard =
        ["invited by alice for 0 ms", "canceled by alice alice:canceled bob:be_canceled · over: canceled"];
    assert_eq!(bob.hears(), heard);
    assert_eq!(tablet.hears(), heard);
    assert_eq!(bob.read(call).expect("a party may read").end.expect("over").cause.as_str(), "canceled");
}

#[test]
fn race_03_an_accept_within_the_grace_wins_and_the_caller_hears_one_outcome() {
    let town = with(Policy { grace: s(5), ..Policy::default() });
    let (mut alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    town.pass(RING + s(4));
    assert_eq!(bob.accept(call), Ok(()));
    town.pass(s(60));
    assert_eq!(alice.hears()[1..], ["changed bob:accepted · over: answered"]);
}

#[test]
fn race_03_an_accept_after_the_deadline_is_refused_even_if_the_timer_is_late() {
    let town = Town::new();
    let (mut alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    town.pass_unnoticed(RING);
    assert_eq!(bob.accept(call), Err(Code::RingOver));
    town.pass(s(1));
    assert_eq!(alice.hears()[1..], ["changed bob:timed_out · over: unanswered"]);
}

#[test]
fn race_04_of_two_devices_that_accept_the_first_wins_and_the_other_is_told() {
    let town = Town::new();
    let (mut alice, mut phone, mut tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(phone.accept(call), Ok(()));
    assert_eq!(tablet.accept(call), Err(Code::AnsweredElsewhere));
    assert_eq!(alice.hears()[1..], ["changed bob:accepted"]);
    assert_eq!(phone.hears()[1..], ["changed bob:accepted"]);
    assert_eq!(tablet.hears()[1..], ["changed bob:accepted"]);
    let main = tablet.read(call).expect("a party may read").main_device.expect("accepted");
    assert_eq!(main.as_str(), "phone");
}

#[test]
fn race_05_a_reject_after_the_users_own_accept_changes_nothing() {
    let town = Town::new();
    let (mut alice, phone, tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(phone.accept(call), Ok(()));
    assert_eq!(tablet.reject(call), Err(Code::AnsweredElsewhere));
    assert_eq!(alice.hears()[1..], ["changed bob:accepted"]);
    assert_eq!(phone.quit(call), Ok(()), "the call lived on");
}

#[test]
fn race_05_an_accept_after_the_users_own_reject_is_told_so() {
    let town = Town::new();
    let (mut alice, phone, tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(tablet.reject(call), Ok(()));
    assert_eq!(phone.accept(call), Err(Code::AnsweredElsewhere));
    assert_eq!(alice.hears()[1..], ["changed bob:rejected"]);
}

#[test]
fn race_06_of_reject_and_cancel_the_first_stands() {
    let town = Town::new();
    let (mut alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    assert_eq!(bob.reject(call), Ok(()));
    assert_eq!(alice.cancel(call, &[]), Err(Code::CallEnded));
    assert_eq!(alice.hears()[1..], ["changed bob:rejected · over: rejected"]);

    let call = alice.call(&["bob"]);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    assert_eq!(bob.reject(call), Err(Code::CallEnded));
    assert_eq!(alice.read(call).expect("own call").end.expect("over").cause.as_str(), "canceled");
}

#[test]
fn race_07_an_ignore_silences_one_device_and_changes_nothing_else() {
    let town = Town::new();
    let (mut alice, phone, tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.call(&["bob"]);
    let before = alice.hears();
    assert_eq!(phone.ignore(call), Ok(()));
    assert_eq!(alice.hears(), Vec::<String>::new(), "the caller learns nothing");
    assert!(phone.read(call).expect("invited").ignored);
    assert!(!tablet.read(call).expect("invited").ignored);
    assert_eq!(tablet.accept(call), Ok(()));
    assert!(!before.is_empty());
}

#[test]
fn race_08_of_reject_and_deadline_the_first_stands() {
    let town = Town::new();
    let (mut alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    town.pass(RING);
    assert_eq!(bob.reject(call), Err(Code::CallEnded));
    assert_eq!(alice.hears()[1..], ["changed bob:timed_out · over: unanswered"]);
}

#[test]
fn race_09_of_cancel_and_deadline_the_first_stands_and_the_ring_stops_once() {
    let town = Town::new();
    let (alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    assert_eq!(bob.hears(), ["invited by alice for 90000 ms"]);
    town.pass(RING);
    assert_eq!(alice.cancel(call, &[]), Err(Code::CallEnded));
    assert_eq!(bob.hears(), ["unanswered bob:timed_out · over: unanswered"]);
}

#[test]
fn race_10_a_cancel_before_its_invite_leaves_a_tombstone() {
    let town = Town::new();
    let (alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    assert_eq!(alice.cancel_by_key("k"), Ok(()));
    let late = alice.invite(keyed(&["bob"], "k")).expect_err("canceled before");
    assert_eq!(late.code, Code::Canceled);
    assert_eq!(alice.cancel_by_key("k"), Ok(()), "a retry of the cancel");
    assert_eq!(bob.hears(), Vec::<String>::new(), "nobody rang");
}

#[test]
fn race_10_a_cancel_by_key_after_its_invite_cancels_the_call() {
    let town = Town::new();
    let (alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    alice.invite(keyed(&["bob"], "k")).expect("out");
    assert_eq!(alice.cancel_by_key("k"), Ok(()));
    assert_eq!(bob.hears()[1..], ["canceled by alice alice:canceled bob:be_canceled · over: canceled"]);
}

#[test]
fn race_11_an_invite_sent_twice_rings_once() {
    let town = Town::new();
    let (alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let first = alice.invite(keyed(&["bob"], "k")).expect("out").call.call;
    let second = alice.invite(keyed(&["bob"], "k")).expect("the same").call.call;
    assert_eq!(first, second);
    assert_eq!(bob.hears(), ["invited by alice for 90000 ms"]);
    let other = alice.invite(keyed(&["carol"], "k")).expect_err("another request");
    assert_eq!(other.code, Code::KeyReused);
}
