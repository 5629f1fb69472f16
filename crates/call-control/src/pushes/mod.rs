//! Where calls and pushes meet: whom a step of a call wakes, who must be told that the ring is over, and what is made of
//! the vendors' answers.
//!
//! ```text
//!  commit ──▶ plan ──▶ job in the store, with the step
//!                        │  run_due
//!                        ▼
//!        ring, stop ──▶ claim in the ledger ──▶ Pushes::post ──▶ vendor
//!          ▲  │ connected, or the vendor is busy                   │
//!          └──┘ later                                              ▼
//!                                              ledger ◀── CallControl::pushed
//! ```
//!
//! A job stands in the store until everything that it asks for has been claimed; a claim stands before its push is sent.
//! So a crash loses no ring that was not begun, and no device is rung twice for one invitation.

mod agenda;
mod devices;
mod errand;
mod outcome;
mod plan;
mod port;
mod ring;
mod run;
mod stop;
mod words;

pub(crate) use self::agenda::Agenda;
pub(crate) use self::plan::Cause;
pub use self::port::{NoPushes, Parcel, Pushes};
pub(crate) use self::words::check_config;
