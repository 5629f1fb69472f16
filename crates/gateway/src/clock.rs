//! The time, as the gateway sees it.
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use offhook_types::Timestamp;

/// Tells the time. Tests give their own.
pub trait Clock: Send + Sync + 'static {
    /// The present, which never goes back.
    fn now(&self) -> Timestamp;

    /// The time since some fixed moment, as finely as it is known: for measuring, not for deciding.
    fn elapsed(&self) -> Duration;
}

/// The machine's clock, read once and carried on by its monotonic clock, so that it never goes back and a step of the
/// wall clock neither fires nor loses a deadline.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    begin: Instant,
    wall: Timestamp,
}

impl SystemClock {
    /// Reads the wall clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place of the gateway that reads the clocks")]
    pub fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { begin: Instant::now(), wall: Timestamp::default() + since_epoch }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.wall + self.begin.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }
}
