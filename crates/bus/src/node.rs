//! Nodes: what tells them apart, and what is known of them.
use std::{fmt, str::FromStr, sync::Arc, time::Duration};

/// The most bytes of facts that a node may announce. More would be said every second by every node to every node.
pub const MAX_FACTS: usize = 4 * 1024;

/// One life of one process: drawn at random when it starts, so that no two processes ever have the same. Shown as 16 hexadecimal
/// digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u64);

impl NodeId {
    /// Takes 64 random bits.
    #[must_use]
    pub const fn new(bits: u64) -> Self {
        Self(bits)
    }

    /// The 64 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({self})")
    }
}

/// What an operator calls a node: up to 64 visible characters of ASCII. It may outlive processes; no two that live at the same time may
/// have the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Arc<str>);

/// Why a text is not the name of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a node's name has 1 to {} visible ASCII characters", NodeName::MAX_LEN)]
pub struct InvalidName;

impl NodeName {
    /// The longest permitted length, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Checks length and characters.
    ///
    /// # Errors
    /// It is empty, too long, or has characters that are not visible ASCII.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let fits = (1..=Self::MAX_LEN).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidName)
        }
    }

    /// The name as the operator wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A node that lives, as far as the one that was asked knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Its name, if it was given one.
    pub name: Option<NodeName>,
    /// What it announces of itself; the meaning is its owner's. At most [`MAX_FACTS`] bytes.
    pub facts: Arc<[u8]>,
    /// How long its process has run, by its own clock: all nodes agree on who is older to within a second or so.
    pub up_for: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_visible_and_short() {
        assert_eq!(NodeName::new("node-1").map(|name| name.to_string()), Ok("node-1".to_owned()));
        for wrong in ["", "a b", "zoë", &"a".repeat(65)] {
            assert_eq!(NodeName::new(wrong), Err(InvalidName), "{wrong:?}");
        }
    }
}
