//! Strict local servers that check what vendors of pushes check, and answer as they answer.
//!
//! Each listens on loopback, by TLS with an authority made at its start, and notes what it got. What a vendor would refuse is refused in
//! the vendor's words; what a vendor would let pass, though it is wrong, is noted under `violations`. None of this is a vendor: whether
//! they check the same is as true as their documents.
//!
//! [`Wire`] is no vendor at all: it speaks frames of HTTP/2 by a script, for what well-behaved servers never do.
mod apns;
mod authority;
mod devices;
mod fcm;
mod front;
mod jws;
mod ledger;
mod push_service;
mod schema;
mod webhook;
mod wire;

pub use apns::{Apns, ApnsKey, ApnsOptions};
pub use authority::Authority;
pub use devices::Device;
pub use fcm::{Fcm, FcmError, FcmOptions};
pub use front::{Behavior, Reply, Server};
pub use ledger::{Clock, Ledger, Received};
pub use push_service::{Message, PushService, PushServiceOptions, Subscription};
pub use webhook::{Webhook, WebhookOptions};
pub use wire::{Act, Wire};
