//! Rings over Web Push (RFC 8030, 8291, 8292): requests, signatures and verdicts, without a socket.
//!
//! The end of a ring has the topic of the ring, so that a push service that still holds the ring replaces it, and a browser that
//! has shown it puts the end in its place.
mod hosts;
mod provider;
mod vapid;
mod verdict;

pub use hosts::{Hosts, InvalidHost};
pub use provider::{Provider, Rules};
pub use vapid::{InvalidSubject, Vapid};
