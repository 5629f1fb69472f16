//! Rows that are forgotten after a day.
use offhook_store::{KEY_RETENTION, LEDGER_RETENTION};
use offhook_types::Timestamp;
use tokio_postgres::Error;

use super::before;
use crate::{convert::Big as _, line::Link};

/// So many go in one statement, so that nobody waits long for what it holds.
const BATCH: i64 = 5000;

const KEYS: &str = "DELETE FROM idem USING (
    SELECT app, usr, key FROM idem WHERE at <= $1 ORDER BY at LIMIT $2
  ) AS old WHERE idem.app = old.app AND idem.usr = old.usr AND idem.key = old.key";
const ENTRIES: &str = "DELETE FROM ledger USING (
    SELECT call, usr, device, ring, turn, app FROM ledger WHERE at <= $1 ORDER BY at LIMIT $2
  ) AS old WHERE ledger.call = old.call AND ledger.usr = old.usr AND ledger.device = old.device
    AND ledger.ring = old.ring AND ledger.turn = old.turn AND ledger.app = old.app";
/// Jobs come in about the order of their times: the oldest have the smallest numbers.
const JOBS: &str = "DELETE FROM job USING (SELECT n FROM job ORDER BY n LIMIT $2) AS old
  WHERE job.n = old.n AND job.at <= $1";

pub(super) async fn delete(link: &Link, now: Timestamp) -> Result<(), Error> {
    for (sql, retention) in [(KEYS, KEY_RETENTION), (ENTRIES, LEDGER_RETENTION), (JOBS, LEDGER_RETENTION)] {
        let statement = link.statement(sql).await?;
        link.client.execute(&statement, &[&before(now, retention).big(), &BATCH]).await?;
    }
    Ok(())
}
