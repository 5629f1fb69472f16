//! The way of a media packet from its publisher to everybody who gets it. Nothing here is searched for, and nothing is
//! allocated but what str0m allocates.
use std::{sync::Arc, time::Instant};

use str0m::{
    Rtc,
    format::PayloadParams,
    media::Mid,
    rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc},
};

use super::Sfu;
use crate::{
    peer::{
        Peer, PeerId,
        connection::{Connection, Inbound},
        slots::{Slot, SlotState},
        subscription::Subscription,
    },
    picture,
    rebase::{Arrival, Departure},
    room::{MediaState, TrackNo},
};

/// A packet on its way.
#[derive(Clone, Debug)]
pub(crate) struct Passing {
    arrival: Arrival,
    extensions: ExtensionValues,
    /// Whether somebody may begin with it.
    keyframe: bool,
    marker: bool,
    params: PayloadParams,
    payload: Arc<[u8]>,
    track: TrackNo,
    video: bool,
}

impl Sfu {
    /// A media packet came from a participant.
    pub(super) fn forward(&mut self, from: PeerId, packet: &RtpPacket) {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(&from) else { return };
        // Empty ones are there to find out what the network bears.
        if packet.payload.is_empty() || !peer.intake.take(now, packet.payload.len()) {
            return;
        }
        peer.gauge.media_at = Some(now);
        peer.gauge.sent_bytes += packet.payload.len() as u64;
        let starts = peer.state == MediaState::Connected;
        if let Some((passing, fresh)) = receive(peer, now, packet) {
            if let Some(level) = packet.header.ext_vals.audio_level.filter(|_| !passing.video) {
                self.hear_level(from, passing.track, level);
            }
            if fresh {
                self.begin_encoding(from, passing.track);
            }
            self.distribute(from, &passing);
        }
        if starts {
            self.report(from, MediaState::Flowing);
        }
    }

    fn distribute(&mut self, from: PeerId, passing: &Passing) {
        let Some(published) =
            self.peers.get_mut(&from).and_then(|peer| peer.published.get_mut(&passing.track))
        else {
            return;
        };
        if published.muted {
            return;
        }
        // Lent, not copied: nothing that follows looks at it.
        let subscribers = std::mem::take(&mut published.subscribers);
        for &id in &subscribers {
            let Some(peer) = self.peers.get_mut(&id) else { continue };
            if let Some(written) = pass_on(peer, passing) {
                self.statistics.forwarded_packets += written;
                if !peer.dirty {
                    peer.dirty = true;
                    self.dirty.push(id);
                }
                if peer.state == MediaState::Connected {
                    self.report(id, MediaState::Flowing);
                }
            }
        }
        if let Some(published) =
            self.peers.get_mut(&from).and_then(|peer| peer.published.get_mut(&passing.track))
        {
            published.subscribers = subscribers;
        }
    }

    /// A subscriber has lost something that only a keyframe mends.
    pub(super) fn keyframe_wanted(&mut self, id: PeerId, mid: Mid) {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Some(track) = peer.connection.slots.track_of(mid) else { return };
        let Some(subscription) = peer.subscriptions.get_mut(&track) else { return };
        let Some(encoding) = subscription.flowing.or(subscription.target) else { return };
        if !subscription.budget.spend(now) {
            return;
        }
        let publisher = subscription.publisher;
        self.request_keyframe(publisher, track, encoding);
    }

    /// Somebody needs a keyframe of an encoding.
    pub(super) fn request_keyframe(&mut self, publisher: PeerId, track: TrackNo, encoding: u8) {
        let Some(published) = self.peers.get_mut(&publisher).and_then(|peer| peer.published.get_mut(&track))
        else {
            return;
        };
        if published.source.is_video() {
            published.keyframes.request(encoding);
            self.ask_keyframes(publisher);
        }
    }

    /// Asks a publisher for the keyframes that are due.
    pub(super) fn ask_keyframes(&mut self, id: PeerId) {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Peer { connection, published, .. } = &mut **peer;
        let mut asked = 0;
        for published in published.values_mut() {
            while let Some(encoding) = published.keyframes.poll(now) {
                let ssrc = published.encoding_mut(encoding).and_then(|encoding| encoding.ssrc);
                let mut api = connection.rtc.direct_api();
                if let Some(stream) = ssrc.as_ref().and_then(|ssrc| api.stream_rx(ssrc)) {
                    stream.request_keyframe(str0m::media::KeyframeRequestKind::Pli);
                    asked += 1;
                }
            }
        }
        // Those that must wait are not to wait for the room's next turn on top.
        let due = published.values().filter_map(|published| published.keyframes.poll_timeout(now)).min();
        if let Some(due) = due {
            let hall = peer.hall;
            self.tend_by(hall, due);
        }
        if asked > 0 {
            self.statistics.keyframe_requests += asked;
            self.touch(id);
        }
    }
}

