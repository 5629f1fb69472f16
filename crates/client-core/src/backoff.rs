//! How long to wait before coming back.
use core::time::Duration;

use offhook_types::Timestamp;

use crate::Config;

/// Pauses with full jitter: each is drawn from zero to a bound that doubles, so that a fleet of clients that lost their
/// server together does not come back together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// Draws the next pause. `random` is uniform over its type.
    pub(crate) fn next(&mut self, config: &Config, random: u32) -> Duration {
        let doubled =
            config.backoff_base.saturating_mul(1_u32.checked_shl(self.attempts).unwrap_or(u32::MAX));
        self.attempts = self.attempts.saturating_add(1);
        let bound = u64::try_from(doubled.min(config.backoff_cap).as_millis()).unwrap_or(u64::MAX);
        let drawn = (u128::from(bound) * u128::from(random)) >> 32;
        Duration::from_millis(u64::try_from(drawn).unwrap_or(u64::MAX))
    }

    /// Begins anew if the session that is over was a long one. A server that welcomes and drops at once keeps being
    /// approached with growing pauses.
    pub(crate) fn session_over(&mut self, config: &Config, since: Timestamp, now: Timestamp) {
        if now.since(since) >= config.backoff_cap {
            self.attempts = 0;
        }
    }

    /// Forgets the failures so far.
    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
    }
}
