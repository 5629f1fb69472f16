//! The other nodes, over whichever bus there is.
use std::{sync::Arc, time::Duration};

use offhook_bus::{Asking, Health, Node, NodeId, Peers, Responder, TooLarge};

use super::NodeBus;

/// What the buses have in common.
fn peers(bus: &NodeBus) -> &dyn Peers {
    match bus {
        NodeBus::Alone(bus) => bus,
        NodeBus::Nats(bus) => bus,
        NodeBus::Postgres(bus) => bus,
    }
}

impl Peers for NodeBus {
    fn me(&self) -> NodeId {
        peers(self).me()
    }

    fn nodes(&self) -> Vec<Node> {
        peers(self).nodes()
    }

    fn set_facts(&self, facts: Vec<u8>) -> Result<(), TooLarge> {
        peers(self).set_facts(facts)
    }

    fn max_message(&self) -> usize {
        peers(self).max_message()
    }

    fn tell(&self, to: NodeId, message: Vec<u8>) -> Result<(), TooLarge> {
        peers(self).tell(to, message)
    }

    fn tell_all(&self, message: Vec<u8>) -> Result<(), TooLarge> {
        peers(self).tell_all(message)
    }

    fn ask(&self, to: NodeId, question: Vec<u8>, patience: Duration) -> Asking {
        peers(self).ask(to, question, patience)
    }

    fn respond(&self, responder: Arc<dyn Responder>) {
        peers(self).respond(responder);
    }

    fn health(&self) -> Health {
        peers(self).health()
    }
}
