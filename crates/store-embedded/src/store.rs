//! The store itself.

mod devices;
mod outbox;

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use offhook_store::{
    CallPage, CommitError, Committed, Due, EventPage, LiveCalls, Remembered, Store, StoreError, Transition,
    User, UserChange,
    call::Call,
    stored::{self, PendingTransition},
};
use offhook_types::{Account, AppId, CallId, Epoch, IdempotencyKey, Offset, Timestamp};

use crate::{
    fold,
    folder::Folder,
    memory::{KeyOf, Past, Refused},
    open,
    options::{Durability, Options},
    reader::Reader,
    shared::{Core, FoldCommand, Shared},
};

/// The embedded store: a folder on disk, held by this process until the value is dropped. Dropping it folds the rest of
/// the journal, so that the next open has little to read; ending without is harmless.
pub struct EmbeddedStore {
    epoch: Epoch,
    reader: Option<Reader>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl EmbeddedStore {
    /// Opens the store in `folder`, which is created if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it open, [`StoreError::Newer`] if a newer version wrote it,
    /// [`StoreError::Damaged`] with file and place, [`StoreError::Full`], [`StoreError::Unavailable`].
    pub fn open(folder: impl AsRef<Path>, options: Options) -> Result<Self, StoreError> {
        let folder = Arc::new(Folder::lock(folder.as_ref())?);
        let open::Opened { core, history } = open::open(&folder, &options)?;
        let epoch = history.epoch()?;
        let (reader, reading) = Reader::start(&folder.database())?;
        let (fold, commands) = mpsc::channel();
        let shared = Arc::new(Shared::new(folder, options, core, fold));
        let folder = fold::Folder::new(history, shared.clone());
        let mut store = Self { epoch, reader: Some(reader), shared, threads: vec![reading] };
        store.spawn("offhook-fold", move || folder.run(&commands))?;
        match store.shared.options.durability {
            Durability::Power => {
                let shared = store.shared.clone();
                store.spawn("offhook-sync", move || shared.serve_waiters())?;
            }
            Durability::Process => {}
        }
        Ok(store)
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
        let thread = thread::Builder::new().name(name.into()).spawn(run);
        self.threads.push(thread.map_err(|error| crate::error::from_io(&error))?);
        Ok(())
    }

    fn reader(&self) -> &Reader {
        self.reader.as_ref().expect("the reader is there until the store is dropped")
    }

    /// What memory says, once it is as durable as was promised.
    async fn read<T>(&self, look: impl FnOnce(&Core) -> T) -> Result<T, StoreError> {
        let (seen, total) = {
            let core = self.shared.core();
            (look(&core), core.journal.total())
        };
        self.shared.durable(total).await?;
        Ok(seen)
    }

    /// Appends a record and applies it, unless `decide` finds that there is nothing to do.
    async fn change<T>(
        &self,
        decide: impl FnOnce(&mut Core) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (result, total) = {
            let mut core = self.shared.core();
            (decide(&mut core)?, core.journal.total())
        };
        self.shared.durable(total).await?;
        Ok(result)
    }

    /// One attempt to commit: what came of it, and the end of the journal that it is based on.
    fn attempt(&self, transition: Transition, past: Option<&Asked>) -> Attempt {
        let pending = PendingTransition::new(&transition);
        let mut core = self.shared.core();
        // What left memory since the database was asked may have been this call.
        let past = past.filter(|asked| asked.forgotten == core.memory.forgotten);
        let past = past.map_or(Past::Unread, |asked| Past::Read(asked.found.as_ref()));
        if let Err(refused) = core.memory.check(&transition, past) {
            return match refused {
                Refused::Because(error) => Attempt::Done(Err(error), core.journal.total()),
                Refused::UnlessInHistory => Attempt::AskHistory(transition, core.memory.forgotten),
            };
        }
        let offsets = core.memory.offsets(&transition);
        let payload = pending.finish(&offsets);
        match core.append(&payload, &self.shared) {
            Err(error) => Attempt::Done(Err(error.into()), 0),
            Ok(total) => {
                let committed = core.memory.apply(transition, &offsets, total);
                Attempt::Done(Ok(committed), core.journal.total())
            }
        }
    }

    async fn settle(
        &self,
        result: Result<Committed, CommitError>,
        total: u64,
    ) -> Result<Committed, CommitError> {
        self.shared.durable(total).await?;
        result
    }

    async fn ended(&self, app: AppId, call: CallId) -> Result<Option<Arc<Call>>, StoreError> {
        let found = self.reader().ask(move |reading| reading.call(app, call)).await?;
        Ok(found.map(Arc::new))
    }
}

/// What the database said of a call.
struct Asked {
    /// [`crate::memory::Memory::forgotten`] before it was asked.
    forgotten: u64,
    found: Option<Call>,
}

enum Attempt {
    AskHistory(Transition, u64),
    Done(Result<Committed, CommitError>, u64),
}

impl Core {
    fn append(&mut self, payload: &[u8], shared: &Shared) -> Result<u64, StoreError> {
        let total = self.journal.append(payload)?;
        self.memory.unfolded.bytes += payload.len() as u64;
        if self.memory.unfolded.bytes >= shared.options.fold_bytes && !self.fold_asked {
            self.fold_asked = true;
            let _ = shared.fold.send(FoldCommand::Now); // The thread ends after the last commit.
        }
        Ok(total)
    }
}

impl Store for EmbeddedStore {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    async fn commit(&self, transition: Transition) -> Result<Committed, CommitError> {
        let call = transition.call.id;
        let mut attempt = self.attempt(transition, None);
        loop {
            match attempt {
                Attempt::Done(result, total) => return self.settle(result, total).await,
                Attempt::AskHistory(transition, forgotten) => {
                    let found = self.reader().ask(move |reading| reading.any_call(call)).await?;
                    attempt = self.attempt(transition, Some(&Asked { forgotten, found }));
                }
            }
        }
    }

