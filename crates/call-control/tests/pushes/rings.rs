//! Waking devices.
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use offhook_call_control::AppPolicy;
use offhook_push::Verdict;
use offhook_signaling::{
    AskPushKey, Code, HandleKind, Invite, LegStatus, PushConfig, PushKey, RegisterDevice, Reply, Request,
    VoipConfig,
};
use offhook_store::memory::{Fault, MemoryStore, Op};
use offhook_testing_kit::{Phone, TestPushes, Town, line};

use crate::{SECOND, advanced, alert, asleep, fcm, saying, town, town_under, voip};

#[test]
fn an_invitation_wakes_every_device_without_a_connection_at_once() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[voip("01"), alert("02")]);
    asleep(&town, "bob", "tablet", &[fcm("3")]);
    let call = alice.call(&["bob"]);
    town.pass(SECOND / 10);
    let posted = pushes.posted();
    let mut lines: Vec<String> = posted.iter().map(line).collect();
    lines.sort();
    assert_eq!(lines, ["ring bob/phone by apns_voip", "ring bob/tablet by fcm"]);
    let order = &posted[0].order;
    assert_eq!((order.call, order.caller.as_str(), order.seq.0), (call, "alice", 1));
    assert_eq!(order.ring_until.since(order.rung_at), SECOND * 90);
    assert_eq!(order.credential.as_str(), "bob/phone for 90 s");
    assert_eq!((order.text.title.as_str(), order.text.body.as_str()), ("alice", "Incoming video call"));
    assert_eq!(town.ledger(alice.party(), call), ["phone Ring -", "tablet Ring -"]);
}

#[test]
fn what_the_caller_sends_along_is_what_the_device_gets() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[voip("01")]);
    let voip = VoipConfig { handle: "0123".into(), handle_kind: HandleKind::Phone, has_video: Some(false) };
    let push = Some(Box::new(PushConfig {
        badge: Some(2),
        body: "It is urgent".into(),
        payload: "{}".into(),
        thread: "family".into(),
        title: "Alice A.".into(),
        voip: Some(voip),
        ..PushConfig::default()
    }));
    alice.invite(Invite { push, ..Phone::inviting(&["bob"]) }).expect("out");
    town.pass(SECOND);
    let order = &pushes.posted()[0].order;
    assert_eq!((order.text.title.as_str(), order.text.body.as_str()), ("Alice A.", "It is urgent"));
    assert_eq!((order.payload.as_str(), order.thread.as_str(), order.badge), ("{}", "family", Some(2)));
    assert_eq!((order.voip.handle.as_str(), order.voip.has_video), ("0123", false));
}

#[test]
fn a_connected_device_is_woken_only_if_it_does_not_say_within_three_seconds_that_it_rings() {
    let (town, pushes, alice) = town();
    let (phone, tablet) = (town.phone("bob", "phone"), town.phone("bob", "tablet"));
    phone.register(&[fcm("1")]).expect("registered");
    tablet.register(&[fcm("2")]).expect("registered");
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(phone.acknowledge(call), Ok(()));
    town.pass(SECOND * 19 / 10);
    assert_eq!(pushes.lines(), [""; 0]);
    town.pass(SECOND / 5);
    assert_eq!(pushes.lines(), ["ring bob/tablet by fcm"]);
    town.pass(SECOND * 60);
    assert_eq!(pushes.lines(), [""; 0]);
}

#[test]
fn nobody_is_woken_who_rings_no_more() {
    let (town, pushes, alice) = town();
    let phone = town.phone("bob", "phone");
    phone.register(&[fcm("1")]).expect("registered");
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND * 60);
    assert_eq!(pushes.lines(), [""; 0]);
}

#[test]
fn a_ring_that_ends_while_its_push_is_prepared_wakes_nobody() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let reader = alice.party().clone();
    let call = alice.call(&["bob"]);
    pushes.meanwhile(move || assert_eq!(alice.cancel(call, &[]), Ok(())));
    town.pass(SECOND * 5);
    assert_eq!(pushes.lines(), [""; 0]);
    assert_eq!(town.ledger(&reader, call), ["phone Ring unsent"]);
}

