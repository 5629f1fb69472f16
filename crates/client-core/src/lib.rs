//! The client's side of a session: connect, greet, resume; the calls it knows, what rings on this device and until when.
//!
//! [`Client`] is a machine: it is fed with [`Input`]s and says what is to be done as [`Output`]s. It knows no socket, no
//! clock, no randomness and no text of a frame; the crate `client` carries its outputs out, and `sdk/web` mirrors it. The
//! traces in `testing/conformance` hold the two together.
//!
//! # The contract of a driver
//! - Each input is handed to [`Client::handle`] with the present time, which never goes back, and a fresh random number.
//! - The outputs are carried out in their order.
//! - [`Input::Timeout`] comes at [`Client::poll_timeout`], or later.
//! - After [`Output::OpenSocket`] come [`Input::SocketOpened`] or [`Input::SocketFailed`], then frames, then
//!   [`Input::SocketClosed`]. After [`Output::CloseSocket`] nothing more is said of that socket.
//! - After [`Output::NeedToken`] comes [`Input::Token`], [`Input::TokenFailed`] or [`Input::TokenGone`]; a second
//!   question voids the first.
#![no_std]

extern crate alloc;

mod backoff;
mod call;
mod calls;
mod client;
mod config;
mod event;
mod frames;
mod missed;
mod online;
mod port;
mod requests;
mod rooms;
mod token;
mod turn;

pub use call::CallState;
pub use client::Client;
pub use config::Config;
pub use event::{ConnectionState, Event, RingStopReason, StopReason};
pub use port::{ClientError, Handle, Input, Output, Token};
