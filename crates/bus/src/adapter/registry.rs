//! Who lives: announcements heard, leases that run out.
use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::{Node, NodeId, NodeName, adapter::wire::Presence};

/// How often a node announces itself. More often costs messages (nodes times nodes), less often makes the lease longer.
pub const ANNOUNCE_EVERY: Duration = Duration::from_secs(1);

/// A node that has been silent for so long is gone. Less takes a node for dead that was only slow, more sends clients to one that is.
pub const LEASE: Duration = Duration::from_secs(5);

/// The other nodes.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Who said goodbye, and when: what they had said before and arrives later does not bring them back.
    departed: BTreeMap<NodeId, Instant>,
    nodes: BTreeMap<NodeId, Entry>,
}

#[derive(Debug)]
struct Entry {
    heard: Instant,
    node: Node,
}

/// What an announcement has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A node came.
    Came,
    /// A known node has another name or other facts.
    Changed,
    /// Nothing but a lease.
    Nothing,
}

impl Registry {
    pub(crate) fn hear(&mut self, now: Instant, from: NodeId, presence: Presence) -> Heard {
        if self.departed.contains_key(&from) {
            return Heard::Nothing;
        }
        let Presence { up_for_ms, is_new: _, name, facts } = presence;
        let node = Node { id: from, name, facts: facts.into(), up_for: Duration::from_millis(up_for_ms) };
        let is_same = |known: &Entry| known.node.name == node.name && known.node.facts == node.facts;
        let heard = match self.nodes.get(&from) {
            None => Heard::Came,
            Some(known) if is_same(known) => Heard::Nothing,
            Some(_) => Heard::Changed,
        };
        self.nodes.insert(from, Entry { heard: now, node });
        heard
    }

    /// The node has said goodbye. Whether it was known.
    pub(crate) fn dismiss(&mut self, now: Instant, id: NodeId) -> bool {
        self.departed.insert(id, now);
        self.nodes.remove(&id).is_some()
    }

    /// Drops those whose lease has run out. Whether there were any.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        self.departed.retain(|_, departed| now.duration_since(*departed) < LEASE);
        let before = self.nodes.len();
        self.nodes.retain(|_, entry| now.duration_since(entry.heard) < LEASE);
        self.nodes.len() < before
    }

    /// Begins all leases anew: nobody could be heard until now.
    pub(crate) fn renew(&mut self, now: Instant) {
        self.nodes.values_mut().for_each(|entry| {
            entry.node.up_for += now.duration_since(entry.heard);
            entry.heard = now;
        });
    }

    pub(crate) fn knows(&self, id: NodeId) -> bool {
        self.nodes.contains_key(&id)
    }

    /// Those that live, with how long they have run by now.
    pub(crate) fn nodes(&self, now: Instant) -> impl Iterator<Item = Node> {
        self.nodes.values().map(move |Entry { heard, node }| {
            let up_for = node.up_for + now.duration_since(*heard);
            Node { up_for, ..node.clone() }
        })
    }

    /// Those that live and bear the name.
    pub(crate) fn namesakes(&self, name: Option<&NodeName>) -> Vec<NodeId> {
        let namesakes =
            self.nodes.values().filter(|entry| name.is_some() && entry.node.name.as_ref() == name);
        namesakes.map(|entry| entry.node.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: NodeId = NodeId::new(1);

    fn presence(facts: &[u8]) -> Presence {
        Presence { up_for_ms: 0, is_new: false, name: NodeName::new("ann").ok(), facts: facts.to_vec() }
    }

    #[test]
    fn a_silent_node_is_gone_when_its_lease_is() {
        let (mut registry, start) = (Registry::default(), Instant::now());
        assert_eq!(registry.hear(start, ANN, presence(b"")), Heard::Came);
        let later = start + Duration::from_secs(3);
        assert_eq!(registry.hear(later, ANN, presence(b"")), Heard::Nothing);
        assert!(!registry.expire(later + LEASE - Duration::from_millis(1)));
        assert!(registry.knows(ANN));
        assert!(registry.expire(later + LEASE));
        assert!(!registry.knows(ANN));
        assert_eq!(registry.hear(later + LEASE, ANN, presence(b"")), Heard::Came, "it was only slow");
    }

    #[test]
    fn an_announcement_that_comes_after_the_goodbye_brings_nobody_back() {
        let (mut registry, start) = (Registry::default(), Instant::now());
        registry.hear(start, ANN, presence(b""));
        assert!(registry.dismiss(start, ANN));
        assert!(!registry.dismiss(start, ANN), "a second goodbye changes nothing");
        assert_eq!(registry.hear(start + Duration::from_secs(1), ANN, presence(b"")), Heard::Nothing);
        assert!(!registry.knows(ANN));
    }

    #[test]
    fn doubled_announcements_change_nothing() {
        let (mut registry, start) = (Registry::default(), Instant::now());
        registry.hear(start, ANN, presence(b"a"));
        assert_eq!(registry.hear(start, ANN, presence(b"a")), Heard::Nothing);
        assert_eq!(registry.hear(start, ANN, presence(b"b")), Heard::Changed);
    }

    #[test]
    fn silence_while_nobody_can_be_heard_is_held_against_nobody() {
        let (mut registry, start) = (Registry::default(), Instant::now());
        registry.hear(start, ANN, presence(b""));
        let back = start + Duration::from_mins(1);
        registry.renew(back);
        assert!(!registry.expire(back + Duration::from_secs(4)));
        let up_for = registry.nodes(back + Duration::from_secs(4)).next().unwrap().up_for;
        assert_eq!(up_for, Duration::from_secs(64), "it has grown older all the same");
        assert!(registry.expire(back + LEASE));
    }

    #[test]
    fn nodes_without_a_name_are_nobodys_namesakes() {
        let (mut registry, start) = (Registry::default(), Instant::now());
        registry.hear(start, ANN, Presence { name: None, ..presence(b"") });
        assert_eq!(registry.namesakes(None), []);
        registry.hear(start, ANN, presence(b""));
        assert_eq!(registry.namesakes(NodeName::new("ann").ok().as_ref()), [ANN]);
        assert_eq!(registry.namesakes(NodeName::new("bob").ok().as_ref()), []);
    }
}
