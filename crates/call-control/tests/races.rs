//! The race table of docs/races.md, row by row, through the whole commit path. The test of a row bears its number.
//!
//! "First" always means: committed first. Rows that speak of media or blocking belong to later parts of Offhook; the
//! list at the end of docs/races.md says which.

use std::time::Duration;

use offhook_call::{LateCancel, Policy};
use offhook_call_control::{AppPolicy, BusyPolicy, GlarePolicy};
use offhook_signaling::{CallMode, Code, Invite, MediaKind};
use offhook_testing_kit::{Phone, Town};
use offhook_types::IdempotencyKey;

const RING: Duration = Duration::from_secs(90);
const LEASE: Duration = Duration::from_secs(30);

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn advanced(users: &[&str]) -> Invite {
    Invite { mode: CallMode::Advanced, ..Phone::inviting(users) }
}

fn keyed(users: &[&str], key: &str) -> Invite {
    Invite { key: Some(IdempotencyKey::new(key).expect("a key")), ..Phone::inviting(users) }
}

fn with(call: Policy) -> Town {
    Town::under(AppPolicy { call, ..AppPolicy::default() })
}

fn busy(busy: BusyPolicy) -> Town {
    Town::under(AppPolicy { busy, ..AppPolicy::default() })
}

fn merging() -> Town {
    Town::under(AppPolicy { glare: GlarePolicy::Merge, ..AppPolicy::default() })
}

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
fn race_35_two_devices_that_place_the_same_call_place_one() {
    let town = Town::new();
    let (phone, tablet, mut bob) =
        (town.phone("alice", "phone"), town.phone("alice", "tablet"), town.phone("bob", "phone"));
    let first = phone.invite(keyed(&["bob"], "same")).expect("out").call.call;
    let second = tablet.invite(keyed(&["bob"], "same")).expect("the same").call.call;
    assert_eq!(first, second);
    assert_eq!(bob.hears().len(), 1);
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
