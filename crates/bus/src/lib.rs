//! The Bus port: hints that a user's event log has grown, and the bus for one process.
//!
//! A hint may be lost, doubled or late without harm: the log in the store is the truth, and the heartbeat of each session
//! carries its newest offset. So the port promises nothing but effort, and this crate keeps nothing.
use std::sync::{Arc, OnceLock};

use offhook_types::{Account, Offset};

/// A hint: the user's log reaches at least to this offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The newest offset.
    pub head: Offset,
    /// Whose log.
    pub account: Account,
}

/// Carries hints from where events are committed to where the users' sessions are.
pub trait Bus: Send + Sync + 'static {
    /// Passes hints on. Never blocks and never fails; what cannot be passed on is dropped.
    fn publish(&self, hints: &[Hint]);
}

/// Where hints arrive.
pub trait Listener: Send + Sync + 'static {
    /// Takes note of a hint. Called from the committing task, so it must be quick and must not call back.
    fn hint(&self, hint: &Hint);
}

/// The bus of one process: a function call.
#[derive(Default)]
pub struct InProcessBus {
    listener: OnceLock<Arc<dyn Listener>>,
}

impl InProcessBus {
    /// A bus without a listener; hints are dropped until there is one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the listener. The first one stays.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        // A second listener would be a wiring fault of the server; the first one goes on unharmed.
        let _ = self.listener.set(listener);
    }
}

impl Bus for InProcessBus {
    fn publish(&self, hints: &[Hint]) {
        if let Some(listener) = self.listener.get() {
            hints.iter().for_each(|hint| listener.hint(hint));
        }
    }
}
