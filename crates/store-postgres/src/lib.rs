//! The store past one machine: PostgreSQL, 15 or newer.
//!
//! Any number of nodes stand on one database, and none of them owns anything. Each gathers the transitions that its tasks
//! commit at the same time into one statement, in which PostgreSQL compares versions, numbers the events, keeps indexes
//! and takes jobs, and says of each transition whether it became true ([`commit`]). Everything else is read where it
//! stands: nodes keep nothing of the state of calls.
//!
//! Whoever is given a due call or a left job may be one of several: versions and the ledger see to it that one of them
//! does it.

mod check;
mod commit;
mod convert;
mod devices;
mod error;
mod line;
mod migrate;
mod options;
mod outbox;
mod placement;
mod presence;
mod read;
mod store;
mod trim;
mod users;

pub use check::CheckError;
pub use error::OpenError;
pub use options::Options;
pub use placement::PostgresPlacements;
pub use presence::PostgresPresence;
pub use store::PostgresStore;
