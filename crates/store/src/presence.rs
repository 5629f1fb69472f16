//! The Presence port: who is connected, and how long those who went away still count as here.
//!
//! Not a part of [`crate::Store`], whose promises it does not make: what is known here may be lost with a node, or with the
//! server that keeps it, and comes back as devices connect. So no answer of a request is ever owed to it alone.
mod local;

use std::{fmt, future::Future, pin::Pin};

use offhook_types::{Account, Party, Timestamp};

use crate::StoreError;

pub use local::LocalPresence;

/// What comes of asking; [`StoreError`] if it is kept elsewhere, and that cannot be reached.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The devices that are connected to any node, and the leases of users whose last device went away.
pub trait Presence: fmt::Debug + Send + Sync + 'static {
    /// A device is connected to this node, as of when this is called. Ends the lease of its user. Returns the other nodes to
    /// which devices of the user were connected just before, this device among them.
    fn arrive<'a>(&'a self, party: &'a Party) -> Answer<'a, Vec<u64>>;

    /// A device is no longer connected to this node, as of when this is called. If its user has no other one, the user counts
    /// as here until `until`; returns whether that is so.
    fn depart<'a>(&'a self, party: &'a Party, until: Timestamp) -> Answer<'a, bool>;

    /// Lets a user who has no device here, and no lease, count as here until `until`.
    fn lend<'a>(&'a self, account: &'a Account, until: Timestamp) -> Answer<'a, ()>;

    /// Whether this device is connected.
    fn is_connected<'a>(&'a self, party: &'a Party) -> Answer<'a, bool>;

    /// Whether the user has a device that is connected, or a lease that has not been taken by [`Presence::expired`].
    fn is_here<'a>(&'a self, account: &'a Account) -> Answer<'a, bool>;

    /// Takes the users whose lease has run out. Each is given to one asker.
    fn expired(&self, now: Timestamp) -> Answer<'_, Vec<Account>>;

    /// When the next lease runs out.
    fn next_expiry(&self) -> Answer<'_, Option<Timestamp>>;

    /// Callers of unanswered calls of whom nothing is known, neither a device nor a lease: their node died, or what was known
    /// was lost. They are to be lent a lease. Always none where nothing can get lost.
    fn strays(&self) -> Answer<'_, Vec<Account>>;
}
