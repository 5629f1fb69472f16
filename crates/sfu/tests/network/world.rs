//! A room in virtual time: the machine, devices with real connections, and a link each way between.
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    net::SocketAddr,
    time::{Duration, Instant},
};

use offhook_sfu::{
    Address, Answer, Candidate, Command, Config, Datagram, Fact, Join, Layer, Limits, OfferedStream,
    OfferedTrack, Output, Role, RoomEvent, RoomKey, SentTrack, Sfu, Source, Transmit, Transport,
    endpoint::{Endpoint, EndpointConfig, EndpointOutput, Frame, ReceivedFrame, TrackNo, TrackSpec},
};
use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};

use crate::link::{Link, Weather};

/// Pictures a second.
pub(crate) const FPS: u64 = 25;

/// The encodings of a camera, and what a picture of each takes: 150, 500 and 1,500 kbit/s.
const ENCODINGS: [(&str, usize, [u16; 2]); 3] =
    [("q", 750, [320, 180]), ("h", 2500, [640, 360]), ("f", 7500, [1280, 720])];

/// A keyframe is so many times as large as another picture.
const KEYFRAME: usize = 4;

/// What an Opus packet takes, at 32 kbit/s.
const SOUND: usize = 80;

/// The machine and everybody around it.
pub(crate) struct World {
    pub(crate) devices: Vec<Device>,
    pub(crate) facts: Vec<Fact>,
    flying: BinaryHeap<Reverse<(Instant, u64)>>,
    flights: BTreeMap<u64, Flight>,
    launched: u64,
    pub(crate) now: Instant,
    sfu: Sfu,
}

struct Flight {
    device: usize,
    to_device: bool,
    transmit: Transmit,
}

/// A participant.
pub(crate) struct Device {
    address: Address,
    /// From the machine.
    pub(crate) down: Link,
    endpoint: Endpoint,
    /// What the machine believes that it can send to it.
    pub(crate) estimates: Vec<(Instant, u64)>,
    /// What arrived of each section, with the time.
    pub(crate) frames: Vec<Seen>,
    /// The layer of the camera that it receives, and since when.
    pub(crate) layers: Vec<(Instant, Layer)>,
    publishes: Option<Publishing>,
    sent: BTreeMap<String, SentTrack>,
    socket: SocketAddr,
    /// To the machine.
    pub(crate) up: Link,
}

/// A frame that arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) bytes: usize,
    pub(crate) decodable: bool,
    /// When it was written.
    pub(crate) written: Instant,
    pub(crate) source: Source,
}

