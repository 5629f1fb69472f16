//! What is to be done about pushes, and when. In memory: what must survive stands in the store.
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_store::Job;
use offhook_types::Timestamp;

use super::Parcel;

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Due {
    /// A job that has just been committed, or was found in the store.
    Job(Job),
    /// A job whose rest waited for devices to speak for themselves.
    Rest(Job),
    /// A push that its vendor has not taken.
    Again(Box<Parcel>),
    /// A look for jobs that may have been committed although the store did not say so.
    Search,
    /// A look for what other nodes have left undone, now and then.
    Sweep,
}

/// What is to be done, and when.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    dues: BTreeMap<(Timestamp, u64), Due>,
    last: u64,
}

impl Agenda {
    pub(crate) fn put(&self, at: Timestamp, due: Due) {
        let mut state = self.lock();
        state.last += 1;
        let number = state.last;
        state.dues.insert((at, number), due);
    }

    /// Takes what is due by now, in the order of its times, at most `limit`.
    pub(crate) fn take(&self, now: Timestamp, limit: usize) -> Vec<Due> {
        let mut state = self.lock();
        let mut taken = Vec::new();
        while taken.len() < limit
            && let Some(entry) = state.dues.first_entry().filter(|entry| entry.key().0 <= now)
        {
            taken.push(entry.remove());
        }
        taken
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.lock().dues.first_key_value().map(|((at, _), _)| *at)
    }

    /// A thread that died while it held the lock left whole values behind.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
