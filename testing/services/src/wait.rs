//! Waiting for what another process does: asked for again and again, until it is so or patience ends.
use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// How often a condition is looked at. More often costs CPU beside the one that is waited for, less often adds to every start.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Looks until there is something.
///
/// # Errors
/// What `look` says; and that `what` was not so after `limit`.
#[expect(
    clippy::disallowed_methods,
    reason = "patience with a real process is counted in real time; it decides nothing else"
)]
pub(crate) fn until<T>(
    limit: Duration,
    what: &str,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if start.elapsed() > limit {
            bail!("{what}: still not so after {} s", limit.as_secs());
        }
        thread::sleep(LOOK_EVERY);
    }
}
