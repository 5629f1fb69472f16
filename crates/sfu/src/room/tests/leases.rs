//! Presence, and until when a member is waited for.
use super::*;
use crate::room::presence::{Media, Signaling, deadline};

#[test]
fn presence_follows_the_connection_and_the_others_hear_of_each_change_once() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    stage.join(0, BOB);
    stage.hush();
    let reports = [
        (MediaState::Connecting, None),
        (MediaState::Lost, None),
        (MediaState::Connected, Some(Presence::Connected)),
        (MediaState::Connected, None),
        (MediaState::Flowing, Some(Presence::Flowing)),
        (MediaState::Connected, None),
        (MediaState::Connecting, None),
        (MediaState::Lost, Some(Presence::Reconnecting)),
        (MediaState::Lost, None),
        (MediaState::Connecting, None),
        (MediaState::Connected, Some(Presence::Connected)),
        (MediaState::Lost, Some(Presence::Reconnecting)),
        (MediaState::Flowing, Some(Presence::Flowing)),
    ];
    for (second, (report, news)) in (1..).zip(reports) {
        stage.media(second, alice, report);
        let expected: Vec<_> = news.into_iter().flat_map(|presence| became(ALICE, presence)).collect();
        assert_eq!(stage.outputs(), expected, "{report:?} in second {second}");
    }
}

#[test]
fn a_first_packet_may_come_before_anybody_said_connected() {
    for report in [MediaState::Connected, MediaState::Flowing] {
        assert_ne!(Media::Idle.next(beginning(), report).presence(), Presence::Joined);
    }
}

/// The whole table of `presence::deadline`, in seconds: media broke or began to connect in second 100, signaling went in
/// second 110, 90, 20 or 180.
#[test]
fn a_lease_runs_from_when_what_it_is_for_was_lost() {
    let start = beginning();
    let second = |seconds: u64| start + Duration::from_secs(seconds);
    let limits = Limits {
        lease: Duration::from_secs(30),
        signaling_lease: Duration::from_secs(95),
        connect_timeout: Duration::from_secs(35),
        ..Limits::default()
    };
    let since = second(100);
    let late = Signaling::Gone { since: second(110) };
    let early = Signaling::Gone { since: second(90) };
    let much_later = Signaling::Gone { since: second(180) };
    let long_ago = Signaling::Gone { since: second(20) };
    let there = Signaling::Present;
    let table = [
        (Media::Idle, there, None),
        (Media::Idle, late, Some(140)),
        (Media::Connecting { since }, there, Some(135)),
        (Media::Connecting { since }, late, Some(135)),
        (Media::Connecting { since }, early, Some(120)),
        (Media::Connected, there, None),
        (Media::Connected, late, Some(205)),
        (Media::Flowing, there, None),
        (Media::Flowing, late, Some(205)),
        (Media::Broken { since }, there, Some(195)),
        (Media::Broken { since }, late, Some(140)),
        (Media::Broken { since }, early, Some(130)),
        (Media::Broken { since }, long_ago, Some(115)),
        (Media::Broken { since }, much_later, Some(195)),
    ];
    for (media, signaling, expected) in table {
        assert_eq!(deadline(media, signaling, &limits), expected.map(second), "{media:?} {signaling:?}");
    }
    let patient = Limits { connect_timeout: Duration::ZERO, ..limits };
    assert_eq!(deadline(Media::Connecting { since }, there, &patient), None, "zero is for ever");
    assert_eq!(deadline(Media::Connecting { since }, late, &patient), Some(second(140)));
    let endless = Limits { lease: Duration::MAX, signaling_lease: Duration::MAX, ..limits };
    assert_eq!(deadline(Media::Broken { since }, late, &endless), None, "too long for a clock is for ever");
}

#[test]
fn who_vanishes_is_lost_when_the_lease_ends() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    stage.join(0, BOB);
    let camera = stage
        .room
        .publish(stage.at(0), alice, vec![offer("a", &[(Source::Camera, "0")])])
        .expect("permitted");
    stage.media(1, alice, MediaState::Flowing);
    stage.hush();

    stage.signaling(10, alice, false);
    assert_eq!(stage.deadline(), Some(100), "media flows: the long lease");
    stage.media(15, alice, MediaState::Lost);
    assert_eq!(stage.outputs(), became(ALICE, Presence::Reconnecting));
    assert_eq!(stage.deadline(), Some(45), "both are gone: the short one");
    stage.signaling(20, alice, false);
    stage.media(20, alice, MediaState::Lost);
    assert_eq!(stage.deadline(), Some(45), "gone twice is gone once");

    assert_eq!(stage.pass(44), []);
    let mut expected = seen_off(alice, ALICE, PHONE, LeaveCause::Lost);
    expected.push(RoomOutput::Unpublished(camera));
    expected.push(told(BOB, streams_went(&["a"])));
    expected.push(told(BOB, went(ALICE, LeaveCause::Lost)));
    assert_eq!(stage.pass(45), expected);
    assert_eq!(stage.deadline(), None);
}

