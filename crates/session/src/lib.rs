//! One connection of a device to the gateway: hello, authentication, resume, heartbeat, limits and back-pressure.
//!
//! [`Session`] is a pure machine. It is told what the socket, the verifier of tokens, the handler of requests and the
//! clock have to say ([`Input`]), and says what is to be done ([`Output`]). It knows no socket, no clock and no store;
//! it reads no token and decides nothing about calls.
#![no_std]

extern crate alloc;

#[cfg(test)]
extern crate std;

mod bucket;
mod config;
mod line;
mod live;
mod port;
mod session;

pub use config::Config;
pub use port::{Input, Output, Page};
pub use session::Session;
