//! Offers and answers, ours and theirs. The rules are in docs/protocol.md, "Rooms".
//!
//! A client's offer overrides ours: ours is void then, and is made again after theirs. Ours are numbered and made one at a
//! time; whatever is new meanwhile goes into the next. The answer to theirs tells which of ours it voids, so that it does not
//! matter on which side of the answer the void one reaches the client. What is made again must reach it after the answer.
use std::time::Duration;

use str0m::media::{Direction, MediaKind};

use super::{Sfu, hall::Place};
use crate::{
    MediaAnswer, OfferedStream, Output, Refusal, RoomEvent, SentTrack,
    peer::{
        HallId, Peer, PeerId,
        connection::{Connection, Pending},
        description::{self, Description, Kind},
        published::Published,
        slots::{Slot, SlotState},
        subscription::Subscription,
    },
    rebase::Rebase,
    room::{MediaState, TrackNo},
};

/// So many tracks one participant can receive at a time. A section takes two kilobytes of a description, which must fit into
/// what clients send us ([`crate::Limits::max_sdp_bytes`]) and can be parsed in a millisecond or two.
const MAX_SLOTS: usize = 64;

/// So many packets of a track are kept for a receiver that asks again, for so long.
const RESENT_PACKETS: usize = 1024;

/// What is older comes too late for any picture.
const RESENT_FOR: Duration = Duration::from_secs(3);

/// What is sent again may be this share of all. At ten percent loss a receiver asks for a fifth, since it asks twice for
/// some; above the bound nothing is sent again, and each hole costs a keyframe. More lets a receiver double its own load,
/// which its estimate bounds anyway.
const MAX_RESENT: f32 = 0.5;

impl Sfu {
    /// Takes what a client offers, and gives back what it is answered.
    pub(super) fn take_offer(
        &mut self,
        id: PeerId,
        sdp: &str,
        streams: Vec<OfferedStream>,
    ) -> Result<MediaAnswer, Refusal> {
        let peer = self.peers.get_mut(&id).ok_or(Refusal::NotInRoom)?;
        let hall = self.halls.get_mut(&peer.hall).ok_or(Refusal::NotInRoom)?;
        if let Err(refusal) = hall.room.admit(self.now, peer.member) {
            // At once, floods of offers would make floods of ours.
            if let Some(pending) = &mut peer.connection.pending {
                pending.passed_over = true;
            }
            return Err(refusal);
        }
        let answer = self.agree(id, sdp, streams);
        if answer.is_err() {
            // The client has passed over what came while it waited.
            self.void_offer(id);
            self.offer_if_needed(id);
            self.drain(id);
        }
        answer
    }

    fn agree(&mut self, id: PeerId, sdp: &str, streams: Vec<OfferedStream>) -> Result<MediaAnswer, Refusal> {
        let (now, limits) = (self.now, &self.config.limits);
        if sdp.len() > limits.max_sdp_bytes {
            return Err(Refusal::TooLarge);
        }
        let peer = self.peers.get_mut(&id).ok_or(Refusal::NotInRoom)?;
        let (hall_id, member) = (peer.hall, peer.member);
        let hall = self.halls.get_mut(&hall_id).ok_or(Refusal::NotInRoom)?;
        let description = Description::read(sdp)?;
        let continues = peer.connection.fingerprint.as_ref() == Some(&description.fingerprint);
        check_sections(peer, &description, continues, limits.max_sections)?;
        check_streams(peer, &description, continues, &streams)?;
        hall.room.check_publish(member, &streams)?;
        let voids = peer.unanswered();
        let sdp = if continues {
            let answer = peer.connection.accept_offer(&description)?;
            self.void_offer(id);
            answer
        } else {
            let mut connection = Connection::new(&self.setup, id, now);
            let answer = connection.accept_offer(&description)?;
            self.replace(id, connection);
            answer
        };
        self.review_slots(id);
        self.report(id, MediaState::Connecting);
        self.publish(id, streams, &description)?;
        self.offer_soon(id);
        self.drain(id);
        self.evaluate_soon(id);
        Ok(MediaAnswer { sdp, voids })
    }

