//! One machine, devices with real connections, and a network that delivers everything after five milliseconds.
use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};

use crate::{
    Address, Answer, Candidate, Command, Config, Datagram, Fact, Join, Limits, OfferedStream, OfferedTrack,
    Output, Refusal, Role, RoomEvent, RoomKey, RoomState, SentTrack, Sfu, Source, Transport,
    endpoint::{Endpoint, EndpointConfig, EndpointOutput, Mode, Packet, ReceivedPacket, TrackNo, TrackSpec},
};

/// One way, from anybody to anybody.
const DELAY: Duration = Duration::from_millis(5);

pub(super) struct World {
    pub(super) devices: Vec<Device>,
    pub(super) facts: Vec<Fact>,
    flying: VecDeque<(Instant, Flight)>,
    pub(super) now: Instant,
    pub(super) sfu: Sfu,
    /// What was sent to addresses that are nobody's.
    pub(super) stray: Vec<Vec<u8>>,
    /// Devices of which nothing arrives any more.
    pub(super) unplugged: Vec<usize>,
}

enum Flight {
    ToDevice(usize, crate::Transmit),
    ToSfu(crate::Transmit),
}

pub(super) struct Device {
    pub(super) address: Address,
    pub(super) endpoint: Endpoint,
    pub(super) events: Vec<RoomEvent>,
    pub(super) messages: Vec<String>,
    pub(super) packets: Vec<ReceivedPacket>,
    pub(super) keyframes_wanted: u32,
    /// What each section carries, as the last offers said.
    pub(super) sent: BTreeMap<String, SentTrack>,
    pub(super) socket: SocketAddr,
    /// Offers of the machine that were not answered, because it is told to be rude.
    pub(super) answers: bool,
    pub(super) unanswered: Vec<(u32, String)>,
    /// Sequence of packets written.
    written: u32,
}

pub(super) fn user(name: &str) -> UserId {
    UserId::new(name).expect("a good name")
}

pub(super) fn stream(name: &str) -> StreamId {
    StreamId::new(name).expect("a good name")
}

pub(super) fn room() -> RoomKey {
    RoomKey { app: AppId(1), room: RoomId::new("room").expect("a good name") }
}

pub(super) fn sfu_address() -> SocketAddr {
    "127.0.0.1:7000".parse().expect("an address")
}

