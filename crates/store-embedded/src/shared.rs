//! What the callers and the threads of a store share: memory and journal under one lock, and who waits for the disk.
use std::sync::{
    Arc, Condvar, Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
    mpsc,
};

use offhook_store::StoreError;
use tokio::sync::oneshot;

use crate::{
    folder::Folder,
    journal::{Journal, Position, Syncable},
    memory::Memory,
    options::{Durability, Options},
};

pub(crate) struct Shared {
    pub(crate) folder: Arc<Folder>,
    pub(crate) options: Options,
    pub(crate) fold: mpsc::Sender<FoldCommand>,
    core: Mutex<Core>,
    /// Up to which total of the journal everything is on the disk.
    durable: AtomicU64,
    /// Held while syncing, so that "everything before" includes what another thread is just syncing.
    syncing: Mutex<()>,
    waiting: Mutex<Waiting>,
    somebody_waits: Condvar,
}

/// Memory and journal: they change together.
pub(crate) struct Core {
    pub(crate) journal: Journal,
    pub(crate) memory: Memory,
    /// Whether the fold thread has been asked to hurry.
    pub(crate) fold_asked: bool,
}

#[derive(Debug)]
pub(crate) enum FoldCommand {
    Now,
    Stop,
}

#[derive(Default)]
struct Waiting {
    stop: bool,
    waiters: Vec<oneshot::Sender<Result<(), StoreError>>>,
}

impl Shared {
    pub(crate) fn new(
        folder: Arc<Folder>,
        options: Options,
        core: Core,
        fold: mpsc::Sender<FoldCommand>,
    ) -> Self {
        Self {
            folder,
            options,
            fold,
            core: Mutex::new(core),
            durable: AtomicU64::new(0),
            syncing: Mutex::default(),
            waiting: Mutex::default(),
            somebody_waits: Condvar::new(),
        }
    }

    pub(crate) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().expect("no holder of the lock panics")
    }

    /// Waits until everything up to `total` is as durable as was promised. Reads wait, too: what they have seen must
    /// not be lost after they have told of it.
    pub(crate) async fn durable(&self, total: u64) -> Result<(), StoreError> {
        match self.options.durability {
            Durability::Process => Ok(()),
            Durability::Power if self.durable.load(Ordering::Acquire) >= total => Ok(()),
            Durability::Power => {
                let (sender, done) = oneshot::channel();
                self.wait(sender);
                let gone = |_| StoreError::Unavailable("the store is closing".into());
                done.await.map_err(gone)?
            }
        }
    }

    fn wait(&self, sender: oneshot::Sender<Result<(), StoreError>>) {
        let mut waiting = self.waiting();
        if !waiting.stop {
            waiting.waiters.push(sender);
            self.somebody_waits.notify_one();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("no holder of the lock panics")
    }

    /// The loop of the thread that syncs for those who wait: all who came during one sync share the next.
    pub(crate) fn serve_waiters(&self) {
        loop {
            let mut waiting = self.waiting();
            while waiting.waiters.is_empty() && !waiting.stop {
                waiting = self.somebody_waits.wait(waiting).expect("no holder of the lock panics");
            }
            let waiters = std::mem::take(&mut waiting.waiters);
            let stop = waiting.stop;
            drop(waiting);
            if !waiters.is_empty() {
                let result = self.sync().map(drop);
                for waiter in waiters {
                    let _ = waiter.send(result.clone()); // Whoever waited may have gone.
                }
            }
            if stop {
                return;
            }
        }
    }

    pub(crate) fn stop_serving(&self) {
        self.waiting().stop = true;
        self.somebody_waits.notify_all();
    }

    /// Brings everything that was appended so far to the disk; gives the end of it.
    pub(crate) fn sync(&self) -> Result<Position, StoreError> {
        self.sync_as_of(|core| core.journal.syncable()).map(|syncable| syncable.position)
    }

    fn sync_as_of(&self, take: impl FnOnce(&mut Core) -> Syncable) -> Result<Syncable, StoreError> {
        let _alone = self.syncing.lock().expect("no holder of the lock panics");
        let syncable = {
            let mut core = self.core();
            core.journal.check()?;
            take(&mut core)
        };
        if let Err(error) = syncable.sync() {
            let mut core = self.core();
            core.journal.break_down(&error);
            core.journal.check()?;
        }
        self.durable.fetch_max(syncable.total, Ordering::AcqRel);
        self.core().journal.mark_synced(syncable.total);
        Ok(syncable)
    }
}
