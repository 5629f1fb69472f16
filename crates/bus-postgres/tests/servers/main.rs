//! What befalls servers and those who connect to them.
#![expect(clippy::unwrap_used, reason = "a test")]

mod access;
mod outages;
mod stage;
