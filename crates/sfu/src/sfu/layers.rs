//! What each participant receives of each track: the allocator is asked here, and its answers are acted on.
use std::time::Duration;

use str0m::bwe::Bitrate;

use super::Sfu;
use crate::{
    Layer, Output, RoomEvent, Source,
    allocator::{Change, Demand, Kind},
    peer::{HallId, Peer, PeerId, slots::SlotState},
    room::TrackNo,
};

impl Sfu {
    /// The receiver's report led to a new estimate of what can be sent to it.
    pub(super) fn take_estimate(&mut self, id: PeerId, bps: u64) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.gauge.estimate_bps = bps;
        peer.allocator.estimate(self.now, bps);
        self.evaluate_soon(id);
    }

    /// Chooses a participant's layers anew with the next flush.
    pub(super) fn evaluate_soon(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.evaluate = true;
            self.touch(id);
        }
    }

    /// An encoding has begun to arrive: whoever gets the track may choose it.
    pub(super) fn begin_encoding(&mut self, publisher: PeerId, track: TrackNo) {
        let now = self.now;
        let Some(published) = self.peers.get_mut(&publisher).and_then(|peer| peer.published.get_mut(&track))
        else {
            return;
        };
        published.measure(now);
        // At once, so that its first keyframe is passed on.
        for id in published.subscribers.clone() {
            self.choose_layers(id);
        }
    }

    /// Chooses what a participant receives.
    pub(super) fn choose_layers(&mut self, id: PeerId) {
        let now = self.now;
        let Some(peer) = self.peers.get(&id) else { return };
        let demands = self.demands(peer);
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let changes = peer.allocator.evaluate(now, &demands);
        let desired = Bitrate::bps(peer.allocator.desired_bps(now));
        peer.connection.rtc.bwe().set_desired_bitrate(desired);
        if let Some(stale) = peer.allocator.stale_estimate(now) {
            peer.connection.rtc.bwe().reset(Bitrate::bps(stale));
        }
        let mut keyframes = Vec::new();
        for Change { track, to, .. } in changes {
            let Some(subscription) = peer.subscriptions.get_mut(&track) else { continue };
            subscription.aim(to);
            match to {
                None => {}
                Some(encoding) if subscription.flowing != to => {
                    keyframes.push((subscription.publisher, track, encoding))
                }
                Some(_) => {}
            }
        }
        for (publisher, track, encoding) in keyframes {
            self.request_keyframe(publisher, track, encoding);
        }
        self.tell_layers(id);
    }

    fn demands(&self, peer: &Peer) -> Vec<Demand<TrackNo>> {
        let speaker = self.speaker(peer.hall);
        let demands = peer.subscriptions.iter().filter_map(|(&track, subscription)| {
            let published = self.peers.get(&subscription.publisher)?.published.get(&track)?;
            let slot = subscription.slot.and_then(|slot| peer.connection.slots.get(slot));
            let live = slot.is_some_and(|slot| slot.state == SlotState::Live);
            Some(Demand {
                flows: live && subscription.view.wanted && !published.muted,
                kind: kind(published.source),
                offers: published.offers(),
                shown: subscription.view.shown,
                speaks: speaker == Some(subscription.publisher),
                track,
            })
        });
        demands.collect()
    }

    /// A track has fallen silent, or speaks again.
    pub(super) fn mute(&mut self, hall_id: HallId, track: TrackNo) {
        let Some(hall) = self.halls.get(&hall_id) else { return };
        let Some(place) = hall.tracks.get(&track) else { return };
        let muted = hall.room.track(&place.stream, place.source).is_some_and(|track| track.muted);
        let publisher = place.publisher;
        let Some(published) =
            self.peers.get_mut(&place.publisher).and_then(|peer| peer.published.get_mut(&track))
        else {
            return;
        };
        published.muted = muted;
        if muted
            && published.source == Source::Microphone
            && let Some(hall) = self.halls.get_mut(&hall_id)
        {
            hall.speakers.remove(self.now, &publisher);
        }
        for id in published.subscribers.clone() {
            self.evaluate_soon(id);
        }
    }

    /// Tells a device what it receives of each track, as far as that is news.
    pub(super) fn tell_layers(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(&id) else { return };
        let Some(hall) = self.halls.get(&peer.hall) else { return };
        let mut news = Vec::new();
        for (&track, subscription) in &peer.subscriptions {
            let Some(published) =
                self.peers.get(&subscription.publisher).and_then(|peer| peer.published.get(&track))
            else {
                continue;
            };
            let told = peer.told.get(&track).copied().unwrap_or(Layer::Off);
            let wanted = subscription.view.wanted && !published.muted;
            let layer = match subscription.flowing {
                Some(encoding) => published.layer(encoding),
                // That nothing comes of it is the publisher's doing: it is not off for want of room here.
                None if wanted && (subscription.target.is_some() || !published.arrives()) => told,
                None => Layer::Off,
            };
            if told != layer
                && let Some(place) = hall.tracks.get(&track)
            {
                news.push((track, place.stream.clone(), place.source, layer));
            }
        }
        if news.is_empty() {
            return;
        }
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.told.extend(news.iter().map(|(track, _, _, layer)| (*track, *layer)));
        let told = news.into_iter().map(|(_, stream, source, layer)| (stream, source, layer)).collect();
        self.outputs.push_back(Output::Event(peer.address.clone(), RoomEvent::Layers(told)));
    }

    /// What is due of the allocator, and of keyframes that nobody waits for any longer.
    pub(super) fn tend(&mut self, id: PeerId) {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let mut begun = Vec::new();
        for (&track, published) in &mut peer.published {
            if published.measure(now) {
                begun.push(track);
            }
            published.forgo_keyframes();
        }
        if peer.allocator.poll_timeout().is_some_and(|at| at <= now) {
            self.choose_layers(id);
        } else {
            self.tell_layers(id);
        }
        for track in begun {
            self.begin_encoding(id, track);
        }
        self.ask_keyframes(id);
    }
}

fn kind(source: Source) -> Kind {
    match source {
        Source::Camera => Kind::Camera,
        Source::Microphone | Source::ScreenAudio => Kind::Audio,
        Source::Screen => Kind::Screen,
    }
}

/// How often a room is tended: encodings measured, keyframes asked for again, layers raised. More often costs time for
/// nothing, less often makes pictures come later.
pub(super) const TEND: Duration = Duration::from_millis(100);
