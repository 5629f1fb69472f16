use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// A packet that came so many milliseconds after the start.
fn packet(start: Instant, encoding: u8, ms: u64, seq: u64) -> Arrival {
    let at = start + Duration::from_millis(ms);
    let timestamp = u32::try_from(ms * 90).unwrap().wrapping_add(u32::from(encoding) * 1_000_000);
    Arrival { at, encoding, seq, timestamp, vp8: None }
}

#[expect(clippy::disallowed_methods, reason = "an origin to count from; nothing is compared with the clock")]
fn start() -> Instant {
    Instant::now()
}

#[test]
fn a_joiner_after_many_rollovers_starts_below_one() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 7);
    assert_eq!(rebase.begin(&packet(start, 0, 0, 5_000_000)).seq, 7);
    assert_eq!(rebase.forward(&packet(start, 0, 20, 5_000_001)).unwrap().seq, 8);
}

#[test]
fn nothing_leaves_before_it_has_begun() {
    assert_eq!(Rebase::new(90_000, 0).forward(&packet(start(), 0, 0, 1)), None);
}

#[test]
fn a_gap_stays_a_gap_and_the_late_packet_fills_it() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 100);
    rebase.begin(&packet(start, 0, 0, 10));
    assert_eq!(rebase.forward(&packet(start, 0, 40, 13)).unwrap().seq, 103);
    assert_eq!(rebase.forward(&packet(start, 0, 20, 11)).unwrap().seq, 101);
    assert_eq!(rebase.forward(&packet(start, 0, 60, 14)).unwrap().seq, 104);
}

#[test]
fn a_switch_leaves_no_gap_and_advances_by_the_time_that_passed() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 100);
    rebase.begin(&packet(start, 0, 0, 10));
    let last = rebase.forward(&packet(start, 0, 40, 12)).unwrap();
    let seam = rebase.begin(&packet(start, 1, 73, 70_000));
    assert_eq!(seam.seq, last.seq + 1);
    assert_eq!(seam.timestamp, last.timestamp + 33 * 90);
    let next = rebase.forward(&packet(start, 1, 106, 70_001)).unwrap();
    assert_eq!((next.seq, next.timestamp), (seam.seq + 1, seam.timestamp + 33 * 90));
}

#[test]
fn what_is_older_than_the_seam_is_dropped() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 100);
    rebase.begin(&packet(start, 0, 0, 10));
    rebase.begin(&packet(start, 1, 40, 500));
    assert_eq!(rebase.forward(&packet(start, 0, 41, 11)), None, "of the old encoding");
    assert_eq!(rebase.forward(&packet(start, 1, 41, 499)), None, "of the new one, before its keyframe");
}

#[test]
fn two_encodings_of_one_picture_get_two_timestamps() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 0);
    let small = rebase.begin(&packet(start, 0, 50, 10));
    let large = rebase.begin(&packet(start, 1, 50, 10));
    assert_eq!(large.timestamp, small.timestamp + 90);
}

#[test]
fn a_mute_leaves_no_gap_in_numbers_but_in_time() {
    let start = start();
    let mut rebase = Rebase::new(48_000, 0);
    let before = rebase.begin(&packet(start, 0, 0, 10));
    let after = rebase.begin(&packet(start, 0, 60_000, 3010));
    assert_eq!(after.seq, before.seq + 1);
    assert_eq!(after.timestamp, before.timestamp + 60 * 48_000);
}

#[test]
fn a_leap_of_the_source_becomes_a_seam() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 0);
    rebase.begin(&packet(start, 0, 0, 10_000));
    assert_eq!(rebase.forward(&packet(start, 0, 20, 13_000)).unwrap().seq, 3000, "loss");
    assert_eq!(rebase.forward(&packet(start, 0, 40, 16_001)).unwrap().seq, 3001, "too far ahead");
    assert_eq!(rebase.forward(&packet(start, 0, 60, 12)).unwrap().seq, 3002, "a source that starts over");
}

#[test]
fn a_switch_continues_the_picture_counters_of_vp8() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 0);
    let first = with_vp8(packet(start, 0, 0, 1), &picture(0x7ffe, 255, 31));
    assert_eq!(rebase.begin(&first).vp8, None, "nothing to change");
    assert_eq!(
        rebase.forward(&with_vp8(packet(start, 0, 20, 2), &picture(0x7fff, 0, 31))).unwrap().vp8,
        None
    );
    let seam = picture(500, 40, 3);
    let patch = rebase.begin(&with_vp8(packet(start, 1, 40, 1), &seam)).vp8;
    assert_eq!(patch, parse(&seam).patch().picture_id(0).tl0_pic_idx(1).key_idx(0).build().ok());
    let next = picture(501, 41, 3);
    let patch = rebase.forward(&with_vp8(packet(start, 1, 60, 2), &next)).unwrap().vp8;
    assert_eq!(patch, parse(&next).patch().picture_id(1).tl0_pic_idx(2).key_idx(0).build().ok());
}

