//! The events of all users in the order of commits, to be forgotten from the front.
use std::{
    collections::{VecDeque, vec_deque::Iter},
    time::Duration,
};

use offhook_store::LoggedEvent;
use offhook_types::{Offset, Timestamp};

use super::{UserNumber, Users};

/// What bounds the events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) age: Duration,
    pub(crate) bytes: u64,
    pub(crate) per_user: usize,
}

pub(crate) struct Recent {
    limits: Limits,
    order: VecDeque<Placed>,
}

/// Where an event stands in the journal.
#[derive(Clone, Copy)]
struct Placed {
    at: Timestamp,
    offset: Offset,
    total: u64,
    user: UserNumber,
}

impl Recent {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, order: VecDeque::new() }
    }

    /// Adds an event of a user whose record begins at `total`, and forgets what must go for it.
    pub(crate) fn push(&mut self, users: &mut Users, (user, total): (UserNumber, u64), event: LoggedEvent) {
        self.order.push_back(Placed { at: event.at, offset: event.offset, total, user });
        let events = &mut users[user].events;
        events.push_back(event);
        if events.len() > self.limits.per_user {
            events.pop_front();
        }
        let oldest = total.saturating_sub(self.limits.bytes);
        while self.order.front().is_some_and(|placed| placed.total < oldest) {
            self.pop(users);
        }
    }

    pub(crate) fn trim(&mut self, users: &mut Users, now: Timestamp) {
        while self.order.front().is_some_and(|placed| now.since(placed.at) >= self.limits.age) {
            self.pop(users);
        }
    }

    /// The total from which on the journal is needed for events.
    pub(crate) fn needed_from(&self) -> Option<u64> {
        self.order.front().map(|placed| placed.total)
    }

    fn pop(&mut self, users: &mut Users) {
        let Some(placed) = self.order.pop_front() else { return };
        let events = &mut users[placed.user].events;
        if events.front().is_some_and(|event| event.offset <= placed.offset) {
            events.pop_front();
        }
        if events.is_empty() {
            *events = VecDeque::new();
        }
    }
}

/// The events after `after`: offsets are gapless, so that the place can be computed.
pub(super) fn after(events: &VecDeque<LoggedEvent>, after: Offset) -> Iter<'_, LoggedEvent> {
    let first = events.front().map_or(0, |event| event.offset.0);
    let skipped = (after.0.saturating_add(1)).saturating_sub(first);
    let skipped = usize::try_from(skipped).unwrap_or(usize::MAX).min(events.len());
    events.range(skipped..)
}
