//! Coming, going, takeover, kicks, and the end of the room.
use super::*;
use crate::{Refusal, RoomState};

#[test]
fn who_comes_sees_everybody_and_is_announced_to_the_others() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    assert_eq!(stage.outputs(), [joined(ALICE, PHONE)]);

    let bob = stage.join(1, BOB);
    assert_eq!(stage.outputs(), [joined(BOB, PHONE), told(ALICE, came(view(BOB, Presence::Joined)))]);

    let everybody = vec![view(ALICE, Presence::Joined), view(BOB, Presence::Joined)];
    let state = RoomState { members: everybody, role: Role::Member, streams: vec![] };
    assert_eq!(stage.room.state_for(bob), Some(state.clone()));
    assert_eq!(stage.room.state_for(alice), Some(state));
    assert_eq!(stage.room.state_for(MemberNo(9)), None);
    assert_eq!(stage.room.member(&address(BOB, PHONE)), Some(bob));
    assert_eq!(stage.room.member(&address(BOB, TABLET)), None, "a user is in with one device");
}

#[test]
fn the_same_device_again_goes_on_with_its_connection() {
    let mut stage = Stage::new();
    stage.join(0, ALICE);
    let bob = stage.join(0, BOB);
    stage.media(1, bob, MediaState::Connected);
    stage.room.publish(stage.at(1), bob, vec![offer("b", &[(Source::Camera, "0")])]).expect("permitted");
    stage.hush();

    let again = stage.join_as(2, &join(BOB, PHONE));
    assert_eq!(again, Joined { is_new: false, member: bob, replaced: None });
    assert_eq!(stage.outputs(), [], "a retry is silent");

    stage.join_as(3, &Join { name: "Bobby".into(), ..join(BOB, PHONE) });
    let renamed = Member { name: "Bobby".into(), ..view(BOB, Presence::Connected) };
    assert_eq!(stage.outputs(), [told(ALICE, changed(renamed))]);
    assert_eq!(stage.room.tracks().count(), 1, "what was published stays");
}

#[test]
fn a_renewed_role_holds_at_once() {
    let mut stage = Stage::new();
    stage.join(0, ALICE);
    let bob = stage.join(0, BOB);
    let camera =
        stage.room.publish(stage.at(0), bob, vec![offer("b", &[(Source::Camera, "0")])]).expect("permitted");
    stage.hush();

    stage.join_as(1, &join_in_role(BOB, Role::Viewer));
    assert_eq!(stage.outputs(), [RoomOutput::Unpublished(camera), told(ALICE, streams_went(&["b"]))]);
    assert_eq!(stage.room.role(bob), Some(Role::Viewer));

    stage.join_as(2, &join_in_role(BOB, Role::Host));
    assert_eq!(stage.room.remove(stage.at(2), bob, &user(ALICE)), Ok(()));
}

#[test]
fn another_device_of_the_user_takes_over() {
    let mut stage = Stage::new();
    let old = stage.join(0, ALICE);
    stage.join(0, BOB);
    stage.media(1, old, MediaState::Flowing);
    let camera =
        stage.room.publish(stage.at(1), old, vec![offer("a", &[(Source::Camera, "0")])]).expect("permitted");
    stage.hush();

    let taken = stage.join_as(2, &join(ALICE, TABLET));
    assert_eq!(taken.replaced, Some(old));
    assert!(taken.is_new);
    assert_ne!(taken.member, old);
    let mut expected = seen_off(old, ALICE, PHONE, LeaveCause::TakenOver);
    expected.push(RoomOutput::Unpublished(camera));
    expected.push(told(BOB, streams_went(&["a"])));
    expected.push(joined(ALICE, TABLET));
    expected.push(told(BOB, changed(view(ALICE, Presence::Joined))));
    assert_eq!(stage.outputs(), expected);

    let names = stage.room.state_for(taken.member).expect("in").members;
    assert_eq!(
        names,
        [view(ALICE, Presence::Joined), view(BOB, Presence::Joined)],
        "the user keeps the place"
    );

    stage.media(3, old, MediaState::Connected);
    stage.signaling(3, old, false);
    assert_eq!(stage.outputs(), [], "the old connection has nothing more to say");
    assert_eq!(stage.deadline(), None, "nor has its session");
}

