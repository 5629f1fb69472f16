//! The Push port: what wakes a device whose app does not run, through which vendor, and what came of it.
//!
//! ```text
//!  Order ──┐                        ┌─▶ http::Request ──▶ the vendor
//!          ├─▶ Vendor::prepare ─────┤
//! Address ─┘                        └─▶ (first a token for itself)
//!
//!  the vendor's answer ──▶ Vendor::verdict ──▶ Verdict ──▶ retry? address dead? credential broken?
//! ```
//!
//! A [`Vendor`] is rules without a socket: it makes requests and reads answers. An [`Order`] is derived from the record of
//! a call, never from what a client sent alone. Nothing here decides who is rung; that is call-control's.
mod address;
mod breaker;
mod order;
mod payload;
mod push_id;
mod resource;
mod retry;
mod sealed;
mod signer;
mod template;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod vendor;
mod verdict;

pub use address::{Address, ApnsChannel, ApnsToken, Environment, InvalidAddress, Token, WebSubscription};
pub use breaker::{Breaker, BreakerState};
pub use order::{HandleKind, Kind, Order, StopReason, Text, Voip};
pub use payload::{data_message, document};
pub use push_id::PushId;
pub use resource::{Carriers, DEFAULT_RESOURCE, InvalidName, Lines, Resource, Texts};
pub use retry::{Attempt, next_attempt};
pub use sealed::{Sealer, Unreadable, derived};
pub use signer::{InvalidSigner, Signer};
pub use template::{InvalidTemplate, Template, Words};
pub use vendor::{Answer, Prepared, Unsendable, Vendor};
pub use verdict::Verdict;
