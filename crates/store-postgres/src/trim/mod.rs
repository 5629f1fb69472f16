//! What is forgotten, so that nothing grows for ever. Over a connection of its own: some of it needs transactions.
mod months;
mod old;
mod slots;

use std::{sync::Arc, time::Duration};

use offhook_store::StoreError;
use offhook_types::Timestamp;
use tokio::sync::Mutex;
use tokio_postgres::Error;

use crate::{
    OpenError, Options,
    error::from_postgres,
    line::{Line, Link},
};
use months::Month;

/// How often it is looked what is old.
const PAUSE: Duration = Duration::from_secs(1);

/// Forgets what is old.
pub(crate) struct Trimmer {
    event_retention: Duration,
    history_retention: Option<Duration>,
    line: Arc<Line>,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    /// The month for which there are tables.
    month: Option<Month>,
    /// When it was looked last.
    last: Option<Timestamp>,
}

impl Trimmer {
    pub(crate) async fn open(options: &Options) -> Result<Self, OpenError> {
        Ok(Self {
            event_retention: options.event_retention,
            history_retention: options.history_retention,
            line: Arc::new(Line::open(options).await?),
            progress: Mutex::default(),
        })
    }

    /// Forgets what is old at `now`, unless it was looked a moment ago, or somebody is at it.
    pub(crate) async fn trim(&self, now: Timestamp) -> Result<(), StoreError> {
        let Ok(mut progress) = self.progress.try_lock() else { return Ok(()) };
        if progress.last.is_some_and(|last| now < last + PAUSE) {
            return Ok(());
        }
        progress.last = Some(now);
        let link = self.line.link().await?;
        let trimmed = self.line.in_time(&link, self.run(&link, now, &mut progress)).await?;
        trimmed.map_err(|error| from_postgres(&error))
    }

    async fn run(&self, link: &Link, now: Timestamp, progress: &mut Progress) -> Result<(), Error> {
        let month = Month::of(now);
        if progress.month != Some(month) {
            months::prepare(link, month).await?;
            if let Some(retention) = self.history_retention {
                months::drop_before(link, Month::of(before(now, retention))).await?;
            }
            progress.month = Some(month);
        }
        old::delete(link, now).await?;
        slots::turn(link, now, self.event_retention).await
    }
}

fn before(now: Timestamp, retention: Duration) -> Timestamp {
    let millis = u64::try_from(retention.as_millis()).unwrap_or(u64::MAX);
    Timestamp::from_millis(now.as_millis().saturating_sub(millis))
}

/// Runs a change of tables whole or not at all. It waits for others so briefly that nobody waits long for it.
async fn briefly<T>(link: &Link, change: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    link.client.batch_execute("BEGIN; SET LOCAL lock_timeout = '200ms'").await?;
    let changed = change.await;
    let end = if changed.is_ok() { "COMMIT" } else { "ROLLBACK" };
    link.client.batch_execute(end).await?;
    changed
}