    async fn load(&self, app: AppId, call: CallId) -> Result<Option<Arc<Call>>, StoreError> {
        match self.read(|core| core.memory.load(app, call)).await? {
            Some(known) => Ok(known),
            None => self.ended(app, call).await,
        }
    }

    async fn live(&self, account: &Account) -> Result<LiveCalls, StoreError> {
        self.read(|core| core.memory.live(account)).await
    }

    async fn calls(
        &self,
        account: &Account,
        before: Option<CallId>,
        limit: usize,
    ) -> Result<CallPage, StoreError> {
        let Some((user, recent)) = self.read(|core| core.memory.calls_of(account)).await? else {
            return Ok(CallPage::default());
        };
        let wanted = limit.saturating_add(1);
        let folded = self.reader().ask(move |reading| reading.calls(user, before, wanted)).await?;
        let recent = recent.into_iter().filter(|call| before.is_none_or(|before| call.id < before));
        let mut all: BTreeMap<CallId, Arc<Call>> = recent.map(|call| (call.id, call)).collect();
        for call in folded {
            // One that was folded in between, or changed after it was folded, stands in both.
            if all.get(&call.id).is_none_or(|known| known.seq < call.seq) {
                all.insert(call.id, Arc::new(call));
            }
        }
        let more = all.len() > limit;
        Ok(CallPage { calls: all.into_values().rev().take(limit).collect(), more })
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.read(|core| core.memory.due(now, limit)).await
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.shared.core().memory.next_deadline())
    }

    async fn waiting_callers(&self) -> Result<Vec<Account>, StoreError> {
        self.read(|core| core.memory.waiting_callers()).await
    }

    async fn events(&self, account: &Account, after: Offset, limit: usize) -> Result<EventPage, StoreError> {
        self.read(|core| core.memory.events(account, after, limit)).await
    }

    async fn heads(&self, accounts: &[Account]) -> Result<Vec<Offset>, StoreError> {
        self.read(|core| core.memory.heads(accounts)).await
    }

    async fn remembered(
        &self,
        account: &Account,
        key: &IdempotencyKey,
    ) -> Result<Option<Remembered>, StoreError> {
        self.read(|core| core.memory.keys.find(account, key)).await
    }

    async fn bury(
        &self,
        account: &Account,
        key: &IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<Remembered>, StoreError> {
        let bury = |core: &mut Core| {
            let taken = core.memory.keys.find(account, key);
            if taken.is_none() {
                core.append(&stored::write_buried(account, key, at), &self.shared)?;
                core.memory.remember(at, KeyOf { account, key }, Remembered::Canceled);
            }
            Ok(taken)
        };
        self.change(bury).await
    }

    async fn users(&self, accounts: &[Account]) -> Result<Vec<Option<Arc<User>>>, StoreError> {
        let known = |core: &Core| {
            let profile = |account| core.memory.users.of(account)?.profile.clone();
            accounts.iter().map(profile).collect()
        };
        self.read(known).await
    }

    async fn put_user(
        &self,
        account: &Account,
        change: UserChange,
        at: Timestamp,
    ) -> Result<Arc<User>, StoreError> {
        let put = |core: &mut Core| {
            let known = core.memory.users.of(account).and_then(|entry| entry.profile.clone());
            let before = known.as_deref().cloned();
            let user =
                before.unwrap_or_else(|| User { registered_at: at, ..User::default() }).changed(change);
            if let Some(same) = known.filter(|known| **known == user) {
                return Ok(same);
            }
            let user = Arc::new(user);
            core.append(&stored::write_user(account, &user), &self.shared)?;
            core.memory.put_user(account, user.clone());
            Ok(user)
        };
        self.change(put).await
    }

    async fn trim(&self, now: Timestamp) -> Result<(), StoreError> {
        self.shared.core().memory.trim(now);
        Ok(())
    }

    fn health(&self) -> Result<(), StoreError> {
        self.shared.core().journal.check()
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        let _ = self.shared.fold.send(FoldCommand::Stop); // It may have ended by a panic.
        self.shared.stop_serving();
        self.reader = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join(); // Its panic has been reported already.
        }
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("options", &self.shared.options).finish_non_exhaustive()
    }
}
