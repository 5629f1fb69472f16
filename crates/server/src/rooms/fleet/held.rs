//! The rooms that are placed on this node.
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_sfu::RoomKey;

/// Which rooms this node hosts, and under which epoch. A room that is placed here need not be open: its first participant may
/// be on the way.
#[derive(Debug, Default)]
pub(crate) struct Held {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Nothing is hosted here from now on.
    is_closed: bool,
    rooms: HashMap<RoomKey, Hosted>,
}

#[derive(Debug)]
struct Hosted {
    /// Requests that are on their way to the room, which might open it.
    coming: u32,
    epoch: u64,
    /// It was not open when it was looked last.
    is_idle: bool,
}

/// Why a room cannot be visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unheld {
    /// This node hosts no rooms any more.
    Closed,
    /// It is here under another epoch.
    Other,
    /// It is not known here.
    Unknown,
}

/// A request on its way to a room: as long as it is there, the room's placement is not released.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    held: &'a Held,
    room: RoomKey,
}

impl Held {
    /// Lets a request pass to a room, if it is here under this epoch, or under any for `None`.
    pub(crate) fn visit(&self, room: &RoomKey, epoch: Option<u64>) -> Result<Visit<'_>, Unheld> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(Unheld::Closed);
        }
        let hosted = state.rooms.get_mut(room).ok_or(Unheld::Unknown)?;
        if epoch.is_some_and(|epoch| epoch != hosted.epoch) {
            return Err(Unheld::Other);
        }
        hosted.coming += 1;
        Ok(Visit { held: self, room: room.clone() })
    }

    /// The room is placed here under this epoch, as the registry says. Placed anew here, it goes on as the same.
    pub(crate) fn adopt(&self, room: &RoomKey, epoch: u64) {
        let mut state = self.lock();
        if !state.is_closed {
            let hosted = Hosted { coming: 0, epoch, is_idle: false };
            state.rooms.entry(room.clone()).or_insert(hosted).epoch = epoch;
        }
    }

    /// The room has closed. Its epoch, if nobody is on the way to open it again: then it is to be released.
    pub(crate) fn closed(&self, room: &RoomKey) -> Option<u64> {
        let mut state = self.lock();
        state.rooms.get(room).filter(|hosted| hosted.coming == 0)?;
        state.rooms.remove(room).map(|hosted| hosted.epoch)
    }

    /// The room lives elsewhere. Whether it was here until now.
    pub(crate) fn lose(&self, room: &RoomKey) -> bool {
        self.lock().rooms.remove(room).is_some()
    }

    /// Under which epoch the room is here, if it is.
    pub(crate) fn epoch(&self, room: &RoomKey) -> Option<u64> {
        self.lock().rooms.get(room).map(|hosted| hosted.epoch)
    }

    /// Hosts nothing from now on. What was hosted.
    pub(crate) fn close(&self) -> Vec<(RoomKey, u64)> {
        let mut state = self.lock();
        state.is_closed = true;
        state.rooms.drain().map(|(room, hosted)| (room, hosted.epoch)).collect()
    }

    /// Every room with its epoch.
    pub(crate) fn all(&self) -> Vec<(RoomKey, u64)> {
        self.lock().rooms.iter().map(|(room, hosted)| (room.clone(), hosted.epoch)).collect()
    }

    /// Takes out what was not open the last time either, and nobody is on the way to: it is to be released.
    pub(crate) fn take_idle(&self, is_open: impl Fn(&RoomKey) -> bool) -> Vec<(RoomKey, u64)> {
        let mut state = self.lock();
        let mut taken = Vec::new();
        state.rooms.retain(|room, hosted| {
            let was_idle = hosted.is_idle;
            hosted.is_idle = hosted.coming == 0 && !is_open(room);
            let stays = !(was_idle && hosted.is_idle);
            if !stays {
                taken.push((room.clone(), hosted.epoch));
            }
            stays
        });
        taken
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().rooms.len()
    }

    /// Every change is one step: a thread that died while it held the lock left whole values behind.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if let Some(hosted) = self.held.lock().rooms.get_mut(&self.room) {
            hosted.coming = hosted.coming.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{AppId, RoomId};

    use super::*;

    fn room(name: &str) -> RoomKey {
        RoomKey { app: AppId(1), room: RoomId::new(name).expect("a name") }
    }

    #[test]
    fn requests_pass_under_the_epoch_of_the_room_alone() {
        let (held, lobby) = (Held::default(), room("lobby"));
        assert_eq!(held.visit(&lobby, Some(4)).err(), Some(Unheld::Unknown));
        held.adopt(&lobby, 4);
        assert!(held.visit(&lobby, Some(4)).is_ok() && held.visit(&lobby, None).is_ok());
        assert_eq!(held.visit(&lobby, Some(3)).err(), Some(Unheld::Other), "who is late");
        held.adopt(&lobby, 6);
        assert_eq!(held.visit(&lobby, Some(4)).err(), Some(Unheld::Other));
        assert_eq!(held.epoch(&lobby), Some(6));
        assert_eq!(held.close(), [(lobby.clone(), 6)]);
        held.adopt(&lobby, 7);
        assert_eq!(held.visit(&lobby, None).err(), Some(Unheld::Closed), "it hosts nothing any more");
    }

    #[test]
    fn a_room_to_which_somebody_is_on_the_way_is_not_released() {
        let (held, lobby) = (Held::default(), room("lobby"));
        held.adopt(&lobby, 4);
        let visit = held.visit(&lobby, None).expect("it is here");
        assert_eq!(held.closed(&lobby), None);
        assert!(held.take_idle(|_| false).is_empty() && held.take_idle(|_| false).is_empty());
        drop(visit);
        assert_eq!(held.closed(&lobby), Some(4));
        assert_eq!(held.closed(&lobby), None, "once");
    }

    #[test]
    fn what_stays_empty_is_let_go() {
        let held = Held::default();
        held.adopt(&room("open"), 1);
        held.adopt(&room("empty"), 2);
        let is_open = |key: &RoomKey| *key == room("open");
        assert!(held.take_idle(is_open).is_empty(), "it may be about to open");
        assert_eq!(held.take_idle(is_open), [(room("empty"), 2)]);
        assert_eq!(held.all(), [(room("open"), 1)]);
    }
}
