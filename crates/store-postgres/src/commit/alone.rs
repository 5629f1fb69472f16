//! What is rare, and goes by itself: steps with guards, and guards on users whom no call has ever had to do with.
use std::collections::HashMap;

use tokio_postgres::{Error, Row};

use super::{queue::Work, sql};
use crate::{
    convert::{Big as _, Uuid},
    line::{Link, Parameters},
};

/// A guard on a user who has no row yet has nothing to lock. So they get one first.
pub(super) async fn introduce(link: &Link, group: &[Work]) -> Result<(), Error> {
    let guards = group.iter().flat_map(|work| &work.transition.guards);
    let strangers = guards.filter(|guard| guard.revision == 0).map(|guard| &guard.account);
    let (apps, users): (Vec<i64>, Vec<&str>) =
        strangers.map(|account| (account.app.big(), account.user.as_str())).unzip();
    if !apps.is_empty() {
        link.query(sql::INTRODUCE, &[&apps, &users]).await?;
    }
    Ok(())
}

/// A step that is guarded: first its call is locked, then all its users, in the order in which groups lock them.
pub(super) async fn guarded(link: &Link, group: &[Work], columns: Parameters<'_>) -> Result<Vec<Row>, Error> {
    let Some(work) = group.first() else { return Ok(Vec::new()) };
    link.client.batch_execute("BEGIN").await?;
    let decided = decide(link, work, columns).await;
    let end = if decided.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = link.client.batch_execute(end).await;
    let rows = decided?;
    ended?;
    Ok(rows)
}

async fn decide(link: &Link, work: &Work, columns: Parameters<'_>) -> Result<Vec<Row>, Error> {
    let call = &work.transition.call;
    link.query(sql::LOCK_CALL, &[&Uuid::from(call.id), &call.app.big()]).await?;
    let (apps, users): (Vec<i64>, Vec<&str>) =
        work.users.iter().map(|account| (account.app.big(), account.user.as_str())).unzip();
    let locked = link.query(sql::LOCK_USERS, &[&apps, &users]).await?;
    let revisions: HashMap<(i64, &str), i64> =
        locked.iter().map(|row| ((row.get(0), row.get(1)), row.get(2))).collect();
    let holds = work.transition.guards.iter().all(|guard| {
        let whose = (guard.account.app.big(), guard.account.user.as_str());
        revisions.get(&whose).copied().unwrap_or(0) == guard.revision.cast_signed()
    });
    if !holds {
        return Ok(Vec::new());
    }
    link.query(sql::STEP, columns).await
}
