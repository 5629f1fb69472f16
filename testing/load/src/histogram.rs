//! Counts durations in buckets whose width grows with their value, so that it takes the same memory however long a run.
use std::time::Duration;

/// Buckets for each doubling. More would take more memory; with 128 a percentile is at most 0.8 % above the truth.
const STEPS: u64 = 128;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// The longest duration that is told apart from longer ones: 2^40 ns, 18 minutes.
const MAX_BITS: u32 = 40;

/// How often which duration occurred.
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    longest: Duration,
}

impl Histogram {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        Self { buckets: vec![0; bucket((1 << MAX_BITS) - 1) + 1], count: 0, longest: Duration::ZERO }
    }

    /// Counts one duration.
    pub(crate) fn add(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).min((1 << MAX_BITS) - 1);
        self.buckets[bucket(nanos)] += 1;
        self.count += 1;
        self.longest = self.longest.max(duration);
    }

    /// Counts what the other has counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, its) in self.buckets.iter_mut().zip(&other.buckets) {
            *own += its;
        }
        self.count += other.count;
        self.longest = self.longest.max(other.longest);
    }

    /// The duration that a share of all, from 0 to 1, does not exceed; zero if nothing was counted.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts stay far below 2^53, and shares are positive"
        )]
        let rank = ((share * self.count as f64).ceil() as u64).clamp(1, self.count.max(1));
        let mut seen = 0;
        for (at, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_nanos(upper_end(at)).min(self.longest);
            }
        }
        Duration::ZERO
    }

    /// The longest duration, exactly.
    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

/// Below [`STEPS`] each value has a bucket; from there on each doubling has as many.
fn bucket(nanos: u64) -> usize {
    let shift = (u64::BITS - nanos.leading_zeros()).saturating_sub(STEP_BITS + 1);
    let at = u64::from(shift) * STEPS + (nanos >> shift);
    usize::try_from(at).expect("there are a few thousand buckets")
}

/// The largest value of a bucket.
fn upper_end(at: usize) -> u64 {
    let at = u64::try_from(at).expect("there are a few thousand buckets");
    let shift = (at / STEPS).saturating_sub(1);
    ((at - shift * STEPS + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_near_the_truth_at_every_magnitude() {
        for magnitude in [1_u64, 1_000, 1_000_000, 100_000_000] {
            let mut histogram = Histogram::new();
            (1..=1_000).for_each(|n| histogram.add(Duration::from_nanos(n * magnitude)));
            for (share, truth) in [(0.5, 500), (0.9, 900), (0.99, 990), (0.999, 999), (1.0, 1_000)] {
                let (found, truth) = (histogram.quantile(share).as_nanos(), u128::from(truth * magnitude));
                assert!(found >= truth && found <= truth + truth / 128 + 1, "{found} for {truth}");
            }
        }
    }

    #[test]
    fn buckets_follow_each_other_without_gap() {
        for at in 0..bucket((1 << MAX_BITS) - 1) {
            assert_eq!(bucket(upper_end(at)), at);
            assert_eq!(bucket(upper_end(at) + 1), at + 1);
        }
    }

    #[test]
    fn two_merged_are_as_one() {
        let (mut one, mut other) = (Histogram::new(), Histogram::new());
        one.add(Duration::from_millis(1));
        other.add(Duration::from_millis(9));
        one.merge(&other);
        assert_eq!(one.longest(), Duration::from_millis(9));
        assert!(one.quantile(0.5) < Duration::from_millis(2));
    }

    #[test]
    fn nothing_counted_is_zero_and_the_longest_is_exact() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.quantile(0.5), Duration::ZERO);
        histogram.add(Duration::from_hours(1));
        histogram.add(Duration::from_nanos(12_345_678));
        assert_eq!(histogram.longest(), Duration::from_hours(1));
        assert!(histogram.quantile(0.5) < Duration::from_millis(13));
    }
}
