//! What is held in memory, and what each step does to it.

mod batch;
mod devices;
mod keys;
mod live;
mod outbox;
mod recent;
mod users;

pub(crate) use batch::Batch;
pub(crate) use devices::{DeviceBatch, Devices};
pub(crate) use keys::{FoldedKey, KeyOf, Keys};
pub(crate) use live::{Memory, Past, Refused};
pub(crate) use outbox::{KEPT, Outbox, OutboxBatch, Seen};
pub(crate) use recent::Limits;
pub(crate) use users::{Entry, UserNumber, Users};
