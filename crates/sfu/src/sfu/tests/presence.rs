//! What the others see of somebody whose media breaks: once that it broke, and that it is back only when it is.
use std::time::Duration;

use super::world::{World, config, opus, sfu_address, stream, user, vp8};
use crate::{
    Answer, Command, Datagram, Layer, Presence, RoomEvent, Source, Transport,
    endpoint::{Codec, TrackNo, TrackSpec},
};

const FRAME: Duration = Duration::from_millis(40);
const SECOND: Duration = Duration::from_secs(1);

fn microphone() -> TrackSpec {
    TrackSpec::microphone()
}

/// Two who talk, of whom the first will be gone in one way or another.
fn talking(ice_lite: bool) -> (World, usize, usize, TrackNo) {
    let mut world = World::with(crate::Config { ice_lite, ..config() });
    let (alice, _) = world.enter("alice", &[microphone()]);
    let (bob, tracks) = world.enter("bob", &[microphone()]);
    talk(&mut world, bob, tracks[0], 2);
    world.devices[bob].events.clear();
    (world, alice, bob, tracks[0])
}

/// So many seconds of sound.
fn talk(world: &mut World, device: usize, track: TrackNo, seconds: u32) {
    for number in 0..seconds * 25 {
        world.write(device, (track, None), &opus(number.to_be_bytes()[3]));
        world.run(FRAME);
    }
}

/// A packet arrives after those that the device sent later.
fn overtaken(world: &mut World, device: usize) {
    let (now, source) = (world.now, world.devices[device].socket);
    let contents = &[0x80; 60];
    let transport = Transport::Udp;
    world.sfu.receive(now, Datagram { contents, destination: sfu_address(), source, transport });
    world.drain();
}

/// What a device was told of alice's presence.
fn told(world: &World, device: usize) -> Vec<Presence> {
    let events = world.devices[device].events.iter();
    let changed = events.filter_map(|event| match event {
        RoomEvent::Members { changed, .. } => changed.iter().find(|member| member.user == user("alice")),
        RoomEvent::Layers(_)
        | RoomEvent::Left(_)
        | RoomEvent::Levels { .. }
        | RoomEvent::Message { .. }
        | RoomEvent::Offer { .. }
        | RoomEvent::Quality { .. }
        | RoomEvent::Streams { .. } => None,
    });
    changed.map(|member| member.presence).collect()
}

#[test]
fn who_closes_a_connection_is_reconnecting_until_there_is_another() {
    for ice_lite in [true, false] {
        let (mut world, alice, bob, track) = talking(ice_lite);
        let now = world.now;
        world.devices[alice].endpoint.close(now);
        talk(&mut world, bob, track, 1);
        overtaken(&mut world, alice);
        talk(&mut world, bob, track, 60);
        assert_eq!(told(&world, bob), [Presence::Reconnecting], "ICE lite: {ice_lite}");

        world.reconnect(alice);
        world.publish(alice, "alice", &[microphone()]);
        talk(&mut world, bob, track, 2);
        assert_eq!(told(&world, bob)[1..], [Presence::Connected, Presence::Flowing], "ICE lite: {ice_lite}");
    }
}

#[test]
fn who_vanishes_is_reconnecting_until_something_comes_of_them() {
    for (ice_lite, seconds) in [(true, 12), (false, 12), (true, 60), (false, 60)] {
        let (mut world, alice, bob, track) = talking(ice_lite);
        world.unplugged.push(alice);
        talk(&mut world, bob, track, seconds);
        assert_eq!(told(&world, bob), [Presence::Reconnecting], "ICE lite: {ice_lite}, for {seconds} s");
        if seconds > 20 {
            // The device has given its connection up by then.
            continue;
        }
        world.unplugged.clear();
        talk(&mut world, bob, track, 4);
        assert_eq!(told(&world, bob)[1..], [Presence::Connected, Presence::Flowing], "ICE lite: {ice_lite}");
    }
}

#[test]
fn who_breaks_off_in_the_midst_of_a_sentence_is_missed_sooner_than_who_has_nothing_to_say() {
    for (says, not_yet, by) in [(true, 3, 5), (false, 5, 9)] {
        let mut world = World::new();
        let (alice, tracks) = world.enter("alice", &[microphone()]);
        let (bob, _) = world.enter("bob", &[microphone()]);
        talk(&mut world, alice, tracks[0], 2);
        if !says {
            world.run(SECOND * 5);
        }
        world.unplugged.push(alice);
        world.run(SECOND * not_yet);
        assert!(!told(&world, bob).contains(&Presence::Reconnecting), "speaks: {says}");
        world.run(SECOND * (by - not_yet));
        assert_eq!(told(&world, bob).last(), Some(&Presence::Reconnecting), "speaks: {says}");
    }
}

#[test]
fn who_mutes_everything_is_not_missed() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[microphone()]);
    let (bob, _) = world.enter("bob", &[]);
    talk(&mut world, alice, tracks[0], 2);
    let muted = vec![(Source::Microphone, true)];
    let mute = Command::UpdateStream { extra_info: None, muted, stream: stream("alice") };
    assert_eq!(world.command(alice, mute), Ok(Answer::Done));
    world.unplugged.push(alice);
    world.run(SECOND * 6);
    assert!(!told(&world, bob).contains(&Presence::Reconnecting), "the next check may still come");
}

#[test]
fn a_picture_that_does_not_arrive_is_not_said_to_be_off() {
    let mut world = World::new();
    let camera = TrackSpec::new(Source::Camera, Codec::Vp8);
    let (alice, tracks) = world.enter("alice", &[camera]);
    let (bob, _) = world.enter("bob", &[microphone()]);
    let film = |world: &mut World| {
        for number in 0..50 {
            world.write(alice, (tracks[0], None), &vp8(number, number == 0));
            world.run(FRAME);
        }
    };
    film(&mut world);
    assert_eq!(layers(&world, bob), [Layer::High]);

    world.unplugged.push(alice);
    world.run(SECOND * 12);
    world.unplugged.clear();
    world.run(SECOND * 4);
    film(&mut world);
    assert_eq!(layers(&world, bob), [Layer::High], "it went and came, and it was not for want of room");
    let before = world.devices[bob].packets.len();
    film(&mut world);
    assert!(world.devices[bob].packets.len() > before, "it is there again");

    world.run(SECOND * 3);
    let muted = vec![(Source::Camera, true)];
    let mute = Command::UpdateStream { extra_info: None, muted, stream: stream("alice") };
    assert_eq!(world.command(alice, mute), Ok(Answer::Done));
    assert_eq!(layers(&world, bob), [Layer::High, Layer::Off], "muted is off, also where nothing came");
}

/// What a device was told of the layers that it receives.
fn layers(world: &World, device: usize) -> Vec<Layer> {
    let told = world.devices[device].events.iter().filter_map(|event| match event {
        RoomEvent::Layers(layers) => Some(layers.iter().map(|(_, _, layer)| *layer)),
        RoomEvent::Left(_)
        | RoomEvent::Levels { .. }
        | RoomEvent::Members { .. }
        | RoomEvent::Message { .. }
        | RoomEvent::Offer { .. }
        | RoomEvent::Quality { .. }
        | RoomEvent::Streams { .. } => None,
    });
    told.flatten().collect()
}
