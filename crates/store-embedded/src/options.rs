//! What an operator may choose.
use std::time::Duration;

use offhook_store::EVENT_RETENTION;

/// What a returned commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the machine's power: `fdatasync` before the reply, one for all commits that wait together.
    Power,
    /// The end of the process, `kill -9` included. The last seconds may be lost with the machine's power; what is left
    /// is consistent.
    #[default]
    Process,
}

/// How a store behaves. The default is right for nearly everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What a returned commit survives. Default [`Durability::Process`].
    pub durability: Durability,
    /// Journal bytes whose events are kept. Default 64 MiB, about two minutes at 1,000 calls a second. More lets clients
    /// that were away for longer catch up without a snapshot, and costs two to three times as much memory.
    pub event_bytes: u64,
    /// How long events are kept. Default [`EVENT_RETENTION`]. More costs memory on quiet servers.
    pub event_retention: Duration,
    /// Events kept for one user. Default 64. More helps clients that were away during many calls.
    pub events_per_user: usize,
    /// Journal bytes after which the journal is folded early. Default 16 MiB. More makes folding cheaper and costs memory.
    pub fold_bytes: u64,
    /// The longest time between two folds. Default 5 s. More makes folding cheaper, opening after a crash slower.
    pub fold_interval: Duration,
    /// The size at which a journal segment ends. Default 16 MiB. More leaves more on the disk, less makes more files.
    pub segment_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            durability: Durability::default(),
            event_bytes: 64 * MIB,
            event_retention: EVENT_RETENTION,
            events_per_user: 64,
            fold_bytes: 16 * MIB,
            fold_interval: Duration::from_secs(5),
            segment_bytes: 16 * MIB,
        }
    }
}
