//! The gateway on loopback ports, with clients of foreign make and raw sockets.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test fails by panicking, and publishes nothing")]

mod kit;
mod sessions;
