//! The clock of the driver; nothing else reads one.
use std::time::{SystemTime, UNIX_EPOCH};

use offhook_types::Timestamp;

/// The date. The server runs on the same machine, so its points in time can be compared with this clock's.
#[expect(clippy::disallowed_methods, reason = "the clock of the tool: it judges when rings ended")]
pub(crate) fn date() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
