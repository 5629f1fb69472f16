//! Coming and going: hang-ups, lost callers, restarts, groups, changes of device.
use super::*;

#[test]
fn race_19_of_two_who_hang_up_the_first_ends_the_call_once() {
    let town = Town::new();
    let (mut alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(alice.end(call), Ok(()));
    assert_eq!(bob.end(call), Err(Code::CallEnded));
    let ended = "ended by alice alice:ended · over: ended";
    assert_eq!(alice.hears().iter().filter(|line| line.starts_with("ended")).collect::<Vec<_>>(), [ended]);
    assert_eq!(bob.hears().iter().filter(|line| line.starts_with("ended")).collect::<Vec<_>>(), [ended]);
}

#[test]
fn race_20_a_peer_who_reconnects_after_the_hang_up_learns_of_it() {
    let town = Town::new();
    let (alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    bob.hears();
    bob.drop_connection();
    assert_eq!(alice.end(call), Ok(()));
    assert_eq!(bob.reconnect(), None, "it resumes");
    assert_eq!(bob.hears(), ["ended by alice alice:ended · over: ended"]);
}

#[test]
fn race_21_a_caller_back_within_the_lease_goes_unnoticed() {
    let town = Town::new();
    let (mut alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    bob.hears();
    alice.drop_connection();
    town.pass(LEASE - s(1));
    assert_eq!(alice.reconnect(), None);
    town.pass(s(10));
    assert_eq!(bob.hears(), Vec::<String>::new());
    assert_eq!(bob.accept(call), Ok(()));
}

#[test]
fn race_21_a_caller_away_for_longer_than_the_lease_is_canceled() {
    let town = Town::new();
    let (mut alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    bob.hears();
    alice.drop_connection();
    town.pass(LEASE);
    assert_eq!(bob.hears(), ["canceled by alice alice:canceled bob:be_canceled · over: caller_lost"]);
    assert_eq!(bob.accept(call), Err(Code::CallEnded));
    assert_eq!(alice.reconnect(), None);
    assert!(
        alice.hears().iter().any(|line| line.starts_with("changed alice:canceled")),
        "it learns its own end"
    );
}

#[test]
fn race_21_a_caller_who_logs_out_is_canceled_at_once() {
    let town = Town::new();
    let (alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let _call = alice.call(&["bob"]);
    bob.hears();
    alice.log_out();
    town.pass(Duration::ZERO);
    assert_eq!(bob.hears(), ["canceled by alice alice:canceled bob:be_canceled · over: caller_lost"]);
}

#[test]
fn race_22_an_accept_stands_although_the_caller_died_before_hearing_it() {
    let town = Town::new();
    let (mut alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    alice.hears();
    alice.drop_connection();
    assert_eq!(bob.accept(call), Ok(()));
    town.pass(LEASE * 2);
    assert_eq!(alice.reconnect(), None);
    assert_eq!(alice.hears(), ["changed bob:accepted"], "it joins now");
    assert_eq!(bob.read(call).expect("in it").end, None);
}

#[test]
fn race_24_an_accept_retried_after_a_restart_has_one_outcome() {
    let town = Town::new();
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()), "committed, but say the reply was lost");
    let town = town.restarted(AppPolicy::default());
    let (mut alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    assert_eq!(bob.accept(call), Ok(()), "the retry is silent");
    assert_eq!(alice.hears(), Vec::<String>::new());
    assert_eq!(alice.end(call), Ok(()));
}

#[test]
fn race_25_a_ring_that_ended_while_the_server_was_down_ends_once_at_its_start() {
    let town = Town::new();
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    town.pass_unnoticed(RING + s(100));
    let town = town.restarted(AppPolicy::default());
    let mut alice = town.phone("alice", "phone");
    town.pass(s(1));
    assert_eq!(alice.hears(), ["changed bob:timed_out · over: unanswered"]);
    town.pass(s(100));
    assert_eq!(alice.hears(), Vec::<String>::new());
    assert_eq!(bob.read(call).expect("invited").end.expect("over").cause.as_str(), "unanswered");
}

#[test]
fn race_25_a_caller_who_does_not_return_after_a_restart_is_canceled_after_the_lease() {
    let town = Town::new();
    let (alice, _) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let _call = alice.call(&["bob"]);
    let town = town.restarted(AppPolicy::default());
    let mut bob = town.phone("bob", "phone");
    town.pass(LEASE - s(1));
    assert_eq!(bob.hears(), Vec::<String>::new());
    town.pass(s(1));
    assert_eq!(bob.hears(), ["canceled by alice alice:canceled bob:be_canceled · over: caller_lost"]);
}

#[test]
fn race_26_a_device_that_wakes_after_the_end_finds_nothing_to_ring_for() {
    let town = Town::new();
    let (alice, mut bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    bob.drop_connection();
    let call = alice.call(&["bob"]);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    assert_eq!(bob.fresh_start(), []);
    assert_eq!(bob.reconnect(), None);
    assert_eq!(bob.hears()[0], "invited by alice for 0 ms", "told, but not to ring");
}

#[test]
fn race_27_a_ring_that_arrives_twice_is_acknowledged_once() {
    let town = Town::new();
    let (mut alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    assert_eq!(bob.acknowledge(call), Ok(()));
    assert_eq!(bob.acknowledge(call), Ok(()));
    assert_eq!(alice.hears()[1..], ["changed bob:received"]);
}

#[test]
fn race_28_nobody_is_added_to_a_call_that_has_ended() {
    let town = Town::new();
    let (alice, bob, mut carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(bob.add(call, &["carol"]), Ok(()));
    assert_eq!(alice.end(call), Ok(()));
    assert_eq!(carol.hears(), ["invited by bob for 0 ms", "ended by alice alice:ended · over: ended"]);
    assert_eq!(bob.add(call, &["carol"]), Err(Code::CallEnded));
}

#[test]
fn race_29_a_user_invited_by_two_rings_once() {
    let town = Town::new();
    let (alice, bob, mut carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(alice.add(call, &["carol"]), Ok(()));
    assert_eq!(bob.add(call, &["carol"]), Ok(()), "left out as already in the call");
    assert_eq!(carol.hears(), ["invited by alice for 90000 ms"]);
}

#[test]
fn race_30_an_accept_and_the_callers_leaving_both_stand() {
    let town = Town::new();
    let (alice, bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let call = alice.invite(advanced(&["bob", "carol"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(alice.quit(call), Ok(()));
    assert_eq!(carol.accept(call), Ok(()));
    assert_eq!(carol.read(call).expect("in it").end, None);
}

#[test]
fn race_31_an_accept_after_the_last_one_left_learns_that_the_call_is_over() {
    let town = Town::new();
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(bob.quit(call), Ok(()));
    assert_eq!(alice.quit(call), Ok(()));
    assert_eq!(bob.accept(call), Err(Code::CallEnded));
    assert_eq!(alice.read(call).expect("own call").end.expect("over").cause.as_str(), "all_left");
}

#[test]
fn race_32_of_an_invitees_removal_and_their_accept_the_first_stands() {
    let town = Town::new();
    let (alice, bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let call = alice.invite(advanced(&["bob", "carol"])).expect("out").call.call;
    assert_eq!(alice.cancel(call, &["bob"]), Ok(()));
    assert_eq!(bob.accept(call), Err(Code::RingOver));
    assert_eq!(carol.accept(call), Ok(()));
    assert_eq!(alice.cancel(call, &["carol"]), Err(Code::AlreadyAccepted));
}

#[test]
fn race_34_a_callee_who_logs_out_stays_invited_until_the_deadline() {
    let town = Town::new();
    let (mut alice, bob, tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.call(&["bob"]);
    let _ = alice.hears();
    bob.log_out();
    town.pass(s(40));
    assert_eq!(alice.hears(), Vec::<String>::new());
    assert_eq!(tablet.accept(call), Ok(()));
}

#[test]
fn race_36_a_device_that_takes_over_an_ended_call_is_told() {
    let town = Town::new();
    let (alice, phone, tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(phone.accept(call), Ok(()));
    assert_eq!(alice.end(call), Ok(()));
    assert_eq!(tablet.join(call), Err(Code::CallEnded));
}

#[test]
fn race_38_what_is_told_of_time_is_a_duration() {
    let town = Town::new();
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    town.pass(s(60));
    let view = bob.read(call).expect("invited");
    assert_eq!((view.age_ms, view.remaining_ms), (60_000, 30_000));
}
