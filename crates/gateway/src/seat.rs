//! How a session is reached from outside its task: a few atomics and a waker, no channel.
use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Waker,
    time::Duration,
};

use futures_util::task::AtomicWaker;
use offhook_types::Offset;

/// Why a session has to end. The first order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Kicked,
    Replaced,
    Shutdown(Duration),
}

/// Where hints and orders for one session arrive. Both coalesce: a hundred hints wake the task once.
#[derive(Debug)]
pub(crate) struct Seat {
    /// Larger for newer connections.
    pub(crate) id: u64,
    head: AtomicU64,
    order: OnceLock<Order>,
    recheck: AtomicBool,
    waker: AtomicWaker,
}

impl Seat {
    pub(crate) fn new(id: u64) -> Self {
        Self {
            id,
            head: AtomicU64::new(0),
            order: OnceLock::new(),
            recheck: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    /// The user's log has grown.
    pub(crate) fn hint(&self, head: Offset) {
        if self.head.fetch_max(head.0, Ordering::AcqRel) < head.0 {
            self.waker.wake();
        }
    }

    /// The session has to end.
    pub(crate) fn order(&self, order: Order) {
        if self.order.set(order).is_ok() {
            self.waker.wake();
        }
    }

    /// The keys have changed: the session has to look whether its token still holds.
    pub(crate) fn recheck(&self) {
        self.recheck.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Has `waker` woken at the next hint or order. Look at them after this.
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    pub(crate) fn head(&self) -> Offset {
        Offset(self.head.load(Ordering::Acquire))
    }

    pub(crate) fn ordered(&self) -> Option<Order> {
        self.order.get().copied()
    }

    pub(crate) fn take_recheck(&self) -> bool {
        self.recheck.load(Ordering::Relaxed) && self.recheck.swap(false, Ordering::AcqRel)
    }
}
