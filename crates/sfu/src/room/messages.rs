//! Messages between members.
use std::{collections::BTreeSet, time::Instant};

use offhook_types::{Opaque, UserId};

use super::{MemberNo, Room};
use crate::{MessageKind, Refusal, Role, RoomEvent};

/// A message to others in the room.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The text.
    pub(crate) data: Opaque,
    /// What it is for.
    pub(crate) kind: MessageKind,
    /// To whom; empty for everyone else.
    pub(crate) to: Vec<UserId>,
}

impl Room {
    /// Sends a message to everyone else, or to those of the named users who are here: who is not here misses it, and the
    /// sender is not told. Nobody gets it twice, its sender not at all.
    ///
    /// # Errors
    /// [`Refusal::NotInRoom`]; [`Refusal::RoleForbids`] to viewers; [`Refusal::TooLarge`]; [`Refusal::TooFast`]. Nothing
    /// has changed then.
    pub(crate) fn send(&mut self, now: Instant, sender: MemberNo, message: Message) -> Result<(), Refusal> {
        self.handle_timeout(now);
        let member = self.known(sender)?;
        let from = member.address.user.clone();
        match member.role {
            Role::Host | Role::Member => {}
            Role::Viewer => return Err(Refusal::RoleForbids),
        }
        if message.data.len() > self.limits.max_message_bytes {
            return Err(Refusal::TooLarge);
        }
        self.admit(now, sender)?;
        let Message { data, kind, to } = message;
        let named: BTreeSet<UserId> = to.into_iter().collect();
        let event = RoomEvent::Message { data, from, kind };
        if named.is_empty() {
            self.tell_others(sender, &event);
            return Ok(());
        }
        let meant = |number: MemberNo, user: &UserId| number != sender && named.contains(user);
        let stays = self.members.iter().filter(|(number, member)| meant(**number, &member.address.user));
        let addresses: Vec<_> = stays.map(|(_, member)| member.address.clone()).collect();
        for address in addresses {
            self.tell(address, event.clone());
        }
        Ok(())
    }

    /// Takes one from what a member may cause: [`crate::Limits::messages_per_s`], twice as many at once. Messages, updates,
    /// removals and joins do so themselves; call it for whatever else makes work.
    ///
    /// # Errors
    /// [`Refusal::NotInRoom`]; [`Refusal::TooFast`].
    pub(crate) fn admit(&mut self, now: Instant, member: MemberNo) -> Result<(), Refusal> {
        self.handle_timeout(now);
        let user = &self.members.get(&member).ok_or(Refusal::NotInRoom)?.address.user;
        let record = self.records.get_mut(user).ok_or(Refusal::NotInRoom)?;
        if record.budget.spend(now, &self.limits) { Ok(()) } else { Err(Refusal::TooFast) }
    }
}
