//! What one fold carries from memory into the database.
use std::{mem, sync::Arc};

use offhook_store::{User, call::Call};
use offhook_types::{Account, Offset, Timestamp};

use super::{DeviceBatch, FoldedKey, Memory, OutboxBatch, UserNumber};
use crate::journal::Position;

/// What changed between two folded points. Writing it twice does no harm.
pub(crate) struct Batch {
    pub(crate) devices: DeviceBatch,
    pub(crate) ended: Vec<Arc<Call>>,
    pub(crate) heads: Vec<(UserNumber, Offset)>,
    pub(crate) keys: Vec<FoldedKey>,
    /// Live calls as they stand at the point.
    pub(crate) live: Vec<Arc<Call>>,
    pub(crate) outbox: OutboxBatch,
    /// Who takes part in the ended calls, by call. Filled in afterwards ([`Memory::parts`]), a few calls at a time,
    /// so that no commit waits for all of them.
    pub(crate) parts: Vec<Vec<UserNumber>>,
    /// The point up to which the journal is folded by this.
    pub(crate) position: Position,
    pub(crate) trimmed_at: Option<Timestamp>,
    pub(crate) users: Vec<(UserNumber, Account, Option<Arc<User>>)>,
}

impl Memory {
    /// Takes what the database does not know; `position` is the end of the journal. `None` if there is nothing.
    pub(crate) fn take_batch(&mut self, position: Position) -> Option<Batch> {
        let taken = mem::take(&mut self.unfolded);
        if taken.bytes == 0 && taken.trimmed_at.is_none() && !self.outbox.is_behind() {
            return None;
        }
        let row = |(number, entry): (UserNumber, &super::Entry)| {
            (number, entry.account.clone(), entry.profile.clone())
        };
        let changed = taken.profiles.iter().map(|number| (*number, &self.users[*number]));
        let users = changed.chain(self.users.from(self.stored_users)).map(row).collect();
        self.stored_users = self.users.len();
        let mut heads = Vec::with_capacity(taken.heads.len());
        for number in taken.heads {
            let entry = &mut self.users[number];
            entry.touched = false;
            heads.push((number, entry.head));
        }
        Some(Batch {
            devices: self.devices.take_batch(),
            heads,
            keys: taken.keys,
            live: taken.live.iter().filter_map(|id| self.calls.get(id)).cloned().collect(),
            outbox: self.outbox.take_batch(&self.users),
            parts: Vec::with_capacity(taken.ended.len()),
            position,
            trimmed_at: taken.trimmed_at,
            users,
            ended: taken.ended,
        })
    }

    /// Who takes part in each of these calls.
    pub(crate) fn parts(&self, calls: &[Arc<Call>]) -> impl Iterator<Item = Vec<UserNumber>> {
        calls.iter().map(|call| call.legs.keys().filter_map(|user| self.users.find(call.app, user)).collect())
    }
}