#[test]
fn a_takeover_by_a_device_that_looks_the_same_is_no_news() {
    let mut stage = Stage::new();
    let old = stage.join(0, ALICE);
    stage.join(0, BOB);
    stage.hush();
    stage.join_as(1, &join(ALICE, TABLET));
    let mut expected = seen_off(old, ALICE, PHONE, LeaveCause::TakenOver);
    expected.push(joined(ALICE, TABLET));
    assert_eq!(stage.outputs(), expected);
}

#[test]
fn who_leaves_takes_their_streams_along_at_once() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    stage.join(0, BOB);
    let offers = vec![
        offer("z", &[(Source::Camera, "0")]),
        offer("a", &[(Source::Screen, "1"), (Source::ScreenAudio, "2")]),
    ];
    stage.room.publish(stage.at(0), alice, offers).expect("permitted");
    stage.hush();

    stage.room.leave(stage.at(1), alice, LeaveCause::Left);
    let mut expected = seen_off(alice, ALICE, PHONE, LeaveCause::Left);
    expected.push(RoomOutput::Unpublished(vec![TrackNo(1), TrackNo(2), TrackNo(0)]));
    expected.push(told(BOB, streams_went(&["a", "z"])));
    expected.push(told(BOB, went(ALICE, LeaveCause::Left)));
    assert_eq!(stage.outputs(), expected);

    stage.room.leave(stage.at(2), alice, LeaveCause::Left);
    assert_eq!(stage.outputs(), [], "leaving twice is leaving once");
}

#[test]
fn who_comes_back_is_a_new_stay() {
    let mut stage = Stage::new();
    let first = stage.join(0, ALICE);
    stage.join(0, BOB);
    stage.room.leave(stage.at(1), first, LeaveCause::Left);
    let second = stage.join(2, ALICE);
    assert_ne!(first, second);
    let members = stage.room.state_for(second).expect("in").members;
    assert_eq!(members, [view(BOB, Presence::Joined), view(ALICE, Presence::Joined)]);
}

#[test]
fn a_full_room_refuses_strangers_but_not_other_devices_of_its_members() {
    let mut stage = Stage::with(Limits { max_members: 3, ..Limits::default() }, 2);
    stage.join(0, ALICE);
    stage.join(0, BOB);
    stage.hush();
    assert_eq!(stage.room.join(stage.at(1), &join(CAROL, PHONE)), Err(Refusal::RoomFull));
    assert_eq!(stage.outputs(), []);
    assert!(stage.room.join(stage.at(1), &join(BOB, PHONE)).is_ok());
    assert!(stage.room.join(stage.at(1), &join(BOB, TABLET)).is_ok());
    assert_eq!(stage.room.key(), &key());
}

#[test]
fn a_room_waits_a_moment_for_its_first_member() {
    for (kept, waits) in [(0, 1), (10, 10)] {
        let limits = Limits { empty_room: Duration::from_secs(kept), ..Limits::default() };
        let mut stage = Stage::with(limits.clone(), 0);
        assert_eq!(stage.deadline(), Some(waits));
        assert_eq!(stage.pass(waits), [closed(&[]), RoomOutput::Over]);

        let mut stage = Stage::with(limits, 0);
        let alice = stage.join(0, ALICE);
        assert_eq!(stage.deadline(), None);
        stage.room.leave(stage.at(3), alice, LeaveCause::Left);
        assert_eq!(stage.deadline(), Some(3 + kept), "the second time not");
    }
}

#[test]
fn the_size_that_the_first_one_says_is_capped_by_the_limit() {
    for (said, fit) in [(0, 2), (1, 1), (2, 2), (3, 2)] {
        let mut stage = Stage::with(Limits { max_members: 2, ..Limits::default() }, said);
        let came = [ALICE, BOB, CAROL]
            .iter()
            .filter(|name| stage.room.join(stage.start, &join(name, PHONE)).is_ok());
        assert_eq!(came.count(), fit, "{said} said");
    }
}

