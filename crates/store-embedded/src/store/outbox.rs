//! Jobs and the ledger.
use std::collections::{BTreeMap, BTreeSet};

use offhook_store::{
    Job, JobKey, LEDGER_RETENTION, LedgerEntry, LedgerKey, LedgerOutcome, Outbox, StoreError, stored,
};
use offhook_types::{AppId, CallId, Timestamp};

use super::EmbeddedStore;
use crate::{memory::Seen, shared::Core};

impl Outbox for EmbeddedStore {
    async fn jobs(&self, at: Timestamp) -> Result<Vec<Job>, StoreError> {
        self.read(|core| core.memory.outbox.jobs(at)).await
    }

    async fn claim(
        &self,
        entries: Vec<LedgerEntry>,
        finished: Option<&JobKey>,
    ) -> Result<Vec<bool>, StoreError> {
        let claim = |core: &mut Core| {
            let outbox = &core.memory.outbox;
            let mut seen = BTreeSet::new();
            let is_new = |entry: &LedgerEntry| outbox.is_new(&entry.key) && seen.insert(entry.key.clone());
            let news: Vec<bool> = entries.iter().map(is_new).collect();
            let finished = finished.filter(|job| outbox.is_pending(job));
            let entries =
                entries.into_iter().zip(&news).filter_map(|(entry, is_new)| is_new.then_some(entry));
            let entries: Vec<_> = entries.collect();
            if !entries.is_empty() || finished.is_some() {
                core.append(&stored::write_claim(&entries, finished), &self.shared)?;
                core.memory.claim(entries, finished);
            }
            Ok(news)
        };
        self.change(claim).await
    }

    async fn settle(&self, key: &LedgerKey, outcome: LedgerOutcome) -> Result<(), StoreError> {
        let settle = |core: &mut Core| {
            let known = core.memory.outbox.entry(key);
            if known.is_some_and(|entry| entry.outcome.as_ref() != Some(&outcome)) {
                core.append(&stored::write_settled(key, &outcome), &self.shared)?;
                core.memory.outbox.settle(key, outcome);
            }
            Ok(())
        };
        self.change(settle).await
    }

    async fn ledger(&self, app: AppId, call: CallId) -> Result<Vec<LedgerEntry>, StoreError> {
        let Seen { entries, is_all, trimmed_at } =
            self.read(|core| core.memory.outbox.ledger(app, call)).await?;
        if is_all {
            return Ok(entries);
        }
        // Asked after memory: what has left memory since then stands in both, and what had left before, in the database.
        let folded = self.reader().ask(move |reading| reading.ledger(app, call)).await?;
        let folded = folded.into_iter().filter(|entry| trimmed_at.since(entry.at) < LEDGER_RETENTION);
        let mut all: BTreeMap<_, _> = folded.map(|entry| (entry.key.clone(), entry)).collect();
        all.extend(entries.into_iter().map(|entry| (entry.key.clone(), entry)));
        Ok(all.into_values().collect())
    }
}
