//! Answering: so many at a time, and no more.
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

use crate::{Node, NodeId, Responder};

/// So many messages and questions of others are worked on at a time. More lets a storm of them take the node's memory, less turns some
/// away in a storm that it could have stood.
pub const AT_ONCE: usize = 256;

/// Where messages and questions of other nodes are worked on. What is unfinished when it is dropped ends with it.
#[derive(Default)]
pub(crate) struct Desk {
    responder: OnceLock<Arc<dyn Responder>>,
    tasks: Mutex<JoinSet<()>>,
    places: Places,
}

struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Desk {
    pub(crate) fn staff(&self, responder: Arc<dyn Responder>) {
        let _ = self.responder.set(responder); // The first one stays.
    }

    /// A place to work on one thing, if there is one and somebody to do it.
    pub(crate) fn place(&self) -> Option<Place> {
        let responder = Arc::clone(self.responder.get()?);
        let permit = Arc::clone(&self.places.0).try_acquire_owned().ok()?;
        Some(Place { permit, responder })
    }

    /// Has the responder work on a message and hands its answer on.
    pub(crate) fn work(
        &self,
        place: Place,
        (from, message): (NodeId, Vec<u8>),
        hand_on: impl FnOnce(Vec<u8>) + Send + 'static,
    ) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            let Place { permit, responder } = place;
            let answer = responder.respond(from, message).await;
            drop(permit);
            hand_on(answer);
        });
    }

    pub(crate) fn nodes_changed(&self, nodes: &[Node]) {
        if let Some(responder) = self.responder.get() {
            responder.nodes_changed(nodes);
        }
    }
}

/// A place at the desk. It is free again when the work is done, or dropped.
pub(crate) struct Place {
    permit: OwnedSemaphorePermit,
    responder: Arc<dyn Responder>,
}