#[test]
fn a_name_has_256_bytes_at_most() {
    let mut stage = Stage::new();
    let named = |length: usize| Join { name: Opaque::new("n".repeat(length)), ..join(ALICE, PHONE) };
    assert_eq!(stage.room.join(stage.start, &named(257)), Err(Refusal::TooLarge));
    assert!(stage.room.join(stage.start, &named(256)).is_ok());
}

#[test]
fn who_joins_over_and_over_is_slowed_down() {
    let mut stage = Stage::with(Limits { messages_per_s: 2, ..Limits::default() }, 0);
    for _ in 0..4 {
        let alice = stage.join(0, ALICE);
        stage.room.leave(stage.start, alice, LeaveCause::Left);
    }
    stage.hush();
    assert_eq!(stage.room.join(stage.start, &join(ALICE, TABLET)), Err(Refusal::TooFast));
    assert_eq!(stage.outputs(), []);
    assert!(stage.room.join(stage.at(1), &join(ALICE, TABLET)).is_ok());
}

#[test]
fn a_host_removes_for_good() {
    let mut stage = Stage::new();
    let host = stage.join_as(0, &join_in_role(ALICE, Role::Host)).member;
    let bob = stage.join(0, BOB);
    let viewer = stage.join_as(0, &join_in_role(CAROL, Role::Viewer)).member;
    stage.hush();

    assert_eq!(stage.room.remove(stage.at(1), bob, &user(ALICE)), Err(Refusal::RoleForbids));
    assert_eq!(stage.room.remove(stage.at(1), viewer, &user(ALICE)), Err(Refusal::RoleForbids));
    assert_eq!(stage.outputs(), []);

    assert_eq!(stage.room.remove(stage.at(1), host, &user(BOB)), Ok(()));
    let mut expected = seen_off(bob, BOB, PHONE, LeaveCause::Kicked);
    expected.push(told(ALICE, went(BOB, LeaveCause::Kicked)));
    expected.push(told(CAROL, went(BOB, LeaveCause::Kicked)));
    assert_eq!(stage.outputs(), expected);

    for device in [PHONE, TABLET] {
        assert_eq!(stage.room.join(stage.at(2), &join(BOB, device)), Err(Refusal::Kicked));
    }
    assert_eq!(stage.room.remove(stage.at(2), bob, &user(ALICE)), Err(Refusal::NotInRoom));
}

#[test]
fn who_is_removed_before_they_come_does_not_come() {
    let mut stage = Stage::new();
    let host = stage.join_as(0, &join_in_role(ALICE, Role::Host)).member;
    stage.hush();
    assert_eq!(stage.room.remove(stage.at(1), host, &user(BOB)), Ok(()));
    stage.room.expel(stage.at(1), &user(CAROL), LeaveCause::Kicked);
    assert_eq!(stage.outputs(), [], "nobody has gone");
    assert_eq!(stage.room.join(stage.at(2), &join(BOB, PHONE)), Err(Refusal::Kicked));
    assert_eq!(stage.room.join(stage.at(2), &join(CAROL, PHONE)), Err(Refusal::Kicked));
    let users: Vec<_> = stage.room.usage(stage.at(2)).into_iter().map(|usage| usage.user).collect();
    assert_eq!(users, [user(ALICE)], "who never came used nothing");
}

#[test]
fn hosts_cannot_fill_the_memory_with_names() {
    let mut stage = Stage::new();
    let host = stage.join_as(0, &join_in_role(ALICE, Role::Host)).member;
    let keep_out = |stage: &mut Stage, number: u32| {
        stage.room.expel(stage.at(1), &user(&number.to_string()), LeaveCause::Kicked);
    };
    (1..10_000).for_each(|number| keep_out(&mut stage, number));
    assert_eq!(stage.room.remove(stage.at(1), host, &user(BOB)), Ok(()));
    assert_eq!(stage.room.remove(stage.at(1), host, &user(CAROL)), Err(Refusal::TooFast));
    keep_out(&mut stage, 10_000);
    assert_eq!(
        stage.room.join(stage.at(1), &join("10000", PHONE)),
        Err(Refusal::Kicked),
        "the back end always may"
    );
}

