//! The suite on real servers: the oldest and the newest that are installed (Debian's 2.9 and a current one).
#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use offhook_bus::{
    Listener, NodeName,
    suite::{Subject, relay::Relay},
};
use offhook_bus_nats::{NatsBus, NatsOptions, SHARDS};
use offhook_testing_services::{self as services, NatsServer};

/// A server of the newest version, or of the oldest, behind a relay.
struct Nats<const NEWEST: bool> {
    relay: Relay,
    _server: NatsServer,
}

impl<const NEWEST: bool> Subject for Nats<NEWEST> {
    type Bus = NatsBus;

    const SHARDS: Option<u16> = Some(SHARDS);

    async fn create() -> Self {
        let versions = NatsServer::versions();
        let version = if NEWEST { versions.last() } else { versions.first() };
        let options = services::NatsOptions { version: version.cloned(), ..Default::default() };
        let server = NatsServer::start(&options).unwrap();
        let port = server.url().rsplit_once(':').unwrap().1.parse().unwrap();
        Self { relay: Relay::start(port).await, _server: server }
    }

    async fn open(&self, name: Option<&str>) -> NatsBus {
        let mut options = NatsOptions::new([format!("nats://127.0.0.1:{}", self.relay.port())]);
        options.name = name.map(|name| NodeName::new(name).unwrap());
        NatsBus::start(options).await.unwrap()
    }

    fn listen(bus: &NatsBus, listener: Arc<dyn Listener>) {
        bus.listen(listener);
    }

    async fn goodbye(bus: &NatsBus) {
        bus.close().await;
    }

    async fn cut(&self) {
        self.relay.cut();
    }

    async fn mend(&self) {
        self.relay.mend();
    }
}

mod newest {
    offhook_bus::bus_suite!(super::Nats<true>);
}

mod oldest {
    offhook_bus::bus_suite!(super::Nats<false>);
}
