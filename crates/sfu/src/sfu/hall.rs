//! A room and the participants in it, as far as both know each other.
use std::{collections::BTreeMap, time::Instant};

use offhook_types::{StreamId, UserId};

use super::{Sfu, tick::Clock};
use crate::{
    Join, LeaveCause, Output, RoomEvent, Source,
    allocator::Allocator,
    peer::{Gauge, HallId, Intake, Peer, PeerId, connection::Connection, messages},
    room::{MediaState, MemberNo, Room, RoomOutput, TrackNo},
    speakers::Speakers,
};

/// A room and who is in it.
pub(super) struct Hall {
    pub(super) clock: Clock,
    /// When something is to be done for this room next, as the schedule knows it.
    pub(super) due: Option<Instant>,
    pub(super) peers: BTreeMap<MemberNo, PeerId>,
    pub(super) room: Room,
    pub(super) speakers: Speakers<PeerId>,
    /// Everything that is published.
    pub(super) tracks: BTreeMap<TrackNo, Place>,
    /// Messages that the room tells now go over data channels where there are any.
    pub(super) over_channels: bool,
}

/// Where a track comes from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) publisher: PeerId,
    pub(super) source: Source,
    pub(super) stream: StreamId,
    pub(super) user: UserId,
}

impl Hall {
    pub(super) fn new(room: Room, now: Instant) -> Self {
        Self {
            clock: Clock::new(now),
            due: None,
            peers: BTreeMap::new(),
            room,
            speakers: Speakers::new(),
            tracks: BTreeMap::new(),
            over_channels: false,
        }
    }
}

impl Sfu {
    /// A device has come: it gets a connection, and what is published is offered to it.
    pub(super) fn admit(&mut self, hall: HallId, member: MemberNo, join: &Join) {
        let id = PeerId(self.next_peer);
        self.next_peer = self.next_peer.wrapping_add(1);
        let peer = Peer {
            address: join.address.clone(),
            allocator: Allocator::new(),
            answered: 0,
            connection: Connection::new(&self.setup, id, self.now),
            dirty: false,
            due: None,
            evaluate: false,
            gauge: Gauge::default(),
            hall,
            intake: Intake::new(self.now, self.config.limits.max_publish_bps),
            told: BTreeMap::new(),
            member,
            negotiation: 0,
            offer: false,
            published: BTreeMap::new(),
            state: MediaState::Connecting,
            subscribe_all: join.subscribe_all,
            subscriptions: BTreeMap::new(),
            wishes: BTreeMap::new(),
        };
        self.peers.insert(id, Box::new(peer));
        if let Some(hall) = self.halls.get_mut(&hall) {
            hall.peers.insert(member, id);
        }
        self.subscribe_to_all(hall, id);
        self.touch(id);
    }

