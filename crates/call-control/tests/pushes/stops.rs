//! Telling devices that were woken that the ring is over.
use offhook_call_control::AppPolicy;
use offhook_push::{Carriers, Resource, Verdict};
use offhook_testing_kit::line;

use crate::{SECOND, advanced, alert, asleep, fcm, town, town_under, voip};

#[test]
fn a_cancel_reaches_devices_that_were_woken_and_are_away() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND / 10);
    let posted = pushes.posted();
    assert_eq!(posted.iter().map(line).collect::<Vec<_>>(), ["stop(canceled) bob/phone by fcm"]);
    let order = &posted[0].order;
    assert_eq!((order.text.body.as_str(), order.credential.as_str()), ("Missed video call", ""));
    assert!(order.seq.0 > 1);
    assert_eq!(town.ledger(alice.party(), call), ["phone Ring -", "phone Stop -"]);
}

#[test]
fn a_device_that_was_not_woken_or_is_connected_is_not_told() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let mut tablet = asleep(&town, "bob", "tablet", &[fcm("2")]);
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    for parcel in pushes.posted() {
        if parcel.order.device.as_str() == "phone" {
            town.answers(parcel, Verdict::Malformed { why: "no".into() });
        }
    }
    tablet.reconnect();
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND * 10);
    assert_eq!(pushes.lines(), [""; 0]);
}

#[test]
fn a_push_of_which_nobody_knows_whether_it_was_taken_is_followed_by_its_end() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    town.answers(pushes.posted().remove(0), Verdict::Unknown);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["stop(canceled) bob/phone by fcm"]);
}

#[test]
fn apples_devices_have_three_seconds_to_connect_and_then_get_a_notification_never_a_voip_push() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[voip("01"), alert("02")]);
    asleep(&town, "bob", "tablet", &[voip("03")]);
    let mut watch = asleep(&town, "bob", "watch", &[voip("04"), alert("05")]);
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines().len(), 3);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND);
    watch.reconnect();
    town.pass(SECOND * 19 / 10);
    assert_eq!(pushes.lines(), [""; 0]);
    town.pass(SECOND / 5);
    assert_eq!(pushes.lines(), ["stop(canceled) bob/phone by apns_alert"]);
}

#[test]
fn the_end_of_a_ring_that_comes_late_is_not_taken_for_the_end_of_the_next() {
    let (town, pushes, alice) = town();
    let carol = town.phone("carol", "phone");
    asleep(&town, "bob", "phone", &[voip("01"), alert("02")]);
    let call = alice.invite(advanced(&["bob", "carol"])).expect("out").call.call;
    assert_eq!(carol.accept(call), Ok(()));
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by apns_voip"]);
    assert_eq!(alice.cancel(call, &["bob"]), Ok(()));
    town.pass(SECOND);
    assert_eq!(alice.add(call, &["bob"]), Ok(()));
    town.pass(SECOND * 5);
    assert_eq!(pushes.lines(), ["ring bob/phone by apns_voip", "stop(canceled) bob/phone by apns_alert"]);
    assert_eq!(alice.cancel(call, &["bob"]), Ok(()));
    town.pass(SECOND * 5);
    assert_eq!(pushes.lines(), ["stop(canceled) bob/phone by apns_alert"]);
}

#[test]
fn a_policy_may_want_the_end_by_a_voip_push() {
    let (town, pushes, alice) = town();
    let voip_stops = Resource::new("default", Carriers::ALL).expect("a name");
    pushes.keep(Resource { stop_by_voip: true, ..voip_stops });
    asleep(&town, "bob", "phone", &[voip("01"), alert("02")]);
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by apns_voip"]);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND * 4);
    assert_eq!(pushes.lines(), ["stop(canceled) bob/phone by apns_voip"]);
}

#[test]
fn an_answer_stops_the_other_devices_and_spares_the_one_that_gave_it() {
    let (town, pushes, alice) = town();
    let phone = asleep(&town, "bob", "phone", &[fcm("1")]);
    asleep(&town, "bob", "tablet", &[fcm("2")]);
    let accepted = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines().len(), 2);
    assert_eq!(phone.accept(accepted), Ok(()));
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["stop(answered_elsewhere) bob/tablet by fcm"]);
    let rejected = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines().len(), 2);
    assert_eq!(phone.reject(rejected), Ok(()));
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["stop(rejected_elsewhere) bob/tablet by fcm"]);
}

#[test]
fn a_ring_that_nobody_answers_ends_for_those_who_were_woken() {
    let (town, pushes, alice) = town();
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let call = alice.call(&["bob"]);
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring bob/phone by fcm"]);
    town.pass(SECOND * 90);
    assert_eq!(pushes.lines(), ["stop(timed_out) bob/phone by fcm"]);
    assert!(alice.read(call).expect("a party reads").end.is_some());
}

#[test]
fn the_end_of_the_call_ends_the_rings_of_those_who_were_added() {
    let (town, pushes, alice) = town();
    let bob = town.phone("bob", "phone");
    asleep(&town, "carol", "phone", &[fcm("1")]);
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(alice.add(call, &["carol"]), Ok(()));
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["ring carol/phone by fcm"]);
    assert_eq!(bob.end(call), Ok(()));
    town.pass(SECOND);
    assert_eq!(pushes.lines(), ["stop(ended) carol/phone by fcm"]);
}

#[test]
fn who_missed_a_call_is_told_where_the_policy_wants_it_and_no_ring_was_tried() {
    let (town, pushes, alice) = town();
    let telling = Resource::new("default", Carriers::ALL).expect("a name");
    pushes.keep(Resource { missed: true, ..telling });
    let phone = town.phone("bob", "phone");
    phone.register(&[voip("01"), alert("02")]).expect("registered");
    let call = alice.call(&["bob"]);
    assert_eq!(phone.acknowledge(call), Ok(()));
    phone.drop_connection();
    town.pass(SECOND);
    assert_eq!(pushes.lines(), [""; 0]);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND * 4);
    assert_eq!(pushes.lines(), ["missed bob/phone by apns_alert"]);
}

#[test]
fn who_is_woken_by_no_invitation_of_the_app_is_told_of_no_missed_one() {
    let (town, pushes, alice) = town_under(AppPolicy { push_always: false, ..AppPolicy::default() });
    let telling = Resource::new("default", Carriers::ALL).expect("a name");
    pushes.keep(Resource { missed: true, ..telling });
    asleep(&town, "bob", "phone", &[fcm("1")]);
    let call = alice.call(&["bob"]);
    assert_eq!(alice.cancel(call, &[]), Ok(()));
    town.pass(SECOND * 4);
    assert_eq!(pushes.lines(), [""; 0]);
}

#[test]
fn a_call_is_missed_by_who_was_rung_and_answered_nowhere() {
    let (town, _pushes, alice) = town();
    let (phone, tablet) = (town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let carol = town.phone("carol", "phone");
    let answered = alice.call(&["bob"]);
    assert_eq!(phone.accept(answered), Ok(()));
    let canceled = alice.call(&["bob"]);
    assert_eq!(alice.cancel(canceled, &[]), Ok(()));
    let unanswered = alice.call(&["bob", "carol"]);
    assert_eq!(carol.reject(unanswered), Ok(()));
    town.pass(SECOND * 100);
    let missed = |calls: Vec<offhook_signaling::CallView>| -> Vec<bool> {
        calls.into_iter().map(|call| call.missed).collect()
    };
    assert_eq!(missed(tablet.calls()), [true, true, false]);
    assert_eq!(missed(carol.calls()), [false]);
    assert_eq!(missed(alice.calls()), [false, false, false]);
}
