//! What a node does because there are others, from its start to its end.
use std::{collections::BTreeSet, sync::Arc};

use anyhow::Context as _;
use offhook_gateway::{Gateway, Handler, SystemClock};
use offhook_store::StoreError;
use offhook_store_postgres::PostgresPresence;
use offhook_types::{AppId, UserId};
use tokio_util::sync::CancellationToken;

use super::{
    ClockWatch, Ears, Logins, NodeBus, NodeStore, Subject, Switchboard, Topic, metrics, namesakes, sweep,
};

/// A node among others.
pub(crate) struct Membership {
    bus: Arc<NodeBus>,
    clock: Arc<SystemClock>,
    clock_watch: Arc<ClockWatch>,
    logins: Arc<Logins>,
    name: String,
    presence: Arc<PostgresPresence>,
}

/// What a membership is made of.
pub(crate) struct Parts<'a> {
    pub(crate) bus: &'a Arc<NodeBus>,
    pub(crate) clock: &'a Arc<SystemClock>,
    pub(crate) clock_watch: &'a Arc<ClockWatch>,
    /// What the node is called; may be empty.
    pub(crate) name: &'a str,
    pub(crate) presence: Arc<PostgresPresence>,
    /// Who knows of media rooms.
    pub(crate) rooms: Option<Arc<dyn Subject>>,
}

impl Membership {
    /// Begins to answer the other nodes.
    ///
    /// # Errors
    /// The node's clock is off, or the database does not say so.
    pub(crate) async fn begin<H: Handler>(parts: Parts<'_>, gateway: &Gateway<H>) -> anyhow::Result<Self> {
        let Parts { bus, clock, clock_watch, name, presence, rooms } = parts;
        let compared = clock_watch.compare(clock, &presence).await;
        compared.context("the database does not say what time it is")??;
        let logins = Arc::new(Logins::new(Arc::clone(bus), gateway.doorkeeper()));
        let switchboard = Switchboard::default();
        switchboard.connect(Topic::Logins, Arc::clone(&logins) as _);
        if let Some(rooms) = rooms {
            switchboard.connect(Topic::Rooms, rooms);
        }
        bus.respond(Arc::new(switchboard));
        Ok(Self {
            bus: Arc::clone(bus),
            clock: Arc::clone(clock),
            clock_watch: Arc::clone(clock_watch),
            logins,
            name: name.to_owned(),
            presence,
        })
    }

    /// Who settles which sessions stay.
    pub(crate) fn logins(&self) -> Arc<Logins> {
        Arc::clone(&self.logins)
    }

    /// Who of the app is connected to any node.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub(crate) async fn users(&self, app: AppId) -> Result<BTreeSet<UserId>, StoreError> {
        self.presence.users(app).await
    }

    /// In the text form of Prometheus.
    pub(crate) fn metrics(&self) -> String {
        metrics::render(&self.bus.health(), self.clock_watch.ahead_ms(), self.logins.unsettled())
    }

    /// Watches clock and names, and looks for news whose hints got lost, until `stop`.
    pub(crate) async fn keep(
        self: Arc<Self>,
        ears: Arc<Ears>,
        store: Arc<NodeStore>,
        stop: CancellationToken,
    ) {
        let clock = Arc::clone(&self.clock_watch).keep(Arc::clone(&self.clock), Arc::clone(&self.presence));
        let names = namesakes::watch(Arc::clone(&self.bus), self.name.clone());
        let all = async { tokio::join!(clock, names, sweep(ears, store)) };
        // None of them ends by itself.
        let _ = stop.run_until_cancelled(Box::pin(all)).await;
    }

    /// Says goodbye, once the node's devices have been sent away.
    pub(crate) async fn close(&self) {
        if let Err(error) = self.presence.close().await {
            tracing::warn!(%error, "the other nodes wait for this one's lease to end");
        }
        self.bus.close().await;
    }
}
