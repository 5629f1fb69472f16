//! Events of rooms that wait for one session. They stand in no log, so what does not fit is dropped, and the client told.
use std::collections::{BTreeSet, VecDeque};

use offhook_signaling::{
    LayersChanged, MemberView, RoomEvent, RoomReset, SentTrack, StreamView, TrackLayer, TrackView,
};
use offhook_types::RoomId;

/// At most so many events wait. More holds more memory for a slow reader, less resets it at a shorter stall.
const MAX_EVENTS: usize = 256;

/// At most about so many bytes wait: 21 session descriptions of the longest kind.
const MAX_BYTES: usize = 1 << 20;

/// What an event costs beside its texts.
const EVENT_BYTES: usize = size_of::<RoomEvent>();

/// Events of rooms that wait for one session, in order.
///
/// Where only the newest counts (levels, quality, layers, the server's offer) it takes the place of the one before it. When
/// there is no room, all that waits is dropped, and a `room.reset` for each of the rooms is left; until that has been taken,
/// events of those rooms are dropped as well, because the client will read the room.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    bytes: usize,
    events: VecDeque<RoomEvent>,
}

impl Mailbox {
    /// Puts an event in.
    pub(crate) fn put(&mut self, event: RoomEvent) {
        if let RoomEvent::Left(_) = event {
            self.remove(|waiting| is_reset(waiting, event.room()));
        } else if self.events.iter().any(|waiting| is_reset(waiting, event.room())) {
            return;
        }
        let event = self.replace(event);
        self.bytes += weight(&event);
        self.events.push_back(event);
        if self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            self.overflow();
        }
    }

    /// Takes everything out.
    pub(crate) fn into_events(self) -> Vec<RoomEvent> {
        self.events.into()
    }

    /// Takes out what the event outdates, and gives the event with what of it still counts.
    fn replace(&mut self, event: RoomEvent) -> RoomEvent {
        match event {
            RoomEvent::Layers(layers) => {
                let before = self.remove(
                    |waiting| matches!(waiting, RoomEvent::Layers(before) if before.room == layers.room),
                );
                if let Some(RoomEvent::Layers(before)) = before {
                    return RoomEvent::Layers(merged(before, layers));
                }
                RoomEvent::Layers(layers)
            }
            RoomEvent::Levels(_) | RoomEvent::Offer(_) | RoomEvent::Quality(_) => {
                self.remove(|waiting| {
                    waiting.type_name() == event.type_name() && waiting.room() == event.room()
                });
                event
            }
            RoomEvent::Left(_)
            | RoomEvent::Members(_)
            | RoomEvent::Message(_)
            | RoomEvent::Reset(_)
            | RoomEvent::Streams(_) => event,
        }
    }

    fn remove(&mut self, is_meant: impl Fn(&RoomEvent) -> bool) -> Option<RoomEvent> {
        let place = self.events.iter().rposition(is_meant)?;
        let event = self.events.remove(place)?;
        self.bytes -= weight(&event);
        Some(event)
    }

    fn overflow(&mut self) {
        let rooms: BTreeSet<RoomId> = self.events.drain(..).map(|event| event.room().clone()).collect();
        self.events.extend(rooms.into_iter().map(|room| RoomEvent::Reset(RoomReset { room })));
        self.bytes = self.events.iter().map(weight).sum();
    }
}

fn is_reset(event: &RoomEvent, room: &RoomId) -> bool {
    matches!(event, RoomEvent::Reset(reset) if reset.room == *room)
}

/// Both changes as one: what the later says, and of the earlier what the later says nothing of.
fn merged(before: LayersChanged, after: LayersChanged) -> LayersChanged {
    let is_old = |track: &TrackLayer| {
        !after.tracks.iter().any(|newer| newer.stream == track.stream && newer.source == track.source)
    };
    let mut tracks: Vec<TrackLayer> = before.tracks.into_iter().filter(is_old).collect();
    tracks.extend(after.tracks);
    LayersChanged { room: after.room, tracks }
}

/// About how many bytes an event holds.
fn weight(event: &RoomEvent) -> usize {
    let more = match event {
        RoomEvent::Layers(event) => {
            let stream = |track: &TrackLayer| size_of::<TrackLayer>() + track.stream.as_str().len();
            event.tracks.iter().map(stream).sum()
        }
        RoomEvent::Left(_) | RoomEvent::Reset(_) => 0,
        RoomEvent::Levels(event) => event.levels.len() * PERSON_BYTES,
        RoomEvent::Members(event) => {
            let named = |member: &MemberView| PERSON_BYTES + member.name.as_str().len();
            let members = event.added.iter().chain(&event.changed).map(named).sum::<usize>();
            members + event.removed.len() * PERSON_BYTES
        }
        RoomEvent::Message(event) => event.data.as_str().len(),
        RoomEvent::Offer(event) => {
            let track = |track: &SentTrack| {
                size_of::<SentTrack>() + track.mid.len() + track.stream.as_str().len() + PERSON_BYTES
            };
            event.sdp.0.len() + event.tracks.iter().map(track).sum::<usize>()
        }
        RoomEvent::Quality(event) => event.members.len() * PERSON_BYTES,
        RoomEvent::Streams(event) => {
            let stream = |stream: &StreamView| {
                size_of::<StreamView>()
                    + stream.extra_info.as_str().len()
                    + stream.stream.as_str().len()
                    + stream.tracks.len() * size_of::<TrackView>()
            };
            let streams = event.added.iter().chain(&event.changed).map(stream).sum::<usize>();
            streams + event.removed.iter().map(|stream| stream.as_str().len()).sum::<usize>()
        }
    };
    EVENT_BYTES + event.room().as_str().len() + more
}

/// What one who is named in an event costs, at most about.
const PERSON_BYTES: usize = size_of::<MemberView>() + 32;

#[cfg(test)]
mod tests;
