//! Jobs and the ledger of the model.
use std::collections::{BTreeMap, btree_map::Entry};

use offhook_types::{AppId, CallId, Timestamp};

use super::{MemoryStore, Op};
use crate::{Job, JobKey, LEDGER_RETENTION, LedgerEntry, LedgerKey, LedgerOutcome, Outbox, StoreError};

#[derive(Default)]
pub(super) struct OutboxState {
    /// In the order of commits.
    jobs: Vec<Job>,
    ledger: BTreeMap<LedgerKey, LedgerEntry>,
}

impl OutboxState {
    pub(super) fn add(&mut self, job: Job) {
        self.jobs.push(job);
    }

    fn until(&self, at: Timestamp) -> Vec<Job> {
        self.jobs.iter().filter(|job| job.at <= at).cloned().collect()
    }

    fn claim(&mut self, entries: Vec<LedgerEntry>, finished: Option<&JobKey>) -> Vec<bool> {
        self.jobs.retain(|job| Some(&job.key) != finished);
        let mut enter = |entry: LedgerEntry| match self.ledger.entry(entry.key.clone()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(entry);
                true
            }
        };
        entries.into_iter().map(&mut enter).collect()
    }

    fn settle(&mut self, key: &LedgerKey, outcome: LedgerOutcome) {
        if let Some(entry) = self.ledger.get_mut(key) {
            entry.outcome = Some(outcome);
        }
    }

    fn of(&self, app: AppId, call: CallId) -> Vec<LedgerEntry> {
        let of_call = self.ledger.values().filter(|entry| entry.key.app == app && entry.key.call == call);
        of_call.cloned().collect()
    }

    pub(super) fn trim(&mut self, now: Timestamp) {
        self.jobs.retain(|job| now.since(job.at) < LEDGER_RETENTION);
        self.ledger.retain(|_, entry| now.since(entry.at) < LEDGER_RETENTION);
    }
}

impl Outbox for MemoryStore {
    async fn jobs(&self, at: Timestamp) -> Result<Vec<Job>, StoreError> {
        self.run(Op::Jobs, |state| Ok(state.outbox.until(at)))
    }

    async fn claim(
        &self,
        entries: Vec<LedgerEntry>,
        finished: Option<&JobKey>,
    ) -> Result<Vec<bool>, StoreError> {
        self.run(Op::Claim, |state| Ok(state.outbox.claim(entries, finished)))
    }

    async fn settle(&self, key: &LedgerKey, outcome: LedgerOutcome) -> Result<(), StoreError> {
        self.run(Op::Settle, |state| {
            state.outbox.settle(key, outcome);
            Ok(())
        })
    }

    async fn ledger(&self, app: AppId, call: CallId) -> Result<Vec<LedgerEntry>, StoreError> {
        self.run(Op::Ledger, |state| Ok(state.outbox.of(app, call)))
    }
}