    /// The client has begun anew: nothing of the old connection is left.
    fn replace(&mut self, id: PeerId, connection: Connection) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        for socket in peer.connection.sockets() {
            self.sockets.remove(socket);
        }
        peer.replace_connection(connection);
        let published: Vec<(TrackNo, Vec<PeerId>)> =
            peer.published.iter().map(|(track, published)| (*track, published.subscribers.clone())).collect();
        if peer.state == MediaState::Connected || peer.state == MediaState::Flowing {
            self.report(id, MediaState::Lost);
        }
        for (track, subscribers) in published {
            for subscriber in subscribers {
                let subscriber = self.peers.get_mut(&subscriber);
                if let Some(subscription) = subscriber.and_then(|peer| peer.subscriptions.get_mut(&track)) {
                    subscription.interrupt();
                }
            }
        }
    }

    /// Puts what is published now in the place of what was.
    fn publish(
        &mut self,
        id: PeerId,
        streams: Vec<OfferedStream>,
        description: &Description,
    ) -> Result<(), Refusal> {
        let Some(peer) = self.peers.get(&id) else { return Err(Refusal::NotInRoom) };
        let (hall_id, member) = (peer.hall, peer.member);
        let hall = self.halls.get_mut(&hall_id).ok_or(Refusal::NotInRoom)?;
        let begun = hall.room.publish(self.now, member, streams)?;
        // First what is gone: its sections may be used for something else from here on.
        self.settle(hall_id);
        let Some(hall) = self.halls.get_mut(&hall_id) else { return Err(Refusal::NotInRoom) };
        let Some(peer) = self.peers.get_mut(&id) else { return Err(Refusal::NotInRoom) };
        let mut muted = Vec::new();
        for track in hall.room.tracks().filter(|track| track.publisher == member) {
            let (number, source) = (track.track.number, track.track.source);
            let rids = description.section(&track.track.mid).map_or(&[][..], |section| &section.rids);
            let published = peer.published.entry(number).or_insert_with(|| {
                Published::new(track.track.mid.clone(), source, rids, self.config.limits.keyframe_interval)
            });
            published.match_rids(rids);
            if published.muted != track.track.muted {
                muted.push(number);
            }
            let place = Place {
                publisher: id,
                source,
                stream: track.stream.clone(),
                user: peer.address.user.clone(),
            };
            hall.tracks.insert(number, place);
        }
        for track in muted {
            self.mute(hall_id, track);
        }
        if !begun.is_empty() {
            let others: Vec<PeerId> =
                self.halls.get(&hall_id).map_or(vec![], |hall| hall.peers.values().copied().collect());
            for other in others {
                self.subscribe_to_all(hall_id, other);
            }
        }
        Ok(())
    }

    /// Subscribes a participant to everything that it wants and does not get yet.
    pub(super) fn subscribe_to_all(&mut self, hall: HallId, id: PeerId) {
        let Some(hall) = self.halls.get(&hall) else { return };
        let Some(peer) = self.peers.get(&id) else { return };
        let wanted = hall.tracks.iter().filter_map(|(&track, place)| {
            let view = peer.view(&place.stream, place.source);
            let is_new = view.wanted && place.publisher != id && !peer.subscriptions.contains_key(&track);
            is_new.then_some((track, place.publisher, view))
        });
        let wanted: Vec<_> = wanted.collect();
        for (track, publisher, view) in wanted {
            let Some(published) =
                self.peers.get_mut(&publisher).and_then(|peer| peer.published.get_mut(&track))
            else {
                continue;
            };
            published.subscribers.push(id);
            let Some(peer) = self.peers.get_mut(&id) else { return };
            peer.subscriptions.insert(track, Subscription::new(self.now, publisher, view));
            self.offer_soon(id);
        }
    }

    /// Makes an offer of what is new, if anything is and none is under way.
    pub(super) fn make_offer(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if peer.connection.pending.is_some() || !peer.connection.rtc.is_alive() {
            return;
        }
        let Some(hall) = self.halls.get(&peer.hall) else { return };
        let homeless: Vec<TrackNo> = peer
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.slot.is_none())
            .map(|(&track, _)| track)
            .collect();
        let Peer { connection, subscriptions, .. } = &mut **peer;
        let Connection { rtc, slots, .. } = connection;
        let mut changes = rtc.sdp_api();
        for track in homeless {
            let Some(place) = hall.tracks.get(&track) else { continue };
            let siblings: Vec<TrackNo> = hall
                .tracks
                .iter()
                .filter(|(_, other)| other.publisher == place.publisher && other.stream == place.stream)
                .map(|(&track, _)| track)
                .collect();
            let group = slots.group_for(&siblings);
            let video = place.source.is_video();
            let index = if let Some(index) = slots.idle_in(group, video) {
                index
            } else if slots.len() < MAX_SLOTS {
                let kind = if video { MediaKind::Video } else { MediaKind::Audio };
                let mid = changes.add_media(kind, Direction::SendOnly, Some(format!("s{group}")), None, None);
                let first_seq = first_sequence(self.config.seed, id, slots.len());
                let rebase = Rebase::new(if video { 90_000 } else { 48_000 }, first_seq);
                slots.push(Slot {
                    group,
                    mid,
                    rebase,
                    ssrc: None,
                    state: SlotState::Offered,
                    track: None,
                    video,
                })
            } else {
                tracing::debug!(participant = id.0, "more tracks than one participant can receive");
                continue;
            };
            if let (Some(slot), Some(subscription)) = (slots.get_mut(index), subscriptions.get_mut(&track)) {
                slot.track = Some(track);
                subscription.slot = Some(index);
                if slot.state == SlotState::Idle {
                    slot.state = SlotState::Resumed;
                }
            }
        }
        for slot in slots.iter_mut() {
            match (slot.state, slot.track) {
                (SlotState::Live | SlotState::Resumed, None) => {
                    changes.set_direction(slot.mid, Direction::Inactive);
                    slot.state = SlotState::Idle;
                }
                (SlotState::Resumed, Some(_)) => {
                    // Also where a void offer has done so already: the other side must hear of it.
                    changes.set_direction(slot.mid, Direction::Inactive);
                    changes.set_direction(slot.mid, Direction::SendOnly);
                }
                (SlotState::Live, Some(_))
                | (SlotState::Idle | SlotState::Offered | SlotState::Refused, _) => {}
            }
        }
        let Some((offer, changes)) = changes.apply() else { return };
        let sdp = offer.to_sdp_string();
        let Some(sections) = description::sections_of(&sdp) else { return };
        connection.pending = Some(Pending { changes, made_at: self.now, passed_over: false, sections });
        peer.negotiation = peer.negotiation.wrapping_add(1);
        let tracks = peer.connection.slots.iter().filter_map(|slot| {
            let carries = match slot.state {
                SlotState::Live | SlotState::Offered | SlotState::Resumed => true,
                SlotState::Idle | SlotState::Refused => false,
            };
            let place = hall.tracks.get(&slot.track.filter(|_| carries)?)?;
            let (stream, user) = (place.stream.clone(), place.user.clone());
            Some(SentTrack { mid: slot.mid.to_string(), source: place.source, stream, user })
        });
        let tracks = tracks.collect();
        let event = RoomEvent::Offer { negotiation: peer.negotiation, sdp, tracks };
        self.outputs.push_back(Output::Event(peer.address.clone(), event));
        self.report(id, MediaState::Connecting);
    }

    /// Takes the answer to an offer of ours.
    pub(super) fn take_answer(&mut self, id: PeerId, negotiation: u32, sdp: &str) -> Result<(), Refusal> {
        let peer = self.peers.get_mut(&id).ok_or(Refusal::NotInRoom)?;
        let pending = peer.connection.pending.as_ref().filter(|_| peer.negotiation == negotiation);
        let pending = pending.ok_or(Refusal::NegotiationOver)?;
        if sdp.len() > self.config.limits.max_sdp_bytes {
            return Err(Refusal::TooLarge);
        }
        let description = Description::read(sdp)?;
        let matches = pending.sections.len() == description.sections.len()
            && pending.sections.iter().zip(&description.sections).all(|(ours, theirs)| ours.matches(theirs));
        let stranger =
            peer.connection.fingerprint.as_ref().is_some_and(|known| *known != description.fingerprint);
        if !matches || stranger {
            return Err(Refusal::BadSdp);
        }
        let Some(pending) = peer.connection.pending.take() else { return Err(Refusal::NegotiationOver) };
        let done = peer.connection.accept_answer(pending, &description);
        if done.is_err() {
            self.void_offer(id);
            self.drain(id);
            return done;
        }
        peer.answered = negotiation;
        for slot in peer.connection.slots.iter_mut() {
            if slot.state == SlotState::Offered || slot.state == SlotState::Resumed {
                slot.state = SlotState::Live;
            }
        }
        self.review_slots(id);
        self.drain(id);
        self.evaluate_soon(id);
        self.offer_if_needed(id);
        Ok(())
    }

    /// Sections that the other side does not want any more are not sent over; those that it wants can be.
    fn review_slots(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Connection { rtc, slots, .. } = &mut peer.connection;
        for slot in
            slots.iter_mut().filter(|slot| slot.state == SlotState::Live || slot.state == SlotState::Refused)
        {
            let sends = rtc.media(slot.mid).is_some_and(|media| media.direction().is_sending());
            slot.state = if sends { SlotState::Live } else { SlotState::Refused };
            if slot.ssrc.is_none() {
                slot.ssrc = rtc.direct_api().stream_tx_by_mid(slot.mid, None).map(|stream| {
                    stream.set_rtx_cache(RESENT_PACKETS, RESENT_FOR, Some(MAX_RESENT));
                    stream.ssrc()
                });
            }
        }
    }

    /// Offers again what the device may have missed.
    pub(super) fn offer_anew(&mut self, id: PeerId) {
        self.void_offer(id);
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.told.clear();
        }
        self.offer_if_needed(id);
    }

    fn offer_if_needed(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(&id) else { return };
        let homeless = peer.subscriptions.values().any(|subscription| subscription.slot.is_none());
        let unsettled = peer.connection.slots.iter().any(|slot| match (slot.state, slot.track) {
            (SlotState::Resumed, _) | (SlotState::Live, None) => true,
            (SlotState::Live, Some(_)) | (SlotState::Idle | SlotState::Offered | SlotState::Refused, _) => {
                false
            }
        });
        if homeless || unsettled {
            self.offer_soon(id);
        }
    }

    /// The offer that is under way counts no longer.
    fn void_offer(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.connection.pending = None;
        for track in peer.connection.slots.void_offer() {
            if let Some(subscription) = peer.subscriptions.get_mut(&track) {
                subscription.unplug();
            }
        }
    }
}

