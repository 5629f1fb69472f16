//! What comes from other nodes.
use std::sync::Arc;

use tokio::time::Instant;

use super::{Carrier, Core, Target};
use crate::{
    Hint, NodeId, TooLarge,
    adapter::{
        registry::Heard,
        wire::{Content, Message, Presence, Verdict},
    },
};

impl<C: Carrier> Core<C> {
    /// Takes a message that has come.
    pub fn receive(&self, bytes: &[u8]) {
        let message = match Message::decode(bytes) {
            Ok(message) => message,
            Err(unreadable) => {
                tracing::debug!("a message on the bus was passed over: {unreadable}");
                return self.tally.undecodable(1);
            }
        };
        let Message { from, content } = message;
        if from == self.identity.id {
            return; // Some buses bring back what one has sent.
        }
        match content {
            Content::Answer { to, number, .. } if to == self.identity.id => {
                self.questions.answer(number, from, bytes.to_vec());
            }
            Content::Ask { to, number, body } if to == self.identity.id => {
                self.asked(from, number, body);
            }
            Content::Gone => self.dismiss(from),
            Content::Here(presence) => self.hear(from, presence),
            Content::Hints(hints) => self.hear_hints(&hints),
            Content::Lapse => self.fell_behind(),
            Content::Tell { to, number: _, body } if to.is_none_or(|to| to == self.identity.id) => {
                self.told(from, body);
            }
            // For another node, on a bus that carries everything to everyone.
            Content::Answer { .. } | Content::Ask { .. } | Content::Tell { .. } => {}
        }
    }

    fn hear_hints(&self, hints: &[Hint]) {
        self.tally.received(hints.len());
        if let Some(listener) = self.listener.get() {
            hints.iter().for_each(|hint| listener.hint(hint));
        }
    }

    fn hear(&self, from: NodeId, presence: Presence) {
        let is_new = presence.is_new;
        let is_namesake = self.identity.name.is_some() && presence.name == self.identity.name;
        let heard = self.registry().hear(Instant::now(), from, presence);
        match heard {
            Heard::Nothing => {}
            Heard::Came if is_namesake => self.clash(from),
            Heard::Came | Heard::Changed => self.nodes_changed(),
        }
        if is_new {
            self.announce(false);
        }
    }

    fn clash(&self, other: NodeId) {
        self.tally.name_clashes(1);
        let name = self.identity.name.as_ref().map_or("", |name| name.as_str());
        tracing::warn!(
            "two nodes are called `{name}`: this one and {other}; give each node a name of its own and start it anew"
        );
        self.nodes_changed();
    }

    fn dismiss(&self, node: NodeId) {
        if self.registry().dismiss(Instant::now(), node) {
            self.nodes_changed();
        }
    }

    fn told(&self, from: NodeId, body: Vec<u8>) {
        match self.desk.place() {
            Some(place) => self.desk.work(place, (from, body), drop),
            None => self.tally.dropped_messages(1),
        }
    }

    fn asked(&self, from: NodeId, number: u64, body: Vec<u8>) {
        let (me, limit, carrier) = (self.identity.id, self.limit, Arc::clone(&self.carrier));
        let reply = move |answer| {
            carrier.carry(Target::Node(from), answer); // If it is not taken, the asker's patience ends.
        };
        let answer = move |verdict, body| {
            Message { from: me, content: Content::Answer { to: from, number, verdict, body } }.encode()
        };
        let Some(place) = self.desk.place() else {
            self.tally.busy(1);
            return reply(answer(Verdict::Busy, Vec::new()));
        };
        self.desk.work(place, (from, body), move |body| {
            reply(match TooLarge::check(body.len(), limit) {
                Ok(()) => answer(Verdict::Answered, body),
                Err(_) => answer(Verdict::TooLarge, Vec::new()),
            });
        });
    }
}
