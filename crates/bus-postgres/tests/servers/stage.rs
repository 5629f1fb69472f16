//! Nodes on servers of our own.
use std::sync::Arc;

use offhook_bus::{
    Bus as _, Health, Peers as _, State, TroubleKind,
    suite::stage::{Heard, hint, until, user},
};
use offhook_bus_postgres::{PostgresBus, PostgresBusOptions};

/// A node that remembers what it hears.
pub(crate) struct Guest {
    pub(crate) bus: PostgresBus,
    pub(crate) heard: Arc<Heard>,
}

impl Guest {
    pub(crate) fn start(options: PostgresBusOptions) -> Self {
        let bus = PostgresBus::start(options).unwrap();
        let heard = Arc::new(Heard::default());
        bus.listen(Arc::clone(&heard) as _);
        Self { bus, heard }
    }

    pub(crate) fn health(&self) -> Health {
        self.bus.health()
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

/// Two nodes that hear each other.
pub(crate) async fn couple(options: &PostgresBusOptions) -> (Guest, Guest) {
    let (ann, bob) = (Guest::start(options.clone()), Guest::start(options.clone()));
    bob.until_heard(&ann, 1).await;
    ann.until_heard(&bob, 1).await;
    (ann, bob)
}
