//! The names of what is said.
use async_nats::Subject;
use offhook_bus::{NodeId, adapter::Target};

/// Over how many subjects users are spread. Part of the wire: all nodes of a cluster must agree. More lets a node of a large cluster
/// hear less of what does not concern it, and costs each NATS server a subscription for each node and shard.
pub const SHARDS: u16 = 4_096;

/// The subjects of one cluster, seen by one node.
#[derive(Debug)]
pub(crate) struct Subjects {
    pub(crate) all: Subject,
    /// For this node.
    pub(crate) mine: Subject,
    pub(crate) nodes: Subject,
    pub(crate) sync: Subject,
    base: String,
    me: NodeId,
    shards: Vec<Subject>,
}

impl Subjects {
    pub(crate) fn new(cluster: &str, me: NodeId) -> Self {
        let base = format!("offhook.{cluster}");
        let subject = |rest: &str| Subject::from(format!("{base}.{rest}"));
        Self {
            all: subject("all"),
            mine: subject(&format!("n.{me}")),
            nodes: subject("nodes"),
            sync: subject("sync"),
            me,
            shards: (0..SHARDS).map(|shard| subject(&format!("u.{shard}"))).collect(),
            base,
        }
    }

    pub(crate) fn target(&self, target: Target) -> Subject {
        match target {
            Target::All => self.all.clone(),
            Target::Node(node) => Subject::from(format!("{}.n.{node}", self.base)),
            Target::Registry => self.nodes.clone(),
        }
    }

    pub(crate) fn shard(&self, shard: u16) -> Subject {
        self.shards[usize::from(shard)].clone()
    }

    /// Where the server says that nobody heard the question of that number.
    pub(crate) fn refusal(&self, number: u64) -> Subject {
        Subject::from(format!("{}.n.{}.r.{number}", self.base, self.me))
    }

    /// All of those.
    pub(crate) fn refusals(&self) -> Subject {
        Subject::from(format!("{}.n.{}.r.*", self.base, self.me))
    }

    /// Which question nobody heard.
    pub(crate) fn refused(&self, subject: &Subject) -> Option<u64> {
        subject.rsplit_once('.')?.1.parse().ok()
    }
}

/// Whether a word can stand in a subject.
pub(crate) fn is_cluster(word: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=32).contains(&word.len()) && word.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_those_that_are_written_down() {
        let subjects = Subjects::new("main", NodeId::new(0xab));
        assert_eq!(subjects.shard(4_095).as_str(), "offhook.main.u.4095");
        assert_eq!(subjects.target(Target::Node(NodeId::new(1))).as_str(), "offhook.main.n.0000000000000001");
        assert_eq!(subjects.target(Target::All).as_str(), "offhook.main.all");
        assert_eq!(subjects.target(Target::Registry).as_str(), "offhook.main.nodes");
        let refusal = subjects.refusal(17);
        assert_eq!(refusal.as_str(), "offhook.main.n.00000000000000ab.r.17");
        assert_eq!(subjects.refused(&refusal), Some(17));
    }

    #[test]
    fn a_cluster_cannot_reach_out_of_its_place() {
        assert!(is_cluster("eu-1_a"));
        for word in ["", "a.b", "a>", "*", "a b", &"a".repeat(33)] {
            assert!(!is_cluster(word), "{word:?}");
        }
    }
}
