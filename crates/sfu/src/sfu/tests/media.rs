use std::time::Duration;

use super::world::{World, config, opus, room, stream, user, vp8};
use crate::{
    Answer, Command, Fact, Layer, LeaveCause, Limits, MessageKind, Presence, Refusal, RoomEvent, Source,
    Wish,
    endpoint::{Codec, TrackSpec},
};

const FRAME: Duration = Duration::from_millis(40);
const SECOND: Duration = Duration::from_secs(1);

fn microphone() -> TrackSpec {
    TrackSpec::microphone()
}

fn camera() -> TrackSpec {
    TrackSpec::new(Source::Camera, Codec::Vp8)
}

#[test]
fn two_people_hear_and_see_each_other() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[microphone(), camera()]);
    let (bob, _) = world.enter("bob", &[microphone(), camera()]);
    assert_eq!(world.devices[bob].sent.len(), 2, "alice's microphone and camera were offered");

    for number in 0..50_u8 {
        world.write(alice, (tracks[0], None), &opus(number));
        world.write(alice, (tracks[1], None), &vp8(number.into(), number % 25 == 0));
        world.run(FRAME);
    }

    let heard = world.received(bob, "alice", Source::Microphone);
    assert_eq!(heard.iter().map(|packet| packet.payload[1]).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
    let seen = world.received(bob, "alice", Source::Camera);
    assert_eq!(seen.len(), 50);
    assert_eq!(*seen[49].payload, *vp8(49, false), "untouched");
    assert!(world.devices[alice].packets.is_empty(), "nobody gets their own");
    let told = world.devices[bob].events.iter().any(|event| {
        matches!(event, RoomEvent::Layers(layers) if layers.contains(&(stream("alice"), Source::Camera, Layer::High)))
    });
    assert!(told, "what is received is told");
    for name in ["alice", "bob"] {
        let flowing = world.facts.iter().any(
            |fact| matches!(fact, Fact::Presence(address, Presence::Flowing) if address.user == user(name)),
        );
        assert!(flowing, "the node knows that {name}'s media flows");
    }
}

#[test]
fn who_comes_after_a_rollover_hears_everything() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[microphone()]);
    for number in 0..66_000_u32 {
        world.write(alice, (tracks[0], None), &opus(number.to_be_bytes()[3]));
        if number % 200 == 0 {
            world.run(FRAME);
        }
    }
    world.run(SECOND);
    let (bob, _) = world.enter("bob", &[microphone()]);

    for number in 0..20 {
        world.write(alice, (tracks[0], None), &opus(number));
        world.run(FRAME);
    }

    let heard = world.received(bob, "alice", Source::Microphone);
    assert_eq!(heard.len(), 20);
    assert!(heard[0].sequence < 65_536, "SRTP would be lost otherwise");
}

#[test]
fn who_leaves_and_comes_back_is_heard_over_the_same_section() {
    let mut world = World::new();
    let (bob, _) = world.enter("bob", &[microphone()]);
    let (alice, _) = world.enter("alice", &[microphone(), camera()]);
    let sections = |world: &World| world.devices[bob].sent.keys().cloned().collect::<Vec<_>>();
    let first = sections(&world);
    assert_eq!(first.len(), 2);

    assert_eq!(world.command(alice, Command::Leave), Ok(Answer::Done));
    world.run(SECOND);
    assert_eq!(sections(&world), Vec::<String>::new(), "nothing is offered any more");
    let gone = RoomEvent::Members {
        added: vec![],
        changed: vec![],
        removed: vec![(user("alice"), LeaveCause::Left)],
    };
    assert!(world.devices[bob].events.contains(&gone));

    world.reconnect(alice);
    world.join(alice).expect("may come back");
    let tracks = world.publish(alice, "alice", &[microphone(), camera()]);
    world.run(SECOND);
    assert_eq!(sections(&world), first, "descriptions do not grow");
    for number in 0..10 {
        world.write(alice, (tracks[0], None), &opus(number));
        world.write(alice, (tracks[1], None), &vp8(number.into(), number == 0));
        world.run(FRAME);
    }
    assert_eq!(world.received(bob, "alice", Source::Microphone).len(), 10);
    assert_eq!(world.received(bob, "alice", Source::Camera).len(), 10);
}

