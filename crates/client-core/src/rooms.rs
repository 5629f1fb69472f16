//! Which rooms this device is in. What happens in them is the SDK's to follow; this only knows when it has lost the thread.
use alloc::{boxed::Box, collections::BTreeSet};

use offhook_signaling::{Code, Problem, Reply, Request, RoomEvent, RoomReset};
use offhook_types::RoomId;

use crate::{Event, turn::Turn};

/// The rooms that this device is in, as far as it has heard.
#[derive(Debug, Default)]
pub(crate) struct Rooms(BTreeSet<RoomId>);

impl Rooms {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &RoomId> {
        self.0.iter()
    }

    /// A request was carried out, or was not.
    pub(crate) fn answered(&mut self, request: &Request, result: &Result<Reply, Problem>) {
        match (request, result) {
            (_, Ok(Reply::Room(view))) => {
                self.0.insert(view.room.clone());
            }
            (Request::LeaveRoom(leave), Ok(_)) => {
                self.0.remove(&leave.room);
            }
            (Request::ReadRoom(read), Err(problem)) if problem.code == Code::NotInRoom => {
                self.0.remove(&read.room);
            }
            (_, Ok(_) | Err(_)) => {}
        }
    }

    /// Something happened in a room.
    pub(crate) fn event(&mut self, event: &RoomEvent) {
        if let RoomEvent::Left(left) = event {
            self.0.remove(&left.room);
        }
    }

    /// The connection is a new one: whatever happened meanwhile is lost.
    pub(crate) fn reset(&self, turn: &mut Turn) {
        for room in &self.0 {
            turn.tell(Event::Room(Box::new(RoomEvent::Reset(RoomReset { room: room.clone() }))));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
