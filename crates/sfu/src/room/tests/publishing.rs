//! Streams and their tracks.
use super::*;
use crate::{Refusal, room::StreamUpdate};

use Source::{Camera, Microphone, Screen};

fn streams(added: Vec<Stream>, changed: Vec<Stream>, removed: &[&str]) -> RoomEvent {
    RoomEvent::Streams { added, changed, removed: removed.iter().map(|name| stream(name)).collect() }
}

fn numbers(numbers: &[u32]) -> Vec<TrackNo> {
    numbers.iter().copied().map(TrackNo).collect()
}

/// Alice, who publishes `a` with a camera (track 0) and a microphone (track 1), and Bob.
fn on_air() -> (Stage, MemberNo, MemberNo) {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    let bob = stage.join(0, BOB);
    let begun = stage.room.publish(stage.at(1), alice, vec![offer("a", &[(Camera, "0"), (Microphone, "1")])]);
    assert_eq!(begun, Ok(numbers(&[0, 1])));
    (stage, alice, bob)
}

#[test]
fn what_is_published_is_told_to_the_others_and_seen_by_all() {
    let (mut stage, alice, bob) = on_air();
    let a = shown(ALICE, "a", &[(Camera, false), (Microphone, false)]);
    let added = told(BOB, streams(vec![a.clone()], vec![], &[]));
    assert_eq!(stage.outputs().last(), Some(&added));
    for member in [alice, bob] {
        assert_eq!(stage.room.state_for(member).expect("in").streams, std::slice::from_ref(&a));
    }
    let tracks: Vec<_> =
        stage.room.tracks().map(|at| (at.publisher, at.stream.as_str(), at.track.number)).collect();
    assert_eq!(tracks, [(alice, "a", TrackNo(0)), (alice, "a", TrackNo(1))]);
    let microphone = stage.room.track(&stream("a"), Microphone).expect("published");
    assert_eq!((microphone.number, microphone.mid.as_str(), microphone.muted), (TrackNo(1), "1", false));
    assert_eq!(stage.room.track(&stream("a"), Screen), None);
}

#[test]
fn an_offer_names_everything_and_what_it_does_not_name_ends() {
    let (mut stage, alice, _) = on_air();
    stage.hush();
    let now = stage.at(2);
    let same = vec![offer("a", &[(Microphone, "1"), (Camera, "0")])];
    assert_eq!(stage.room.publish(now, alice, same), Ok(vec![]));
    let reordered = shown(ALICE, "a", &[(Microphone, false), (Camera, false)]);
    assert_eq!(stage.outputs(), [told(BOB, streams(vec![], vec![reordered], &[]))]);

    let less_and_more = vec![offer("s", &[(Screen, "2")]), offer("a", &[(Microphone, "1")])];
    assert_eq!(stage.room.publish(now, alice, less_and_more.clone()), Ok(numbers(&[2])));
    let news = streams(
        vec![shown(ALICE, "s", &[(Screen, false)])],
        vec![shown(ALICE, "a", &[(Microphone, false)])],
        &[],
    );
    assert_eq!(stage.outputs(), [RoomOutput::Unpublished(numbers(&[0])), told(BOB, news)]);

    assert_eq!(stage.room.publish(now, alice, less_and_more), Ok(vec![]));
    assert_eq!(stage.outputs(), [], "a retry is silent");

    assert_eq!(stage.room.publish(now, alice, vec![]), Ok(vec![]));
    let nothing = streams(vec![], vec![], &["a", "s"]);
    assert_eq!(stage.outputs(), [RoomOutput::Unpublished(numbers(&[1, 2])), told(BOB, nothing)]);
    assert_eq!(stage.room.tracks().count(), 0);
}

#[test]
fn a_track_over_another_section_is_another_track_and_no_news_to_the_others() {
    let (mut stage, alice, _) = on_air();
    stage.hush();
    let moved = vec![offer("a", &[(Camera, "5"), (Microphone, "1")])];
    assert_eq!(stage.room.publish(stage.at(2), alice, moved), Ok(numbers(&[2])));
    assert_eq!(stage.outputs(), [RoomOutput::Unpublished(numbers(&[0]))]);
}

#[test]
fn another_source_over_the_same_section_is_another_track() {
    let (mut stage, alice, _) = on_air();
    stage.hush();
    let screen = vec![offer("a", &[(Screen, "0"), (Microphone, "1")])];
    assert_eq!(stage.room.publish(stage.at(2), alice, screen), Ok(numbers(&[2])));
    let a = shown(ALICE, "a", &[(Screen, false), (Microphone, false)]);
    let news = told(BOB, streams(vec![], vec![a], &[]));
    assert_eq!(stage.outputs(), [RoomOutput::Unpublished(numbers(&[0])), news]);
}

#[test]
fn a_stream_that_comes_again_has_new_tracks() {
    let (mut stage, alice, bob) = on_air();
    stage.room.publish(stage.at(2), alice, vec![]).expect("permitted");
    let again = vec![offer("a", &[(Camera, "0")])];
    assert_eq!(stage.room.publish(stage.at(3), bob, again), Ok(numbers(&[2])), "the name is free again");
}

#[test]
fn extra_info_and_muting_in_an_offer_are_news() {
    let (mut stage, alice, _) = on_air();
    stage.hush();
    let mut muted = offer("a", &[(Camera, "0"), (Microphone, "1")]);
    muted.tracks[1].muted = true;
    muted.extra_info = "new".into();
    assert_eq!(stage.room.publish(stage.at(2), alice, vec![muted]), Ok(vec![]));
    let a = Stream { extra_info: "new".into(), ..shown(ALICE, "a", &[(Camera, false), (Microphone, true)]) };
    assert_eq!(stage.outputs(), [told(BOB, streams(vec![], vec![a], &[]))]);
}

