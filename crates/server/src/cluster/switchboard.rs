//! A bus has one responder, and a node has several parts that talk with their like on other nodes: the first byte of a message
//! says whom it is for.
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use offhook_bus::{Answering, Node, NodeId, Responder};

/// Which part of a node a message is for: the first byte of every message between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Line {
    /// Media rooms.
    Rooms = b'r',
}

impl Line {
    /// The message as it goes over the bus.
    pub(crate) fn address(self, message: &[u8]) -> Vec<u8> {
        let mut addressed = Vec::with_capacity(1 + message.len());
        addressed.push(self as u8);
        addressed.extend(message);
        addressed
    }
}

/// Connects messages of other nodes with the parts of this one.
#[derive(Default)]
pub(crate) struct Switchboard {
    parts: RwLock<BTreeMap<u8, Arc<dyn Responder>>>,
}

impl Switchboard {
    /// Whoever answers on this line from now on.
    pub(crate) fn connect(&self, line: Line, part: Arc<dyn Responder>) {
        self.parts.write().unwrap_or_else(PoisonError::into_inner).insert(line as u8, part);
    }

    fn part(&self, line: u8) -> Option<Arc<dyn Responder>> {
        self.parts.read().unwrap_or_else(PoisonError::into_inner).get(&line).cloned()
    }
}

impl Responder for Switchboard {
    /// Whom nobody here answers gets an empty answer: a node of another version may have parts that this one lacks.
    fn respond(&self, from: NodeId, mut message: Vec<u8>) -> Answering {
        let part = message.first().and_then(|line| self.part(*line));
        match part {
            Some(part) => {
                message.remove(0);
                part.respond(from, message)
            }
            None => Box::pin(async { Vec::new() }),
        }
    }

    fn nodes_changed(&self, nodes: &[Node]) {
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        parts.values().for_each(|part| part.nodes_changed(nodes));
    }
}
