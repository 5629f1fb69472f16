//! What the media threads tell: to devices, to the books, to the calls. Nothing here waits.
use std::sync::{Arc, OnceLock};

use offhook_gateway::Hub;
use offhook_media::Listener;
use offhook_sfu::{Address, Fact, RoomEvent};
use offhook_types::Party;

use super::{
    backlog::Backlog,
    convert,
    fleet::Fleet,
    index::{Index, account_of},
    metrics::Counters,
};

/// The server's ears in its rooms.
#[derive(Debug, Default)]
pub(super) struct Ears {
    pub(super) backlog: Backlog,
    pub(super) counters: Counters,
    /// `None` for a node that is alone.
    pub(super) fleet: Option<Arc<Fleet>>,
    /// Known once there is a gateway; nobody is in a room before.
    pub(super) hub: OnceLock<Arc<Hub>>,
    pub(super) index: Index,
}

impl Ears {
    pub(super) fn new(fleet: Option<Arc<Fleet>>) -> Self {
        Self { fleet, ..Self::default() }
    }
}

impl Listener for Ears {
    fn event(&self, to: &Address, event: RoomEvent) {
        let party = party_of(to);
        let event = convert::event(to.room.room.clone(), event);
        let event = match &self.fleet {
            Some(fleet) => fleet.tell(to, event),
            None => Some(event),
        };
        let Some(event) = event else { return };
        // A device without a session reads the room when it is back.
        let _ = self.hub.get().is_some_and(|hub| hub.tell(&party, event));
    }

    fn fact(&self, fact: Fact) {
        self.counters.count(&fact);
        match &fact {
            Fact::Closed { room, .. } => self.index.closed(room),
            Fact::Joined(address) if self.index.joined(address) => self.backlog.opened(&address.room),
            Fact::Joined(_) => {}
            Fact::Left(address, _) => self.index.left(address),
            Fact::Presence(..) => {}
        }
        if let Some(fleet) = &self.fleet {
            match &fact {
                Fact::Closed { room, .. } => fleet.closed(room),
                Fact::Joined(address) => fleet.joined(address),
                Fact::Left(address, _) => {
                    fleet.left(address, self.index.device_in(&address.room, &address.user).is_none());
                }
                Fact::Presence(..) => {}
            }
        }
        self.backlog.note(fact);
    }
}

pub(super) fn party_of(address: &Address) -> Party {
    Party { account: account_of(address), device: Some(address.device.clone()) }
}
