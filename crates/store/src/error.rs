//! What can go wrong in a store.
use std::sync::Arc;

use offhook_call::Call;
use thiserror::Error;

use crate::Remembered;

/// Why a transition was not committed. Nothing has changed.
#[derive(Clone, Debug, Error)]
pub enum CommitError {
    /// The call stands at another version; try again from this one.
    #[error("the call stands at another version")]
    Conflict(Option<Arc<Call>>),
    /// A guarded user's live calls have changed; decide again.
    #[error("a guarded user's live calls have changed")]
    GuardFailed,
    /// The key stands for something already.
    #[error("the idempotency key stands for something already")]
    KeyTaken(Remembered),
    /// The store could not.
    #[error("the store could not commit")]
    Store(#[from] StoreError),
}

/// Why a store could not do what it was asked for. Whose fault it is decides what helps.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StoreError {
    /// Stored data does not make sense; see the message and restore from a backup.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// No space is left on the disk. Reads go on; commits succeed again by themselves once there is space.
    #[error("no space is left for the store")]
    Full,
    /// The folder or database belongs to another running server.
    #[error("the store is in use by another process: {0}")]
    Locked(String),
    /// Written by a newer version of Offhook; use that version, or one that is newer still.
    #[error("the store has format {found}, this version knows up to {known}: use a newer Offhook")]
    Newer {
        /// The format that was found.
        found: u32,
        /// The newest format this version reads.
        known: u32,
    },
    /// The engine failed for now.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}