/// Notes what a packet tells of its track. `None` if it belongs to nothing that is published. The second is whether its
/// encoding did not arrive before.
fn receive(peer: &mut Peer, now: Instant, packet: &RtpPacket) -> Option<(Passing, bool)> {
    let inbound = match peer.connection.inbound.get(&packet.header.ssrc) {
        Some(known) => *known,
        None => identify(peer, packet.header.ssrc)?,
    };
    let track = inbound.track?;
    let pt = packet.header.payload_type;
    let encoding = peer.published.get_mut(&track)?.encoding_mut(inbound.encoding)?;
    let params = match encoding.params.filter(|params| params.pt() == pt) {
        Some(params) => params,
        None => *peer.connection.rtc.codec_config().params().iter().find(|params| params.pt() == pt)?,
    };
    let codec = params.spec().codec;
    let seen = picture::glance(codec, &packet.payload);
    encoding.params = Some(params);
    encoding.ssrc = Some(packet.header.ssrc);
    let fresh = encoding.bps == 0 && !encoding.meter.arrives(now);
    encoding.meter.add(now, packet.payload.len());
    if seen.keyframe && codec.is_video() {
        encoding.size = seen.size.or(encoding.size);
        peer.published.get_mut(&track)?.keyframes.arrived(inbound.encoding);
    }
    let mut extensions = packet.header.ext_vals.clone();
    // Each subscriber's stream sets its own.
    extensions.mid = None;
    extensions.rid = None;
    extensions.rid_repair = None;
    let arrival = Arrival {
        at: now,
        encoding: inbound.encoding,
        seq: *packet.seq_no,
        timestamp: packet.header.timestamp,
        vp8: seen.vp8,
    };
    let passing = Passing {
        arrival,
        extensions,
        keyframe: seen.keyframe,
        marker: packet.header.marker,
        params,
        payload: packet.payload.clone(),
        track,
        video: codec.is_video(),
    };
    Some((passing, fresh))
}

/// Finds out what a synchronization source carries.
fn identify(peer: &mut Peer, ssrc: Ssrc) -> Option<Inbound> {
    let mut api = peer.connection.rtc.direct_api();
    let stream = api.stream_rx(&ssrc)?;
    let (mid, rid) = (stream.mid().to_string(), stream.rid().map(|rid| rid.to_string()));
    let found = peer.published.iter().find(|(_, published)| published.mid == mid);
    let known = found.and_then(|(&track, published)| {
        Some(Inbound { encoding: published.encoding_of(rid.as_deref())?, track: Some(track) })
    });
    let inbound = known.unwrap_or(Inbound { encoding: 0, track: None });
    peer.connection.inbound.insert(ssrc, inbound);
    Some(inbound)
}

/// Hands a packet to a subscriber's connection, if it gets this one, and those that waited for it. Gives back how many.
fn pass_on(peer: &mut Peer, passing: &Passing) -> Option<u64> {
    if peer.state != MediaState::Flowing && peer.state != MediaState::Connected {
        return None;
    }
    let subscription = peer.subscriptions.get_mut(&passing.track)?;
    let target = subscription.target?;
    let Connection { rtc, slots, .. } = &mut peer.connection;
    let slot = slots.get_mut(subscription.slot?).filter(|slot| slot.state == SlotState::Live)?;
    let arrival = &passing.arrival;
    let mut way = Way { rtc, slot, subscription };
    if way.subscription.flowing == Some(arrival.encoding) {
        let departure = way.slot.rebase.forward(arrival)?;
        way.write(passing, departure)?;
        peer.gauge.received_bytes += passing.payload.len() as u64;
        return Some(1);
    }
    if target != arrival.encoding {
        // Rather a smaller picture at once than none until the keyframe of the chosen one.
        let begins = passing.keyframe && way.subscription.flowing.is_none() && arrival.encoding < target;
        if !begins {
            return None;
        }
        way.begin(passing)?;
        peer.gauge.received_bytes += passing.payload.len() as u64;
        return Some(1);
    }
    if !passing.keyframe {
        way.subscription.held.keep(arrival.seq, passing.clone());
        return None;
    }
    way.begin(passing)?;
    let mut written = 1;
    let following: Vec<Passing> = way.subscription.held.take_after(arrival.seq).collect();
    for passing in following {
        if let Some(departure) = way.slot.rebase.forward(&passing.arrival) {
            written += u64::from(way.write(&passing, departure).is_some());
        }
    }
    peer.gauge.received_bytes += passing.payload.len() as u64 * written;
    Some(written)
}

/// From the machine to one subscriber.
struct Way<'a> {
    rtc: &'a mut Rtc,
    slot: &'a mut Slot,
    subscription: &'a mut Subscription,
}

impl Way<'_> {
    /// The encoding of this keyframe flows from here on.
    fn begin(&mut self, passing: &Passing) -> Option<()> {
        self.subscription.flowing = Some(passing.arrival.encoding);
        let departure = self.slot.rebase.begin(&passing.arrival);
        self.write(passing, departure)
    }

    /// `None` if the subscriber does not know the codec.
    fn write(&mut self, passing: &Passing, departure: Departure) -> Option<()> {
        let Self { rtc, slot, subscription } = self;
        let find = || rtc.codec_config().match_params(passing.params).map(PayloadParams::pt);
        let pt = subscription.payload_type(passing.params.pt(), find)?;
        let Departure { seq, timestamp, vp8 } = departure;
        let mut write = RtpWrite::new(pt, seq.into(), timestamp, passing.arrival.at, passing.payload.clone())
            .marker(passing.marker)
            .ext_vals(passing.extensions.clone())
            .nackable(passing.video);
        if let Some(patch) = vp8 {
            write = write.vp8_patch(patch);
        }
        rtc.direct_api().stream_tx(&slot.ssrc?)?.write_rtp(write);
        Some(())
    }
}
