//! What arrives of one encoding: what is missing of it, and whether a keyframe has to be asked for.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::port::{Codec, Reception};

/// How long a keyframe is waited for before it is asked for again. Less floods the publisher, who serves everybody at
/// once; more leaves a picture frozen for longer when a request was lost.
const PATIENCE: Duration = Duration::from_millis(500);

/// One encoding that arrives.
#[derive(Debug)]
pub(super) struct Receiving {
    asked: Option<Instant>,
    /// The number that the next packet should have.
    expected: Option<u64>,
    /// Pictures cannot be decoded until a keyframe comes.
    needs_keyframe: bool,
    pub(super) reception: Reception,
}

/// A frame or packet that arrived, as far as counting goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) bytes: usize,
    pub(super) codec: Option<Codec>,
    /// The numbers of its packets, the first and the last.
    pub(super) sequence: (u64, u64),
}

impl Receiving {
    pub(super) fn new(mid: Arc<str>, rid: Option<Arc<str>>) -> Self {
        let reception = Reception { mid, rid, ..Reception::default() };
        Self { asked: None, expected: None, needs_keyframe: true, reception }
    }

    /// Counts what arrived.
    pub(super) fn count(&mut self, arrival: Arrival) {
        let (first, last) = arrival.sequence;
        let here = (last + 1).saturating_sub(first);
        let reception = &mut self.reception;
        reception.bytes += arrival.bytes as u64;
        reception.codec = arrival.codec;
        reception.packets += here;
        let expected = self.expected.unwrap_or(first);
        if first > expected {
            reception.lost += first - expected;
            reception.gaps += 1;
        } else {
            // What comes late, or again, was counted as lost before.
            reception.lost = reception.lost.saturating_sub(here.min(expected - first));
        }
        self.expected = Some(expected.max(last + 1));
    }

    /// Counts a frame, and says whether it can be decoded. `whole` says that nothing is missing before it.
    pub(super) fn frame(&mut self, keyframe: bool, whole: bool) -> bool {
        let is_audio = self.reception.codec == Some(Codec::Opus);
        self.needs_keyframe = !is_audio && !keyframe && (self.needs_keyframe || !whole);
        self.reception.frames += 1;
        self.reception.keyframes += u64::from(keyframe);
        self.reception.decodable_frames += u64::from(!self.needs_keyframe);
        !self.needs_keyframe
    }

    /// Whether it is time to ask for a keyframe. The asking is counted.
    pub(super) fn ask(&mut self, now: Instant) -> bool {
        let patient = self.asked.is_some_and(|asked| now < asked + PATIENCE);
        if !self.needs_keyframe || patient {
            return false;
        }
        self.asked = Some(now);
        self.reception.keyframe_requests += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_lost_until_it_comes_late() {
        let mut receiving = receiving();

        for number in [10, 11, 14] {
            receiving.count(packet(number));
        }
        assert_eq!((receiving.reception.lost, receiving.reception.gaps), (2, 1));

        receiving.count(packet(12));
        assert_eq!((receiving.reception.lost, receiving.reception.packets), (1, 4));
        receiving.count(Arrival { sequence: (15, 19), ..packet(15) });
        assert_eq!((receiving.reception.lost, receiving.reception.packets), (1, 9));
    }

    #[test]
    fn pictures_are_decodable_from_a_keyframe_to_the_next_gap() {
        let mut receiving = receiving();
        receiving.count(packet(1));

        let frames =
            [(false, true), (true, true), (false, true), (false, false), (false, true), (true, false)];
        let decodable = frames.map(|(keyframe, whole)| receiving.frame(keyframe, whole));

        assert_eq!(decodable, [false, true, true, false, false, true]);
        assert_eq!((receiving.reception.frames, receiving.reception.decodable_frames), (6, 3));
    }

    #[test]
    fn a_keyframe_is_asked_for_patiently_until_it_comes() {
        let mut receiving = receiving();
        receiving.count(packet(1));
        let start = start();

        assert!(receiving.ask(start), "nothing can be shown yet");
        assert!(!receiving.ask(start + PATIENCE - Duration::from_millis(1)), "the answer may be under way");
        assert!(receiving.ask(start + PATIENCE));
        receiving.frame(true, true);
        assert!(!receiving.ask(start + 9 * PATIENCE), "it came");
        assert_eq!(receiving.reception.keyframe_requests, 2);
    }

    #[test]
    fn audio_needs_no_keyframe() {
        let mut receiving = receiving();
        receiving.count(Arrival { codec: Some(Codec::Opus), ..packet(1) });

        assert!(receiving.frame(false, false));
        assert!(!receiving.ask(start()));
    }

    fn receiving() -> Receiving {
        Receiving::new("0".into(), None)
    }

    fn packet(number: u64) -> Arrival {
        Arrival { bytes: 1, codec: Some(Codec::Vp8), sequence: (number, number) }
    }

    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn start() -> Instant {
        Instant::now()
    }
}
