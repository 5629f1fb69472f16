//! Offers that cross, are refused, or are missed.
use std::{collections::BTreeMap, time::Duration};

use super::world::{World, opus, room, user, vp8};
use crate::{
    Answer, Command, LeaveCause, Refusal, Source,
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

/// A room in which Bob has not seen our offer of what Alice publishes, and Bob.
fn with_a_missed_offer() -> (World, usize) {
    let mut world = World::new();
    let (bob, _) = world.enter("bob", &[microphone()]);
    world.devices[bob].answers = false;
    world.enter("alice", &[microphone()]);
    (world, bob)
}

#[test]
fn offers_that_cross_are_sorted_out() {
    let mut world = World::new();
    let bob = world.device("bob");
    world.join(bob).expect("may join");
    world.publish(bob, "bob", &[microphone()]);
    world.run(SECOND);
    world.devices[bob].answers = false;
    let (alice, tracks) = world.enter("alice", &[microphone()]);
    let (stale, _) = world.devices[bob].unanswered[0].clone();

    // Bob has not seen it when he offers his camera.
    world.devices[bob].answers = true;
    let camera = world.devices[bob].endpoint.publish(camera());
    let published = world.devices[bob].endpoint.published();
    let mut sources: BTreeMap<_, _> =
        published.iter().map(|(track, _)| (*track, Source::Microphone)).collect();
    sources.insert(camera, Source::Camera);
    let voids = world.offer(bob, "bob", &sources).expect("his offer overrides ours");
    assert_eq!(voids, Some(stale), "he is told, as it may reach him after the answer");
    let late = world.command(bob, Command::Answer { negotiation: stale, sdp: "v=0".into() });
    assert_eq!(late, Err(Refusal::NegotiationOver));
    assert_eq!(world.devices[bob].sent.len(), 1, "ours was made again, at once");
    world.run(SECOND);
    assert_eq!(world.devices[alice].sent.len(), 2);
    world.write(alice, (tracks[0], None), &opus(1));
    world.write(bob, (camera, None), &vp8(1, true));
    world.run(SECOND);
    assert_eq!(world.received(bob, "alice", Source::Microphone).len(), 1);
    assert_eq!(world.received(alice, "bob", Source::Camera).len(), 1);

    let screen = world.devices[bob].endpoint.publish(TrackSpec::new(Source::Screen, Codec::Vp8));
    sources.insert(screen, Source::Screen);
    assert_eq!(world.offer(bob, "bob", &sources), Ok(None), "what was answered is not void");
}

#[test]
fn an_offer_that_crosses_a_refused_one_is_made_again() {
    let (mut world, bob) = with_a_missed_offer();
    let (stale, _) = world.devices[bob].unanswered[0].clone();

    world.devices[bob].answers = true;
    let refused = world.command(bob, Command::Offer { sdp: "v=0".into(), streams: vec![] });
    assert_eq!(refused, Err(Refusal::BadSdp));
    assert_eq!(world.devices[bob].sent.len(), 1, "without waiting");
    let late = world.command(bob, Command::Answer { negotiation: stale, sdp: "v=0".into() });
    assert_eq!(late, Err(Refusal::NegotiationOver));
}

#[test]
fn an_offer_that_crosses_one_too_many_is_made_again_within_a_second_and_not_for_each() {
    let (mut world, bob) = with_a_missed_offer();
    let refused = |world: &mut World| {
        let flood =
            (0..100).map(|_| world.command(bob, Command::Offer { sdp: "v=0".into(), streams: vec![] }));
        flood.filter(|answer| *answer == Err(Refusal::TooFast)).count()
    };
    assert!(refused(&mut world) > 50);
    let offers = world.devices[bob].unanswered.len();
    world.run(FRAME);
    assert!(refused(&mut world) > 50);
    assert_eq!(world.devices[bob].unanswered.len(), offers, "a flood of offers makes no flood of ours");

    world.devices[bob].answers = true;
    world.run(SECOND + FRAME);
    assert_eq!(world.devices[bob].sent.len(), 1, "without waiting as for one that was lost");
}

#[test]
fn an_offer_over_a_new_connection_tells_what_was_void_over_the_old_one() {
    let (mut world, bob) = with_a_missed_offer();
    let (stale, _) = world.devices[bob].unanswered[0].clone();
    world.devices[bob].answers = true;

    world.reconnect(bob);
    let track = world.devices[bob].endpoint.publish(microphone());
    let sources = BTreeMap::from([(track, Source::Microphone)]);
    assert_eq!(world.offer(bob, "bob", &sources), Ok(Some(stale)));
    assert_eq!(world.devices[bob].sent.len(), 1);
}

#[test]
fn what_a_device_has_missed_is_offered_again() {
    let (mut world, bob) = with_a_missed_offer();
    assert_eq!(world.devices[bob].sent.len(), 0);
    world.devices[bob].answers = true;

    let Ok(Answer::Room(state)) = world.command(bob, Command::Read) else { panic!("he is in the room") };
    assert_eq!((state.members.len(), state.streams.len()), (2, 2));
    assert_eq!(world.devices[bob].sent.len(), 1, "after a reading, at once");

    world.devices[bob].answers = false;
    world.enter("carol", &[microphone()]);
    world.devices[bob].answers = true;
    world.run(SECOND * 6);
    assert_eq!(world.devices[bob].sent.len(), 2, "without one, after a while");
}

#[test]
fn a_look_from_outside_changes_nothing() {
    let (mut world, bob) = with_a_missed_offer();
    assert_eq!(world.devices[bob].unanswered.len(), 1, "an offer is under way to him");

    let seen = world.sfu.look(&room()).expect("there is a room");
    let users: Vec<_> = seen.members.into_iter().map(|member| member.user).collect();
    assert_eq!((users, seen.streams.len()), (vec![user("bob"), user("alice")], 2));
    assert!(world.sfu.poll_output().is_none(), "nobody is told anything");

    let (negotiation, sdp) = world.devices[bob].unanswered[0].clone();
    let now = world.now;
    let sdp = world.devices[bob].endpoint.accept_offer(now, &sdp).expect("a good offer");
    let answer = Command::Answer { negotiation, sdp };
    assert_eq!(world.command(bob, answer), Ok(Answer::Done), "his answer counts");

    world.sfu.close(now, &room(), LeaveCause::Ended);
    world.drain();
    assert_eq!(world.sfu.look(&room()), None);
}
