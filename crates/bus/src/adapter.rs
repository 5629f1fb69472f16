//! What adapters for several processes have in common.
//!
//! An adapter owns connections and nothing else: bytes that arrive go to [`Core::receive`], what [`Core`] wants to say goes out through
//! its [`Carrier`]. Leases, answering, counting and the form of messages are here once, so that every adapter keeps the same promises.
mod backoff;
mod core;
mod desk;
mod identity;
mod questions;
mod registry;
mod shard;
mod standing;
mod tally;
pub mod wire;

pub use self::core::{Carrier, Core, Target};
pub use backoff::Backoff;
pub use desk::AT_ONCE;
pub use identity::Identity;
pub use questions::Questions;
pub use registry::{ANNOUNCE_EVERY, LEASE};
pub use shard::shard_of;
pub use tally::Tally;
