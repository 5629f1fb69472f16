//! Packets and time: whose a packet is, when whom to serve, and what str0m says then.
use std::{
    collections::BTreeSet,
    mem,
    net::SocketAddr,
    time::{Duration, Instant},
};

use str0m::{
    Event, IceConnectionState, Input, Output as Polled,
    bwe::BweKind,
    net::{Receive, Transmit as Sent},
};

use super::Sfu;
use crate::{
    Datagram, Output, Transmit, Transport,
    peer::{
        HallId, PeerId,
        connection::{Trouble, protocol, transport},
        messages,
    },
    room::MediaState,
    ufrag,
};

/// Deadlines are served together where they lie so close. More lets paced packets wait longer, less wakes the driver for each
/// of them: at a hundred participants ten times as often.
const GRAIN: Duration = Duration::from_millis(1);

/// What str0m wants to do so soon is done now. It asks for a new microsecond before each packet that it paces or probes with:
/// with less, a burst would leave one packet a [`GRAIN`], which costs wake-ups and makes probes find a narrow network. More
/// sends packets earlier than they are said to have been sent.
const SOON: Duration = Duration::from_micros(100);

/// How often str0m is told the time in a row, at most.
const MAX_BURST: usize = 64;

/// Who is to be served when.
pub(super) struct Schedule {
    served_at: Instant,
    set: BTreeSet<(Instant, Due)>,
}

/// Whom a deadline belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Hall(HallId),
    Peer(PeerId),
}

impl Schedule {
    pub(super) fn new(now: Instant) -> Self {
        Self { served_at: now, set: BTreeSet::new() }
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.set.first().map(|(at, _)| (*at).max(self.served_at + GRAIN))
    }

    /// Moves a deadline; `known` is where it stood.
    fn put(&mut self, due: Due, known: &mut Option<Instant>, at: Option<Instant>) {
        if *known == at {
            return;
        }
        if let Some(old) = known.take() {
            self.set.remove(&(old, due));
        }
        if let Some(at) = at {
            self.set.insert((at, due));
        }
        *known = at;
    }

    pub(super) fn put_hall(&mut self, id: HallId, known: &mut Option<Instant>, at: Option<Instant>) {
        self.put(Due::Hall(id), known, at);
    }

    pub(super) fn forget_hall(&mut self, id: HallId, known: &mut Option<Instant>) {
        self.put(Due::Hall(id), known, None);
    }

    pub(super) fn forget_peer(&mut self, id: PeerId, known: &mut Option<Instant>) {
        self.put(Due::Peer(id), known, None);
    }
}

impl Sfu {
    pub(super) fn take(&mut self, datagram: Datagram<'_>) {
        let Datagram { contents, destination, source, transport } = datagram;
        let Some(id) = self.owner(&datagram) else {
            self.statistics.foreign_packets += 1;
            return;
        };
        let Ok(received) = Receive::new(protocol(transport), source, destination, contents) else { return };
        let now = self.now;
        self.statistics.packets_in += 1;
        self.statistics.bytes_in += contents.len() as u64;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.gauge.heard_at = Some(now);
        let taken = peer.connection.receive(now, received);
        match taken {
            Ok(()) => self.drain(id),
            Err(trouble) => self.give_up(id, trouble),
        }
        self.digest();
    }

    /// Who a packet is from: whoever proved to be at its source. An address is proved by a STUN request with the password of
    /// the participant that it names; nothing else makes an address known, and nobody else can take it.
    fn owner(&mut self, datagram: &Datagram<'_>) -> Option<PeerId> {
        let socket = (datagram.transport, datagram.source);
        let known = self.sockets.get(&socket).copied();
        // RFC 7983: STUN begins with 0 to 3. Everything else can only come from who is known.
        if datagram.contents.first().is_none_or(|first| *first > 3) {
            return known;
        }
        let Some(named) = ufrag::of_request(datagram.contents) else { return known };
        let id = PeerId(named.peer);
        if named.worker != self.config.worker || known == Some(id) {
            return known.filter(|known| *known == id);
        }
        let peer = self.peers.get_mut(&id)?;
        let Datagram { contents, destination, source, transport } = *datagram;
        let received = Receive::new(protocol(transport), source, destination, contents).ok()?;
        if !peer.connection.rtc.accepts(&Input::Receive(self.now, received)) {
            return None;
        }
        self.bind(id, socket);
        Some(id)
    }

    fn bind(&mut self, id: PeerId, socket: (Transport, SocketAddr)) {
        self.sockets.insert(socket, id);
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if let Some(forgotten) = peer.connection.hear_from(socket)
            && self.sockets.get(&forgotten) == Some(&id)
        {
            self.sockets.remove(&forgotten);
        }
    }

    /// Takes out what str0m has to say until it says when to be called next. To be called after every change of it.
    pub(super) fn drain(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let mut burst = 0;
        let timeout = loop {
            match peer.connection.poll() {
                Ok(Polled::Timeout(at)) if at <= self.now + SOON && burst < MAX_BURST => {
                    burst += 1;
                    let told = peer.connection.tell_time(at);
                    if let Err(trouble) = told {
                        return self.give_up(id, trouble);
                    }
                }
                Ok(Polled::Timeout(at)) => break at,
                Ok(Polled::Transmit(sent)) => {
                    self.statistics.packets_out += 1;
                    self.statistics.bytes_out += sent.contents.len() as u64;
                    self.outputs.push_back(Output::Transmit(transmit(sent)));
                }
                Ok(Polled::Event(event)) => self.events.push_back((id, event)),
                Err(trouble) => return self.give_up(id, trouble),
            }
        };
        if !peer.connection.rtc.is_alive() {
            return self.give_up(id, Trouble::Closed);
        }
        self.schedule.put(Due::Peer(id), &mut peer.due, Some(timeout));
    }

