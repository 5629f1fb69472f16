//! The three slots of the event logs take turns.
//!
//! Time is divided into periods as long as the retention, and period `p` has slot `p mod 3`. During period `p`, events are
//! written to its slot, and read from it and from the one before; the third slot holds what is older than a period, and is
//! emptied for period `p + 1`. So an event is kept for one period at least, and emptying costs the same however much there
//! was.
use std::time::Duration;

use offhook_types::Timestamp;
use tokio_postgres::Error;

use super::briefly;
use crate::{commit::period, convert::Big as _, line::Link};

pub(super) async fn turn(link: &Link, now: Timestamp, retention: Duration) -> Result<(), Error> {
    let current = period(now.big(), retention);
    for row in link.query("SELECT slot, period FROM slot ORDER BY slot", &[]).await? {
        let (slot, found): (i16, i64) = (row.get(0), row.get(1));
        // The period that the slot is for, of those that matter now.
        let due = (current - 1..=current + 1).find(|period| period.rem_euclid(3) == i64::from(slot));
        if let Some(due) = due.filter(|due| found < *due) {
            let oldest =
                (current - 1).saturating_mul(i64::try_from(retention.as_millis()).unwrap_or(i64::MAX));
            briefly(link, empty(link, (slot, due), (due > current).then_some(()).ok_or(oldest))).await?;
        }
    }
    Ok(())
}

/// Empties a slot for a period, unless another node did or does: whole, or of what is older than a time.
async fn empty(link: &Link, (slot, due): (i16, i64), whole: Result<(), i64>) -> Result<(), Error> {
    let sql = "SELECT 1 FROM slot WHERE slot = $1 AND period < $2 FOR UPDATE SKIP LOCKED";
    if link.query(sql, &[&slot, &due]).await?.is_empty() {
        return Ok(());
    }
    match whole {
        Ok(()) => link.client.batch_execute(&format!("TRUNCATE event_{slot}, step_{slot}")).await?,
        // Nobody was here to empty it in time, and fresh events may be in it already.
        Err(oldest) => {
            link.query("DELETE FROM event WHERE slot = $1 AND at < $2", &[&slot, &oldest]).await?;
            link.query("DELETE FROM step WHERE slot = $1 AND at < $2", &[&slot, &oldest]).await?;
        }
    }
    link.query("UPDATE slot SET period = $2 WHERE slot = $1", &[&slot, &due]).await?;
    Ok(())
}
