//! The Store port: what must be true after a crash, as one trait.
//!
//! A store commits one **transition** of one call whole or not at all: the call at its next version, the events of each
//! user under that user's next gapless offsets, the live index, the deadline, the remembered key of the request, and
//! the guards on other users' live calls. It decides nothing and knows no clock: times come from the caller.
//!
//! Here also: the stored form of a call ([`stored`], versioned), the [`memory`] model that every adapter is held
//! against, and the conformance [`suite`] that does the holding (feature `suite`).

mod device;
mod error;
mod event;
pub mod memory;
mod outbox;
mod placement;
mod port;
pub mod presence;
pub mod stored;
#[cfg(feature = "suite")]
pub mod suite;
mod transition;
mod user;

use std::time::Duration;

pub use device::{Device, Devices, SealedAddress, StoredResource};
pub use error::{CommitError, StoreError};
pub use event::{EventPage, LoggedEvent};
pub use outbox::{Job, JobKey, LEDGER_RETENTION, LedgerEntry, LedgerKey, LedgerOutcome, Outbox, Turn};
pub use placement::{Place, Placed, Placements};
pub use port::{CallPage, Due, LiveCalls, Store};
pub use presence::{LocalPresence, Presence};
pub use transition::{Committed, Guard, Key, Remembered, Transition, may_follow};
pub use user::{User, UserChange};

pub use offhook_call as call;

/// How long a key stands for its call. Less forgets retries of a client that was offline; more costs the embedded
/// store about 100 bytes of memory for each call created within that time.
pub const KEY_RETENTION: Duration = Duration::from_hours(24);

/// How long the memory model keeps events, and an adapter unless it is told otherwise or runs into a bound of its own.
/// A client that was away for longer takes a snapshot.
pub const EVENT_RETENTION: Duration = Duration::from_mins(15);
