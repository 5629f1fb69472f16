//! The lease of a node on itself.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use offhook_store::StoreError;
use offhook_types::{Account, DeviceId};

use super::Shared;
use crate::convert::Big as _;

/// How often the lease is renewed.
const BEAT: Duration = Duration::from_secs(1);
/// How long it runs.
const LEASE_S: f64 = 5.0;
/// So many beats lie between two looks for strays for which there was no occasion.
const BEATS_OF_CALM: u32 = 30;
/// So many devices are told anew in one statement.
const CHUNK: usize = 1000;

#[derive(Default)]
pub(super) struct Lease {
    /// Whether something that nodes told may have got lost.
    doubtful: AtomicBool,
}

impl Lease {
    pub(super) fn doubt(&self) {
        self.doubtful.store(true, Relaxed);
    }

    pub(super) fn take_doubt(&self) -> bool {
        self.doubtful.swap(false, Relaxed)
    }
}

impl Shared {
    /// Renews the lease for as long as the node lives.
    pub(super) async fn keep(self: Arc<Self>) {
        let mut calm = 0;
        loop {
            tokio::time::sleep(BEAT).await;
            if let Err(error) = self.beat().await {
                tracing::warn!(%error, "this node's lease is not renewed; other nodes will take its devices for gone");
            }
            calm += 1;
            if calm == BEATS_OF_CALM {
                calm = 0;
                self.lease.doubt();
            }
        }
    }

    /// Renews the lease, or takes a new one and tells everything anew; and takes down nodes whose lease has run out.
    pub(super) async fn beat(&self) -> Result<(), StoreError> {
        let sql = "INSERT INTO node (id, until) VALUES ($1, clock_timestamp() + make_interval(secs => $2))
                   ON CONFLICT (id) DO UPDATE SET until = excluded.until RETURNING xmax = 0";
        let row = self.line.query_opt(sql, &[&self.node, &LEASE_S]).await?;
        if row.is_some_and(|row| row.get(0)) {
            self.tell_all().await?;
            self.lease.doubt();
        }
        let dead = "DELETE FROM node WHERE until < clock_timestamp() RETURNING id";
        let dead: Vec<i64> = self.line.query(dead, &[]).await?.iter().map(|row| row.get(0)).collect();
        if !dead.is_empty() {
            tracing::warn!(nodes = dead.len(), "nodes have died: their devices count as gone");
            self.lease.doubt();
            self.line.query("DELETE FROM session WHERE node = ANY($1)", &[&dead]).await?;
        }
        Ok(())
    }

    async fn tell_all(&self) -> Result<(), StoreError> {
        let here: Vec<(Account, DeviceId)> = {
            let here = self.here();
            let device = |account: &Account, device: &DeviceId| (account.clone(), device.clone());
            here.iter()
                .flat_map(|(account, devices)| devices.iter().map(move |it| device(account, it)))
                .collect()
        };
        for chunk in here.chunks(CHUNK) {
            self.tell(chunk).await?;
        }
        Ok(())
    }

    /// What another node has told meanwhile stays: the device has moved on.
    async fn tell(&self, devices: &[(Account, DeviceId)]) -> Result<(), StoreError> {
        let sql = "WITH new AS MATERIALIZED (
                     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) AS new(app, usr, device)
                   ),
                   back AS (DELETE FROM away USING new WHERE away.app = new.app AND away.usr = new.usr)
                   INSERT INTO session (app, usr, device, node) SELECT app, usr, device, $4 FROM new
                   ON CONFLICT DO NOTHING";
        let apps: Vec<i64> = devices.iter().map(|(account, _)| account.app.big()).collect();
        let users: Vec<&str> = devices.iter().map(|(account, _)| account.user.as_str()).collect();
        let names: Vec<&str> = devices.iter().map(|(_, device)| device.as_str()).collect();
        self.line.query(sql, &[&apps, &users, &names, &self.node]).await.map(drop)
    }
}
