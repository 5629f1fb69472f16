//! Loads a call, feeds it, commits, and then carries the outcome out through the ports.
//!
//! **The commit path.** Load the call, let the machine decide on a copy, commit the copy under "the stored version is
//! one less" together with every event it causes, and only then answer and hint. A lost race (another commit came
//! first) is decided again from the newer call, so the winner is always the order of commits. Whatever happens after
//! the commit can be done again without harm; a crash in between loses nothing.
//!
//! This crate waits for nothing but the store: it has no timer, thread or socket. The server drives
//! [`CallControl::run_due`] and the deterministic simulator drives it too, with its own clock.

mod commands;
mod control;
mod delivery;
mod invite;
mod lists;
mod login;
mod policy;
mod problem;
mod pushes;
mod rooms;
mod timers;
mod users;
mod view;
mod world;

pub use control::CallControl;
pub use delivery::Delivered;
pub use login::{Departure, Entered, Entry};
pub use policy::{AppPolicy, BusyPolicy, GlarePolicy, Policies};
pub use pushes::{NoPushes, Parcel, Pushes};
pub use rooms::{NoRooms, RoomUsage, Rooms};
pub use world::World;
