//! Which room is on which worker.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use offhook_sfu::RoomKey;
use tokio::sync::Notify;

/// Where each room is. A room is entered when its first join is placed and removed when its machine has closed it and
/// no join is on its way, so that a room is never on two workers.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    emptied: Notify,
    rooms: Mutex<HashMap<RoomKey, Place>>,
}

#[derive(Debug)]
struct Place {
    /// Joins that are on their way to the worker.
    coming: u32,
    /// Whether the worker's machine has the room.
    open: bool,
    worker: u16,
}

/// A join on its way. Dropped, it has arrived, or was lost with the worker.
#[derive(Debug)]
pub(crate) struct Placement {
    directory: Arc<Directory>,
    room: RoomKey,
    pub(crate) worker: u16,
}

impl Directory {
    /// The worker that has the room.
    pub(crate) fn worker_of(&self, room: &RoomKey) -> Option<u16> {
        self.rooms().get(room).map(|place| place.worker)
    }

    /// Puts a join on its way: to the room's worker, or for a new room to the one that `choose` names from how many
    /// rooms each worker has. `None` if it names none.
    pub(crate) fn place(
        self: &Arc<Self>,
        room: &RoomKey,
        choose: impl FnOnce(&HashMap<u16, usize>) -> Option<u16>,
    ) -> Option<Placement> {
        let mut rooms = self.rooms();
        let worker = if let Some(place) = rooms.get_mut(room) {
            place.coming += 1;
            place.worker
        } else {
            let mut counts = HashMap::new();
            for place in rooms.values() {
                *counts.entry(place.worker).or_default() += 1;
            }
            let worker = choose(&counts)?;
            rooms.insert(room.clone(), Place { coming: 1, open: false, worker });
            worker
        };
        Some(Placement { directory: Arc::clone(self), room: room.clone(), worker })
    }

    /// The worker's machine has closed the room.
    pub(crate) fn closed(&self, room: &RoomKey) {
        let mut rooms = self.rooms();
        if let Some(place) = rooms.get_mut(room) {
            place.open = false;
            self.sweep(rooms, room);
        }
    }

    /// Waits until there is no room.
    pub(crate) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.rooms().is_empty() {
                return;
            }
            emptied.await;
        }
    }

    /// Removes the room if nothing holds it.
    fn sweep(&self, mut rooms: MutexGuard<'_, HashMap<RoomKey, Place>>, room: &RoomKey) {
        if rooms.get(room).is_some_and(|place| !place.open && place.coming == 0) {
            rooms.remove(room);
        }
        if rooms.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<RoomKey, Place>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Placement {
    /// The join was accepted: the machine has the room.
    pub(crate) fn opened(&self) {
        if let Some(place) = self.directory.rooms().get_mut(&self.room) {
            place.open = true;
        }
    }
}

impl Drop for Placement {
    fn drop(&mut self) {
        let mut rooms = self.directory.rooms();
        if let Some(place) = rooms.get_mut(&self.room) {
            place.coming -= 1;
        }
        self.directory.sweep(rooms, &self.room);
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{AppId, RoomId};

    use super::*;

    fn room(name: &str) -> RoomKey {
        RoomKey { app: AppId(1), room: RoomId::new(name).expect("a room's name") }
    }

    #[test]
    fn a_room_stays_with_its_worker_while_anybody_is_there_or_coming() {
        let directory = Arc::new(Directory::default());
        let first = directory.place(&room("a"), |_| Some(3)).expect("placed");
        assert_eq!(first.worker, 3);
        let second = directory.place(&room("a"), |_| panic!("it has a worker")).expect("placed");
        assert_eq!(second.worker, 3);

        first.opened();
        drop(first);
        directory.closed(&room("a"));
        assert_eq!(directory.worker_of(&room("a")), Some(3), "the second is on its way");
        second.opened();
        drop(second);
        assert_eq!(directory.worker_of(&room("a")), Some(3), "the second is there");
        directory.closed(&room("a"));
        assert_eq!(directory.worker_of(&room("a")), None);
    }

    #[test]
    fn a_refused_join_leaves_no_room() {
        let directory = Arc::new(Directory::default());
        drop(directory.place(&room("a"), |_| Some(0)).expect("placed"));
        assert_eq!(directory.worker_of(&room("a")), None);
        assert!(directory.place(&room("a"), |_| None).is_none(), "nobody has time");
    }

    #[test]
    fn new_rooms_are_placed_by_what_each_worker_has() {
        let directory = Arc::new(Directory::default());
        let _a = directory.place(&room("a"), |_| Some(1)).expect("placed");
        let _b = directory.place(&room("b"), |_| Some(1)).expect("placed");
        let _c = directory.place(&room("c"), |counts| {
            assert_eq!(counts, &HashMap::from([(1, 2)]));
            Some(0)
        });
    }
}
