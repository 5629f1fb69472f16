//! Whether this node's clock agrees with the database's. Deadlines, leases and the order of sessions rest on clocks that agree.
use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering::Relaxed},
    },
    time::Duration,
};

use offhook_gateway::{Clock as _, SystemClock};
use offhook_store::StoreError;
use offhook_store_postgres::PostgresPresence;
use offhook_types::Timestamp;
use thiserror::Error;
use tokio::time::sleep;

/// How far clocks may be apart. Rings end early or late by as much.
const TOLERANCE: Duration = Duration::from_secs(2);
/// How often they are compared.
const EVERY: Duration = Duration::from_secs(10);

/// The node's clock and the database's are too far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the clock of this machine is {:.1} s {} the database's: have both follow the same time servers (NTP), then start the node again",
    f64::from(.ahead_ms.unsigned_abs()) / 1_000.0,
    if *.ahead_ms < 0 { "behind" } else { "ahead of" }
)]
pub(crate) struct ClockOff {
    ahead_ms: i32,
}

/// How far this node's clock is ahead of the database's, as last seen.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch {
    ahead_ms: AtomicI32,
}

impl ClockWatch {
    /// Compares the clocks now.
    ///
    /// # Errors
    /// The database does not answer; or [`ClockOff`], inside of which nothing is wrong with the database.
    pub(crate) async fn compare(
        &self,
        clock: &SystemClock,
        presence: &PostgresPresence,
    ) -> Result<Result<(), ClockOff>, StoreError> {
        let before = clock.now();
        let there = presence.now().await?;
        self.ahead_ms.store(ahead((before, clock.now()), there), Relaxed);
        Ok(self.check())
    }

    /// What the last comparison showed.
    ///
    /// # Errors
    /// [`ClockOff`] if the clocks are too far apart.
    pub(crate) fn check(&self) -> Result<(), ClockOff> {
        let ahead_ms = self.ahead_ms.load(Relaxed);
        if u128::from(ahead_ms.unsigned_abs()) > TOLERANCE.as_millis() {
            Err(ClockOff { ahead_ms })
        } else {
            Ok(())
        }
    }

    /// In milliseconds; negative if the node's clock is behind.
    pub(crate) fn ahead_ms(&self) -> i32 {
        self.ahead_ms.load(Relaxed)
    }

    /// Compares them for as long as the node lives, and says so when they part and when they agree again.
    pub(crate) async fn keep(self: Arc<Self>, clock: Arc<SystemClock>, presence: Arc<PostgresPresence>) {
        loop {
            sleep(EVERY).await;
            let was = self.check();
            match (was, self.compare(&clock, &presence).await) {
                (Ok(()), Ok(Err(off))) => tracing::error!("{off}"),
                (Err(_), Ok(Ok(()))) => {
                    tracing::info!("the clocks of this machine and the database agree again")
                }
                (_, Ok(_)) => {}
                (_, Err(error)) => tracing::debug!(%error, "the database does not say what time it is"),
            }
        }
    }
}

/// Measured against the middle of the time that the answer took; nothing within that time is held against the clock.
fn ahead((before, after): (Timestamp, Timestamp), there: Timestamp) -> i32 {
    let signed = |time: Timestamp| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let (before, after, there) = (signed(before), signed(after), signed(there));
    let ahead = if (before..=after).contains(&there) {
        0
    } else {
        i64::midpoint(before, after).saturating_sub(there)
    };
    i32::try_from(ahead).unwrap_or(if ahead < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn the_time_of_the_answer_is_not_held_against_the_clock() {
        assert_eq!(ahead((at(1_000), at(9_000)), at(1_500)), 0);
        assert_eq!(ahead((at(301_000), at(301_002)), at(1_000)), 300_001);
        assert_eq!(ahead((at(1_000), at(1_000)), at(301_000)), -300_000);
    }

    #[test]
    fn five_minutes_are_too_much_either_way_and_a_second_is_not() {
        let watch = ClockWatch::default();
        for (ahead_ms, said) in [(300_000, "300.0 s ahead of"), (-300_000, "300.0 s behind")] {
            watch.ahead_ms.store(ahead_ms, Relaxed);
            let off = watch.check().expect_err("too far");
            assert!(off.to_string().contains(said), "{off}");
        }
        watch.ahead_ms.store(1_000, Relaxed);
        assert_eq!(watch.check(), Ok(()));
    }
}
