//! What is rare, and goes by itself: steps with guards, and the first guarded transition that a user has to do with.
use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_types::Account;
use tokio_postgres::{Error, Row};

use super::{queue::Work, sql};
use crate::{
    convert::{Big as _, Uuid},
    line::{Link, Parameters},
};

/// So many users are remembered as introduced. More costs 16 bytes each, less introduces users more often.
const MOST_INTRODUCED: usize = 50_000;

/// A user who has no row yet has nothing to lock. So whoever has to do with guarded transitions gets one first, unless this
/// connection has seen to it before.
pub(super) async fn introduce(link: &Link, group: &[Work]) -> Result<(), Error> {
    let strangers: Vec<&Account> =
        group.iter().flat_map(|work| &work.users).filter(|user| !link.introduced.holds(user)).collect();
    if strangers.is_empty() {
        return Ok(());
    }
    let (apps, users): (Vec<i64>, Vec<&str>) =
        strangers.iter().map(|account| (account.app.big(), account.user.as_str())).unzip();
    link.query(sql::INTRODUCE, &[&apps, &users]).await?;
    link.introduced.add(&strangers);
    Ok(())
}

/// Users who are known to have a row: none is ever deleted. It goes with its connection, for the next one may lead to another server.
#[derive(Default)]
pub(crate) struct Introduced {
    /// Of two users with one hash, the other is not introduced. Then a lock may be waited for out of order, no more.
    hashes: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

impl Introduced {
    fn holds(&self, account: &Account) -> bool {
        self.hashes().contains(&self.hasher.hash_one(account))
    }

    fn add(&self, accounts: &[&Account]) {
        let mut hashes = self.hashes();
        if hashes.len() > MOST_INTRODUCED {
            hashes.clear();
        }
        hashes.extend(accounts.iter().map(|account| self.hasher.hash_one(account)));
    }

    fn hashes(&self) -> MutexGuard<'_, HashSet<u64>> {
        // Whoever died in the middle left a set that holds less.
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
