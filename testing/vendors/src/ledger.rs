//! What a server got, and what it was told to answer.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use tokio::time::Instant;

use crate::{Reply, front::Peer};

/// The time in seconds since 1970, as a test wants it.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// When its last byte came.
    pub at: Instant,
    /// The number of the connection, from 1.
    pub connection: u64,
    /// How many other streams of the connection were open when this one began.
    pub others: usize,
    /// The method.
    pub method: Method,
    /// Where it went.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// What every server notes.
#[derive(Default)]
pub struct Ledger {
    received: Mutex<Vec<Received>>,
    script: Mutex<VecDeque<Reply>>,
    violations: Mutex<Vec<String>>,
}

impl Ledger {
    /// Everything that came so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }

    /// How much came so far.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.received).len()
    }

    /// What was wrong with it, in sentences.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.violations).clone()
    }

    /// The next request that is right is answered so. Several wait in line.
    pub fn answer_next(&self, reply: Reply) {
        lock(&self.script).push_back(reply);
    }

    pub(crate) fn take(&self, peer: &Peer, request: &Request<Bytes>) {
        lock(&self.received).push(Received {
            at: Instant::now(),
            connection: peer.connection,
            others: peer.others,
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            body: request.body().clone(),
        });
    }

    pub(crate) fn scripted(&self) -> Option<Reply> {
        lock(&self.script).pop_front()
    }

    pub(crate) fn complain(&self, violation: impl Into<String>) {
        lock(&self.violations).push(violation.into());
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A header as text; empty if it is not there.
pub(crate) fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
