//! A token bucket in sixteen bytes (the generic cell rate algorithm: one number instead of a level and a time).
use core::time::Duration;

use offhook_types::Timestamp;

/// Permits `rate` takes a second on average, and `burst` at once.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    /// When the bucket will be full again, in microseconds since the epoch.
    full_at: u64,
}

/// What a bucket permits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) per_s: u32,
    pub(crate) burst: u32,
}

impl Rate {
    /// The same, `factor` times over.
    pub(crate) fn times(self, factor: u32) -> Self {
        Self { per_s: self.per_s.saturating_mul(factor), burst: self.burst.saturating_mul(factor) }
    }

    fn interval(self) -> u64 {
        1_000_000 / u64::from(self.per_s.max(1))
    }
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full() -> Self {
        Self { full_at: 0 }
    }

    /// Takes one, or says after how long there will be one to take.
    pub(crate) fn take(&mut self, now: Timestamp, rate: Rate) -> Result<(), Duration> {
        let now = now.as_millis().saturating_mul(1000);
        let full_at = self.full_at.max(now).saturating_add(rate.interval());
        let latest = now.saturating_add(rate.interval().saturating_mul(u64::from(rate.burst.max(1))));
        if full_at > latest {
            return Err(Duration::from_micros(full_at - latest));
        }
        self.full_at = full_at;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_s: 10, burst: 3 };

    #[test]
    fn a_burst_passes_and_the_next_waits_for_its_turn() {
        let mut bucket = Bucket::full();
        let now = Timestamp::from_millis(5_000);
        for _ in 0..3 {
            assert_eq!(bucket.take(now, RATE), Ok(()));
        }
        assert_eq!(bucket.take(now, RATE), Err(Duration::from_millis(100)));
        assert_eq!(bucket.take(now + Duration::from_millis(99), RATE), Err(Duration::from_millis(1)));
        assert_eq!(bucket.take(now + Duration::from_millis(100), RATE), Ok(()));
        assert!(bucket.take(now + Duration::from_millis(100), RATE).is_err(), "one interval gives one");
    }

    #[test]
    fn a_rest_fills_the_bucket_to_the_burst_and_no_further() {
        let mut bucket = Bucket::full();
        let later = Timestamp::from_millis(3_600_000);
        let taken = (0..10).filter(|_| bucket.take(later, RATE).is_ok()).count();
        assert_eq!(taken, 3);
    }
}
