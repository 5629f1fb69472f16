//! Jobs that are not finished, and the younger part of the ledger.
//!
//! An entry of the ledger leaves memory once the database knows it, it is settled, and it is [`KEPT`] old. What is
//! claimed is held against memory alone: nobody rings for longer than ten minutes, and what is to be said after a ring
//! is claimed together with the end of its job, so that no name comes up again after its entry has left. An entry that
//! nobody settles stays for as long as the ledger goes back.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    mem,
    time::Duration,
};

use offhook_store::{Job, JobKey, LEDGER_RETENTION, LedgerEntry, LedgerKey, LedgerOutcome};
use offhook_types::{AppId, CallId, Timestamp};

use super::{Memory, UserNumber, Users};

/// How long an entry stays in memory at least. More costs about 600 bytes for each push within that time; less than a
/// ring and its retries would let a push be claimed twice.
pub(crate) const KEPT: Duration = Duration::from_mins(15);

/// How much later than it must the database forgets entries, so that it does so rarely.
const LAZINESS: Duration = Duration::from_mins(1);

#[derive(Default)]
pub(crate) struct Outbox {
    /// What of the ledger is held, by call, in the order of keys.
    calls: HashMap<CallId, Vec<LedgerEntry>>,
    /// Numbers of finished jobs that the database still has.
    finished: Vec<u64>,
    /// Entries on their way to the database.
    folding: BTreeSet<LedgerKey>,
    /// By their numbers, which are the order of their commits.
    jobs: BTreeMap<u64, Job>,
    /// Calls with entries that were too old for memory already, but could not leave it.
    lingering: BTreeSet<CallId>,
    /// No entry that memory does not hold belongs to a call that was minted after this.
    newest_left: Timestamp,
    next: u64,
    numbers: BTreeMap<JobKey, u64>,
    /// When something was claimed, in order, to look at again once it is old.
    order: VecDeque<(Timestamp, CallId)>,
    /// No entry in the database is older or younger than these.
    span: Option<(Timestamp, Timestamp)>,
    /// Jobs before this number were handed to the database, as far as they were not finished.
    stored: u64,
    /// What is past its retention as of this time is forgotten.
    trimmed_at: Timestamp,
    unfolded: BTreeSet<LedgerKey>,
    /// The database can forget entries as of this time.
    unfolded_trim: Option<Timestamp>,
}

/// What memory knows of a call's entries in the ledger.
pub(crate) struct Seen {
    pub(crate) entries: Vec<LedgerEntry>,
    /// Whether the database has no more of them.
    pub(crate) is_all: bool,
    /// As of when entries are forgotten.
    pub(crate) trimmed_at: Timestamp,
}

/// What one fold carries of the outbox.
pub(crate) struct OutboxBatch {
    /// Claimed or settled.
    pub(crate) entries: Vec<(UserNumber, LedgerEntry)>,
    pub(crate) finished: Vec<u64>,
    pub(crate) jobs: Vec<(u64, UserNumber, Job)>,
    pub(crate) trimmed_at: Option<Timestamp>,
}

impl Outbox {
    pub(super) fn add(&mut self, job: Job) {
        let number = self.next;
        self.next += 1;
        if let Some(earlier) = self.numbers.insert(job.key.clone(), number) {
            self.drop_job(earlier);
        }
        self.jobs.insert(number, job);
    }

    /// Takes up a job that the database knows.
    pub(crate) fn restore_job(&mut self, number: u64, job: Job) {
        self.numbers.insert(job.key.clone(), number);
        self.jobs.insert(number, job);
        self.next = self.next.max(number.saturating_add(1));
        self.stored = self.next;
    }

    pub(crate) fn jobs(&self, at: Timestamp) -> Vec<Job> {
        self.jobs.values().filter(|job| job.at <= at).cloned().collect()
    }

    pub(crate) fn is_pending(&self, job: &JobKey) -> bool {
        self.numbers.contains_key(job)
    }

    pub(super) fn finish(&mut self, job: &JobKey) {
        if let Some(number) = self.numbers.remove(job) {
            self.drop_job(number);
        }
    }

    fn drop_job(&mut self, number: u64) {
        if self.jobs.remove(&number).is_some() && number < self.stored {
            self.finished.push(number);
        }
    }

    /// Whether the ledger has no such entry, as far as memory knows.
    pub(crate) fn is_new(&self, key: &LedgerKey) -> bool {
        self.entry(key).is_none()
    }

    pub(crate) fn entry(&self, key: &LedgerKey) -> Option<&LedgerEntry> {
        let entries = self.calls.get(&key.call)?;
        entries.binary_search_by(|entry| entry.key.cmp(key)).ok().map(|place| &entries[place])
    }

    fn enter(&mut self, entry: LedgerEntry) {
        let (oldest, newest) = self.span.unwrap_or((entry.at, entry.at));
        self.span = Some((oldest.min(entry.at), newest.max(entry.at)));
        self.unfolded.insert(entry.key.clone());
        self.restore_entry(entry);
    }

