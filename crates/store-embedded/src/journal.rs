//! The journal: numbered segments of records, written at the end and read at the next open.

pub(crate) mod frame;
mod segment;
mod writer;

pub(crate) use segment::{Segment, Tail};
pub(crate) use writer::{Journal, Position, Reserving, Syncable, Writing};
