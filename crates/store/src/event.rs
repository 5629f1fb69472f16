//! A user's event log.
use std::sync::Arc;

use offhook_call::{Call, Notice};
use offhook_types::{Offset, Timestamp};

/// One event of a user's log. The states it speaks of are those of `call`, which is the call right after the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// When it was committed.
    pub at: Timestamp,
    /// The call right after the step.
    pub call: Arc<Call>,
    /// What to tell to which of the user's devices.
    pub notice: Notice,
    /// The event's place in the log.
    pub offset: Offset,
}

/// A piece of a user's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// In order, without a gap, the first right after the wanted offset.
    pub events: Vec<LoggedEvent>,
    /// Events up to this offset are forgotten. If the wanted offset is smaller, events are missing and the client
    /// needs a snapshot.
    pub floor: Offset,
    /// The newest offset of the log.
    pub head: Offset,
}
