//! What a node stands on: a store and a bus of its own, or those that it shares with other nodes.
mod attendance;
mod bus;
pub(crate) mod metrics;
mod open;
mod store;
mod sweep;

pub(crate) use attendance::Attendance;
pub(crate) use bus::NodeBus;
pub(crate) use open::{Ground, open};
pub(crate) use store::NodeStore;
pub(crate) use sweep::{Ears, sweep};
