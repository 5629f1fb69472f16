//! A world whose time stands still until a test moves it.
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use offhook_call_control::World;
use offhook_types::{CallId, Timestamp};

/// A virtual clock and a counter for ids. Clones share both.
#[derive(Clone, Debug)]
pub struct TestWorld {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    minted: AtomicU64,
    now: AtomicU64,
}

impl TestWorld {
    /// A world that begins at some ordinary day.
    #[must_use]
    pub fn new() -> Self {
        let state = State { minted: AtomicU64::new(0), now: AtomicU64::new(1_800_000_000_000) };
        Self { state: Arc::new(state) }
    }

    /// Moves time on; never back.
    pub fn set(&self, now: Timestamp) {
        self.state.now.fetch_max(now.as_millis(), Ordering::Relaxed);
    }
}

impl Default for TestWorld {
    fn default() -> Self {
        Self::new()
    }
}

impl World for TestWorld {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.state.now.load(Ordering::Relaxed))
    }

    fn mint_call_id(&self) -> CallId {
        let number = self.state.minted.fetch_add(1, Ordering::Relaxed) + 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        CallId::from_parts(self.now(), random)
    }

    fn wake_at(&self, _: Timestamp) {}
}