#[test]
fn another_device_of_a_user_takes_over() {
    let mut world = World::new();
    let (bob, _) = world.enter("bob", &[microphone()]);
    let (phone, _) = world.enter("alice", &[microphone()]);
    let (tablet, tracks) = world.enter("alice", &[microphone()]);

    assert!(world.devices[phone].events.contains(&RoomEvent::Left(LeaveCause::TakenOver)));
    assert_eq!(world.command(phone, Command::Read), Err(Refusal::NotInRoom));
    world.write(tablet, (tracks[0], None), &opus(1));
    world.run(SECOND);
    assert_eq!(world.received(bob, "alice", Source::Microphone).len(), 1);
    assert_eq!(world.sfu.statistics().participants, 2);
}

#[test]
fn a_muted_track_is_not_passed_on() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[microphone(), camera()]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    let mute = |muted| Command::UpdateStream {
        extra_info: None,
        muted: vec![(Source::Microphone, muted), (Source::Camera, muted)],
        stream: stream("alice"),
    };
    let talk = |world: &mut World, keyframe| {
        for number in 0..10 {
            world.write(alice, (tracks[0], None), &opus(number));
            world.write(alice, (tracks[1], None), &vp8(number.into(), keyframe && number == 0));
            world.run(FRAME);
        }
        [Source::Microphone, Source::Camera].map(|source| world.received(bob, "alice", source).len())
    };

    assert_eq!(talk(&mut world, true), [10, 10]);
    assert_eq!(world.command(alice, mute(true)), Ok(Answer::Done));
    assert_eq!(talk(&mut world, false), [0, 0]);
    assert_eq!(world.command(alice, mute(false)), Ok(Answer::Done));
    let wanted = world.devices[alice].keyframes_wanted;
    assert_eq!(talk(&mut world, false), [10, 0], "pictures begin with a keyframe");
    assert!(world.devices[alice].keyframes_wanted > wanted, "which is asked for");
    assert_eq!(talk(&mut world, true), [10, 10]);
}

#[test]
fn what_is_not_wanted_is_not_sent() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[microphone(), camera()]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    let wish = |wanted| {
        Command::Subscribe(vec![Wish {
            height: 0,
            source: Source::Camera,
            stream: stream("alice"),
            wanted,
            width: 0,
        }])
    };

    assert_eq!(world.command(bob, wish(false)), Ok(Answer::Done));
    world.write(alice, (tracks[0], None), &opus(1));
    world.write(alice, (tracks[1], None), &vp8(1, true));
    world.run(SECOND);
    assert_eq!(world.received(bob, "alice", Source::Camera).len(), 0);
    assert_eq!(world.received(bob, "alice", Source::Microphone).len(), 1);

    assert_eq!(world.command(bob, wish(true)), Ok(Answer::Done));
    world.write(alice, (tracks[1], None), &vp8(2, true));
    world.run(SECOND);
    assert_eq!(world.received(bob, "alice", Source::Camera).len(), 1);
    let nobody = Wish { height: 0, source: Source::Camera, stream: stream("nobody"), wanted: true, width: 0 };
    assert_eq!(world.command(bob, Command::Subscribe(vec![nobody])), Err(Refusal::StreamNotFound));
}

