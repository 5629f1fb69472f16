//! The default store: one folder on disk, nothing to install, one process at a time.
//!
//! Three parts carry it (docs/decisions/0004-embedded-store.md says why and what they cost):
//!
//! - **Memory** holds what is asked for all the time: the live calls, deadlines, users, keys and recent events.
//! - The **journal** makes a commit durable: one record appended with one write, in segments that are numbered.
//! - **History** is an SQLite database. A background thread folds the journal into it in large transactions: ended
//!   calls, who took part, keys, users, the heads of the logs. Then calls leave memory and segments leave the disk.
//!
//! Opening reads the database and replays the journal after the folded point, and the events of what is retained before
//! it. A commit writes to the page cache under a lock, which does not block in practice; everything that may wait for
//! the disk (folding, syncing, reading history) happens on threads of the store's own, so that it runs under any
//! executor.

mod error;
mod fold;
mod folder;
mod history;
mod journal;
mod memory;
mod open;
mod options;
mod reader;
mod shared;
mod store;

pub use options::{Durability, Options};
pub use store::EmbeddedStore;
