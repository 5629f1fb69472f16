//! The driver of pushes: connections to a vendor under one credential, and what came of each push.
//!
//! ```text
//!  send ─▶ breaker ─▶ prepare ─▶ a free stream? ───yes──▶ sent ─▶ answer ─▶ verdict ─▶ breaker
//!             │          │              no                 │
//!          at rest    a token first     └─▶ dial, or wait  └─ none came ─▶ Unknown
//!                     (one for all)
//! ```
//!
//! What decides whether a phone rings twice is whether a push without an answer may have been taken. So HTTP/2 is spoken through
//! `h2` itself, which tells a stream that the peer never looked at from one that was lost on the way.
//!
//! Nothing here decides whether a push is sent again later, or what becomes of an address: `push::next_attempt` and call-control do.
mod config;
mod connection;
mod dial;
mod exchange;
mod flight;
mod health;
mod identity;
mod line;
mod origin;
mod pool;
mod reach;

pub use config::{LineConfig, LineError};
pub use health::LineState;
pub use identity::{Identity, InvalidIdentity};
pub use line::Line;
