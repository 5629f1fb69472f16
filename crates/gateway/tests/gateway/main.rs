//! The gateway on loopback ports, with clients of foreign make and raw sockets.
#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "a test fails by panicking, and publishes nothing"
)]

mod devices;
mod document;
mod kit;
mod log;
mod migration;
mod pushes;
mod rest;
mod rooms;
mod sessions;
mod wire;