#[test]
fn a_push_that_was_claimed_waits_for_a_store_that_cannot_tell_whether_it_still_rings() {
    let fails = Arc::new(AtomicBool::new(false));
    let plan = Arc::clone(&fails);
    let store = MemoryStore::with_faults(Box::new(move |op| {
        let fails = op == Op::Load && plan.load(Ordering::Relaxed);
        if fails { Fault::FailBefore } else { Fault::None }
    }));
    let pushes = TestPushes::new();
    let town = Town::with_pushes_on(store, &pushes, AppPolicy::default());
    let alice = town.phone("alice", "phone");
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let call = alice.call(&["bob"]);
    let breaks = Arc::clone(&fails);
    pushes.meanwhile(move || breaks.store(true, Ordering::Relaxed));
    town.pass(SECOND * 5);
    assert_eq!(pushes.lines(), [""; 0]);
    fails.store(false, Ordering::Relaxed);
    assert_eq!(town.ledger(alice.party(), call), ["phone Ring -"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
}

#[test]
fn a_call_that_says_nothing_of_pushes_wakes_as_the_app_has_it() {
    let (town, pushes, alice) = town_under(AppPolicy { push_always: false, ..AppPolicy::default() });
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let _ = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), [""; 0]);
    alice.invite(Invite { push: saying("", ""), ..Phone::inviting(&["bob"]) }).expect("out");
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
}

#[test]
fn who_is_invited_anew_is_woken_anew_and_otherwise_once() {
    let (town, pushes, alice) = town();
    let bob = asleep(&town, "bob", "phone", &[fcm("1")]);
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
    assert_eq!(bob.reject(call), Ok(()));
    town.pass(SECOND * 5);
    assert_eq!(pushes.lines(), [""; 0]);
    assert_eq!(alice.add(call, &["bob"]), Ok(()));
    town.pass(SECOND * 5);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
    assert_eq!(town.ledger(alice.party(), call), ["phone Ring -", "phone Ring -"]);
}

#[test]
fn a_ring_that_a_crash_interrupted_goes_out_after_it_and_no_second_time() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let call = alice.call(&["bob"]);
    let town = town.restarted_with_pushes(&pushes, AppPolicy::default());
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
    let town = town.restarted_with_pushes(&pushes, AppPolicy::default());
    town.pass(SECOND);
    assert_eq!(pushes.lines(), [""; 0]);
    assert_eq!(town.ledger(alice.party(), call), ["phone Ring -"]);
}

#[test]
fn a_ring_whose_commit_lost_its_answer_goes_out_nevertheless() {
    let fails = Arc::new(AtomicBool::new(false));
    let plan = Arc::clone(&fails);
    let store = MemoryStore::with_faults(Box::new(move |op| {
        let fails = op == Op::Commit && plan.swap(false, Ordering::Relaxed);
        if fails { Fault::FailAfter } else { Fault::None }
    }));
    let pushes = TestPushes::new();
    let town = Town::with_pushes_on(store, &pushes, AppPolicy::default());
    let alice = town.phone("alice", "phone");
    asleep(&town, "bob", "phone", &[fcm("1")]);
    fails.store(true, Ordering::Relaxed);
    let refused = alice.invite(Phone::inviting(&["bob"])).map(|_| ()).map_err(|problem| problem.code);
    assert_eq!(refused, Err(Code::StoreUnavailable));
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
}

#[test]
fn nothing_is_sent_that_the_ledger_does_not_hold() {
    let fails = Arc::new(AtomicBool::new(true));
    let plan = Arc::clone(&fails);
    let store = MemoryStore::with_faults(Box::new(move |op| {
        let fails = op == Op::Claim && plan.load(Ordering::Relaxed);
        if fails { Fault::FailBefore } else { Fault::None }
    }));
    let pushes = TestPushes::new();
    let town = Town::with_pushes_on(store, &pushes, AppPolicy::default());
    let alice = town.phone("alice", "phone");
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let _ = alice.call(&["bob"]);
    town.pass(SECOND * 5);
    assert_eq!(pushes.lines(), [""; 0]);
    fails.store(false, Ordering::Relaxed);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
}

