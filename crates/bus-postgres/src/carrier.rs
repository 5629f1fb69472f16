//! What goes out.
use offhook_bus::{
    Hint, NodeId,
    adapter::{Carrier, Target},
};

use crate::{outbox::Outbox, parts::Splitter};

/// Puts everything into the outbox: on this bus whatever is said is heard by all.
#[derive(Debug, Default)]
pub(crate) struct PostgresCarrier {
    outbox: Outbox,
    splitter: Splitter,
}

impl PostgresCarrier {
    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }
}

impl Carrier for PostgresCarrier {
    fn carry_hints(&self, _: NodeId, hints: &[Hint]) -> usize {
        self.outbox.add_hints(hints)
    }

    fn carry(&self, _: Target, message: Vec<u8>) -> bool {
        self.outbox.add(self.splitter.split(message))
    }
}
