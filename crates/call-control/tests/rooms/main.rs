//! Where calls and rooms meet: passes, orders and usage.
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use offhook_call::{Policy, Usage};
use offhook_call_control::{AppPolicy, RoomUsage};
use offhook_signaling::{
    Accept, AskRoomToken, CallMode, CallReply, Code, Invite, Join, Reply, Request, RoomToken, UsageView,
};
use offhook_store::memory::{Fault, MemoryStore, Op};
use offhook_testing_kit::{Phone, TestRooms, Town};
use offhook_types::{AppId, CallId, IdempotencyKey, Opaque, RoomId, UserId};

fn with_rooms(policy: AppPolicy) -> (Town, TestRooms) {
    let rooms = TestRooms::default();
    (Town::with_rooms(policy, &rooms), rooms)
}

fn advanced(users: &[&str]) -> Invite {
    Invite { mode: CallMode::Advanced, ..Phone::inviting(users) }
}

fn text(token: Option<RoomToken>) -> Option<String> {
    token.map(|token| token.token.0)
}

fn token(phone: &Phone, room: impl Into<RoomId>) -> Result<String, Code> {
    match phone.ask(Request::AskRoomToken(AskRoomToken { room: room.into() })) {
        Ok(Reply::RoomToken(token)) => Ok(token.token.0),
        Ok(other) => panic!("a wish for a token is answered by {other:?}"),
        Err(problem) => Err(problem.code),
    }
}

fn pass(reply: Reply) -> Option<String> {
    let Reply::Call(CallReply { room, .. }) = reply else { panic!("answered by {reply:?}") };
    text(room)
}

fn accepting(call: CallId) -> Request {
    Request::Accept(Accept { call, data: Opaque::default() })
}

fn usage(call: CallId, shares: &[(&str, u64)]) -> RoomUsage {
    let share = |(name, seconds): &(&str, u64)| {
        let present = Duration::from_secs(*seconds) + Duration::from_micros(7);
        let tiers = [present, Duration::ZERO, Duration::ZERO, Duration::ZERO, Duration::ZERO, present];
        let used = Usage { present, received_bytes: 5, sent_bytes: 3, tiers };
        (UserId::new(name).expect("an id"), used)
    };
    RoomUsage::new(AppId(1), call, shares.iter().map(share))
}

fn presence(view: Option<UsageView>) -> BTreeMap<String, u64> {
    let members = view.map(|view| view.members).unwrap_or_default();
    members.into_iter().map(|member| (member.user.as_str().to_owned(), member.present_ms)).collect()
}

#[test]
fn a_pass_goes_with_an_invite_an_accept_and_a_join() {
    let (town, _) = with_rooms(AppPolicy::default());
    let (alice, bob, tablet) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("bob", "tablet"));
    let key = Some(IdempotencyKey::new("k").expect("a key"));
    let wish = Invite { key, ..advanced(&["bob"]) };
    let invited = alice.invite(wish.clone()).expect("out");
    let call = invited.call.call;
    assert_eq!(text(invited.room).as_deref(), Some("alice as host"));
    assert_eq!(text(alice.invite(wish).expect("again").room).as_deref(), Some("alice as host"));
    assert_eq!(pass(bob.ask(accepting(call)).expect("in")).as_deref(), Some("bob as member"));
    assert_eq!(pass(bob.ask(accepting(call)).expect("a retry")).as_deref(), Some("bob as member"));
    let join = Request::Join(Join { call, data: Opaque::default() });
    assert_eq!(pass(tablet.ask(join).expect("moved")).as_deref(), Some("bob as member"));
    assert_eq!(token(&bob, call), Err(Code::RoomForbidden), "the tablet is in the call now");
    assert_eq!(token(&tablet, call).as_deref(), Ok("bob as member"));
}

#[test]
fn without_media_there_are_no_passes() {
    let town = Town::new();
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let invited = alice.invite(advanced(&["bob"])).expect("out");
    assert_eq!(invited.room, None);
    assert_eq!(pass(bob.ask(accepting(invited.call.call)).expect("in")), None);
    assert_eq!(token(&bob, invited.call.call), Err(Code::MediaUnavailable));
}

#[test]
fn a_call_that_nobody_can_take_gives_no_pass() {
    let policy = AppPolicy { busy: offhook_call_control::BusyPolicy::Reject, ..AppPolicy::default() };
    let (town, rooms) = with_rooms(policy);
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    rooms.enter(&bob.party().account, CallId::from_parts(offhook_types::Timestamp::default(), [0; 10]));
    let invited = alice.invite(Phone::inviting(&["bob"])).expect("answered");
    assert_eq!(invited.call.end.expect("over").cause.as_str(), "rejected");
    assert_eq!(invited.room, None);
}

