//! The suite on a real PostgreSQL: each law on a channel of its own, through a relay of its own.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use offhook_bus::{
    Listener, NodeName,
    suite::{Subject, relay::Relay},
};
use offhook_bus_postgres::{PostgresBus, PostgresBusOptions};
use offhook_testing_services::{Database, PostgresServer};

struct Postgres {
    cluster: String,
    relay: Relay,
    /// As it is reached through the relay.
    url: String,
    _database: Database,
}

impl Subject for Postgres {
    type Bus = PostgresBus;

    const SHARDS: Option<u16> = None;

    async fn create() -> Self {
        static CLUSTERS: AtomicU32 = AtomicU32::new(0);
        let database = PostgresServer::for_tests().unwrap().database().unwrap();
        let url = database.url();
        let (front, rest) = url.rsplit_once(':').unwrap();
        let (port, rest) = rest.split_once('/').unwrap();
        let relay = Relay::start(port.parse().unwrap()).await;
        let url = format!("{front}:{}/{rest}", relay.port());
        let cluster = format!("law_{}", CLUSTERS.fetch_add(1, Relaxed));
        Self { cluster, relay, url, _database: database }
    }

    async fn open(&self, name: Option<&str>) -> PostgresBus {
        let mut options = PostgresBusOptions::new(&self.url);
        options.cluster.clone_from(&self.cluster);
        options.name = name.map(|name| NodeName::new(name).unwrap());
        PostgresBus::start(options).unwrap()
    }

    fn listen(bus: &PostgresBus, listener: Arc<dyn Listener>) {
        bus.listen(listener);
    }

    async fn goodbye(bus: &PostgresBus) {
        bus.close().await;
    }

    async fn cut(&self) {
        self.relay.cut();
    }

    async fn mend(&self) {
        self.relay.mend();
    }
}

offhook_bus::bus_suite!(Postgres);
