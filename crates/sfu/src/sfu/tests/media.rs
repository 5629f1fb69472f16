use std::time::Duration;

use super::world::{World, opus, user, vp8};
use crate::{
    Command, Fact, LeaveCause, Presence, RoomEvent, Source,
    endpoint::{Codec, TrackSpec},
};

const FRAME: Duration = Duration::from_millis(40);

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
    let (bobs, _) = (&world.devices[bob].sent, ());
    assert_eq!(bobs.len(), 2, "alice's microphone and camera were offered");

    for number in 0..50_u8 {
        world.write(alice, (tracks[0], None), &opus(number));
        world.write(alice, (tracks[1], None), &vp8(number.into(), number % 25 == 0));
        world.run(FRAME);
    }

    let heard = world.received(bob, "alice", Source::Microphone);
    assert!(heard.len() >= 45, "{} of 50", heard.len());
    assert_eq!(*heard[40].payload, *opus(heard[40].payload[1]));
    let seen = world.received(bob, "alice", Source::Camera);
    assert!(seen.len() >= 45, "{} of 50", seen.len());
    assert!(world.devices[alice].packets.is_empty(), "nobody gets their own");
    let flowing = world.facts.iter().any(
        |fact| matches!(fact, Fact::Presence(address, Presence::Flowing) if address.user == user("bob")),
    );
    assert!(flowing, "the node knows that media flows");
}
