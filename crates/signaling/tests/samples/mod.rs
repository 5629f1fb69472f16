//! A full and a minimal frame of every type.
#![allow(dead_code, reason = "every test binary uses its own part")]

mod client;
mod server;
mod views;

pub(crate) use client::client_frames;
pub(crate) use server::server_frames;
use views::{device, id, user};
