//! A whole Offhook in virtual time, for tests: no socket, no thread, no sleep.
//!
//! [`Town`] is call-control on the memory model of the store; [`Phone`] is a device in it that acts and hears. Both are
//! made for tests that read as sentences: who, when, what, and then the whole list of what everyone heard.

mod phone;
mod pushes;
mod ready;
mod rooms;
mod town;
mod world;

pub use phone::Phone;
pub use pushes::{TestPushes, line};
pub use ready::ready;
pub use rooms::TestRooms;
pub use town::Town;
pub use world::TestWorld;
