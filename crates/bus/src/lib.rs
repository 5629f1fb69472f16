//! The Bus port: hints that a user's event log has grown, and nodes that know of each other and talk.
//!
//! [`Bus`] carries hints from where events are committed to where the users' sessions are. A hint may be lost, doubled or late without
//! harm: the log in the store is the truth, and the heartbeat of each session carries its newest offset. So the port promises effort,
//! and says through [`Listener::missed`] when hints may have been lost.
//!
//! [`Peers`] is for what must reach one certain node: who is there, a message, a question. Nothing that must not get lost goes this
//! way; a question has an answer or an [`AskError`].
//!
//! [`InProcessBus`] is both for one process. What adapters for several processes have in common lies in [`adapter`] (feature
//! `adapter`): the form of their messages, leases, answering. The laws that each of them is held to lie in [`suite`] (feature `suite`).
#[cfg(feature = "adapter")]
pub mod adapter;
mod health;
mod hint;
mod in_process;
mod node;
mod peers;
#[cfg(feature = "suite")]
pub mod suite;

pub use health::{Counts, Health, State, Trouble, TroubleKind};
pub use hint::{Bus, Hint, Listener, Missed};
pub use in_process::InProcessBus;
pub use node::{InvalidName, MAX_FACTS, Node, NodeId, NodeName};
pub use peers::{Answering, AskError, Asking, Peers, Responder, TooLarge};