/// Sections keep their place and kind for as long as the connection lasts, and there are not too many of the client's own.
fn check_sections(peer: &Peer, offer: &Description, continues: bool, max: usize) -> Result<(), Refusal> {
    let (known, ours) =
        if continues { (&peer.connection.sections[..], peer.connection.slots.len()) } else { (&[][..], 0) };
    let keeps = known.len() <= offer.sections.len()
        && known.iter().zip(&offer.sections).all(|(known, offered)| known.matches(offered));
    if keeps && offer.sections.len() <= max + ours { Ok(()) } else { Err(Refusal::BadSdp) }
}

/// What is to be published is really sent, over sections of the client's own.
fn check_streams(
    peer: &Peer,
    offer: &Description,
    continues: bool,
    streams: &[OfferedStream],
) -> Result<(), Refusal> {
    for track in streams.iter().flat_map(|stream| &stream.tracks) {
        let section = offer.section(&track.mid).ok_or(Refusal::BadSdp)?;
        let kind = if track.source.is_video() { Kind::Video } else { Kind::Audio };
        let ours = continues && peer.connection.slots.iter().any(|slot| *slot.mid == *track.mid);
        if section.kind != kind || !section.sends || ours {
            return Err(Refusal::BadSdp);
        }
    }
    Ok(())
}

/// Where a stream's numbers begin: anywhere in the lower half, which leaves time until the first rollover.
fn first_sequence(seed: u64, id: PeerId, slot: usize) -> u16 {
    let mixed = (seed ^ u64::from(id.0) << 32 ^ slot as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u16::from_be_bytes([mixed.to_be_bytes()[0], mixed.to_be_bytes()[1]]) & 0x3fff
}
