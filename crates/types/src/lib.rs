//! The words of Offhook: who, what and when.
//!
//! Strings from outside become these types at the wire and nowhere else; inside, an id is valid by construction.
//! Ids of people and opaque texts redact themselves in `Debug`, so that a log line cannot leak them by accident.
//! This crate holds no behavior: no clock, no randomness, no I/O.
#![no_std]

extern crate alloc;

mod call_id;
mod ids;
#[cfg(feature = "schema")]
mod schema;
mod text;
mod time;

pub use call_id::{CallId, InvalidCallId};
pub use ids::{Account, AppId, DeviceId, IdempotencyKey, InvalidId, Party, RoomId, StreamId, UserId};
pub use text::Opaque;
pub use time::{CallSeq, Cursor, Epoch, Offset, Timestamp};
