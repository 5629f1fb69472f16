//! The time of one client: monotonic, and of no meaning outside its process; and the time of day, for what comes from outside.
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// The time of day as this device has it, which may be wrong and may go back: for what is kept on its disk, and for the end
/// of a ring that a push names.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the clock of the wall")]
pub(crate) fn time_of_day() -> Timestamp {
    Timestamp::from_millis(0) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
