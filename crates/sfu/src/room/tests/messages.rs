//! Messages and how many of them.
use super::*;
use crate::{MessageKind, Refusal, room::Message};

fn message(to: &[&str]) -> Message {
    Message {
        data: "hello".into(),
        kind: MessageKind::Command,
        to: to.iter().map(|name| user(name)).collect(),
    }
}

fn heard(name: &str, from: &str) -> RoomOutput {
    told(name, RoomEvent::Message { data: "hello".into(), from: user(from), kind: MessageKind::Command })
}

#[test]
fn a_message_reaches_everyone_else_or_those_who_are_named_and_here() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    stage.join(0, BOB);
    stage.join_as(0, &join_in_role(CAROL, Role::Viewer));
    stage.hush();
    let cases: [(&[&str], &[&str]); 5] = [
        (&[], &[BOB, CAROL]),
        (&[CAROL], &[CAROL]),
        (&[BOB, "dave", BOB], &[BOB]),
        (&[ALICE], &[]),
        (&["dave"], &[]),
    ];
    for (to, who) in cases {
        assert_eq!(stage.room.send(stage.at(1), alice, message(to)), Ok(()));
        let expected: Vec<_> = who.iter().map(|name| heard(name, ALICE)).collect();
        assert_eq!(stage.outputs(), expected, "to {to:?}");
    }
}

#[test]
fn viewers_strangers_and_the_long_winded_are_refused() {
    let mut stage = Stage::with(Limits { max_message_bytes: 5, ..Limits::default() }, 0);
    let alice = stage.join(0, ALICE);
    let carol = stage.join_as(0, &join_in_role(CAROL, Role::Viewer)).member;
    stage.hush();
    let long = Message { data: "hello!".into(), ..message(&[]) };
    assert_eq!(stage.room.send(stage.at(1), alice, long), Err(Refusal::TooLarge));
    assert_eq!(stage.room.send(stage.at(1), carol, message(&[])), Err(Refusal::RoleForbids));
    assert_eq!(stage.room.send(stage.at(1), MemberNo(7), message(&[])), Err(Refusal::NotInRoom));
    assert_eq!(stage.outputs(), []);
    assert_eq!(stage.room.send(stage.at(1), alice, message(&[])), Ok(()));
}

#[test]
fn two_seconds_worth_may_come_at_once_and_then_one_at_a_time() {
    let mut stage = Stage::with(Limits { messages_per_s: 4, ..Limits::default() }, 0);
    let alice = stage.join(0, ALICE);
    let bob = stage.join(0, BOB);
    stage.hush();
    let mut send = |milliseconds: u64, member| {
        stage.room.send(stage.start + Duration::from_millis(milliseconds), member, message(&[]))
    };
    for _ in 0..8 {
        assert_eq!(send(1_000, alice), Ok(()));
    }
    assert_eq!(send(1_000, alice), Err(Refusal::TooFast));
    assert_eq!(send(1_000, bob), Ok(()), "each for themself");
    assert_eq!(send(1_249, alice), Err(Refusal::TooFast));
    assert_eq!(send(1_250, alice), Ok(()));
    assert_eq!(send(1_250, alice), Err(Refusal::TooFast), "a refusal neither costs nor earns");
    assert_eq!(send(1_500, alice), Ok(()));
    for _ in 0..8 {
        assert_eq!(send(60_000, alice), Ok(()), "more than two seconds' worth is not saved up");
    }
    assert_eq!(send(60_000, alice), Err(Refusal::TooFast));
}

#[test]
fn all_that_makes_others_listen_is_paid_from_one_purse() {
    let mut stage = Stage::with(Limits { messages_per_s: 2, ..Limits::default() }, 0);
    let host = join_in_role(ALICE, Role::Host);
    let alice = stage.join_as(0, &host).member;
    let now = stage.start;
    stage.room.publish(now, alice, vec![offer("a", &[(Source::Camera, "0")])]).expect("permitted");
    let update = || crate::room::StreamUpdate { extra_info: None, muted: vec![], stream: stream("a") };
    assert!(stage.room.update_stream(now, alice, update()).is_ok());
    assert_eq!(stage.room.remove(now, alice, &user(BOB)), Ok(()));
    assert_eq!(stage.room.admit(now, alice), Ok(()), "the fourth, with the join");
    assert_eq!(stage.room.admit(now, alice), Err(Refusal::TooFast));
    assert_eq!(stage.room.update_stream(now, alice, update()), Err(Refusal::TooFast));
    assert_eq!(stage.room.remove(now, alice, &user(CAROL)), Err(Refusal::TooFast));
    assert_eq!(stage.room.send(now, alice, message(&[])), Err(Refusal::TooFast));
    assert_eq!(stage.room.join(now, &host), Err(Refusal::TooFast));
    assert!(stage.room.join(now, &join(CAROL, PHONE)).is_ok(), "whose removal was refused");
}

#[test]
fn a_rate_of_none_still_lets_people_in() {
    let mut stage = Stage::with(Limits { messages_per_s: 0, ..Limits::default() }, 0);
    stage.join(0, ALICE);
    stage.join(5, ALICE);
}
