//! What a node stands on: a store and a bus of its own, or those that it shares with other nodes.
mod attendance;
mod bus;
mod facts;
pub(crate) mod metrics;
mod open;
mod peers;
mod store;
mod sweep;
mod switchboard;

pub(crate) use attendance::Attendance;
pub(crate) use bus::NodeBus;
pub(crate) use facts::{Facts, MediaFacts, MediaState};
pub(crate) use open::{Ground, open};
pub(crate) use store::NodeStore;
pub(crate) use sweep::{Ears, sweep};
pub(crate) use switchboard::{Line, Switchboard};
