//! How many things a user may cause.
use std::time::{Duration, Instant};

use crate::Limits;

/// A bucket that holds two seconds' worth of [`Limits::messages_per_s`] and fills at that rate, kept as the one instant at
/// which it would be full again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    full_at: Instant,
}

impl Budget {
    pub(super) fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Takes one out; `false` if there is none, and then nothing has changed.
    pub(super) fn spend(&mut self, now: Instant, limits: &Limits) -> bool {
        let enough = self.has_one(now, limits);
        if enough {
            self.full_at = self.full_at.max(now) + price(limits);
        }
        enough
    }

    pub(super) fn has_one(self, now: Instant, limits: &Limits) -> bool {
        let missing = self.full_at.saturating_duration_since(now);
        missing + price(limits) <= price(limits) * 2 * rate(limits)
    }
}

/// The time that it takes to earn one.
fn price(limits: &Limits) -> Duration {
    Duration::from_secs(1) / rate(limits)
}

/// A rate of none would keep everybody out. More than a million a second is as good as no limit.
fn rate(limits: &Limits) -> u32 {
    limits.messages_per_s.clamp(1, 1_000_000)
}
