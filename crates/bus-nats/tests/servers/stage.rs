//! Nodes on servers of our own.
use std::sync::Arc;

use offhook_bus::{
    Bus as _, Health, Peers as _, State, TroubleKind,
    suite::stage::{Heard, hint, until, user},
};
use offhook_bus_nats::{NatsBus, NatsOptions};
use offhook_testing_services::NatsServer;

/// A node that remembers what it hears.
pub(crate) struct Guest {
    pub(crate) bus: NatsBus,
    pub(crate) heard: Arc<Heard>,
}

impl Guest {
    pub(crate) async fn start(options: NatsOptions) -> Self {
        let bus = NatsBus::start(options).await.unwrap();
        let heard = Arc::new(Heard::default());
        bus.listen(Arc::clone(&heard) as _);
        Self { bus, heard }
    }

    pub(crate) async fn join(server: &NatsServer) -> Self {
        let guest = Self::start(options(server)).await;
        guest.until_connected().await;
        guest
    }

    pub(crate) fn health(&self) -> Health {
        self.bus.health()
    }

    pub(crate) async fn until_connected(&self) {
        until("the node is connected", || self.health().state.is_connected()).await;
    }

    pub(crate) async fn until_away(&self) {
        until("the node is away", || !self.health().state.is_connected()).await;
    }

    /// Waits for trouble of that kind; what there is to do about it.
    pub(crate) async fn advice(&self, wanted: TroubleKind) -> String {
        let advice = || match self.health().state {
            State::Away { trouble, .. } if trouble.kind == wanted => Some(trouble.advice),
            State::Away { .. } | State::Connected => None,
        };
        until("the trouble is known", || advice().is_some()).await;
        advice().unwrap()
    }

    /// Waits until a hint of the other's arrives here.
    pub(crate) async fn until_heard(&self, other: &Self, head: u64) {
        until("a hint arrives", || {
            other.bus.publish(&[hint("zoe", head)]);
            self.heard.heads(&user("zoe")).contains(&head)
        })
        .await;
    }
}

pub(crate) fn options(server: &NatsServer) -> NatsOptions {
    let mut options = NatsOptions::new([server.url()]);
    options.roots = server.authority().map(|pem| pem.as_bytes().to_vec());
    options
}

/// Two nodes, the second of which attends `zoe`.
pub(crate) async fn couple(server: &NatsServer) -> (Guest, Guest) {
    let (ann, bob) = (Guest::join(server).await, Guest::join(server).await);
    bob.bus.attend(&user("zoe"));
    bob.until_heard(&ann, 1).await;
    (ann, bob)
}