#[test]
fn who_comes_back_in_time_stays() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    stage.media(1, alice, MediaState::Flowing);
    stage.signaling(10, alice, false);
    stage.media(15, alice, MediaState::Lost);
    stage.signaling(44, alice, true);
    assert_eq!(stage.deadline(), Some(105), "one of the two is back");
    stage.media(50, alice, MediaState::Connected);
    assert_eq!(stage.deadline(), None, "both are");
    stage.hush();
    assert_eq!(stage.pass(500), []);
}

#[test]
fn a_sign_of_life_after_the_lease_is_late_even_if_no_timer_has_run() {
    let revivals: [fn(&mut Stage, MemberNo); 3] = [
        |stage, alice| stage.signaling(30, alice, true),
        |stage, alice| stage.media(30, alice, MediaState::Connected),
        |stage, alice| assert!(stage.room.admit(stage.at(30), alice).is_err()),
    ];
    for revive in revivals {
        let mut stage = Stage::new();
        let alice = stage.join(0, ALICE);
        stage.signaling(0, alice, false);
        stage.hush();
        revive(&mut stage, alice);
        stage.room.handle_timeout(stage.at(30));
        assert_eq!(stage.outputs(), seen_off(alice, ALICE, PHONE, LeaveCause::Lost));
        assert!(stage.join_as(31, &join(ALICE, PHONE)).is_new, "but the user may come again");
    }
}

#[test]
fn media_that_never_connects_is_waited_for_from_the_first_offer() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    assert_eq!(stage.deadline(), None, "there is nothing to connect for");
    stage.media(100, alice, MediaState::Connecting);
    stage.media(120, alice, MediaState::Connecting);
    assert_eq!(stage.deadline(), Some(130), "a second offer gives no more time");
    stage.join(125, ALICE);
    assert_eq!(stage.deadline(), Some(155), "a new join does");
    stage.hush();
    assert_eq!(stage.pass(155), seen_off(alice, ALICE, PHONE, LeaveCause::Lost));
}

#[test]
fn joining_again_counts_as_a_sign_of_life() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    stage.signaling(1, alice, false);
    assert_eq!(stage.deadline(), Some(31));
    assert!(!stage.join_as(30, &join(ALICE, PHONE)).is_new);
    assert_eq!(stage.deadline(), None);
}

#[test]
fn when_the_last_ones_are_lost_the_room_is_empty_from_then_on() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    let bob = stage.join(0, BOB);
    stage.signaling(0, alice, false);
    stage.signaling(0, bob, false);
    stage.hush();
    let mut expected = seen_off(alice, ALICE, PHONE, LeaveCause::Lost);
    expected.push(told(BOB, went(ALICE, LeaveCause::Lost)));
    expected.extend(seen_off(bob, BOB, PHONE, LeaveCause::Lost));
    assert_eq!(stage.pass(33), expected, "both, though the timer was served late");
    assert_eq!(stage.deadline(), Some(43));
}

#[test]
fn who_vanished_first_is_lost_first() {
    let mut stage = Stage::new();
    let [alice, bob] = [ALICE, BOB].map(|name| stage.join(0, name));
    stage.signaling(5, bob, false);
    stage.signaling(7, alice, false);
    stage.hush();
    assert_eq!(stage.deadline(), Some(35));
    assert_eq!(stage.pass(35)[..3], seen_off(bob, BOB, PHONE, LeaveCause::Lost));
    assert_eq!(stage.deadline(), Some(37));
    assert_eq!(stage.pass(37), seen_off(alice, ALICE, PHONE, LeaveCause::Lost));
}

#[test]
fn a_room_that_is_not_kept_is_over_as_soon_as_it_is_empty() {
    let mut stage =
        Stage::with(Limits { empty_room: Duration::ZERO, lease: Duration::ZERO, ..Limits::default() }, 0);
    let alice = stage.join(0, ALICE);
    stage.signaling(5, alice, false);
    stage.hush();
    assert_eq!(stage.deadline(), Some(5));
    assert_eq!(stage.pass(5).last(), Some(&RoomOutput::Over));
}

fn became(name: &str, presence: Presence) -> Vec<RoomOutput> {
    vec![
        RoomOutput::Fact(Fact::Presence(address(name, PHONE), presence)),
        told(BOB, changed(view(name, presence))),
    ]
}
