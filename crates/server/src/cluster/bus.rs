//! The bus of a node.
use std::{sync::Arc, time::Duration};

use offhook_bus::{Asking, Bus, Health, Hint, InProcessBus, Listener, NodeId, Peers, Responder};
use offhook_bus_nats::NatsBus;
use offhook_bus_postgres::PostgresBus;
use offhook_types::Account;

/// The bus, whichever it is.
pub(crate) enum NodeBus {
    Alone(InProcessBus),
    Nats(NatsBus),
    Postgres(PostgresBus),
}

impl NodeBus {
    pub(crate) fn listen(&self, listener: Arc<dyn Listener>) {
        match self {
            Self::Alone(bus) => bus.listen(listener),
            Self::Nats(bus) => bus.listen(listener),
            Self::Postgres(bus) => bus.listen(listener),
        }
    }

    /// Whether there are no other nodes.
    pub(crate) fn is_alone(&self) -> bool {
        match self {
            Self::Alone(_) => true,
            Self::Nats(_) | Self::Postgres(_) => false,
        }
    }

    pub(crate) fn me(&self) -> NodeId {
        self.peers().me()
    }

    pub(crate) fn health(&self) -> Health {
        self.peers().health()
    }

    /// Asks another node; see [`Peers::ask`].
    pub(crate) fn ask(&self, to: NodeId, question: Vec<u8>, patience: Duration) -> Asking {
        self.peers().ask(to, question, patience)
    }

    /// Sets who answers the others.
    pub(crate) fn respond(&self, responder: Arc<dyn Responder>) {
        self.peers().respond(responder);
    }

    fn peers(&self) -> &dyn Peers {
        match self {
            Self::Alone(bus) => bus,
            Self::Nats(bus) => bus,
            Self::Postgres(bus) => bus,
        }
    }

    /// Says goodbye to the other nodes.
    pub(crate) async fn close(&self) {
        match self {
            Self::Alone(_) => {}
            Self::Nats(bus) => bus.close().await,
            Self::Postgres(bus) => bus.close().await,
        }
    }
}

impl Bus for NodeBus {
    fn publish(&self, hints: &[Hint]) {
        match self {
            Self::Alone(bus) => bus.publish(hints),
            Self::Nats(bus) => bus.publish(hints),
            Self::Postgres(bus) => bus.publish(hints),
        }
    }

    fn attend(&self, account: &Account) {
        match self {
            Self::Alone(bus) => bus.attend(account),
            Self::Nats(bus) => bus.attend(account),
            Self::Postgres(bus) => bus.attend(account),
        }
    }

    fn forsake(&self, account: &Account) {
        match self {
            Self::Alone(bus) => bus.forsake(account),
            Self::Nats(bus) => bus.forsake(account),
            Self::Postgres(bus) => bus.forsake(account),
        }
    }
}
