//! Who is connected to which node.
//!
//! Each node keeps a lease on itself by the database's clock, and writes down the devices that connect to it. What a node wrote
//! counts for as long as its lease does. The tables are not logged, so they are empty after a crash of the server or on a
//! promoted standby, and a node that was paused for long finds its lease taken down: then it tells everything anew, from
//! what it remembers itself.
//!
//! What nobody told, because a node died before it could, is found from the other side: callers of ringing calls of whom
//! nothing is known are strays, and are lent a lease.
mod lease;
mod unsure;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use offhook_store::{
    StoreError,
    presence::{Answer, Presence},
};
use offhook_types::{Account, AppId, DeviceId, Party, Timestamp, UserId};
use tokio::task::JoinHandle;
use tokio_postgres::Row;

use crate::{
    OpenError, Options,
    convert::{self, Big as _},
    line::Line,
};
use lease::Lease;
use unsure::Unsure;

/// The presence of a node among others.
pub struct PostgresPresence {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

pub(crate) struct Shared {
    here: Mutex<HashMap<Account, BTreeSet<DeviceId>>>,
    lease: Lease,
    line: Line,
    node: i64,
    unsure: Unsure,
}

impl PostgresPresence {
    /// Takes a lease for this node on the database of an open [`crate::PostgresStore`], and keeps it.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the way to the database.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let line = Line::open(options).await?;
        let node = options.node.cast_signed();
        let shared = Arc::new(Shared {
            here: Mutex::default(),
            lease: Lease::default(),
            line,
            node,
            unsure: Unsure::default(),
        });
        let refused = |error: StoreError| OpenError::Lease { reason: error.to_string() };
        // What a process wrote that was this node before, and died a moment ago, is not taken on with its lease.
        shared.line.query("DELETE FROM session WHERE node = $1", &[&node]).await.map_err(refused)?;
        shared.beat().await.map_err(refused)?;
        let task = tokio::spawn(Arc::clone(&shared).keep());
        Ok(Self { shared, task })
    }

    /// What time it is by the database's clock.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be reached.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let row = self.shared.line.query_opt(sql, &[]).await?;
        Ok(convert::time(row.map_or(0, |row| row.get(0))))
    }

    /// Who of the app is connected to any node.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be reached.
    pub async fn users(&self, app: AppId) -> Result<BTreeSet<UserId>, StoreError> {
        let sql = "SELECT DISTINCT usr FROM session JOIN node ON node.id = session.node AND node.until > clock_timestamp()
                   WHERE app = $1";
        self.shared
            .line
            .query(sql, &[&app.big()])
            .await?
            .iter()
            .map(|row| convert::user(row.get(0)))
            .collect()
    }

    /// Takes the node down: what it wrote counts no more, and the other nodes look for strays at their next beat. For a node that
    /// stops, once its devices have been sent away.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be reached; then the lease runs out by itself.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.task.abort();
        let sql = "WITH gone AS (DELETE FROM session WHERE node = $1)
                   UPDATE node SET until = '-infinity' WHERE id = $1";
        self.shared.line.query(sql, &[&self.shared.node]).await.map(drop)
    }
}

impl Shared {
    fn here(&self) -> MutexGuard<'_, HashMap<Account, BTreeSet<DeviceId>>> {
        // Every change is one insert or remove: whoever died in the middle left it whole.
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn arrive(&self, party: &Party) -> Result<Vec<u64>, StoreError> {
        let Some(device) = &party.device else { return Ok(Vec::new()) };
        self.here().entry(party.account.clone()).or_default().insert(device.clone());
        let written = self.write_arrival((&party.account, device)).await;
        if written.is_err() {
            self.forget(party, device);
            self.unsure.add(party, None);
        }
        written
    }

    /// Returns the nodes to which the user's devices were connected before: all parts of the statement see the same past.
    async fn write_arrival(&self, (account, device): (&Account, &DeviceId)) -> Result<Vec<u64>, StoreError> {
        let (app, user) = (account.app.big(), account.user.as_str());
        let sql = "WITH back AS (DELETE FROM away WHERE app = $1 AND usr = $2),
                   here AS (
                     INSERT INTO session (app, usr, device, node) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (app, usr, device) DO UPDATE SET node = excluded.node
                   )
                   SELECT DISTINCT node FROM session WHERE app = $1 AND usr = $2 AND node <> $4";
        let rows = self.line.query(sql, &[&app, &user, &device.as_str(), &self.node]).await?;
        Ok(rows.iter().map(|row| row.get::<_, i64>(0).cast_unsigned()).collect())
    }

    async fn depart(&self, party: &Party, until: Timestamp) -> Result<bool, StoreError> {
        let Some(device) = &party.device else { return Ok(false) };
        self.forget(party, device);
        let written = self.write_departure((&party.account, device), until).await;
        if written.is_err() {
            self.unsure.add(party, Some(until));
        }
        written
    }