#[test]
fn a_late_packet_of_vp8_does_not_turn_the_counters_back() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 0);
    rebase.begin(&with_vp8(packet(start, 0, 0, 1), &picture(10, 1, 0)));
    rebase.forward(&with_vp8(packet(start, 0, 40, 3), &picture(12, 3, 0)));
    rebase.forward(&with_vp8(packet(start, 0, 20, 2), &picture(11, 2, 0)));
    let seam = picture(70, 7, 0);
    let patch = rebase.begin(&with_vp8(packet(start, 1, 60, 9), &seam)).vp8;
    assert_eq!(patch, parse(&seam).patch().picture_id(13).tl0_pic_idx(4).key_idx(1).build().ok());
}

#[test]
fn a_short_picture_id_stays_short() {
    let start = start();
    let mut rebase = Rebase::new(90_000, 0);
    rebase.begin(&with_vp8(packet(start, 0, 0, 1), &[0x90, 0x80, 0x7f, 0x01]));
    let seam = [0x90, 0x80, 0x05, 0x00];
    let patch = rebase.begin(&with_vp8(packet(start, 1, 20, 1), &seam)).vp8;
    assert_eq!(patch, parse(&seam).patch().picture_id(0).build().ok());
}

#[test]
fn what_followed_a_late_keyframe_is_there_in_order() {
    let mut held = Held::default();
    for seq in [12, 9, 14, 13] {
        held.keep(seq, seq);
    }
    assert_eq!(held.take_after(11).collect::<Vec<_>>(), [12, 13, 14]);
    assert_eq!(held.take_after(0).count(), 0, "it is empty now");
}

#[test]
fn no_more_is_held_than_a_keyframe_needs() {
    let mut held = Held::default();
    for seq in 0..=MAX_HELD as u64 {
        held.keep(seq, seq);
    }
    assert_eq!(held.take_after(0).collect::<Vec<_>>(), (1..=MAX_HELD as u64).collect::<Vec<_>>());
}

/// The first bytes of a VP8 packet: descriptor with a long picture id, then a delta frame.
fn picture(id: u16, tl0_pic_idx: u8, key_idx: u8) -> [u8; 7] {
    let id = id.to_be_bytes();
    [0x90, 0xf0, 0x80 | id[0], id[1], tl0_pic_idx, key_idx, 0x01]
}

fn parse(payload: &[u8]) -> Vp8Descriptor {
    Vp8Descriptor::parse(payload).unwrap()
}

fn with_vp8(packet: Arrival, payload: &[u8]) -> Arrival {
    Arrival { vp8: Some(parse(payload)), ..packet }
}

proptest! {
    /// Whatever comes, in whatever order: no two packets leave under one number, and the newest number grows by one over a
    /// seam and by no more than the source's gap otherwise.
    #[test]
    fn no_number_is_used_twice(steps in prop::collection::vec((0u8..3, 0u64..12, any::<bool>()), 1..400)) {
        let start = start();
        let mut rebase = Rebase::new(90_000, 65_535);
        let mut sources = [1_000_000u64, 60_000, 5];
        let mut used = std::collections::BTreeMap::new();
        let mut newest = None;
        for (index, (encoding, ahead, switch)) in steps.into_iter().enumerate() {
            let source = &mut sources[usize::from(encoding)];
            // Five back to six ahead, so that packets come late, twice and after gaps.
            let seq = (*source + ahead).saturating_sub(5);
            *source = (*source).max(seq);
            let packet = packet(start, encoding, index as u64, seq);
            let flows = rebase.encoding() == Some(encoding);
            let left = if switch && !flows { Some(rebase.begin(&packet)) } else { rebase.forward(&packet) };
            let Some(left) = left else { continue };
            let origin = used.entry(left.seq).or_insert((encoding, seq));
            prop_assert_eq!(*origin, (encoding, seq), "the same number for two packets");
            if let Some(newest) = newest {
                prop_assert!(left.seq <= newest + 11, "a gap that the source did not have");
                if switch && !flows { prop_assert_eq!(left.seq, newest + 1); }
            }
            newest = newest.max(Some(left.seq));
        }
    }
}
