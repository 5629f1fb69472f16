//! What is done for a room as time passes: leases, layers, levels, quality, usage.
use std::time::{Duration, Instant};

use super::{Sfu, layers::TEND};
use crate::{
    MemberQuality, Output, RoomEvent, Source,
    peer::{HallId, Peer, PeerId, connection::Pending},
    quality::{Way, quality},
    room::{MediaState, Reading, TrackNo},
};

/// How often usage is read. The room wants it at least once a second.
const METER: Duration = Duration::from_secs(1);

/// How often devices are told how good the connections are.
const QUALITY: Duration = Duration::from_secs(2);

/// Who has sent nothing for so long is not connected any longer, whatever ICE says: clients send a check every 2.5 seconds at
/// the least. More tells the others late, less takes a short outage for the end.
const SILENCE: Duration = Duration::from_secs(8);

/// Who has broken off while sending is not connected any longer after this: there are many packets a second then, and no check
/// of ICE has come either. More shows a frozen picture for longer without a word, less takes a hiccup for the end.
const STALL: Duration = Duration::from_secs(4);

/// An offer of ours that nobody has answered for so long is made again. More leaves a device in the dark for longer that has
/// missed it, less makes slow ones answer in vain.
const UNANSWERED: Duration = Duration::from_secs(5);

/// When a room's next turns are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    meter_at: Instant,
    quality_at: Instant,
    tend_at: Instant,
}

impl Clock {
    pub(super) fn new(now: Instant) -> Self {
        Self { meter_at: now + METER, quality_at: now + QUALITY, tend_at: now + TEND }
    }
}

/// Whether the time has come; if so, the next turn is set, never in the past.
fn turn(at: &mut Instant, now: Instant, every: Duration) -> bool {
    let due = *at <= now;
    if due {
        *at = (*at + every).max(now + every / 2);
    }
    due
}

impl Sfu {
    pub(super) fn serve_hall(&mut self, id: HallId) {
        let now = self.now;
        let Some(hall) = self.halls.get_mut(&id) else { return };
        hall.room.handle_timeout(now);
        let tends = turn(&mut hall.clock.tend_at, now, TEND);
        let meters = turn(&mut hall.clock.meter_at, now, METER);
        let tells = turn(&mut hall.clock.quality_at, now, QUALITY);
        self.settle(id);
        let Some(hall) = self.halls.get(&id) else { return };
        let peers: Vec<PeerId> = hall.peers.values().copied().collect();
        for &peer in &peers {
            if tends {
                self.listen(peer);
                self.tend(peer);
            }
            if meters {
                self.meter(peer);
                self.offer_unanswered(peer);
            }
        }
        if tells {
            self.tell_quality(id, &peers);
        }
        if tends {
            self.tell_levels(id);
        }
        self.settle(id);
    }

    /// A room is tended by then, or earlier.
    pub(super) fn tend_by(&mut self, id: HallId, due: Instant) {
        let Some(hall) = self.halls.get_mut(&id).filter(|hall| due < hall.clock.tend_at) else { return };
        hall.clock.tend_at = due;
        self.reschedule_hall(id);
    }

    /// Looks when a room wants to be woken.
    pub(super) fn reschedule_hall(&mut self, id: HallId) {
        let Some(hall) = self.halls.get_mut(&id) else { return };
        let clock = (!hall.peers.is_empty()).then_some(hall.clock.tend_at);
        let at = hall.room.poll_timeout().into_iter().chain(clock).min();
        self.schedule.put_hall(id, &mut hall.due, at);
    }

    /// Notices silence.
    fn listen(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(&id) else { return };
        let patience = if peer.has_broken_off() { STALL } else { SILENCE };
        let silent = peer.gauge.heard_at.is_some_and(|at| self.now.saturating_duration_since(at) >= patience);
        match peer.state {
            MediaState::Connected | MediaState::Flowing if silent => self.report(id, MediaState::Lost),
            MediaState::Lost => self.welcome_back(id),
            MediaState::Connected | MediaState::Connecting | MediaState::Flowing => {}
        }
    }

