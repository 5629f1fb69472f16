use std::{net::SocketAddr, time::Duration};

use super::world::{World, opus, sfu_address, stream};
use crate::{
    Command, Datagram, OfferedStream, OfferedTrack, Refusal, Source, Transport,
    endpoint::{Codec, TrackSpec},
    worker_of,
};

const SECOND: Duration = Duration::from_secs(1);

fn stranger() -> SocketAddr {
    "10.1.2.3:4567".parse().expect("an address")
}

fn feed(world: &mut World, source: SocketAddr, contents: &[u8]) {
    let now = world.now;
    let datagram = Datagram { contents, destination: sfu_address(), source, transport: Transport::Udp };
    world.sfu.receive(now, datagram);
    world.drain();
}

/// A STUN binding request with this user name and an integrity that nobody could have computed.
fn binding_request(username: &str) -> Vec<u8> {
    let mut attributes = Vec::new();
    let mut push = |kind: u16, value: &[u8]| {
        attributes.extend(kind.to_be_bytes());
        attributes.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
        attributes.extend(value);
        attributes.resize(attributes.len().next_multiple_of(4), 0);
    };
    push(0x0006, username.as_bytes());
    push(0x0024, &1_u32.to_be_bytes());
    push(0x0008, &[7; 20]);
    let mut message = vec![0, 1];
    message.extend(u16::try_from(attributes.len()).expect("short").to_be_bytes());
    message.extend(0x2112_a442_u32.to_be_bytes());
    message.extend([9; 12]);
    message.extend(attributes);
    message
}

/// The ICE user name that the machine gave a device.
fn ufrag_of(sdp: &str) -> String {
    let line = sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).expect("every answer has one");
    line.to_owned()
}

#[test]
fn descriptions_that_cannot_be_used_change_nothing() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[TrackSpec::microphone()]);
    let (bob, _) = world.enter("bob", &[TrackSpec::microphone()]);
    let good = {
        let now = world.now;
        world.devices[alice].endpoint.publish(TrackSpec::camera());
        world.devices[alice].endpoint.offer(now).expect("something to offer").sdp
    };
    let mid = world.devices[alice].endpoint.published()[0].1.clone();
    let mut hundred = good.clone();
    for n in 0..100 {
        hundred += &format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x{n}\r\na=sendonly\r\n");
    }
    let other = good.replace(&format!("a=mid:{mid}"), "a=mid:other").replace(&format!(" {mid}"), " other");
    for bad in [
        "",
        "v=0",
        "\0\0\0",
        "v=0\r\nm=audio\r\n",
        &hundred,
        &other,
        &good.replace("BUNDLE", "LS"),
        &good.replace("SAVPF", "?"),
    ] {
        for _ in 0..2 {
            let refused = world.command(alice, Command::Offer { sdp: bad.to_owned(), streams: vec![] });
            assert_eq!(refused, Err(Refusal::BadSdp));
            world.run(SECOND / 5);
        }
    }
    let long = "a".repeat(49 * 1024);
    assert_eq!(world.command(alice, Command::Offer { sdp: long, streams: vec![] }), Err(Refusal::TooLarge));
    world.run(SECOND);

    world.write(alice, (tracks[0], None), &opus(1));
    world.run(SECOND);
    assert_eq!(world.received(bob, "alice", Source::Microphone).len(), 1, "still heard");
}

#[test]
fn what_is_published_must_be_in_the_description() {
    let mut world = World::new();
    let alice = world.device("alice");
    world.join(alice).expect("may join");
    let now = world.now;
    let track = world.devices[alice].endpoint.publish(TrackSpec::new(Source::Camera, Codec::Vp8));
    let offer = world.devices[alice].endpoint.offer(now).expect("something to offer");
    let mid = offer.tracks.iter().find(|(number, _)| *number == track).expect("offered").1.clone();
    let publish = |mid: &str, source| Command::Offer {
        sdp: offer.sdp.clone(),
        streams: vec![OfferedStream {
            extra_info: "".into(),
            stream: stream("alice"),
            tracks: vec![OfferedTrack { mid: mid.to_owned(), muted: false, source }],
        }],
    };
    assert_eq!(world.command(alice, publish("nowhere", Source::Camera)), Err(Refusal::BadSdp));
    assert_eq!(world.command(alice, publish(&mid, Source::Microphone)), Err(Refusal::BadSdp));
    assert!(world.command(alice, publish(&mid, Source::Camera)).is_ok());
}

#[test]
fn strangers_get_no_answer_and_take_no_address() {
    let mut world = World::new();
    let (alice, _) = world.enter("alice", &[TrackSpec::microphone()]);
    let (bob, _) = world.enter("bob", &[TrackSpec::microphone()]);
    let answer = {
        let now = world.now;
        world.devices[alice].endpoint.publish(TrackSpec::camera());
        let sdp = world.devices[alice].endpoint.offer(now).expect("something to offer").sdp;
        let Ok(crate::Answer::Description(crate::MediaAnswer { sdp: answer, .. })) =
            world.command(alice, Command::Offer { sdp, streams: vec![] })
        else {
            panic!("a good offer")
        };
        answer
    };
    let name = format!("{}:whoever", ufrag_of(&answer));
    assert_eq!(worker_of(&binding_request(&name)), Some(3));
    assert_eq!(worker_of(&binding_request("nonsense:whoever")), None);
    world.run(SECOND);
    let (before, heard) = (world.sfu.statistics(), world.devices[bob].packets.len());

    let mut state = 1_u32;
    for length in 0..400_usize {
        let garbage: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect();
        feed(&mut world, stranger(), &garbage);
        // From the address of somebody else it must not end their connection.
        let bobs = world.devices[bob].socket;
        feed(&mut world, bobs, &garbage);
    }
    for first in [0_u8, 20, 22, 23, 64, 128, 144, 200, 255] {
        feed(&mut world, stranger(), &[first; 100]);
    }
    feed(&mut world, stranger(), &binding_request(&name));
    let bobs = world.devices[bob].socket;
    feed(&mut world, bobs, &binding_request(&name));

    assert!(world.stray.is_empty(), "not a byte went to a stranger");
    let after = world.sfu.statistics();
    assert!(after.foreign_packets >= before.foreign_packets + 400);
    assert_eq!(after.participants, 2);
    assert_eq!(world.devices[bob].packets.len(), heard);
    assert!(world.command(alice, Command::Read).is_ok());
}

#[test]
fn a_participant_that_never_answers_troubles_nobody() {
    let mut world = World::new();
    let (alice, tracks) = world.enter("alice", &[TrackSpec::microphone()]);
    let (bob, _) = world.enter("bob", &[TrackSpec::microphone()]);
    let deaf = world.device("deaf");
    world.devices[deaf].answers = false;
    world.join(deaf).expect("may join");
    world.run(SECOND * 25);
    assert!(world.devices[deaf].unanswered.len() <= 6, "offers are not repeated without end");
    world.run(SECOND * 10);
    assert_eq!(world.sfu.statistics().participants, 2, "who does not connect is let go");
    world.write(alice, (tracks[0], None), &opus(1));
    world.run(SECOND);
    assert_eq!(world.received(bob, "alice", Source::Microphone).len(), 1);
}
