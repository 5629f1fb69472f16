//! The bus of a node.
use std::sync::Arc;

use offhook_bus::{Bus, Health, Hint, InProcessBus, Listener, NodeId, Peers as _};
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
        match self {
            Self::Alone(bus) => bus.me(),
            Self::Nats(bus) => bus.me(),
            Self::Postgres(bus) => bus.me(),
        }
    }

    pub(crate) fn health(&self) -> Health {
        match self {
            Self::Alone(bus) => bus.health(),
            Self::Nats(bus) => bus.health(),
            Self::Postgres(bus) => bus.health(),
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