#[test]
fn the_back_end_puts_out_whichever_device_is_here_and_only_a_kick_is_remembered() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    stage.join(0, BOB);
    stage.hush();
    stage.room.expel(stage.at(1), &user(ALICE), LeaveCause::Ended);
    let mut expected = seen_off(alice, ALICE, PHONE, LeaveCause::Ended);
    expected.push(told(BOB, went(ALICE, LeaveCause::Ended)));
    assert_eq!(stage.outputs(), expected);
    assert!(stage.room.join(stage.at(2), &join(ALICE, PHONE)).is_ok());
}

#[test]
fn a_closed_room_tells_everybody_once_and_is_silent_from_then_on() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    let bob = stage.join(2, BOB);
    let camera = stage
        .room
        .publish(stage.at(2), alice, vec![offer("a", &[(Source::Camera, "0")])])
        .expect("permitted");
    stage.hush();

    stage.room.close(stage.at(5), LeaveCause::Ended);
    let mut expected = seen_off(alice, ALICE, PHONE, LeaveCause::Ended);
    expected.extend(seen_off(bob, BOB, PHONE, LeaveCause::Ended));
    expected.push(RoomOutput::Unpublished(camera));
    expected.push(closed(&[(ALICE, 5), (BOB, 3)]));
    expected.push(RoomOutput::Over);
    assert_eq!(stage.outputs(), expected);

    stage.room.close(stage.at(6), LeaveCause::Shutdown);
    stage.room.expel(stage.at(6), &user(ALICE), LeaveCause::Kicked);
    stage.media(6, alice, MediaState::Connected);
    assert_eq!(stage.room.join(stage.at(6), &join(ALICE, PHONE)), Err(Refusal::NotInRoom));
    assert_eq!(stage.room.publish(stage.at(6), alice, vec![]), Err(Refusal::NotInRoom));
    assert_eq!(stage.pass(1000), []);
    assert_eq!(stage.deadline(), None);
    assert!(stage.room.is_over());
    assert_eq!(
        stage.room.usage(stage.at(1000))[0].present,
        Duration::from_secs(5),
        "and nothing counts any more"
    );
}

#[test]
fn an_empty_room_waits_a_while_and_is_over() {
    let mut stage = Stage::new();
    let alice = stage.join(4, ALICE);
    assert_eq!(stage.deadline(), None);
    stage.room.leave(stage.at(20), alice, LeaveCause::Left);
    stage.hush();
    assert_eq!(stage.deadline(), Some(30));

    stage.join(29, ALICE);
    stage.hush();
    assert_eq!(stage.pass(31), [], "somebody came in time");

    let alice = stage.room.member(&address(ALICE, PHONE)).expect("in");
    stage.room.leave(stage.at(40), alice, LeaveCause::Left);
    stage.hush();
    assert_eq!(stage.pass(49), []);
    assert_eq!(
        stage.room.join(stage.at(50), &join(ALICE, PHONE)),
        Err(Refusal::NotInRoom),
        "too late, timer or not"
    );
    assert_eq!(stage.outputs(), [closed(&[(ALICE, 27)]), RoomOutput::Over]);
}

/// A room of these users, who were here for so many seconds.
fn closed(present: &[(&str, u64)]) -> RoomOutput {
    let usage = present.iter().map(|&(name, seconds)| crate::Usage {
        present: Duration::from_secs(seconds),
        received_bytes: 0,
        sent_bytes: 0,
        tiers: [Duration::ZERO; 6],
        user: user(name),
    });
    RoomOutput::Fact(Fact::Closed { room: key(), usage: usage.collect() })
}
