//! Who this node is.
use std::{fmt::Write as _, time::Duration};

use tokio::time::Instant;

use crate::{NodeId, NodeName};

/// This node's id, its name, and when it began.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Drawn at random.
    pub id: NodeId,
    /// As its operator calls it.
    pub name: Option<NodeName>,
    born: Instant,
}

impl Identity {
    /// A new life, with an id that no other process has.
    #[must_use]
    pub fn draw(name: Option<NodeName>) -> Self {
        Self { id: NodeId::new(random()), name, born: Instant::now() }
    }

    /// How long it has run.
    pub(crate) fn up_for(&self) -> Duration {
        self.born.elapsed()
    }

    /// As servers show it to their operators: the id, and the name if there is one.
    #[must_use]
    pub fn label(&self) -> String {
        let mut label = format!("offhook-{}", self.id);
        if let Some(name) = &self.name {
            let _ = write!(label, "-{name}"); // Writing to a String cannot fail.
        }
        label
    }
}

pub(crate) fn chance() -> u32 {
    u32::try_from(random() >> 32).expect("32 bits are left")
}

fn random() -> u64 {
    getrandom::u64().expect("the system has random numbers")
}