#[test]
fn small_pictures_get_the_small_encoding_and_switch_on_a_keyframe() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[TrackSpec::camera()]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    let wish = |height| {
        let wish = Wish {
            height,
            source: Source::Camera,
            stream: stream("alice"),
            wanted: true,
            width: height * 16 / 9,
        };
        Command::Subscribe(vec![wish])
    };
    // The payloads say which encoding they are of, by their last octet.
    let mut picture = 0;
    let mut film = |world: &mut World, frames: u16, keyframe: bool| -> Vec<u8> {
        for frame in 0..frames {
            for (rid, mark) in [("q", 1), ("h", 2), ("f", 3)] {
                let mut payload = vp8(picture, keyframe && frame == 0);
                payload[10..12].copy_from_slice(&(80_u16 << mark).to_le_bytes());
                payload[12..14].copy_from_slice(&(45_u16 << mark).to_le_bytes());
                *payload.last_mut().expect("not empty") = mark;
                world.write(alice, (tracks[0], Some(rid)), &payload);
            }
            picture += 1;
            world.run(FRAME);
        }
        let seen = world.received(bob, "alice", Source::Camera);
        for pair in seen.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence + 1, "no seam in the numbers");
        }
        seen.iter().map(|packet| packet.payload[packet.payload.len() - 1]).collect()
    };

    assert_eq!(world.command(bob, wish(90)), Ok(Answer::Done));
    film(&mut world, 1, true);
    film(&mut world, 50, false);
    assert_eq!(film(&mut world, 25, true), [1; 25], "a small view");
    assert_eq!(world.command(bob, wish(720)), Ok(Answer::Done));
    let waiting = film(&mut world, 75, false);
    assert_eq!(waiting, [1; 75], "without a keyframe there is no switch");
    let switched = film(&mut world, 25, true);
    assert!(switched.last() > Some(&1), "{switched:?}");
    let switches = switched.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(switches <= 1, "{switched:?}");
}

#[test]
fn the_first_picture_is_of_the_encoding_whose_keyframe_comes_first() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[TrackSpec::camera()]);
    let mut picture = 0;
    let mut film = |world: &mut World, frames: u16, keyframes: &[&str]| {
        for frame in 0..frames {
            for (rid, mark) in [("q", 1), ("h", 2), ("f", 3)] {
                let mut payload = vp8(picture, frame == 0 && keyframes.contains(&rid));
                *payload.last_mut().expect("not empty") = mark;
                world.write(alice, (tracks[0], Some(rid)), &payload);
            }
            picture += 1;
            world.run(FRAME);
        }
    };
    film(&mut world, 50, &["q", "h", "f"]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    film(&mut world, 10, &[]);
    assert_eq!(world.received(bob, "alice", Source::Camera).len(), 0, "nothing can be decoded yet");

    film(&mut world, 10, &["q"]);
    let marks = |world: &mut World| -> Vec<u8> {
        let seen = world.received(bob, "alice", Source::Camera);
        seen.iter().map(|packet| packet.payload[packet.payload.len() - 1]).collect()
    };
    assert_eq!(marks(&mut world), [1; 10], "the small picture meanwhile");
    film(&mut world, 10, &["h", "f"]);
    let switched = marks(&mut world);
    assert!(switched.last() > Some(&1), "{switched:?}");
}

#[test]
fn a_flood_of_keyframe_requests_becomes_one_a_second() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[camera()]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    for number in 0..10 {
        world.write(alice, (tracks[0], None), &vp8(number, number == 0));
        world.run(FRAME);
    }
    let mid = world.devices[bob].sent.keys().next().expect("alice's camera").clone();
    world.run(SECOND * 2);
    let before = world.sfu.statistics().keyframe_requests;

    for number in 0..100_u16 {
        let now = world.now;
        world.devices[bob].endpoint.keyframe_request(now, &mid, None).expect("something arrived");
        world.write(alice, (tracks[0], None), &vp8(10 + number, true));
        world.run(FRAME);
    }

    let asked = world.sfu.statistics().keyframe_requests - before;
    assert!((1..=5).contains(&asked), "{asked} in four seconds");
    assert_eq!(world.received(bob, "alice", Source::Camera).len(), 110);
}

