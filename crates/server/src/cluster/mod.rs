//! What a node stands on: a store and a bus of its own, or those that it shares with other nodes.
mod attendance;
mod bus;
mod clock;
mod facts;
mod logins;
mod membership;
mod metrics;
mod namesakes;
mod open;
mod peers;
mod store;
mod sweep;
mod switchboard;

pub(crate) use attendance::Attendance;
pub(crate) use bus::NodeBus;
pub(crate) use clock::ClockWatch;
pub(crate) use facts::{Facts, MediaFacts, MediaState};
pub(crate) use logins::Logins;
pub(crate) use membership::{Membership, Parts};
pub(crate) use open::{Ground, database, open};
pub(crate) use store::NodeStore;
pub(crate) use sweep::Ears;
pub(crate) use switchboard::{Subject, Topic};

use sweep::sweep;
use switchboard::Switchboard;
