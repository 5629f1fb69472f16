//! The measure of an encoding: what it costs and whether it arrives.
use std::time::{Duration, Instant};

/// For so long an encoding's rate is not yet known: its first packets look like a trickle, its first keyframe like a flood.
const NEW: Duration = Duration::from_secs(1);

/// So long is one of the measure's slots.
const SLOT: Duration = Duration::from_millis(250);

/// So many slots are averaged: two seconds. More notices changes late, less takes a keyframe for a change.
const SLOTS: usize = 8;

/// An encoding that brought nothing for so long does not arrive any longer. More leaves frozen pictures for longer when a
/// publisher gives up an encoding, less takes a few lost packets for that.
const DRY: Duration = Duration::from_millis(1500);

/// The rate of one encoding, averaged over two seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    slots: [u64; SLOTS],
    /// The slot that is being filled, counted from the first packet.
    slot: u64,
    started_at: Option<Instant>,
    newest_at: Option<Instant>,
}

impl Meter {
    /// Counts a packet, by its payload alone: so does str0m's estimate, with which this is compared.
    pub(crate) fn add(&mut self, now: Instant, payload_bytes: usize) {
        if !self.arrives(now) {
            *self = Self::default();
        }
        self.started_at.get_or_insert(now);
        self.turn(now);
        self.newest_at = Some(now);
        self.slots[self.index()] += payload_bytes as u64;
    }

    /// Whether it has arrived for so short that the rate says little.
    pub(crate) fn is_new(&self, now: Instant) -> bool {
        self.started_at.is_none_or(|at| now.saturating_duration_since(at) < NEW)
    }

    /// The rate in bits a second; 0 if it does not arrive.
    pub(crate) fn bps(&mut self, now: Instant) -> u64 {
        let Some(started_at) = self.started_at.filter(|_| self.arrives(now)) else { return 0 };
        self.turn(now);
        let bits = self.slots.iter().sum::<u64>() * 8;
        let lasted = now.saturating_duration_since(started_at).as_millis();
        // What has just begun is taken for at least one slot, so that its first keyframe does not look like a gigabit.
        let before = self.slot.min(SLOTS as u64 - 1) * slot_ms();
        let within = u64::try_from(lasted).unwrap_or(u64::MAX).saturating_sub(self.slot * slot_ms());
        bits * 1000 / (before + within).max(slot_ms())
    }

    /// Whether packets arrive.
    pub(crate) fn arrives(&self, now: Instant) -> bool {
        self.newest_at.is_some_and(|at| now.saturating_duration_since(at) < DRY)
    }

    /// Goes on to the slot of this moment, and empties those between.
    fn turn(&mut self, now: Instant) {
        let Some(started_at) = self.started_at else { return };
        let lasted = now.saturating_duration_since(started_at).as_millis();
        let slot = u64::try_from(lasted).unwrap_or(u64::MAX) / slot_ms();
        for _ in 0..slot.saturating_sub(self.slot).min(SLOTS as u64) {
            self.slot += 1;
            let index = self.index();
            self.slots[index] = 0;
        }
        self.slot = self.slot.max(slot);
    }

    fn index(&self) -> usize {
        usize::try_from(self.slot % SLOTS as u64).unwrap_or(0)
    }
}

fn slot_ms() -> u64 {
    u64::try_from(SLOT.as_millis()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "an origin to count from; nothing is compared with the clock"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A packet of 100 bytes every ten milliseconds: 80 kbit/s.
    fn fill(meter: &mut Meter, start: Instant, range: std::ops::Range<u64>) {
        for time in range.step_by(10) {
            meter.add(start + ms(time), 100);
        }
    }

    #[test]
    fn a_steady_rate_is_measured_exactly() {
        let start = start();
        let mut meter = Meter::default();
        for until in [1000, 2000, 3000, 10_000] {
            fill(&mut meter, start, until - 1000..until);
            let measured = meter.bps(start + ms(until));
            assert!((78_000..=82_000).contains(&measured), "{measured} after {until} ms");
        }
    }

    #[test]
    fn a_first_packet_is_no_flood() {
        let start = start();
        let mut meter = Meter::default();
        meter.add(start, 1000);
        assert_eq!(meter.bps(start), 1000 * 8 * 4);
        assert!(meter.is_new(start + ms(999)) && !meter.is_new(start + ms(1000)));
    }

    #[test]
    fn a_change_is_seen_within_two_seconds() {
        let start = start();
        let mut meter = Meter::default();
        fill(&mut meter, start, 0..10_000);
        for time in (10_000..12_250).step_by(100) {
            meter.add(start + ms(time), 100);
        }
        let measured = meter.bps(start + ms(12_250));
        assert!((7_500..=8_500).contains(&measured), "{measured}");
    }

    #[test]
    fn what_stays_away_does_not_arrive_and_begins_anew() {
        let start = start();
        let mut meter = Meter::default();
        assert!(!meter.arrives(start));
        fill(&mut meter, start, 0..1000);
        assert!(meter.arrives(start + ms(2480)));
        assert!(!meter.arrives(start + ms(2490)));
        assert_eq!(meter.bps(start + ms(2490)), 0);
        fill(&mut meter, start, 60_000..61_000);
        let measured = meter.bps(start + ms(61_000));
        assert!((78_000..=82_000).contains(&measured), "{measured}");
    }
}