    /// Takes up an entry that the database knows.
    pub(crate) fn restore_entry(&mut self, entry: LedgerEntry) {
        let moment = (entry.at, entry.key.call);
        if self.order.back() != Some(&moment) {
            self.order.push_back(moment);
        }
        let entries = self.calls.entry(entry.key.call).or_default();
        match entries.binary_search_by(|other| other.key.cmp(&entry.key)) {
            Ok(place) => entries[place] = entry,
            Err(place) => {
                if entries.len() == entries.capacity() {
                    entries.reserve_exact(1 + entries.len() / 2); // Most calls have one or two, and entries are large.
                }
                entries.insert(place, entry);
            }
        }
    }

    /// What the database holds of the ledger beyond what memory takes up.
    pub(crate) fn restore_bounds(
        &mut self,
        span: Option<(Timestamp, Timestamp)>,
        newest_call: Option<CallId>,
    ) {
        self.span = span;
        self.newest_left = newest_call.map_or(Timestamp::default(), CallId::created);
    }

    pub(crate) fn settle(&mut self, key: &LedgerKey, outcome: LedgerOutcome) {
        let Some(entries) = self.calls.get_mut(&key.call) else { return };
        if let Ok(place) = entries.binary_search_by(|entry| entry.key.cmp(key)) {
            entries[place].outcome = Some(outcome);
            self.unfolded.insert(key.clone());
        }
    }

    pub(crate) fn ledger(&self, app: AppId, call: CallId) -> Seen {
        let entries = self.calls.get(&call).map_or(&[][..], Vec::as_slice);
        let entries = entries.iter().filter(|entry| entry.key.app == app).cloned().collect();
        Seen { entries, is_all: call.created() > self.newest_left, trimmed_at: self.trimmed_at }
    }

    /// Forgets what is old. Jobs stand in the order of commits: the first that is young enough ends the search.
    pub(super) fn trim(&mut self, now: Timestamp) {
        self.trimmed_at = self.trimmed_at.max(now);
        while let Some((&number, job)) = self.jobs.first_key_value()
            && now.since(job.at) >= LEDGER_RETENTION
        {
            self.numbers.remove(&job.key);
            self.drop_job(number);
        }
        let mut old = mem::take(&mut self.lingering);
        while let Some((_, call)) = self.order.pop_front_if(|(at, _)| now.since(*at) >= KEPT) {
            old.insert(call);
        }
        for call in old {
            self.leave(call);
        }
        if let Some((oldest, newest)) = self.span
            && now.since(oldest) >= LEDGER_RETENTION + LAZINESS
        {
            self.unfolded_trim = Some(now);
            let kept = now.as_millis().saturating_sub(millis(LEDGER_RETENTION));
            self.span = (newest.as_millis() > kept).then_some((Timestamp::from_millis(kept), newest));
        }
    }

    /// Takes those entries of a call out of memory that may leave it.
    fn leave(&mut self, call: CallId) {
        let Some(mut entries) = self.calls.remove(&call) else { return };
        let (now, before) = (self.trimmed_at, entries.len());
        let is_folded = |key: &LedgerKey| !self.unfolded.contains(key) && !self.folding.contains(key);
        let stays = |entry: &LedgerEntry| {
            now.since(entry.at) < LEDGER_RETENTION
                && (now.since(entry.at) < KEPT || entry.outcome.is_none() || !is_folded(&entry.key))
        };
        entries.retain(stays);
        if entries.len() < before {
            self.newest_left = self.newest_left.max(call.created());
        }
        if entries.iter().any(|entry| now.since(entry.at) >= KEPT) {
            self.lingering.insert(call);
        }
        if !entries.is_empty() {
            self.calls.insert(call, entries);
        }
    }

    /// Whether the database has something to forget that no record of the journal speaks of.
    pub(super) fn is_behind(&self) -> bool {
        !self.finished.is_empty() || self.unfolded_trim.is_some()
    }

    /// Takes what the database does not know. [`Outbox::is_folded`] when it does.
    pub(super) fn take_batch(&mut self, users: &Users) -> OutboxBatch {
        let fresh = self.jobs.range(self.stored..).filter_map(|(number, job)| {
            Some((*number, users.find(job.key.app, &job.key.user)?, job.clone()))
        });
        let jobs = fresh.collect();
        self.stored = self.next;
        self.folding = mem::take(&mut self.unfolded);
        let entries = self
            .folding
            .iter()
            .filter_map(|key| Some((users.find(key.app, &key.user)?, self.entry(key)?.clone())));
        OutboxBatch {
            entries: entries.collect(),
            finished: mem::take(&mut self.finished),
            jobs,
            trimmed_at: self.unfolded_trim.take(),
        }
    }

    /// The database knows what was taken last.
    pub(crate) fn is_folded(&mut self) {
        self.folding.clear();
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("a retention fits")
}

impl Memory {
    /// Enters new entries into the ledger, and finishes a job.
    pub(crate) fn claim(&mut self, entries: Vec<LedgerEntry>, finished: Option<&JobKey>) {
        for entry in entries {
            self.users.number(entry.key.app, &entry.key.user); // The database knows users by their numbers.
            self.outbox.enter(entry);
        }
        if let Some(job) = finished {
            self.outbox.finish(job);
        }
    }
}

#[cfg(test)]
mod tests;