#[test]
fn an_offer_that_breaks_a_rule_changes_nothing() {
    let (mut stage, _, bob) = on_air();
    let carol = stage.join_as(1, &join_in_role(CAROL, Role::Viewer)).member;
    stage.room.publish(stage.at(1), bob, vec![offer("b", &[(Camera, "0")])]).expect("permitted");
    stage.hush();
    let before = format!("{:?}", stage.room);
    let fine = offer("c", &[(Camera, "0")]);
    let described =
        |length: usize| OfferedStream { extra_info: Opaque::new("x".repeat(length)), ..fine.clone() };
    let two = |one: &[(Source, &str)], other: &[(Source, &str)]| vec![offer("c", one), offer("d", other)];
    let cases = [
        (carol, vec![fine.clone()], Refusal::RoleForbids),
        (MemberNo(9), vec![fine.clone()], Refusal::NotInRoom),
        (bob, vec![offer("a", &[(Camera, "0")])], Refusal::StreamTaken),
        (bob, vec![fine.clone(), offer("c", &[(Screen, "1")])], Refusal::StreamTaken),
        (bob, vec![described(1025)], Refusal::TooLarge),
        (bob, vec![offer("c", &[])], Refusal::BadSdp),
        (bob, vec![offer("c", &[(Camera, "0"), (Camera, "1")])], Refusal::BadSdp),
        (bob, vec![offer("c", &[(Camera, "")])], Refusal::BadSdp),
        (bob, two(&[(Camera, "0")], &[(Screen, "0")]), Refusal::BadSdp),
        (bob, two(&seven()[..4], &seven()[4..]), Refusal::TooManyTracks),
    ];
    for (member, offers, refusal) in cases {
        assert_eq!(stage.room.check_publish(member, &offers), Err(refusal));
        assert_eq!(stage.room.publish(stage.at(2), member, offers), Err(refusal));
        assert_eq!(stage.outputs(), [], "{refusal:?}");
        assert_eq!(format!("{:?}", stage.room), before, "{refusal:?}");
    }
    assert_eq!(stage.room.check_publish(bob, &[described(1024)]), Ok(()), "a kilobyte is permitted");
    assert_eq!(stage.room.check_publish(carol, &[]), Ok(()), "a viewer may offer to receive");
    assert_eq!(
        stage.room.check_publish(bob, &two(&seven()[..4], &seven()[4..6])),
        Ok(()),
        "six tracks are permitted"
    );
}

fn seven() -> [(Source, &'static str); 7] {
    use Source::ScreenAudio;
    [
        (Camera, "0"),
        (Microphone, "1"),
        (Screen, "2"),
        (ScreenAudio, "3"),
        (Camera, "4"),
        (Microphone, "5"),
        (Screen, "6"),
    ]
}

#[test]
fn an_own_stream_is_muted_and_described_anew() {
    let (mut stage, alice, _) = on_air();
    stage.hush();
    let now = stage.at(2);
    let mute = |muted: &[(Source, bool)]| StreamUpdate {
        extra_info: None,
        muted: muted.to_vec(),
        stream: stream("a"),
    };

    assert_eq!(
        stage.room.update_stream(now, alice, mute(&[(Microphone, true), (Camera, false)])),
        Ok(numbers(&[1]))
    );
    let silent = shown(ALICE, "a", &[(Camera, false), (Microphone, true)]);
    assert_eq!(stage.outputs(), [told(BOB, streams(vec![], vec![silent.clone()], &[]))]);
    assert_eq!(stage.room.update_stream(now, alice, mute(&[(Microphone, true)])), Ok(vec![]));
    assert_eq!(stage.outputs(), [], "muting twice is muting once");

    let described = StreamUpdate { extra_info: Some("x".into()), ..mute(&[]) };
    assert_eq!(stage.room.update_stream(now, alice, described), Ok(vec![]));
    let news = Stream { extra_info: "x".into(), ..silent };
    assert_eq!(stage.outputs(), [told(BOB, streams(vec![], vec![news.clone()], &[]))]);
    assert_eq!(stage.room.state_for(alice).expect("in").streams, [news], "what is not named stays");
}

#[test]
fn an_update_that_breaks_a_rule_changes_nothing() {
    let (mut stage, alice, bob) = on_air();
    stage.hush();
    let before = format!("{:?}", stage.room);
    let update = |name: &str, muted: &[(Source, bool)]| StreamUpdate {
        extra_info: Some("x".into()),
        muted: muted.to_vec(),
        stream: stream(name),
    };
    let long =
        StreamUpdate { extra_info: Some(Opaque::new("x".repeat(1025))), ..update("a", &[(Camera, true)]) };
    let cases = [
        (bob, update("a", &[]), Refusal::StreamNotFound),
        (alice, update("b", &[]), Refusal::StreamNotFound),
        (alice, update("a", &[(Camera, true), (Screen, true)]), Refusal::StreamNotFound),
        (alice, long, Refusal::TooLarge),
        (MemberNo(9), update("a", &[]), Refusal::NotInRoom),
    ];
    for (member, update, refusal) in cases {
        assert_eq!(stage.room.update_stream(stage.at(2), member, update), Err(refusal));
        assert_eq!(format!("{:?}", stage.room), before, "{refusal:?}");
    }
}
