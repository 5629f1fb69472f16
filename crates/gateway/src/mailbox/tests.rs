use offhook_signaling::{
    Hidden, Layer, LeaveCause, Levels, MemberLevel, MembersChanged, MessageKind, Quality, RoomLeft,
    RoomMessage, ServerOffer, StreamsChanged, TrackSource,
};
use offhook_types::{StreamId, UserId};

use super::*;

fn room(name: &str) -> RoomId {
    RoomId::new(name).unwrap()
}

fn message(of: &str, text: &str) -> RoomEvent {
    let from = UserId::new("alice").unwrap();
    RoomEvent::Message(RoomMessage { data: text.into(), from, kind: MessageKind::Broadcast, room: room(of) })
}

fn levels(of: &str, level: u8) -> RoomEvent {
    let levels = vec![MemberLevel { level, user: UserId::new("alice").unwrap() }];
    RoomEvent::Levels(Levels { active: None, levels, room: room(of) })
}

fn quality(of: &str, rtt_ms: u32) -> RoomEvent {
    RoomEvent::Quality(Quality { downlink_bps: 1, members: vec![], room: room(of), rtt_ms })
}

fn offer(of: &str, negotiation: u32) -> RoomEvent {
    let sdp = Hidden("v=0".into());
    RoomEvent::Offer(ServerOffer { negotiation, room: room(of), sdp, tracks: vec![] })
}

fn layers(of: &str, tracks: &[(&str, Layer)]) -> RoomEvent {
    let track = |(stream, layer): &(&str, Layer)| TrackLayer {
        layer: layer.clone(),
        source: TrackSource::Camera,
        stream: StreamId::new(stream).unwrap(),
    };
    RoomEvent::Layers(LayersChanged { room: room(of), tracks: tracks.iter().map(track).collect() })
}

fn reset(of: &str) -> RoomEvent {
    RoomEvent::Reset(RoomReset { room: room(of) })
}

fn left(of: &str) -> RoomEvent {
    RoomEvent::Left(RoomLeft { cause: LeaveCause::Kicked, room: room(of) })
}

/// What is found after all these were put in.
fn found(events: impl IntoIterator<Item = RoomEvent>) -> Vec<RoomEvent> {
    let mut mailbox = Mailbox::default();
    events.into_iter().for_each(|event| mailbox.put(event));
    assert_eq!(mailbox.bytes, mailbox.events.iter().map(weight).sum::<usize>(), "every byte is counted once");
    assert!(mailbox.bytes <= MAX_BYTES && mailbox.events.len() <= MAX_EVENTS);
    mailbox.into_events()
}

#[test]
fn events_wait_in_order() {
    let members = RoomEvent::Members(MembersChanged {
        added: vec![],
        changed: vec![],
        removed: vec![],
        room: room("a"),
    });
    let streams = RoomEvent::Streams(StreamsChanged {
        added: vec![],
        changed: vec![],
        removed: vec![],
        room: room("a"),
    });
    let events =
        [members.clone(), message("a", "1"), streams.clone(), message("b", "2"), members, streams, left("a")];
    assert_eq!(found(events.clone()), events);
}

#[test]
fn the_newest_levels_quality_and_offer_of_a_room_take_the_place_of_the_older() {
    let older = [levels("a", 1), quality("a", 1), offer("a", 1), levels("b", 1), message("a", "x")];
    let newer = [levels("a", 2), quality("a", 2), offer("a", 2)];
    let expected = [levels("b", 1), message("a", "x"), levels("a", 2), quality("a", 2), offer("a", 2)];
    assert_eq!(
        found(older.into_iter().chain(newer)),
        expected,
        "at the end, after all that they may speak of"
    );
}

#[test]
fn layers_of_tracks_that_the_newer_event_does_not_name_still_count() {
    let events = [
        layers("a", &[("s1", Layer::Low), ("s2", Layer::High)]),
        layers("b", &[("s1", Layer::Off)]),
        layers("a", &[("s1", Layer::Medium), ("s3", Layer::Low)]),
    ];
    let both = layers("a", &[("s2", Layer::High), ("s1", Layer::Medium), ("s3", Layer::Low)]);
    assert_eq!(found(events), [layers("b", &[("s1", Layer::Off)]), both]);
}

#[test]
fn one_event_too_many_leaves_a_reset_for_each_room() {
    let fitting = || (0..MAX_EVENTS).map(|at| message(if at % 2 == 0 { "a" } else { "b" }, "x"));
    assert_eq!(found(fitting()).len(), MAX_EVENTS);
    assert_eq!(found(fitting().chain([message("c", "x")])), [reset("a"), reset("b"), reset("c")]);
}

#[test]
fn a_byte_too_many_leaves_a_reset() {
    let rest = MAX_BYTES - 2 * weight(&message("a", ""));
    let text = |len| "x".repeat(len);
    assert_eq!(found([message("a", &text(rest)), message("a", "")]).len(), 2);
    assert_eq!(found([message("a", &text(rest + 1)), message("a", "")]), [reset("a")]);
    assert_eq!(found([message("a", ""), message("a", &text(2 * MAX_BYTES))]), [reset("a")]);
}

#[test]
fn while_a_reset_waits_events_of_its_room_are_dropped_but_not_the_end() {
    let overflow = || [message("a", &"x".repeat(2 * MAX_BYTES)), message("b", "kept"), levels("a", 1)];
    assert_eq!(found(overflow()), [reset("a"), message("b", "kept")]);
    let gone = [left("a"), message("a", "of the next stay")];
    let expected = [message("b", "kept"), left("a"), message("a", "of the next stay")];
    assert_eq!(found(overflow().into_iter().chain(gone)), expected);
}
