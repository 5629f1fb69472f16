//! The thread that folds the journal into the database.
//!
//! The order makes every crash harmless: the journal is synced up to a point, the database is brought to that point in
//! one transaction that also names it, calls leave memory, and segments that nobody needs are removed.
use std::{
    fs,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
};

use offhook_store::StoreError;
use tracing::{debug, warn};

use crate::{
    history::History,
    journal::Position,
    memory::Batch,
    shared::{FoldCommand, Shared},
};

/// Calls that are looked up in memory, or leave it, under one holding of the lock. More makes commits wait longer, less costs more holdings.
const CALLS_AT_ONCE: usize = 128;

pub(crate) struct Folder {
    history: History,
    /// A batch that could not be written yet.
    pending: Option<Batch>,
    shared: Arc<Shared>,
}

impl Folder {
    pub(crate) fn new(history: History, shared: Arc<Shared>) -> Self {
        Self { history, pending: None, shared }
    }

    /// The loop of the thread. Folds once more before it ends.
    pub(crate) fn run(mut self, commands: &Receiver<FoldCommand>) {
        loop {
            let command = commands.recv_timeout(self.shared.options.fold_interval);
            if let Err(error) = self.fold() {
                warn!(%error, "folding the journal failed; it is kept and folded later");
            }
            match command {
                Ok(FoldCommand::Now) | Err(RecvTimeoutError::Timeout) => {}
                Ok(FoldCommand::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    pub(crate) fn fold(&mut self) -> Result<(), StoreError> {
        if let Some(batch) = self.pending.take() {
            self.write(batch)?;
        }
        let batch = {
            let mut core = self.shared.core();
            core.fold_asked = false;
            let position = core.journal.position();
            core.memory.take_batch(position)
        };
        let Some(mut batch) = batch else { return Ok(()) };
        for calls in batch.ended.chunks(CALLS_AT_ONCE) {
            batch.parts.extend(self.shared.core().memory.parts(calls));
        }
        self.write(batch)
    }

    fn write(&mut self, mut batch: Batch) -> Result<(), StoreError> {
        // A point that is not on the disk must not be named by the database.
        let written = self.shared.sync().and_then(|_| self.history.fold(&mut batch));
        if let Err(error) = written {
            self.pending = Some(batch);
            return Err(error);
        }
        self.shared.core().memory.outbox.is_folded();
        for calls in batch.ended.chunks(CALLS_AT_ONCE) {
            self.shared.core().memory.forget(calls);
        }
        debug!(
            calls = batch.ended.len(),
            keys = batch.keys.len(),
            users = batch.users.len(),
            "folded the journal"
        );
        self.remove_segments(batch.position)
    }

    fn remove_segments(&self, folded: Position) -> Result<(), StoreError> {
        let released = {
            let mut core = self.shared.core();
            let needed = core.memory.recent.needed_from().unwrap_or(u64::MAX);
            core.journal.release(folded, needed)
        };
        for number in released {
            let path = self.shared.folder.segment(number);
            fs::remove_file(&path).map_err(|error| crate::error::at_path(&path, &error))?;
        }
        Ok(())
    }
}
