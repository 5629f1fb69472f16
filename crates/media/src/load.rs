//! How busy a worker's thread is.
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How long the average reaches back. Shorter follows bursts of joins; longer admits rooms onto a full worker.
const WINDOW: Duration = Duration::from_secs(1);

/// How often a sample is taken. Also how old the published figures of a busy worker get.
pub(crate) const SAMPLE_INTERVAL: Duration = Duration::from_millis(100);

/// The share of a core that a thread used over a sliding second.
#[derive(Debug)]
pub(crate) struct LoadMeter {
    /// When each sample was taken, and the thread's processor time then.
    samples: VecDeque<(Instant, Duration)>,
}

impl LoadMeter {
    pub(crate) fn new(now: Instant, cpu: Duration) -> Self {
        Self { samples: VecDeque::from([(now, cpu)]) }
    }

    /// Whether it is time for the next sample.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.samples.back().is_none_or(|(last, _)| now.saturating_duration_since(*last) >= SAMPLE_INTERVAL)
    }

    /// Takes a sample; the share of a core used since the one that is a second old.
    pub(crate) fn sample(&mut self, now: Instant, cpu: Duration) -> f32 {
        self.samples.push_back((now, cpu));
        // The oldest that stays is the last one outside of the window, so that a sleeper's average reaches back enough.
        while self.samples.len() > 2 && now.saturating_duration_since(self.samples[1].0) >= WINDOW {
            self.samples.pop_front();
        }
        let (begin, before) = self.samples[0];
        let wall = now.saturating_duration_since(begin);
        if wall.is_zero() { 0.0 } else { cpu.saturating_sub(before).as_secs_f32() / wall.as_secs_f32() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_is_that_of_the_last_second() {
        let begin = crate::clock::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut meter = LoadMeter::new(begin, Duration::ZERO);
        assert!(!meter.is_due(at(99)) && meter.is_due(at(100)));

        let mut load = 0.0;
        for tenth in 1..=20u64 {
            load = meter.sample(at(tenth * 100), Duration::from_millis(tenth * 50));
        }
        assert!((load - 0.5).abs() < 0.01, "half of each tenth: {load}");

        for tenth in 21..=30u64 {
            load = meter.sample(at(tenth * 100), Duration::from_secs(1));
        }
        assert!(load < 0.01, "a second of rest: {load}");
        assert!(meter.samples.len() < 13, "old samples go");
    }

    #[test]
    fn after_a_long_sleep_the_average_reaches_over_it() {
        let begin = crate::clock::now();
        let mut meter = LoadMeter::new(begin, Duration::ZERO);
        let after = meter.sample(begin + Duration::from_secs(60), Duration::from_millis(600));
        assert!((after - 0.01).abs() < 0.001, "{after}");
    }
}
