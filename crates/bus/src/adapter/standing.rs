//! Whether the bus is connected, and since when not.
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use tokio::time::Instant;

use crate::{State, Trouble};

/// The connection's standing. Reading whether it is connected costs one load.
#[derive(Debug)]
pub(crate) struct Standing {
    is_connected: AtomicBool,
    /// Whether it has ever been connected.
    was_connected: AtomicBool,
    away: Mutex<Option<Away>>,
}

#[derive(Debug)]
struct Away {
    since: Instant,
    trouble: Trouble,
}

/// What a connection is to those who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// The first.
    First,
    /// There was one before: something may have been missed.
    Again,
    /// It was there all the time.
    None,
}

impl Standing {
    pub(crate) fn away(trouble: Trouble) -> Self {
        Self {
            is_connected: AtomicBool::new(false),
            was_connected: AtomicBool::new(false),
            away: Mutex::new(Some(Away { since: Instant::now(), trouble })),
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected.load(SeqCst)
    }

    pub(crate) fn arrive(&self) -> Arrival {
        let away = self.lock().take();
        self.is_connected.store(true, SeqCst);
        match (away.is_some(), self.was_connected.swap(true, SeqCst)) {
            (false, _) => Arrival::None,
            (true, false) => Arrival::First,
            (true, true) => Arrival::Again,
        }
    }

    /// Whether it is news: the connection was there, or the trouble was another.
    pub(crate) fn leave(&self, trouble: Trouble) -> bool {
        self.is_connected.store(false, SeqCst);
        let mut away = self.lock();
        let is_news = away.as_ref().is_none_or(|away| away.trouble != trouble);
        let since = away.as_ref().map_or_else(Instant::now, |away| away.since);
        *away = Some(Away { since, trouble });
        is_news
    }

    pub(crate) fn state(&self) -> State {
        match self.lock().as_ref() {
            None => State::Connected,
            Some(Away { since, trouble }) => {
                State::Away { lasting: since.elapsed(), trouble: trouble.clone() }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Away>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
