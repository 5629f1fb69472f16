//! The clocks of the tool; nothing else reads one.
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use offhook_types::Timestamp;

/// The time by which calls are measured.
#[expect(clippy::disallowed_methods, reason = "the clock of the tool: measuring is what it is for")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The date, for tokens and for names that no earlier run has used.
#[expect(clippy::disallowed_methods, reason = "the clock of the tool: tokens bear a date")]
pub(crate) fn date() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The time since 1970, as finely as the kernel stamps packets.
#[expect(clippy::disallowed_methods, reason = "the clock of the tool: the kernel stamps packets by this one")]
pub(crate) fn wall() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
