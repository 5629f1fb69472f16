//! What nodes say to each other, sorted by what it is about: the first byte names the topic.
use std::sync::{Arc, OnceLock};

use offhook_bus::{Answering, Node, NodeId, Responder};

/// What a message is about. The bytes are on the wire between nodes of different versions: never give one a second meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Topic {
    /// Sessions that begin on several nodes.
    Logins = b'l',
    /// Media rooms.
    Rooms = b'r',
}

/// Who knows about a topic. The same message may come twice.
pub(crate) trait Subject: Send + Sync + 'static {
    /// Answers a question, or takes note of a message, whose answer nobody reads.
    fn answer(&self, from: NodeId, message: Vec<u8>) -> Answering;

    /// A node came, went, or announces something else. Must be quick.
    fn nodes_changed(&self, nodes: &[Node]) {
        let _ = nodes; // Not everybody wants to know.
    }
}

/// Takes messages to those who know about their topics.
#[derive(Default)]
pub(crate) struct Switchboard {
    logins: OnceLock<Arc<dyn Subject>>,
    rooms: OnceLock<Arc<dyn Subject>>,
}

impl Topic {
    /// The message for this topic.
    pub(crate) fn wrap(self, mut message: Vec<u8>) -> Vec<u8> {
        message.insert(0, self as u8);
        message
    }
}

impl Switchboard {
    /// Connects a topic; once, before the switchboard answers.
    pub(crate) fn connect(&self, topic: Topic, subject: Arc<dyn Subject>) {
        let line = match topic {
            Topic::Logins => &self.logins,
            Topic::Rooms => &self.rooms,
        };
        assert!(line.set(subject).is_ok(), "{topic:?} is connected twice");
    }

    fn subject(&self, topic: u8) -> Option<&Arc<dyn Subject>> {
        match topic {
            b'l' => self.logins.get(),
            b'r' => self.rooms.get(),
            _ => None,
        }
    }
}

impl Responder for Switchboard {
    /// What this version knows nothing about is answered with nothing.
    fn respond(&self, from: NodeId, mut message: Vec<u8>) -> Answering {
        let subject = message.first().and_then(|topic| self.subject(*topic));
        match subject {
            Some(subject) => {
                message.remove(0);
                subject.answer(from, message)
            }
            None => Box::pin(async { Vec::new() }),
        }
    }

    fn nodes_changed(&self, nodes: &[Node]) {
        for subject in [self.logins.get(), self.rooms.get()].into_iter().flatten() {
            subject.nodes_changed(nodes);
        }
    }
}
