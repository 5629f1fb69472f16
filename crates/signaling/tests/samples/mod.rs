//! A full and a minimal frame of every type.
#![allow(dead_code, reason = "every test binary uses its own part")]

mod client;
mod rooms;
mod server;
mod views;

pub(crate) use client::client_frames;
use rooms::{minimal_room_requests, room_events, room_replies, room_requests, room_token};
pub(crate) use server::server_frames;
use views::{device, id, user};
