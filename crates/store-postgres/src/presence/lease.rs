//! The lease of a node on itself.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use offhook_store::StoreError;
use offhook_types::{Account, DeviceId, Party};

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
        let (mut calm, mut is_told) = (0, false);
        loop {
            tokio::time::sleep(BEAT).await;
            let beat = self.beat().await;
            match &beat {
                Err(error) if !is_told => tracing::warn!(
                    %error, "this node's lease is not renewed; other nodes will take its devices for gone"
                ),
                Ok(()) if is_told => tracing::info!("this node's lease is renewed again"),
                Ok(()) | Err(_) => {}
            }
            is_told = beat.is_err();
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
        self.take_down().await?;
        self.mend().await
    }

    /// Takes down nodes that were closed, or whose lease has run out, with all that they wrote; both or neither, lest a node that
    /// lives after all tells everything anew between the two.
    async fn take_down(&self) -> Result<(), StoreError> {
        let sql = "WITH gone AS (
                     DELETE FROM node WHERE until < clock_timestamp() RETURNING id, isfinite(until) AS has_died
                   ),
                   sessions AS (DELETE FROM session WHERE node = ANY(ARRAY(SELECT id FROM gone)))
                   SELECT has_died FROM gone";
        let gone = self.line.query(sql, &[]).await?;
        if !gone.is_empty() {
            self.lease.doubt();
        }
        let dead = gone.iter().filter(|row| row.get(0)).count();
        if dead > 0 {
            tracing::warn!(nodes = dead, "nodes have died: their devices count as gone");
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
        // Whoever went meanwhile may have been told of after they went.
        for (account, device) in here {
            if !self.here().get(&account).is_some_and(|devices| devices.contains(&device)) {
                self.unsure.add(&Party { account, device: Some(device) }, None);
            }
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