#[test]
fn an_address_is_one_devices_of_one_user_until_a_logout_and_outlives_its_connection() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let carol = asleep(&town, "carol", "phone", &[fcm("1")]);
    let _ = alice.call(&["bob", "carol"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring carol/phone by fcm"]);
    carol.log_out();
    let _ = alice.call(&["carol"]);
    town.pass(SECOND * 5);
    assert_eq!(pushes.lines(), [""; 0]);
}

#[test]
fn a_device_that_registers_again_is_woken_where_it_said_last() {
    let (town, pushes, alice) = town();
    let bob = town.phone("bob", "phone");
    bob.register(&[fcm("1"), alert("02")]).expect("registered");
    bob.register(&[voip("03")]).expect("registered");
    bob.drop_connection();
    let _ = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by apns_voip"]);
    assert_eq!(bob.ask(Request::UnregisterDevice), Ok(Reply::Done));
    let _ = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), [""; 0]);
}

#[test]
fn what_is_no_address_or_no_policy_is_refused_with_what_to_do() {
    let (town, _pushes, alice) = town();
    let refused = |addresses: &[_]| alice.register(addresses);
    assert_eq!(refused(&[]), Err(Code::PushInvalid));
    assert_eq!(refused(&[fcm("1"), fcm("2")]), Err(Code::PushInvalid));
    assert_eq!(refused(&[voip("no hex")]), Err(Code::PushInvalid));
    let unknown = Some(Box::new(PushConfig { resource: "other".into(), ..PushConfig::default() }));
    let long = saying(&"x".repeat(257), "");
    let _ = town.phone("bob", "phone");
    for (push, code) in [(unknown, Code::PushInvalid), (long, Code::TooLarge)] {
        let problem = alice.invite(Invite { push, ..Phone::inviting(&["bob"]) }).expect_err("refused");
        assert_eq!(problem.code, code, "{}", problem.message);
    }
    let pushless = Town::new().phone("alice", "phone");
    let register = Request::RegisterDevice(RegisterDevice { addresses: vec![fcm("1")] });
    assert_eq!(pushless.ask(register).expect_err("refused").code, Code::PushInvalid);
}

#[test]
fn a_browser_learns_with_which_key_to_subscribe() {
    let (_town, _pushes, alice) = town();
    let ask = |resource: &str| alice.ask(Request::AskPushKey(AskPushKey { resource: resource.into() }));
    let key = |key: Option<&str>| Ok(Reply::PushKey(PushKey { key: key.map(Into::into) }));
    assert_eq!(ask(""), key(Some("key of default")));
    assert_eq!(ask("other"), key(None));
}

#[test]
fn a_caller_who_asks_is_told_how_far_the_invitation_has_got() {
    let (town, pushes, mut alice) = town();
    let mut bob = asleep(&town, "bob", "phone", &[fcm("1")]);
    let invite = Invite { delivery_updates: true, ..Phone::inviting(&["bob"]) };
    let call = alice.invite(invite).expect("out").call.call;
    let reached = |alice: &Phone| {
        let legs = alice.read(call).expect("a party reads").legs;
        let leg = legs.into_iter().find(|leg| leg.status != LegStatus::Accepted).expect("bob's");
        leg.delivery.map(|delivery| delivery.as_str().to_owned())
    };
    assert_eq!(reached(&alice).as_deref(), Some("queued"));
    town.pass(SECOND);
    let parcel = pushes.posted().remove(0);
    town.answers(parcel, Verdict::Accepted { id: None });
    assert_eq!(reached(&alice).as_deref(), Some("push_accepted"));
    bob.reconnect();
    assert_eq!(reached(&alice).as_deref(), Some("delivered"));
    assert_eq!(bob.acknowledge(call), Ok(()));
    assert_eq!(reached(&alice).as_deref(), Some("ringing"));
    assert_eq!(reached(&bob), None, "the caller alone is told");
    let changed = vec!["changed bob:inviting", "changed bob:inviting", "changed bob:received"];
    assert_eq!(alice.hears()[1..], changed);
}