struct Publishing {
    camera: TrackNo,
    keyframes: [bool; 3],
    microphone: TrackNo,
    next: Instant,
    ticks: u64,
}

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "an origin to count from; nothing is compared with the clock"
    )]
    pub(crate) fn new() -> Self {
        offhook_sfu::install_crypto();
        let now = Instant::now();
        let config = Config {
            candidates: [Candidate { address: machine(), transport: Transport::Udp }].into(),
            ice_lite: true,
            limits: Limits::default(),
            seed: 1,
            worker: 0,
        };
        Self {
            devices: Vec::new(),
            facts: Vec::new(),
            flying: BinaryHeap::new(),
            flights: BTreeMap::new(),
            launched: 0,
            now,
            sfu: Sfu::new(config, now),
        }
    }

    /// A user comes who sends sound and a camera in three encodings.
    pub(crate) fn publisher(&mut self, name: &str) -> usize {
        let device = self.device(name);
        let endpoint = &mut self.devices[device].endpoint;
        let microphone = endpoint.publish(TrackSpec::microphone());
        let camera = endpoint.publish(TrackSpec::camera());
        self.devices[device].publishes =
            Some(Publishing { camera, keyframes: [true; 3], microphone, next: self.now, ticks: 0 });
        self.offer(device, name);
        device
    }

    /// A user comes who receives only, over such a network.
    pub(crate) fn viewer(&mut self, name: &str, weather: Weather) -> usize {
        let device = self.device(name);
        self.devices[device].down.weather = weather;
        self.offer(device, name);
        device
    }

    /// A device's signaling session ends.
    pub(crate) fn hang(&mut self, device: usize) {
        let address = self.devices[device].address.clone();
        self.sfu.signaling(self.now, &address, false);
    }

    /// How many are in the room.
    pub(crate) fn participants(&self) -> u32 {
        self.sfu.statistics().participants
    }

    fn device(&mut self, name: &str) -> usize {
        let number = self.devices.len();
        let port = 9000 + u16::try_from(number).expect("few devices");
        let socket = SocketAddr::from(([10, 0, 1, 1], port));
        let address = Address {
            device: DeviceId::new(format!("device-{number}")).expect("a good name"),
            room: RoomKey { app: AppId(1), room: RoomId::new("room").expect("a good name") },
            user: UserId::new(name).expect("a good name"),
        };
        let join = Join {
            address: address.clone(),
            max_members: 0,
            name: Opaque::default(),
            role: Role::Member,
            subscribe_all: true,
        };
        let endpoint = Endpoint::new(EndpointConfig::new(vec![socket]), self.now).expect("a good address");
        let seed = number as u64 * 2 + 1;
        self.devices.push(Device {
            address,
            down: Link::new(seed, Weather::FAIR),
            endpoint,
            estimates: Vec::new(),
            frames: Vec::new(),
            layers: vec![(self.now, Layer::Off)],
            publishes: None,
            sent: BTreeMap::new(),
            socket,
            up: Link::new(seed + 1, Weather::FAIR),
        });
        self.sfu.join(self.now, join).expect("may join");
        number
    }

    fn offer(&mut self, number: usize, name: &str) {
        let now = self.now;
        let device = &mut self.devices[number];
        let offer = device.endpoint.offer(now).expect("a data channel at least");
        let publishes = device.publishes.as_ref();
        let tracks = offer.tracks.iter().filter_map(|(track, mid)| {
            let is_camera = publishes?.camera == *track;
            let source = if is_camera { Source::Camera } else { Source::Microphone };
            Some(OfferedTrack { mid: mid.clone(), muted: false, source })
        });
        let tracks: Vec<OfferedTrack> = tracks.collect();
        let stream = OfferedStream {
            extra_info: Opaque::default(),
            stream: StreamId::new(name).expect("a good name"),
            tracks,
        };
        let streams = if stream.tracks.is_empty() { vec![] } else { vec![stream] };
        let address = device.address.clone();
        let answer = self.sfu.command(now, &address, Command::Offer { sdp: offer.sdp, streams });
        let Ok(Answer::Description(answer)) = answer else { panic!("a good offer is answered: {answer:?}") };
        self.devices[number].endpoint.accept_answer(now, &answer.sdp).expect("a good answer");
        self.drain();
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.drain();
            let devices = self.devices.iter().filter_map(|device| device.endpoint.poll_timeout());
            let cameras = self.devices.iter().filter_map(|device| Some(device.publishes.as_ref()?.next));
            let flights = self.flying.peek().map(|flight| flight.0.0);
            let next = devices.chain(cameras).chain(self.sfu.poll_timeout()).chain(flights).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            self.step();
        }
        self.now = end;
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(Reverse((_, number))) = self.flying.peek().copied().filter(|flight| flight.0.0 <= now)
        {
            self.flying.pop();
            let Some(Flight { device, to_device, transmit }) = self.flights.remove(&number) else { continue };
            if to_device {
                self.devices[device].endpoint.receive(now, datagram(&transmit));
            } else {
                self.sfu.receive(now, datagram(&transmit));
            }
        }
        for device in &mut self.devices {
            device.publish(now);
            if device.endpoint.poll_timeout().is_some_and(|at| at <= now) {
                device.endpoint.handle_timeout(now);
            }
        }
        if self.sfu.poll_timeout().is_some_and(|at| at <= now) {
            self.sfu.handle_timeout(now);
        }
    }

    fn drain(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.sfu.poll_output() {
                quiet = false;
                match output {
                    Output::Event(to, event) => self.event(&to, event),
                    Output::Fact(fact) => self.facts.push(fact),
                    Output::Transmit(transmit) => {
                        let to = transmit.destination;
                        if let Some(device) = self.devices.iter().position(|device| device.socket == to) {
                            self.launch(device, true, transmit);
                        }
                    }
                }
            }
            for number in 0..self.devices.len() {
                while let Some(output) = self.devices[number].endpoint.poll_output() {
                    quiet = false;
                    if let Some(transmit) = self.devices[number].heed(output) {
                        self.launch(number, false, transmit);
                    }
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn launch(&mut self, device: usize, to_device: bool, transmit: Transmit) {
        let ends = &mut self.devices[device];
        let link = if to_device { &mut ends.down } else { &mut ends.up };
        let Some(arrives) = link.carry(self.now, transmit.contents.len()) else { return };
        self.launched += 1;
        self.flying.push(Reverse((arrives, self.launched)));
        self.flights.insert(self.launched, Flight { device, to_device, transmit });
    }

    fn event(&mut self, to: &Address, event: RoomEvent) {
        let Some(device) = self.devices.iter_mut().find(|device| device.address == *to) else { return };
        match event {
            RoomEvent::Layers(layers) => {
                let camera = layers.into_iter().find(|(_, source, _)| *source == Source::Camera);
                device.layers.extend(camera.map(|(_, _, layer)| (self.now, layer)));
            }
            RoomEvent::Offer { negotiation, sdp, tracks } => {
                device.sent = tracks.into_iter().map(|track| (track.mid.clone(), track)).collect();
                let Ok(sdp) = device.endpoint.accept_offer(self.now, &sdp) else { return };
                let address = device.address.clone();
                let done = self.sfu.command(self.now, &address, Command::Answer { negotiation, sdp });
                assert_eq!(done, Ok(Answer::Done));
            }
            RoomEvent::Quality { downlink_bps, .. } => device.estimates.push((self.now, downlink_bps)),
            RoomEvent::Left(_)
            | RoomEvent::Levels { .. }
            | RoomEvent::Members { .. }
            | RoomEvent::Message { .. }
            | RoomEvent::Streams { .. } => {}
        }
    }
}

impl Device {
    fn heed(&mut self, output: EndpointOutput) -> Option<Transmit> {
        match output {
            EndpointOutput::Frame(frame) => {
                self.see(&frame);
                None
            }
            EndpointOutput::KeyframeWanted { rid, .. } => {
                let wanted = ENCODINGS.iter().position(|encoding| Some(encoding.0) == rid.as_deref());
                if let (Some(publishes), Some(wanted)) = (&mut self.publishes, wanted) {
                    publishes.keyframes[wanted] = true;
                }
                None
            }
            EndpointOutput::Transmit(transmit) => Some(transmit),
            EndpointOutput::Closed
            | EndpointOutput::Connected
            | EndpointOutput::Estimate(_)
            | EndpointOutput::Interrupted
            | EndpointOutput::Message(_)
            | EndpointOutput::MessagesOpen
            | EndpointOutput::Packet(_)
            | EndpointOutput::Resumed => None,
        }
    }

    fn see(&mut self, frame: &ReceivedFrame) {
        let Some(sent) = self.sent.get(&*frame.mid) else { return };
        let tail: [u8; 8] = frame.payload.last_chunk().copied().unwrap_or_default();
        let ago = Duration::from_micros(u64::from_be_bytes(tail));
        self.frames.push(Seen {
            at: frame.arrived,
            bytes: frame.payload.len(),
            decodable: frame.decodable,
            written: ORIGIN.with(|origin| origin.get().copied().unwrap_or(frame.arrived)) + ago,
            source: sent.source,
        });
    }

    /// Every twenty milliseconds a packet of sound, and every forty a picture in each encoding.
    fn publish(&mut self, now: Instant) {
        let Some(publishes) = self.publishes.as_mut().filter(|publishes| publishes.next <= now) else {
            return;
        };
        publishes.next = now + Duration::from_millis(20);
        publishes.ticks += 1;
        let ticks = publishes.ticks;
        let origin = ORIGIN.with(|origin| *origin.get_or_init(|| now));
        let stamp = u64::try_from(now.duration_since(origin).as_micros()).unwrap_or(0).to_be_bytes();
        let mut payload = vec![0x78; SOUND - stamp.len()];
        payload.extend(stamp);
        let sound = Frame { audio_level: Some(-30), payload: payload.into(), timestamp: ticks * 960 };
        // Before the connection stands, nothing is written.
        if self.endpoint.write_frame(now, (publishes.microphone, None), sound).is_err() {
            return;
        }
        if ticks % (50 / FPS) != 0 {
            return;
        }
        for (index, (rid, bytes, size)) in ENCODINGS.iter().enumerate() {
            let keyframe = std::mem::take(&mut publishes.keyframes[index]);
            let payload = picture(keyframe, if keyframe { bytes * KEYFRAME } else { *bytes }, *size, stamp);
            let frame = Frame { audio_level: None, payload: payload.into(), timestamp: ticks * 1800 };
            let written = self.endpoint.write_frame(now, (publishes.camera, Some(rid)), frame);
            written.expect("what takes sound takes pictures");
        }
    }
}

thread_local! {
    /// From when the times in payloads are counted: one test is one thread.
    static ORIGIN: std::cell::OnceCell<Instant> = const { std::cell::OnceCell::new() };
}

/// What looks like a frame of VP8: tag, start code and size, as a keyframe has them; the time of writing at the end.
fn picture(keyframe: bool, bytes: usize, size: [u16; 2], stamp: [u8; 8]) -> Vec<u8> {
    let tag = if keyframe { 0x10 } else { 0x11 };
    let mut payload = vec![tag, 0, 0, 0x9d, 0x01, 0x2a];
    payload.extend(size.into_iter().flat_map(u16::to_le_bytes));
    payload.resize(bytes - stamp.len(), 0x55);
    payload.extend(stamp);
    payload
}

fn machine() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 7000))
}

fn datagram(transmit: &Transmit) -> Datagram<'_> {
    Datagram {
        contents: &transmit.contents,
        destination: transmit.destination,
        source: transmit.source,
        transport: transmit.transport,
    }
}
