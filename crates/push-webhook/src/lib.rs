//! Rings through an app's own provider: requests, signatures and verdicts of a webhook, without a socket.
//!
//! For vendors that have no adapter here: the app's provider receives each push as JSON, signed after the scheme of Standard
//! Webhooks, and hands it on. What it answers is taken for what the vendor said.
mod provider;
mod secret;
mod verdict;

pub use provider::{InvalidUrl, Provider, Rules};
pub use secret::{InvalidSecret, Secret};
