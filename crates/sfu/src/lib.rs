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

mod port;

pub use port::*;