    async fn write_departure(
        &self,
        (account, device): (&Account, &DeviceId),
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let (app, user) = (account.app.big(), account.user.as_str());
        let sql = "WITH gone AS (
                     DELETE FROM session WHERE app = $1 AND usr = $2 AND device = $3 AND node = $4
                   )
                   INSERT INTO away (app, usr, until) SELECT $1, $2, $5 WHERE NOT EXISTS (
                     SELECT FROM session JOIN node ON node.id = session.node AND node.until > clock_timestamp()
                     WHERE app = $1 AND usr = $2 AND NOT (device = $3 AND node = $4)
                   )
                   ON CONFLICT (app, usr) DO UPDATE SET until = excluded.until RETURNING 1";
        let rows = self.line.query(sql, &[&app, &user, &device.as_str(), &self.node, &until.big()]).await?;
        Ok(!rows.is_empty())
    }

    fn forget(&self, party: &Party, device: &DeviceId) {
        let mut here = self.here();
        if let Some(devices) = here.get_mut(&party.account) {
            devices.remove(device);
            if devices.is_empty() {
                here.remove(&party.account);
            }
        }
    }

    async fn lend(&self, account: &Account, until: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO away (app, usr, until) SELECT $1, $2, $3 WHERE NOT EXISTS (
                     SELECT FROM session JOIN node ON node.id = session.node AND node.until > clock_timestamp()
                     WHERE app = $1 AND usr = $2
                   ) ON CONFLICT DO NOTHING";
        self.line.query(sql, &[&account.app.big(), &account.user.as_str(), &until.big()]).await.map(drop)
    }

    async fn is_connected(&self, party: &Party) -> Result<bool, StoreError> {
        let Some(device) = &party.device else { return Ok(false) };
        if self.here().get(&party.account).is_some_and(|devices| devices.contains(device)) {
            return Ok(true);
        }
        let sql = "SELECT FROM session JOIN node ON node.id = session.node AND node.until > clock_timestamp()
                   WHERE app = $1 AND usr = $2 AND device = $3";
        let (app, user) = (party.account.app.big(), party.account.user.as_str());
        Ok(!self.line.query(sql, &[&app, &user, &device.as_str()]).await?.is_empty())
    }

    async fn is_here(&self, account: &Account) -> Result<bool, StoreError> {
        if self.here().contains_key(account) {
            return Ok(true);
        }
        let sql = "SELECT FROM session JOIN node ON node.id = session.node AND node.until > clock_timestamp()
                   WHERE app = $1 AND usr = $2
                   UNION ALL SELECT FROM away WHERE app = $1 AND usr = $2 LIMIT 1";
        Ok(!self.line.query(sql, &[&account.app.big(), &account.user.as_str()]).await?.is_empty())
    }

    async fn expired(&self, now: Timestamp) -> Result<Vec<Account>, StoreError> {
        let sql = "DELETE FROM away USING (
                     SELECT app, usr FROM away WHERE until <= $1 ORDER BY until LIMIT 256 FOR UPDATE SKIP LOCKED
                   ) AS due WHERE away.app = due.app AND away.usr = due.usr RETURNING away.app, away.usr";
        self.line.query(sql, &[&now.big()]).await?.iter().map(account).collect()
    }

    async fn next_expiry(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = self.line.query_opt("SELECT min(until) FROM away", &[]).await?;
        Ok(row.and_then(|row| row.get::<_, Option<i64>>(0)).map(convert::time))
    }

    /// Looks only if something may have got lost: the search goes through all ringing calls.
    async fn strays(&self) -> Result<Vec<Account>, StoreError> {
        if !self.lease.take_doubt() {
            return Ok(Vec::new());
        }
        let sql = "SELECT DISTINCT app, waiting FROM call WHERE waiting IS NOT NULL
                   AND NOT EXISTS (
                     SELECT FROM session JOIN node ON node.id = session.node AND node.until > clock_timestamp()
                     WHERE session.app = call.app AND session.usr = call.waiting
                   )
                   AND NOT EXISTS (SELECT FROM away WHERE away.app = call.app AND away.usr = call.waiting)";
        let found = match self.line.query(sql, &[]).await {
            Ok(rows) => rows.iter().map(account).collect(),
            Err(error) => Err(error),
        };
        found.inspect_err(|_| self.lease.doubt())
    }
}

fn account(row: &Row) -> Result<Account, StoreError> {
    Ok(Account::new(convert::app(row.get(0))?, convert::user(row.get(1))?))
}

impl Presence for PostgresPresence {
    fn arrive<'a>(&'a self, party: &'a Party) -> Answer<'a, Vec<u64>> {
        Box::pin(self.shared.arrive(party))
    }

    fn depart<'a>(&'a self, party: &'a Party, until: Timestamp) -> Answer<'a, bool> {
        Box::pin(self.shared.depart(party, until))
    }

    fn lend<'a>(&'a self, account: &'a Account, until: Timestamp) -> Answer<'a, ()> {
        Box::pin(self.shared.lend(account, until))
    }

    fn is_connected<'a>(&'a self, party: &'a Party) -> Answer<'a, bool> {
        Box::pin(self.shared.is_connected(party))
    }

    fn is_here<'a>(&'a self, account: &'a Account) -> Answer<'a, bool> {
        Box::pin(self.shared.is_here(account))
    }

    fn expired(&self, now: Timestamp) -> Answer<'_, Vec<Account>> {
        Box::pin(self.shared.expired(now))
    }

    fn next_expiry(&self) -> Answer<'_, Option<Timestamp>> {
        Box::pin(self.shared.next_expiry())
    }

    fn strays(&self) -> Answer<'_, Vec<Account>> {
        Box::pin(self.shared.strays())
    }
}

impl Drop for PostgresPresence {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for PostgresPresence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresPresence").field("node", &self.shared.node).finish_non_exhaustive()
    }
}