    /// The same device enters again: it stays, and may want more or less than before.
    pub(super) fn renew(&mut self, hall: HallId, member: MemberNo, join: &Join) {
        let Some(id) = self.peer_of(hall, member) else { return };
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.subscribe_all = join.subscribe_all;
        }
        self.review_views(id);
        self.subscribe_to_all(hall, id);
    }

    pub(super) fn peer_of(&self, hall: HallId, member: MemberNo) -> Option<PeerId> {
        self.halls.get(&hall)?.peers.get(&member).copied()
    }

    /// Carries out what the room says, and looks when it wants to be woken.
    pub(super) fn settle(&mut self, id: HallId) {
        loop {
            let Some(hall) = self.halls.get_mut(&id) else { return };
            let Some(output) = hall.room.poll_output() else { break };
            self.heed(id, output);
        }
        self.digest();
        self.reschedule_hall(id);
    }

    fn heed(&mut self, id: HallId, output: RoomOutput) {
        match output {
            RoomOutput::Event(to, event) => {
                let event = match event {
                    RoomEvent::Message { data, from, kind } => {
                        if self.send_over_channel(id, &to, || messages::write(&from, kind, &data)) {
                            return;
                        }
                        RoomEvent::Message { data, from, kind }
                    }
                    RoomEvent::Layers(_)
                    | RoomEvent::Left(_)
                    | RoomEvent::Levels { .. }
                    | RoomEvent::Members { .. }
                    | RoomEvent::Offer { .. }
                    | RoomEvent::Quality { .. }
                    | RoomEvent::Streams { .. } => event,
                };
                self.outputs.push_back(Output::Event(to, event));
            }
            RoomOutput::Fact(fact) => self.outputs.push_back(Output::Fact(fact)),
            RoomOutput::Gone(member, cause) => self.part(id, member, cause),
            RoomOutput::Over => self.drop_hall(id),
            RoomOutput::Unpublished(tracks) => {
                for track in tracks {
                    self.unpublish(id, track);
                }
            }
        }
    }

    /// A stay is over: its connection ends, and tells the other side so.
    fn part(&mut self, hall: HallId, member: MemberNo, cause: LeaveCause) {
        let Some(id) = self.halls.get_mut(&hall).and_then(|hall| hall.peers.remove(&member)) else { return };
        tracing::debug!(participant = id.0, ?cause, "out of the room");
        if let Some(hall) = self.halls.get_mut(&hall) {
            hall.speakers.remove(self.now, &id);
        }
        if let Some(peer) = self.peers.get_mut(&id) {
            let _ = peer.connection.guarded(str0m::Rtc::close);
        }
        self.drain(id);
        let Some(mut peer) = self.peers.remove(&id) else { return };
        self.schedule.forget_peer(id, &mut peer.due);
        for socket in peer.connection.sockets() {
            self.sockets.remove(socket);
        }
        for (track, subscription) in &peer.subscriptions {
            let publisher = self.peers.get_mut(&subscription.publisher);
            if let Some(published) = publisher.and_then(|publisher| publisher.published.get_mut(track)) {
                published.subscribers.retain(|subscriber| *subscriber != id);
            }
        }
        for (track, published) in peer.published {
            self.drop_track(hall, track, &published.subscribers);
        }
    }

    fn unpublish(&mut self, hall: HallId, track: TrackNo) {
        let Some(place) = self.halls.get(&hall).and_then(|hall| hall.tracks.get(&track)) else { return };
        let publisher = place.publisher;
        let published = self.peers.get_mut(&publisher).and_then(|peer| peer.published.remove(&track));
        if let Some(peer) = self.peers.get_mut(&publisher) {
            peer.connection.inbound.clear();
        }
        if let Some(published) = published {
            self.drop_track(hall, track, &published.subscribers);
        }
    }

    fn drop_track(&mut self, hall: HallId, track: TrackNo, subscribers: &[PeerId]) {
        if let Some(hall) = self.halls.get_mut(&hall) {
            hall.tracks.remove(&track);
        }
        for &id in subscribers {
            self.unsubscribe(id, track);
        }
    }

    fn unsubscribe(&mut self, id: PeerId, track: TrackNo) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Some(subscription) = peer.subscriptions.remove(&track) else { return };
        peer.told.remove(&track);
        peer.evaluate = true;
        if let Some(slot) = subscription.slot.and_then(|slot| peer.connection.slots.get_mut(slot)) {
            slot.track = None;
            self.offer_soon(id);
        }
        self.touch(id);
    }

    fn drop_hall(&mut self, id: HallId) {
        let Some(mut hall) = self.halls.remove(&id) else { return };
        self.schedule.forget_hall(id, &mut hall.due);
        self.hall_of.remove(hall.room.key());
        debug_assert!(hall.peers.is_empty(), "a room that is over has told of everybody's going");
        for peer in hall.peers.values() {
            self.peers.remove(peer);
        }
    }

    /// The connection of a participant cannot go on.
    pub(super) fn expel(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(&id) else { return };
        let (hall, member) = (peer.hall, peer.member);
        if let Some(hall) = self.halls.get_mut(&hall) {
            hall.room.leave(self.now, member, LeaveCause::Lost);
        }
        self.settle(hall);
    }

    /// Tells the room how a participant's media is doing, if that is news.
    pub(super) fn report(&mut self, id: PeerId, state: MediaState) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        match state {
            // A description changes what flows; whether it flows stays.
            MediaState::Connecting => {}
            MediaState::Connected | MediaState::Flowing | MediaState::Lost if peer.state == state => return,
            MediaState::Lost => {
                peer.state = state;
                peer.gauge.lost_at = Some(self.now);
            }
            MediaState::Connected | MediaState::Flowing => peer.state = state,
        }
        let (hall, member) = (peer.hall, peer.member);
        if let Some(hall) = self.halls.get_mut(&hall) {
            hall.room.media(self.now, member, state);
        }
        self.settle(hall);
    }
}