    fn offer_unanswered(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(&id) else { return };
        let missed = |pending: &Pending| {
            pending.passed_over || self.now.saturating_duration_since(pending.made_at) >= UNANSWERED
        };
        if peer.connection.pending.as_ref().is_some_and(missed) {
            self.offer_anew(id);
        }
    }

    fn meter(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get(&id) else { return };
        let mut reading = Reading {
            audio: false,
            pixels: 0,
            received_bytes: peer.gauge.received_bytes,
            sent_bytes: peer.gauge.sent_bytes,
        };
        for (track, subscription) in &peer.subscriptions {
            let Some(encoding) = subscription.flowing else { continue };
            let Some(published) =
                self.peers.get(&subscription.publisher).and_then(|peer| peer.published.get(track))
            else {
                continue;
            };
            if published.source.is_video() {
                let size = published.size(encoding);
                reading.pixels += u64::from(size.width) * u64::from(size.height);
            } else {
                reading.audio = true;
            }
        }
        let (hall, member) = (peer.hall, peer.member);
        if let Some(hall) = self.halls.get_mut(&hall) {
            hall.room.meter(self.now, member, &reading);
        }
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.gauge.received_bytes = 0;
            peer.gauge.sent_bytes = 0;
        }
    }

    fn tell_quality(&mut self, hall: HallId, peers: &[PeerId]) {
        if !self.halls.contains_key(&hall) {
            return;
        }
        let members: Vec<MemberQuality> =
            peers.iter().filter_map(|id| Some(member_quality(self.peers.get(id)?))).collect();
        for id in peers {
            let Some(peer) = self.peers.get(id) else { continue };
            let event = RoomEvent::Quality {
                downlink_bps: peer.gauge.estimate_bps,
                members: members.clone(),
                rtt: peer.gauge.rtt,
            };
            self.outputs.push_back(Output::Event(peer.address.clone(), event));
        }
    }

    /// Who speaks most.
    pub(super) fn speaker(&self, hall: HallId) -> Option<PeerId> {
        self.halls.get(&hall)?.speakers.active().copied()
    }

    /// A packet told how loud it is, in dBov.
    pub(super) fn hear_level(&mut self, from: PeerId, track: TrackNo, level: i8) {
        let Some(peer) = self.peers.get(&from) else { return };
        let heard = peer
            .published
            .get(&track)
            .is_some_and(|track| track.source == Source::Microphone && !track.muted);
        if heard && let Some(hall) = self.halls.get_mut(&peer.hall) {
            hall.speakers.hear(self.now, &from, level.unsigned_abs());
        }
    }

    fn tell_levels(&mut self, id: HallId) {
        let Some(hall) = self.halls.get_mut(&id) else { return };
        let before = hall.speakers.active().copied();
        let Some(report) = hall.speakers.poll(self.now) else { return };
        let peers: Vec<PeerId> = hall.peers.values().copied().collect();
        let user = |id: &PeerId| Some(self.peers.get(id)?.address.user.clone());
        let active = report.active.as_ref().and_then(user);
        let levels: Vec<_> =
            report.levels.iter().filter_map(|(id, level)| Some((user(id)?, *level))).collect();
        for id in peers {
            let Some(peer) = self.peers.get(&id) else { continue };
            let event = RoomEvent::Levels { active: active.clone(), levels: levels.clone() };
            self.outputs.push_back(Output::Event(peer.address.clone(), event));
            if before != report.active {
                self.evaluate_soon(id);
            }
        }
    }
}

fn member_quality(peer: &Peer) -> MemberQuality {
    let rtt = Some(peer.gauge.rtt).filter(|rtt| !rtt.is_zero());
    let wished = peer.allocator.wished_bps();
    let given_percent = (wished > 0).then(|| peer.allocator.given_bps() * 100 / wished);
    let (downlink, uplink) = match peer.state {
        MediaState::Connected | MediaState::Flowing => (
            quality(Way { given_percent, loss: peer.gauge.loss_out, rtt }),
            quality(Way { given_percent: None, loss: peer.gauge.loss_in, rtt }),
        ),
        MediaState::Connecting | MediaState::Lost => (0, 0),
    };
    MemberQuality { downlink, uplink, user: peer.address.user.clone() }
}
