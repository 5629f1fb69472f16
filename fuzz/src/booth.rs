//! A room in which one person speaks and another listens, in virtual time, with a third who says what the fuzzer says.
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use offhook_sfu::{
    Address, Answer, Candidate, Command, Config, Datagram, Join, LeaveCause, Limits, OfferedStream,
    OfferedTrack, Output, Role, RoomEvent, RoomKey, Sfu, Source, Transport,
    endpoint::{Codec, Endpoint, EndpointConfig, EndpointOutput, Mode, Packet, TrackNo, TrackSpec},
    install_crypto,
};
use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};

const SERVER: &str = "127.0.0.1:7410";
const NOWHERE: &str = "127.9.9.9:999";
/// What a connection takes to stand, generously.
const PATIENCE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(5);

const TRACKS: [(&str, Source, Codec); 5] = [
    ("vp8", Source::Camera, Codec::Vp8),
    ("vp9", Source::Camera, Codec::Vp9),
    ("h264", Source::Camera, Codec::H264),
    ("av1", Source::Camera, Codec::Av1),
    ("opus", Source::Microphone, Codec::Opus),
];

/// A participant and the own side of their connection.
struct Person {
    address: Address,
    endpoint: Endpoint,
    heard: u64,
    socket: SocketAddr,
}

pub(crate) struct Booth {
    listener: Person,
    now: Instant,
    publisher: Person,
    sfu: Sfu,
    stranger: Address,
    /// The number of the last offer to the stranger.
    stranger_negotiation: u32,
    ticks: u32,
    tracks: Vec<(Codec, TrackNo)>,
}

