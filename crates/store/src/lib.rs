//! The Store port: what must be true after a crash, as one trait.
//!
//! A store commits one **transition** of one call whole or not at all: the call at its next version, the events of each
//! user under that user's next gapless offsets, the live index, the deadline, the remembered key of the request, and
//! the guards on other users' live calls. It decides nothing and knows no clock: times come from the caller.
//!
//! Here also: the stored form of a call ([`stored`], versioned), the [`memory`] model that every adapter is held
//! against, and the conformance [`suite`] that does the holding (feature `suite`).

mod error;
mod event;
mod port;
mod transition;
mod user;

pub use error::{CommitError, StoreError};
pub use event::{EventPage, LoggedEvent};
pub use port::{CallPage, Due, LiveCalls, Store};
pub use transition::{Committed, Guard, Key, Remembered, Transition};
pub use user::{User, UserChange};