    /// The connection is at its end; what follows from that is seen to when there is time.
    fn give_up(&mut self, id: PeerId, trouble: Trouble) {
        self.broken.push((id, trouble));
        if let Some(peer) = self.peers.get_mut(&id) {
            self.schedule.put(Due::Peer(id), &mut peer.due, None);
        }
    }

    /// Something waits for the next flush.
    pub(super) fn touch(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if !peer.dirty {
            peer.dirty = true;
            self.dirty.push(id);
        }
    }

    /// Offers what is new to a participant with the next flush.
    pub(super) fn offer_soon(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.offer = true;
        self.touch(id);
    }

    /// Serves everybody for whom something waits, until nothing does.
    pub(super) fn flush(&mut self) {
        while !self.dirty.is_empty() {
            let mut dirty = mem::take(&mut self.dirty);
            for &id in &dirty {
                self.serve(id);
            }
            self.digest();
            // The list's memory is used again.
            dirty.clear();
            if self.dirty.is_empty() {
                self.dirty = dirty;
            }
        }
    }

    fn serve(&mut self, id: PeerId) {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.dirty = false;
        let (evaluates, offers) = (mem::take(&mut peer.evaluate), mem::take(&mut peer.offer));
        if offers {
            self.make_offer(id);
        }
        if evaluates {
            self.choose_layers(id);
        }
        let Some(peer) = self.peers.get_mut(&id) else { return };
        match peer.connection.tell_time(now) {
            Ok(()) => self.drain(id),
            Err(trouble) => self.give_up(id, trouble),
        }
    }

    pub(super) fn serve_due(&mut self) {
        self.schedule.served_at = self.now;
        while let Some(&(at, due)) = self.schedule.set.first() {
            if at > self.now {
                break;
            }
            self.schedule.set.pop_first();
            match due {
                Due::Hall(id) => {
                    if let Some(hall) = self.halls.get_mut(&id) {
                        hall.due = None;
                    }
                    self.serve_hall(id);
                }
                Due::Peer(id) => {
                    if let Some(peer) = self.peers.get_mut(&id) {
                        peer.due = None;
                    }
                    self.touch(id);
                }
            }
        }
        self.digest();
    }

    /// Looks at everything that str0m told.
    pub(super) fn digest(&mut self) {
        if self.digesting {
            return;
        }
        self.digesting = true;
        loop {
            if let Some((id, event)) = self.events.pop_front() {
                self.hear(id, event);
            } else if let Some((id, trouble)) = self.broken.pop() {
                self.see_to(id, trouble);
            } else {
                break;
            }
        }
        self.digesting = false;
    }

    fn see_to(&mut self, id: PeerId, trouble: Trouble) {
        match trouble {
            Trouble::Closed => self.part_with(id),
            Trouble::Panicked => {
                tracing::warn!(participant = id.0, "the media library panicked; the participant is out");
                self.expel(id);
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the library adds events; those that are not named mean nothing here"
    )]
    fn hear(&mut self, id: PeerId, event: Event) {
        match event {
            Event::RtpPacket(packet) => self.forward(id, &packet),
            Event::Connected => {
                tracing::debug!(participant = id.0, "media connected");
                self.report(id, MediaState::Connected);
                self.evaluate_soon(id);
            }
            Event::IceConnectionStateChange(state) => self.hear_ice(id, state),
            Event::Closed => self.part_with(id),
            Event::KeyframeRequest(request) => self.keyframe_wanted(id, request.mid),
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, can_probe: true }) => {
                self.take_estimate(id, estimate.as_u64());
            }
            Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                self.take_estimate(id, estimate.as_u64())
            }
            Event::PeerStats(stats) => {
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.gauge.loss_in = stats.ingress_loss_fraction;
                    peer.gauge.loss_out = stats.egress_loss_fraction;
                    let path = stats.selected_candidate_pair.and_then(|pair| pair.current_round_trip_time);
                    peer.gauge.rtt = stats.rtt.or(path).unwrap_or(peer.gauge.rtt);
                }
            }
            Event::ChannelOpen(channel, label) if label == messages::LABEL => {
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.connection.channel = Some(channel);
                }
            }
            Event::ChannelClose(channel) => {
                if let Some(peer) = self.peers.get_mut(&id)
                    && peer.connection.channel == Some(channel)
                {
                    peer.connection.channel = None;
                }
            }
            Event::ChannelData(data) => self.take_message(id, &data),
            _ => {}
        }
    }

    fn hear_ice(&mut self, id: PeerId, state: IceConnectionState) {
        match state {
            IceConnectionState::Disconnected => self.report(id, MediaState::Lost),
            IceConnectionState::Connected | IceConnectionState::Completed => {
                // The first time, DTLS is still to come.
                self.welcome_back(id);
            }
            IceConnectionState::New | IceConnectionState::Checking => {}
        }
    }

    /// One whose media was lost is connected again, if that is so.
    pub(super) fn welcome_back(&mut self, id: PeerId) {
        if self.peers.get(&id).is_some_and(|peer| peer.state == MediaState::Lost && peer.is_back()) {
            self.report(id, MediaState::Connected);
            self.evaluate_soon(id);
        }
    }

    /// The connection is closed for good; the device may bring another.
    fn part_with(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.connection.is_over = true;
        }
        self.report(id, MediaState::Lost);
    }
}

fn transmit(sent: Sent) -> Transmit {
    let Sent { proto, source, destination, contents } = sent;
    Transmit { contents: contents.into(), destination, source, transport: transport(proto) }
}