impl Booth {
    pub(crate) fn new() -> Self {
        install_crypto();
        #[expect(
            clippy::disallowed_methods,
            reason = "virtual time needs a beginning, and only the clock makes one"
        )]
        let now = Instant::now();
        let candidate = Candidate { address: socket(SERVER), transport: Transport::Udp };
        let limits = Limits { max_tracks: TRACKS.len(), ..Limits::default() };
        let config = Config { candidates: [candidate].into(), ice_lite: true, limits, seed: 1, worker: 0 };
        let mut booth = Self {
            listener: Person::new("bob", "127.0.0.1:2000", now),
            now,
            publisher: Person::new("alice", "127.0.0.1:1000", now),
            sfu: Sfu::new(config, now),
            stranger: address("mallory"),
            stranger_negotiation: 0,
            ticks: 0,
            tracks: Vec::new(),
        };
        booth.connect();
        booth
    }

    /// Both come in; one publishes a track of each codec.
    fn connect(&mut self) {
        for (_, source, codec) in TRACKS {
            let track = self.publisher.endpoint.publish(TrackSpec::new(source, codec));
            self.tracks.push((codec, track));
        }
        let offer = self.publisher.endpoint.offer(self.now).expect("there is something to offer");
        let stream = |(index, (name, source, _)): (usize, &(&str, Source, Codec))| {
            let mid = offer.tracks[index].1.clone();
            OfferedStream {
                extra_info: Opaque::default(),
                stream: StreamId::new(name).expect("letters and digits"),
                tracks: vec![OfferedTrack { mid, muted: false, source: *source }],
            }
        };
        let streams = TRACKS.iter().enumerate().map(stream).collect();
        let mine = self.publisher.address.clone();
        self.join(&mine);
        self.offer(&mine, offer.sdp, streams);
        let theirs = self.listener.address.clone();
        self.join(&theirs);
        let hello = self.listener.endpoint.offer(self.now).expect("the data channel is something to offer");
        self.offer(&theirs, hello.sdp, Vec::new());
        let end = self.now + PATIENCE;
        while self.now < end && !self.is_heard() {
            self.run(4);
        }
        assert!(self.is_heard(), "the two hear each other before any stranger comes");
    }

    fn join(&mut self, address: &Address) {
        let join = Join {
            address: address.clone(),
            max_members: 0,
            name: Opaque::default(),
            role: Role::Member,
            subscribe_all: true,
        };
        self.sfu.join(self.now, join).expect("there is a place");
    }

    fn offer(&mut self, address: &Address, sdp: String, streams: Vec<OfferedStream>) {
        let answer = self.sfu.command(self.now, address, Command::Offer { sdp, streams });
        let Ok(Answer::Description(answer)) = answer else { panic!("a sound offer is answered: {answer:?}") };
        let person =
            if *address == self.publisher.address { &mut self.publisher } else { &mut self.listener };
        person.endpoint.accept_answer(self.now, &answer.sdp).expect("the answer is sound");
        self.run(1);
    }

    /// A participant without a connection offers this.
    pub(crate) fn stranger_offers(&mut self, sdp: &str) {
        let stranger = self.stranger.clone();
        self.join(&stranger);
        let tracks = vec![OfferedTrack { mid: "0".into(), muted: false, source: Source::Camera }];
        let stream = StreamId::new("odd").expect("letters");
        let streams = vec![OfferedStream { extra_info: Opaque::default(), stream, tracks }];
        for streams in [streams, Vec::new()] {
            let _ = self.sfu.command(self.now, &stranger, Command::Offer { sdp: sdp.to_owned(), streams });
            self.run(1);
        }
        let _ = self.sfu.command(self.now, &stranger, Command::AddCandidate(sdp.to_owned()));
        self.run(1);
    }

    /// And gives this for an answer to what it was offered, then leaves.
    pub(crate) fn stranger_answers(&mut self, sdp: &str) {
        let stranger = self.stranger.clone();
        let negotiation = self.stranger_negotiation;
        let _ = self.sfu.command(self.now, &stranger, Command::Answer { negotiation, sdp: sdp.to_owned() });
        self.run(1);
        self.sfu.remove(self.now, &stranger.room, &stranger.user, LeaveCause::Left);
        self.run(1);
    }

    /// A packet from an address that nobody has. Returns how many bytes were sent back there.
    pub(crate) fn answer_to_stranger(&mut self, transport: Transport, contents: &[u8]) -> usize {
        let datagram = Datagram { contents, destination: socket(SERVER), source: socket(NOWHERE), transport };
        self.sfu.receive(self.now, datagram);
        self.run(4)
    }

    /// A packet from the publisher's address, which somebody else has sent.
    pub(crate) fn in_the_name_of_the_publisher(&mut self, transport: Transport, contents: &[u8]) {
        let datagram =
            Datagram { contents, destination: socket(SERVER), source: self.publisher.socket, transport };
        self.sfu.receive(self.now, datagram);
        self.run(1);
    }

    /// The publisher really sends this.
    pub(crate) fn publish(&mut self, codec: Codec, marker: bool, payload: &[u8]) {
        let track = self.tracks.iter().find(|(of, _)| *of == codec).expect("one of each is published").1;
        self.ticks = self.ticks.wrapping_add(960);
        let packet = Packet { audio_level: None, marker, payload: payload.into(), timestamp: self.ticks };
        // A payload that the library will not send is not the server's business.
        let _ = self.publisher.endpoint.write_packet(self.now, (track, None), packet);
        self.run(1);
    }

    /// The two still hear each other.
    pub(crate) fn check(&mut self) {
        let end = self.now + PATIENCE;
        while self.now < end {
            if self.is_heard() {
                return;
            }
        }
        panic!("the listener no longer hears the publisher");
    }

    fn is_heard(&mut self) -> bool {
        let before = self.listener.heard;
        self.publish(Codec::Opus, false, b"\xfchello");
        self.run(4);
        self.listener.heard > before
    }

    /// Lets time pass, and everything arrive at once. Returns how many bytes went to nobody's address.
    fn run(&mut self, steps: u32) -> usize {
        let mut astray = 0;
        for _ in 0..steps {
            self.now += STEP;
            self.sfu.handle_timeout(self.now);
            self.publisher.endpoint.handle_timeout(self.now);
            self.listener.endpoint.handle_timeout(self.now);
            while self.exchange(&mut astray) {}
        }
        astray
    }

    /// Whether anything moved.
    fn exchange(&mut self, astray: &mut usize) -> bool {
        let mut moved = false;
        while let Some(output) = self.sfu.poll_output() {
            moved = true;
            match output {
                Output::Transmit(packet) => {
                    match self.people().find(|person| person.socket == packet.destination) {
                        Some(person) => person.receive(&packet.contents),
                        None => *astray += packet.contents.len(),
                    }
                }
                Output::Event(to, RoomEvent::Offer { negotiation, sdp, .. }) => {
                    self.answer(&to, negotiation, &sdp)
                }
                Output::Event(..) | Output::Fact(_) => {}
            }
        }
        let now = self.now;
        for person in [&mut self.publisher, &mut self.listener] {
            while let Some(output) = person.endpoint.poll_output() {
                moved = true;
                match output {
                    EndpointOutput::Transmit(packet) => self.sfu.receive(
                        now,
                        Datagram {
                            contents: &packet.contents,
                            destination: socket(SERVER),
                            source: person.socket,
                            transport: Transport::Udp,
                        },
                    ),
                    EndpointOutput::Packet(packet) if packet.codec == Some(Codec::Opus) => person.heard += 1,
                    EndpointOutput::Closed
                    | EndpointOutput::Connected
                    | EndpointOutput::Estimate(_)
                    | EndpointOutput::Frame(_)
                    | EndpointOutput::Interrupted
                    | EndpointOutput::KeyframeWanted { .. }
                    | EndpointOutput::Message(_)
                    | EndpointOutput::MessagesOpen
                    | EndpointOutput::Packet(_)
                    | EndpointOutput::Resumed => {}
                }
            }
        }
        moved
    }

    fn people(&mut self) -> impl Iterator<Item = Arrival<'_>> {
        let now = self.now;
        [&mut self.publisher, &mut self.listener].into_iter().map(move |person| Arrival {
            socket: person.socket,
            endpoint: &mut person.endpoint,
            now,
        })
    }

    fn answer(&mut self, to: &Address, negotiation: u32, sdp: &str) {
        let person = if *to == self.publisher.address {
            &mut self.publisher
        } else if *to == self.listener.address {
            &mut self.listener
        } else {
            self.stranger_negotiation = negotiation;
            return;
        };
        let sdp = person.endpoint.accept_offer(self.now, sdp).expect("the server's offer is sound");
        let answered = self.sfu.command(self.now, to, Command::Answer { negotiation, sdp });
        assert_eq!(answered, Ok(Answer::Done));
    }
}

/// Where a packet goes.
struct Arrival<'a> {
    endpoint: &'a mut Endpoint,
    now: Instant,
    socket: SocketAddr,
}

impl Arrival<'_> {
    fn receive(self, contents: &[u8]) {
        let datagram = Datagram {
            contents,
            destination: self.socket,
            source: socket(SERVER),
            transport: Transport::Udp,
        };
        self.endpoint.receive(self.now, datagram);
    }
}

impl Person {
    fn new(user: &str, at: &str, now: Instant) -> Self {
        let socket = socket(at);
        let config = EndpointConfig { mode: Mode::Packets, ..EndpointConfig::new(vec![socket]) };
        let endpoint = Endpoint::new(config, now).expect("a loopback address will do");
        Self { address: address(user), endpoint, heard: 0, socket }
    }
}

fn address(user: &str) -> Address {
    Address {
        device: DeviceId::new("phone").expect("letters"),
        room: RoomKey { app: AppId(1), room: RoomId::new("fuzz").expect("letters") },
        user: UserId::new(user).expect("letters"),
    }
}

fn socket(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}