#[test]
fn only_who_is_in_the_call_gets_a_token() {
    let (town, _) = with_rooms(AppPolicy::default());
    let (alice, bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(token(&alice, call).as_deref(), Ok("alice as host"));
    assert_eq!(token(&bob, call), Err(Code::RoomForbidden), "it rings");
    assert_eq!(token(&carol, call), Err(Code::CallNotFound));
    assert_eq!(token(&town.phone_of(AppId(2), "alice", "phone"), call), Err(Code::CallNotFound));
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(token(&bob, call).as_deref(), Ok("bob as member"));
    assert_eq!(bob.quit(call), Ok(()));
    assert_eq!(token(&bob, call), Err(Code::RoomForbidden));
    assert_eq!(alice.end(call), Ok(()));
    assert_eq!(token(&alice, call), Err(Code::CallEnded));
}

#[test]
fn an_answered_call_of_the_general_mode_keeps_its_room_for_its_age() {
    let hour = Duration::from_secs(3600);
    let call = Policy { max_age: hour, ..Policy::default() };
    let (town, rooms) = with_rooms(AppPolicy { call, ..AppPolicy::default() });
    let (alice, bob, carol) =
        (town.phone("alice", "phone"), town.phone("bob", "phone"), town.phone("carol", "phone"));
    let call = alice.call(&["bob", "carol"]);
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(carol.reject(call), Ok(()));
    assert_eq!(rooms.told(), Vec::<String>::new(), "it is over as answered, and they talk");
    assert_eq!(token(&bob, call).as_deref(), Ok("bob as member"));
    assert_eq!(token(&town.phone("bob", "tablet"), call).as_deref(), Ok("bob as member"));
    assert_eq!(token(&carol, call), Err(Code::RoomForbidden));
    town.pass(hour - Duration::from_millis(1));
    assert_eq!(token(&alice, call).as_deref(), Ok("alice as host"));
    town.pass(Duration::from_millis(1));
    assert_eq!(token(&alice, call), Err(Code::CallEnded));
}

#[test]
fn rooms_of_the_apps_own_are_open_by_policy_alone() {
    let lobby = || RoomId::new("lobby").expect("an id");
    let (town, _) = with_rooms(AppPolicy::default());
    assert_eq!(token(&town.phone("alice", "phone"), lobby()), Err(Code::RoomForbidden));
    let (town, _) = with_rooms(AppPolicy { open_rooms: true, ..AppPolicy::default() });
    assert_eq!(token(&town.phone("alice", "phone"), lobby()).as_deref(), Ok("alice as member"));
}

#[test]
fn a_room_is_told_who_left_its_call_and_when_it_is_over() {
    let (town, rooms) = with_rooms(AppPolicy::default());
    let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(town.phone("bob", "tablet").join(call), Ok(()));
    assert_eq!(rooms.told(), Vec::<String>::new());
    assert_eq!(bob.quit(call), Ok(()));
    assert_eq!(rooms.told(), ["remove bob"]);
    assert_eq!(bob.quit(call), Ok(()));
    assert_eq!(rooms.told(), ["remove bob"], "a retry says it again, in case it was lost");
    assert_eq!(alice.end(call), Ok(()));
    assert_eq!(rooms.told(), ["close"]);
    assert_eq!(alice.end(call), Err(Code::CallEnded));
    assert_eq!(rooms.told(), ["close"]);

    let canceled = alice.call(&["bob"]);
    assert_eq!(alice.cancel(canceled, &[]), Ok(()));
    assert_eq!(rooms.told(), ["close"]);
    let unanswered = alice.call(&["bob"]);
    town.pass(Duration::from_secs(90));
    assert_eq!(rooms.told(), ["close"]);
    assert_eq!(token(&alice, unanswered), Err(Code::CallEnded));
}

#[test]
fn what_a_room_carried_stands_in_the_calls_history() {
    let (town, _) = with_rooms(AppPolicy::default());
    let (mut alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    assert_eq!(bob.accept(call), Ok(()));
    assert_eq!(alice.read(call).expect("theirs").usage, None);
    alice.hears();
    assert!(town.closes_room(&mut usage(call, &[("alice", 60), ("bob", 50)])));
    assert!(town.closes_room(&mut usage(call, &[("bob", 5)])), "they talked again");
    let view = alice.read(call).expect("theirs");
    let members = view.usage.clone().expect("there is some").members;
    assert_eq!(presence(view.usage), [("alice".into(), 60_000), ("bob".into(), 55_000)].into());
    let bob = &members[1];
    assert_eq!((bob.audio_ms, bob.sd_ms, bob.four_k_ms), (55_000, 0, 55_000));
    assert_eq!((bob.received_bytes, bob.sent_bytes), (10, 6));
    assert_eq!(alice.hears(), Vec::<String>::new(), "nobody is told");
}

#[test]
fn usage_of_an_unknown_call_and_of_nothing_is_done_with() {
    let (town, _) = with_rooms(AppPolicy::default());
    let nowhere = CallId::from_parts(offhook_types::Timestamp::default(), [0; 10]);
    assert!(town.closes_room(&mut usage(nowhere, &[("alice", 60)])));
    let (alice, _bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
    let call = alice.call(&["bob"]);
    let before = alice.read(call);
    assert!(town.closes_room(&mut RoomUsage::new(AppId(1), call, [])));
    assert_eq!(alice.read(call), before);
}

#[test]
fn usage_is_counted_once_although_the_store_broke_off() {
    for fault in [Fault::FailAfter, Fault::FailBefore] {
        let broken = Arc::new(AtomicBool::new(false));
        let plan = Arc::clone(&broken);
        let store = MemoryStore::with_faults(Box::new(move |op| {
            if op == Op::Commit && plan.load(Ordering::Relaxed) { fault } else { Fault::None }
        }));
        let rooms = TestRooms::default();
        let town = Town::with_rooms_on(store, &rooms);
        let (alice, bob) = (town.phone("alice", "phone"), town.phone("bob", "phone"));
        let call = alice.invite(advanced(&["bob"])).expect("out").call.call;
        assert_eq!(bob.accept(call), Ok(()));
        let mut used = usage(call, &[("alice", 60)]);
        broken.store(true, Ordering::Relaxed);
        assert!(!town.closes_room(&mut used));
        broken.store(false, Ordering::Relaxed);
        assert_eq!(bob.quit(call), Ok(()), "the call goes on in between");
        assert!(town.closes_room(&mut used));
        assert_eq!(presence(alice.read(call).expect("theirs").usage), [("alice".into(), 60_000)].into());
    }
}