pub(super) fn config() -> Config {
    Config {
        candidates: [Candidate { address: sfu_address(), transport: Transport::Udp }].into(),
        ice_lite: true,
        limits: Limits::default(),
        seed: 1,
        worker: 3,
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(config())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "an origin to count from; nothing is compared with the clock"
    )]
    pub(super) fn with(config: Config) -> Self {
        crate::install_crypto();
        let now = Instant::now();
        Self {
            devices: Vec::new(),
            facts: Vec::new(),
            flying: VecDeque::new(),
            now,
            sfu: Sfu::new(config, now),
            stray: Vec::new(),
            unplugged: Vec::new(),
        }
    }

    /// A device of a user, which has not joined.
    pub(super) fn device(&mut self, name: &str) -> usize {
        let number = self.devices.len();
        let socket = SocketAddr::from(([127, 0, 1, 1], 9000 + u16::try_from(number).expect("few devices")));
        let device = DeviceId::new(format!("device-{number}")).expect("a good name");
        let address = Address { device, room: room(), user: user(name) };
        let endpoint = endpoint(socket, self.now);
        self.devices.push(Device {
            address,
            endpoint,
            events: Vec::new(),
            messages: Vec::new(),
            packets: Vec::new(),
            keyframes_wanted: 0,
            sent: BTreeMap::new(),
            socket,
            answers: true,
            unanswered: Vec::new(),
            written: 0,
        });
        number
    }

    /// The device begins its connection anew, from another port.
    pub(super) fn reconnect(&mut self, device: usize) {
        let socket = &mut self.devices[device].socket;
        socket.set_port(socket.port() + 100);
        self.devices[device].endpoint = endpoint(self.devices[device].socket, self.now);
    }

    pub(super) fn join(&mut self, device: usize) -> Result<RoomState, Refusal> {
        self.join_as(device, Role::Member)
    }

    pub(super) fn join_as(&mut self, device: usize, role: Role) -> Result<RoomState, Refusal> {
        let address = self.devices[device].address.clone();
        let join = Join { address, max_members: 0, name: Opaque::default(), role, subscribe_all: true };
        let state = self.sfu.join(self.now, join);
        self.drain();
        state
    }

    /// A user comes with a device, publishes these, and is connected a second later.
    pub(super) fn enter(&mut self, name: &str, tracks: &[TrackSpec]) -> (usize, Vec<TrackNo>) {
        let device = self.device(name);
        self.join(device).expect("may join");
        let tracks = self.publish(device, name, tracks);
        self.run(Duration::from_secs(1));
        assert!(self.devices[device].endpoint.is_connected(), "{name} is connected");
        (device, tracks)
    }

    /// Offers one stream of these tracks.
    pub(super) fn publish(&mut self, device: usize, name: &str, tracks: &[TrackSpec]) -> Vec<TrackNo> {
        let endpoint = &mut self.devices[device].endpoint;
        let numbers: Vec<TrackNo> = tracks.iter().map(|spec| endpoint.publish(spec.clone())).collect();
        let sources: BTreeMap<TrackNo, Source> =
            numbers.iter().copied().zip(tracks.iter().map(|spec| spec.source)).collect();
        self.offer(device, name, &sources).expect("a good offer");
        numbers
    }

    /// Offers one stream of these tracks, and gives the offer of ours that the answer has made void.
    pub(super) fn offer(
        &mut self,
        device: usize,
        name: &str,
        sources: &BTreeMap<TrackNo, Source>,
    ) -> Result<Option<u32>, Refusal> {
        let now = self.now;
        let offer = self.devices[device].endpoint.offer(now).expect("something to offer");
        let tracks: Vec<OfferedTrack> = offer
            .tracks
            .iter()
            .filter_map(|(number, mid)| {
                Some(OfferedTrack { mid: mid.clone(), muted: false, source: *sources.get(number)? })
            })
            .collect();
        let streams = if tracks.is_empty() {
            vec![]
        } else {
            vec![OfferedStream { extra_info: Opaque::default(), stream: stream(name), tracks }]
        };
        let address = self.devices[device].address.clone();
        let answer = self.sfu.command(now, &address, Command::Offer { sdp: offer.sdp, streams })?;
        let Answer::Description(answer) = answer else { panic!("an offer is answered by a description") };
        // What the machine tells comes after what it answers.
        self.devices[device].endpoint.accept_answer(now, &answer.sdp).expect("a good answer");
        self.drain();
        Ok(answer.voids)
    }

    pub(super) fn command(&mut self, device: usize, command: Command) -> Result<Answer, Refusal> {
        let address = self.devices[device].address.clone();
        let answer = self.sfu.command(self.now, &address, command);
        self.drain();
        answer
    }

    /// Sends a packet of a track; `keyframe` only matters to pictures.
    pub(super) fn write(&mut self, device: usize, track: (TrackNo, Option<&str>), payload: &[u8]) {
        let device = &mut self.devices[device];
        device.written += 1;
        let payload: Arc<[u8]> = payload.into();
        let packet =
            Packet { audio_level: Some(-20), marker: true, payload, timestamp: device.written * 3000 };
        device.endpoint.write_packet(self.now, track, packet).expect("the track was agreed upon");
        self.drain();
    }

    /// Lets time pass.
    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.drain();
            let deadlines = self.devices.iter().filter_map(|device| device.endpoint.poll_timeout());
            let flights = self.flying.front().map(|(at, _)| *at);
            let next = deadlines.chain(self.sfu.poll_timeout()).chain(flights).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            while self.flying.front().is_some_and(|(at, _)| *at <= self.now) {
                let (_, flight) = self.flying.pop_front().expect("looked at");
                self.deliver(flight);
            }
            for device in &mut self.devices {
                if device.endpoint.poll_timeout().is_some_and(|at| at <= self.now) {
                    device.endpoint.handle_timeout(self.now);
                }
            }
            if self.sfu.poll_timeout().is_some_and(|at| at <= self.now) {
                self.sfu.handle_timeout(self.now);
            }
        }
        self.now = end;
    }

    fn deliver(&mut self, flight: Flight) {
        match flight {
            Flight::ToSfu(transmit) => self.sfu.receive(self.now, datagram(&transmit)),
            Flight::ToDevice(device, transmit) => {
                self.devices[device].endpoint.receive(self.now, datagram(&transmit));
            }
        }
    }

    /// Takes out everything that anybody has to say.
    pub(super) fn drain(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.sfu.poll_output() {
                quiet = false;
                self.heed(output);
            }
            for device in 0..self.devices.len() {
                while let Some(output) = self.devices[device].endpoint.poll_output() {
                    quiet = false;
                    self.heed_device(device, output);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn heed(&mut self, output: Output) {
        match output {
            Output::Fact(fact) => self.facts.push(fact),
            Output::Transmit(transmit) => {
                let device = self.devices.iter().position(|device| device.socket == transmit.destination);
                match device {
                    Some(device) => {
                        if !self.unplugged.contains(&device) {
                            self.flying.push_back((self.now + DELAY, Flight::ToDevice(device, transmit)));
                        }
                    }
                    None => self.stray.push(transmit.contents),
                }
            }
            Output::Event(to, event) => {
                let device =
                    self.devices.iter().position(|device| device.address == to).expect("a device of ours");
                self.answer(device, &event);
                self.devices[device].events.push(event);
            }
        }
    }

    /// Answers an offer, as clients do.
    fn answer(&mut self, device: usize, event: &RoomEvent) {
        let RoomEvent::Offer { negotiation, sdp, tracks } = event else { return };
        let (negotiation, sdp) = (*negotiation, sdp.as_str());
        let now = self.now;
        let device = &mut self.devices[device];
        if !device.answers || device.endpoint.has_offered() {
            device.unanswered.push((negotiation, sdp.to_owned()));
            return;
        }
        device.sent = tracks.iter().map(|track| (track.mid.clone(), track.clone())).collect();
        let answer = device.endpoint.accept_offer(now, sdp).expect("a good offer");
        let address = device.address.clone();
        let done = self.sfu.command(now, &address, Command::Answer { negotiation, sdp: answer });
        assert_eq!(done, Ok(Answer::Done));
    }

    fn heed_device(&mut self, number: usize, output: EndpointOutput) {
        let device = &mut self.devices[number];
        match output {
            EndpointOutput::Transmit(transmit) => {
                if !self.unplugged.contains(&number) {
                    self.flying.push_back((self.now + DELAY, Flight::ToSfu(transmit)));
                }
            }
            EndpointOutput::Packet(packet) => device.packets.push(packet),
            EndpointOutput::Message(text) => device.messages.push(text),
            EndpointOutput::KeyframeWanted { .. } => device.keyframes_wanted += 1,
            EndpointOutput::Closed
            | EndpointOutput::Connected
            | EndpointOutput::Estimate(_)
            | EndpointOutput::Frame(_)
            | EndpointOutput::Interrupted
            | EndpointOutput::MessagesOpen
            | EndpointOutput::Resumed => {}
        }
    }

    /// What a device received of another user's track since the last time, in order of number.
    pub(super) fn received(&mut self, device: usize, from: &str, source: Source) -> Vec<ReceivedPacket> {
        let device = &mut self.devices[device];
        let wanted = |packet: &ReceivedPacket| {
            let sent = device.sent.get(&*packet.mid);
            sent.is_some_and(|sent| sent.user == user(from) && sent.source == source)
        };
        let (mut taken, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut device.packets).into_iter().partition(wanted);
        device.packets = left;
        taken.sort_by_key(|packet| packet.sequence);
        taken
    }
}

fn endpoint(socket: SocketAddr, now: Instant) -> Endpoint {
    let config = EndpointConfig { mode: Mode::Packets, ..EndpointConfig::new(vec![socket]) };
    Endpoint::new(config, now).expect("a good address")
}

fn datagram(transmit: &crate::Transmit) -> Datagram<'_> {
    Datagram {
        contents: &transmit.contents,
        destination: transmit.destination,
        source: transmit.source,
        transport: transmit.transport,
    }
}

/// A VP8 payload: picture id, and the beginning of a keyframe of 640 × 360, or a later picture.
pub(super) fn vp8(picture: u16, keyframe: bool) -> Vec<u8> {
    let [high, low] = (picture | 0x8000).to_be_bytes();
    let mut payload = vec![0x90, 0x80, high, low];
    let tag = if keyframe { 0x10 } else { 0x11 };
    payload.extend([tag, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
    payload.resize(600, 7);
    payload
}

pub(super) fn opus(number: u8) -> Vec<u8> {
    vec![0x78, number, 1, 2, 3, 4, 5, 6]
}
