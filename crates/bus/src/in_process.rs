//! The bus of one process: a function call.
use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::AtomicU64, atomic::Ordering::Relaxed},
    time::Duration,
};

use crate::{
    AskError, Asking, Bus, Counts, Health, Hint, Listener, MAX_FACTS, Node, NodeId, Peers, Responder, State,
    TooLarge,
};

/// The bus of one process, which is the only node there is.
#[derive(Default)]
pub struct InProcessBus {
    facts: Mutex<Arc<[u8]>>,
    listener: OnceLock<Arc<dyn Listener>>,
    published: AtomicU64,
    responder: OnceLock<Arc<dyn Responder>>,
}

impl InProcessBus {
    /// The only node needs no luck to have an id of its own.
    pub const ME: NodeId = NodeId::new(1);

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
        self.published.fetch_add(hints.len() as u64, Relaxed);
        if let Some(listener) = self.listener.get() {
            hints.iter().for_each(|hint| listener.hint(hint));
        }
    }
}

impl Peers for InProcessBus {
    fn me(&self) -> NodeId {
        Self::ME
    }

    /// This one. How long it has run is not known.
    fn nodes(&self) -> Vec<Node> {
        let facts = Arc::clone(&self.facts.lock().unwrap_or_else(PoisonError::into_inner));
        vec![Node { id: Self::ME, name: None, facts, up_for: Duration::ZERO }]
    }

    fn set_facts(&self, facts: Vec<u8>) -> Result<(), TooLarge> {
        TooLarge::check(facts.len(), MAX_FACTS)?;
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = facts.into();
        if let Some(responder) = self.responder.get() {
            responder.nodes_changed(&self.nodes());
        }
        Ok(())
    }

    fn max_message(&self) -> usize {
        usize::MAX
    }

    /// Nobody else is there to tell.
    fn tell(&self, _: NodeId, _: Vec<u8>) -> Result<(), TooLarge> {
        Ok(())
    }

    fn tell_all(&self, _: Vec<u8>) -> Result<(), TooLarge> {
        Ok(())
    }

    /// Asks itself. The patience is the asker's own: without a clock nothing ends here.
    fn ask(&self, to: NodeId, question: Vec<u8>, _: Duration) -> Asking {
        let responder = self.responder.get().filter(|_| to == Self::ME).cloned();
        Box::pin(async move {
            match responder {
                Some(responder) => Ok(responder.respond(Self::ME, question).await),
                None if to == Self::ME => Err(AskError::Busy),
                None => Err(AskError::Gone),
            }
        })
    }

    fn respond(&self, responder: Arc<dyn Responder>) {
        let _ = self.responder.set(responder); // The first one stays, as with the listener.
    }

    fn health(&self) -> Health {
        let counts = Counts { published: self.published.load(Relaxed), ..Counts::default() };
        Health { state: State::Connected, counts, namesakes: Vec::new() }
    }
}