#[test]
fn more_than_is_permitted_is_not_passed_on() {
    let limits = Limits { max_publish_bps: 80_000, ..Limits::default() };
    let mut world = World::with(crate::Config { limits, ..config() });
    let (alice, tracks) = world.enter("alice", &[camera()]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    for number in 0..500_u16 {
        world.write(alice, (tracks[0], None), &vp8(number, true));
        world.run(Duration::from_millis(20));
    }
    // Ten seconds and a second's burst, 600 bytes each: 183 of 500.
    let seen = world.received(bob, "alice", Source::Camera).len();
    assert!((175..=190).contains(&seen), "{seen}");
}

#[test]
fn messages_take_the_data_channel_where_there_is_one() {
    let mut world = World::new();
    let (alice, _) = world.enter("alice", &[microphone()]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    world.run(SECOND);
    let now = world.now;
    world.devices[alice].endpoint.send_message(now, r#"{"to":["bob"],"data":"hi"}"#).expect("open");
    world.devices[alice].endpoint.send_message(now, "nonsense").expect("open");
    world.run(SECOND);
    assert_eq!(world.devices[bob].messages, [r#"{"from":"alice","kind":"broadcast","data":"hi"}"#]);
    assert!(world.devices[alice].messages.is_empty());

    let send = Command::Send { data: "by the socket".into(), kind: MessageKind::Command, to: vec![] };
    assert_eq!(world.command(alice, send), Ok(Answer::Done));
    let message =
        RoomEvent::Message { data: "by the socket".into(), from: user("alice"), kind: MessageKind::Command };
    assert!(world.devices[bob].events.contains(&message));
    assert_eq!(world.devices[bob].messages.len(), 1);
}

#[test]
fn who_vanishes_is_missed_and_comes_back() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[microphone()]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    world.unplugged.push(alice);
    world.run(SECOND * 12);
    let presence = |world: &World, wanted| {
        world.devices[bob].events.iter().any(|event| {
            let RoomEvent::Members { changed, .. } = event else { return false };
            changed.iter().any(|member| member.user == user("alice") && member.presence == wanted)
        })
    };
    assert!(presence(&world, Presence::Reconnecting));

    world.unplugged.clear();
    world.reconnect(alice);
    world.join(alice).expect("still in");
    let again = world.publish(alice, "alice", &[microphone()]);
    assert_eq!(again, tracks, "the same numbers on the device's side");
    world.run(SECOND);
    for number in 0..10 {
        world.write(alice, (again[0], None), &opus(number));
        world.run(FRAME);
    }
    assert_eq!(world.received(bob, "alice", Source::Microphone).len(), 10);
}

#[test]
fn a_room_tells_what_was_used() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[microphone(), camera()]);
    world.enter("bob", &[microphone()]);
    for number in 0..250_u16 {
        world.write(alice, (tracks[0], None), &opus(0));
        world.write(alice, (tracks[1], None), &vp8(number, number == 0));
        world.run(FRAME);
    }
    let now = world.now;
    world.sfu.close(now, &room(), LeaveCause::Ended);
    world.drain();

    let Some(Fact::Closed { usage, .. }) = world.facts.last() else { panic!("the room is over") };
    let of = |name| usage.iter().find(|usage| usage.user == user(name)).expect("was here");
    let (sent, received) = (of("alice").sent_bytes, of("bob").received_bytes);
    assert!((130_000..=152_000).contains(&sent), "250 of 608 bytes but for the last second: {sent}");
    assert!(received <= sent && received * 10 >= sent * 9, "{received} of {sent}");
    let standard = of("bob").tiers[1];
    assert!(standard >= SECOND * 8 && standard <= SECOND * 11, "640 × 360 is SD: {standard:?}");
    assert_eq!(world.sfu.statistics().rooms, 0);
    assert_eq!(world.sfu.poll_timeout(), None, "a room that is over wakes nobody");
}

#[test]
fn a_viewer_without_an_offer_of_its_own_is_offered_what_there_is() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[microphone()]);
    let viewer = world.device("victor");
    world.join_as(viewer, crate::Role::Viewer).expect("may join");
    world.run(SECOND);
    assert!(world.devices[viewer].endpoint.is_connected());
    world.write(alice, (tracks[0], None), &opus(1));
    world.run(SECOND);
    assert_eq!(world.received(viewer, "alice", Source::Microphone).len(), 1);
}
