//! The time of one client: monotonic, and of no meaning outside its process.
use std::time::Duration;

use offhook_types::Timestamp;
use tokio::time::Instant;

/// Counts from its making. It is tokio's clock, so a test that pauses tokio's time pauses the client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(0) + self.start.elapsed()
    }

    /// When `at` is. Rounds up, so that a timer is never early.
    pub(crate) fn instant(&self, at: Timestamp) -> Instant {
        let offset = Duration::from_millis(at.as_millis().saturating_add(1));
        self.start.checked_add(offset).unwrap_or(self.start)
    }
}
