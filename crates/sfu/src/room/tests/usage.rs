//! What everybody used.
use super::*;
use crate::{Usage, room::Reading};

const NONE: Reading = Reading { audio: false, pixels: 0, received_bytes: 0, sent_bytes: 0 };

fn sound() -> Reading {
    Reading { audio: true, ..NONE }
}

fn picture(pixels: u64) -> Reading {
    Reading { audio: true, pixels, ..NONE }
}

fn of(stage: &Stage, seconds: u64, name: &str) -> Usage {
    let all = stage.room.usage(stage.at(seconds));
    all.into_iter().find(|usage| usage.user == user(name)).expect("was here")
}

fn tiers(stage: &Stage, seconds: u64, name: &str) -> [u64; 6] {
    of(stage, seconds, name).tiers.map(|tier| tier.as_secs())
}

#[test]
fn the_sum_of_received_pixels_decides_the_tier() {
    let bounds = [
        (NONE, None),
        (sound(), Some(0)),
        (Reading { audio: false, ..picture(1) }, Some(1)),
        (picture(640 * 360), Some(1)),
        (picture(640 * 360 + 1), Some(2)),
        (picture(1280 * 720), Some(2)),
        (picture(1280 * 720 + 1), Some(3)),
        (picture(1920 * 1080), Some(3)),
        (picture(1920 * 1080 + 1), Some(4)),
        (picture(2560 * 1440), Some(4)),
        (picture(2560 * 1440 + 1), Some(5)),
        (picture(u64::MAX), Some(5)),
    ];
    for (reading, tier) in bounds {
        let mut stage = Stage::new();
        let alice = stage.join(0, ALICE);
        stage.room.meter(stage.at(10), alice, &reading);
        let mut expected = [0; 6];
        if let Some(tier) = tier {
            expected[tier] = 7;
        }
        assert_eq!(tiers(&stage, 17, ALICE), expected, "{reading:?}");
    }
}

#[test]
fn a_reading_holds_until_the_next_or_until_nothing_can_be_received() {
    let mut stage = Stage::new();
    let alice = stage.join(0, ALICE);
    stage.media(1, alice, MediaState::Flowing);
    stage.room.meter(stage.at(2), alice, &sound());
    stage.room.meter(stage.at(5), alice, &picture(1000));
    stage.room.meter(stage.at(6), alice, &NONE);
    stage.room.meter(stage.at(8), alice, &picture(1000));
    stage.media(12, alice, MediaState::Lost);
    stage.media(20, alice, MediaState::Flowing);
    stage.room.meter(stage.at(21), alice, &sound());
    stage.room.leave(stage.at(23), alice, LeaveCause::Left);
    assert_eq!(tiers(&stage, 99, ALICE), [3 + 2, 1 + 4, 0, 0, 0, 0]);
    assert_eq!(of(&stage, 99, ALICE).present, Duration::from_secs(23));
}

#[test]
fn all_stays_and_devices_of_a_user_are_summed_up() {
    let mut stage = Stage::new();
    let bytes = |received_bytes, sent_bytes| Reading { received_bytes, sent_bytes, ..sound() };
    let first = stage.join(0, ALICE);
    stage.join(0, BOB);
    stage.room.meter(stage.at(2), first, &bytes(100, 10));
    let second = stage.join_as(5, &join(ALICE, TABLET)).member;
    stage.room.meter(stage.at(6), first, &bytes(5000, 5000));
    stage.room.meter(stage.at(7), second, &bytes(30, 3));
    stage.room.leave(stage.at(10), second, LeaveCause::Left);
    stage.join(20, ALICE);
    stage.hush();
    stage.room.close(stage.at(24), LeaveCause::Ended);

    let alice = Usage {
        present: Duration::from_secs(10 + 4),
        received_bytes: 130,
        sent_bytes: 13,
        tiers: [6, 0, 0, 0, 0, 0].map(Duration::from_secs),
        user: user(ALICE),
    };
    let bob = Usage {
        present: Duration::from_secs(24),
        received_bytes: 0,
        sent_bytes: 0,
        tiers: [Duration::ZERO; 6],
        user: user(BOB),
    };
    let closed = RoomOutput::Fact(Fact::Closed { room: key(), usage: vec![alice, bob] });
    let outputs = stage.outputs();
    assert_eq!(outputs[outputs.len() - 2..], [closed, RoomOutput::Over]);
}
