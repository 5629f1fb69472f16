//! Media rooms: who is in them, what they publish, and the selective forwarding of it.
//!
//! [`Sfu`] is a machine like the others: it knows no socket, no clock and no thread. Time comes in as an argument and
//! bytes go in and out. What str0m gives (ICE, DTLS, SRTP, bandwidth estimates) is seen in this crate alone.
//!
//! # The drain rule
//!
//! After **every** call that changes the machine, the driver calls [`Sfu::poll_output`] until it returns `None`, sends
//! each [`Output::Transmit`] in the order given, and then sleeps until [`Sfu::poll_timeout`] or the next datagram or
//! command. Several datagrams may be fed before one drain, so that packets leave in batches; nothing is lost by draining
//! late, but forwarded packets wait for it. Times given never go back.

mod allocator;
pub mod endpoint;
mod keyframes;
mod peer;
mod picture;
mod port;
mod quality;
mod rebase;
mod room;
mod speakers;

pub use port::*;

mod sfu;

pub use sfu::Sfu;

/// Chooses the cryptography of DTLS and SRTP for this process. Call it once before the first [`Sfu`]; again is harmless.
pub fn install_crypto() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| str0m::crypto::from_feature_flags().install_process_default());
}

/// Which worker of the node a STUN binding request is for, by the user name that it bears. `None` for anything else.
#[must_use]
pub fn worker_of(datagram: &[u8]) -> Option<u16> {
    ufrag::of_request(datagram).map(|ufrag| ufrag.worker)
}

mod ufrag;
