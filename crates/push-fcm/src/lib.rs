//! Rings over Firebase Cloud Messaging (HTTP v1): requests, access tokens and verdicts, without a socket.
//!
//! Every message is data alone: with a `notification` part, Android shows that itself and runs no code of a killed app. A ring
//! and its end have high priority, and both must show something, or Google demotes what the app is sent.
mod account;
mod provider;
mod verdict;

pub use account::{InvalidAccount, ServiceAccount};
pub use provider::{Provider, Rules};
