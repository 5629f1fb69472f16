//! Rings over Apple's service: requests, provider tokens and verdicts, without a socket.
//!
//! What is said over which channel, since iOS kills an app that gets a ring and reports no call:
//!
//! | | VoIP | alert |
//! |---|---|---|
//! | ring | wakes the app, which reports a call | a notification with sound |
//! | stop | only if the resource wants it: the app reports the same call once more, and ends it | replaces the ring's notification, or wakes the app in silence |
//! | missed | never | a notification |
mod provider;
mod request;
mod verdict;

pub use provider::{Credential, InvalidIdentifier, Provider};
pub use request::{Rules, StopAs};
