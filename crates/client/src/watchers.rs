//! Who follows a room, and so takes its events in the app's place.
use std::collections::BTreeMap;

use offhook_client_core::{ConnectionState, Event};
use offhook_signaling::{RoomEvent, RoomReset};
use offhook_types::RoomId;
use tokio::sync::mpsc::{Sender, error::TrySendError};

/// Who follows which room.
#[derive(Debug, Default)]
pub(crate) struct Watchers(BTreeMap<RoomId, Watcher>);

#[derive(Debug)]
struct Watcher {
    events: Sender<RoomEvent>,
    /// There was no room for an event: the room has to be read anew.
    has_missed: bool,
}

impl Watchers {
    /// Follows a room, in place of whoever did.
    pub(crate) fn watch(&mut self, room: RoomId, events: Sender<RoomEvent>) {
        self.0.insert(room, Watcher { events, has_missed: false });
    }

    /// Takes the events that somebody follows, and gives the others back. When the session stops for good, nobody is in
    /// any room, and whoever follows one hears the end of its channel.
    pub(crate) fn take(&mut self, event: Event) -> Option<Event> {
        if let Event::Connection(ConnectionState::Stopped(_)) = &event {
            self.0.clear();
        }
        let Event::Room(event) = event else { return Some(event) };
        let room = room_of(&event);
        let Some(watcher) = self.0.get_mut(room) else { return Some(Event::Room(event)) };
        if watcher.events.is_closed() {
            self.0.remove(room);
            return Some(Event::Room(event));
        }
        watcher.tell(*event);
        None
    }
}

impl Watcher {
    fn tell(&mut self, event: RoomEvent) {
        let event = if self.has_missed {
            RoomEvent::Reset(RoomReset { room: room_of(&event).clone() })
        } else {
            event
        };
        self.has_missed = match self.events.try_send(event) {
            Ok(()) | Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(_)) => true,
        };
    }
}

fn room_of(event: &RoomEvent) -> &RoomId {
    match event {
        RoomEvent::Layers(body) => &body.room,
        RoomEvent::Left(body) => &body.room,
        RoomEvent::Levels(body) => &body.room,
        RoomEvent::Members(body) => &body.room,
        RoomEvent::Message(body) => &body.room,
        RoomEvent::Offer(body) => &body.room,
        RoomEvent::Quality(body) => &body.room,
        RoomEvent::Reset(body) => &body.room,
        RoomEvent::Streams(body) => &body.room,
    }
}
