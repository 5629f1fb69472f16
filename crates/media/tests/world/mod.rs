//! A node on loopback, and participants behind real sockets who talk to it.
use std::{
    collections::{BTreeSet, VecDeque},
    io::{ErrorKind, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use offhook_media::{Listener, MediaConfig, MediaNode, MediaRefusal};
use offhook_sfu::{
    Address, Answer, Command, Datagram, Fact, Join, LeaveCause, OfferedStream, OfferedTrack, Role, RoomEvent,
    RoomKey, RoomState, Source, Transmit, Transport,
    endpoint::{Endpoint, EndpointConfig, EndpointOutput, Mode, Packet, TrackNo, TrackSpec},
};
use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};
use tokio::runtime::Runtime;

/// When a test is given up. Nothing is judged by it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who is named so makes the listener panic, and with it the worker that tells of them.
pub(crate) const POISON: &str = "poison";

/// What the node has told.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) events: Mutex<VecDeque<(Address, RoomEvent)>>,
    pub(crate) facts: Mutex<Vec<Fact>>,
}

impl Listener for Heard {
    fn event(&self, to: &Address, event: RoomEvent) {
        self.events.lock().unwrap().push_back((to.clone(), event));
    }

    fn fact(&self, fact: Fact) {
        if let Fact::Joined(address) = &fact {
            assert_ne!(address.user.as_str(), POISON, "a test asks for this");
        }
        self.facts.lock().unwrap().push(fact);
    }
}

/// A node and its clients.
pub(crate) struct World {
    pub(crate) clients: Vec<Client>,
    pub(crate) heard: Arc<Heard>,
    /// What rooms told devices, offers left out.
    pub(crate) told: Vec<(Address, RoomEvent)>,
    pub(crate) node: Option<MediaNode>,
    pub(crate) runtime: Runtime,
}

/// Loopback on free ports, UDP and TCP.
pub(crate) fn config(ip: IpAddr, workers: usize) -> MediaConfig {
    let anywhere = vec![SocketAddr::new(ip, 0)];
    MediaConfig { tcp: anywhere.clone(), udp: anywhere, workers, max_load: 100.0, ..MediaConfig::default() }
}

pub(crate) fn loopback() -> IpAddr {
    Ipv4Addr::LOCALHOST.into()
}

pub(crate) fn room(name: &str) -> RoomKey {
    RoomKey { app: AppId(1), room: RoomId::new(name).unwrap() }
}

pub(crate) fn address(room_name: &str, user: &str) -> Address {
    Address { device: DeviceId::new("d").unwrap(), room: room(room_name), user: UserId::new(user).unwrap() }
}

#[expect(clippy::disallowed_methods, reason = "a test of drivers has the machine's clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

impl World {
    pub(crate) fn new(config: MediaConfig) -> Self {
        offhook_sfu::install_crypto();
        let heard = Arc::new(Heard::default());
        let node = MediaNode::start(config, Arc::clone(&heard) as _).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { clients: Vec::new(), heard, told: Vec::new(), node: Some(node), runtime }
    }

    pub(crate) fn node(&self) -> &MediaNode {
        self.node.as_ref().expect("the node runs")
    }

    /// Where the node is reached by that transport.
    pub(crate) fn server(&self, transport: Transport) -> SocketAddr {
        let all = self.node().addresses();
        all.iter().find(|candidate| candidate.transport == transport).unwrap().address
    }

    pub(crate) fn join(&self, address: &Address, subscribe_all: bool) -> Result<(), MediaRefusal> {
        let (name, role) = (Opaque::default(), Role::Member);
        let join = Join { address: address.clone(), max_members: 0, name, role, subscribe_all };
        self.runtime.block_on(self.node().join(join)).map(|_| ())
    }

    pub(crate) fn command(&self, address: &Address, command: Command) -> Result<Answer, MediaRefusal> {
        self.runtime.block_on(self.node().command(address.clone(), command))
    }

    pub(crate) fn look(&self, name: &str) -> Result<RoomState, MediaRefusal> {
        self.runtime.block_on(self.node().look(&room(name)))
    }

    /// Somebody enters and sends sound; which client they are.
    pub(crate) fn publisher(&mut self, room: &str, user: &str, transport: Transport) -> usize {
        let id = self.client(room, user, transport);
        let client = &mut self.clients[id];
        let (address, stream) = (client.address.clone(), StreamId::new(user).unwrap());
        let track = client.endpoint.publish(TrackSpec::microphone());
        client.track = Some(track);
        let offer = client.endpoint.offer(now()).unwrap();
        let tracks = offer.tracks.into_iter().map(|(_, mid)| OfferedTrack {
            mid,
            muted: false,
            source: Source::Microphone,
        });
        let streams = vec![OfferedStream { extra_info: Opaque::default(), stream, tracks: tracks.collect() }];
        self.join(&address, false).unwrap();
        let answer = self.command(&address, Command::Offer { sdp: offer.sdp, streams }).unwrap();
        let Answer::Description(answer) = answer else { panic!("an offer is answered by a description") };
        self.clients[id].endpoint.accept_answer(now(), &answer.sdp).unwrap();
        id
    }

    /// Somebody enters and receives everything; which client they are.
    pub(crate) fn subscriber(&mut self, room: &str, user: &str, transport: Transport) -> usize {
        let id = self.client(room, user, transport);
        let address = self.clients[id].address.clone();
        self.join(&address, true).unwrap();
        id
    }

    fn client(&mut self, room: &str, user: &str, transport: Transport) -> usize {
        self.clients.push(Client::new(address(room, user), transport, self.server(transport)));
        self.clients.len() - 1
    }

    /// Lets everybody act until it is so.
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let begin = now();
        while !is_so(self) {
            assert!(begin.elapsed() < PATIENCE, "never: {what}");
            self.turn();
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Everybody does what there is to do; publishers send a packet.
    pub(crate) fn turn(&mut self) {
        loop {
            let Some((to, event)) = self.heard.events.lock().unwrap().pop_front() else { break };
            let RoomEvent::Offer { negotiation, sdp, .. } = event else {
                self.told.push((to, event));
                continue;
            };
            let Some(client) = self.clients.iter_mut().find(|client| client.address == to) else { continue };
            if let Ok(sdp) = client.endpoint.accept_offer(now(), &sdp) {
                // It may have been replaced meanwhile.
                let _ = self.command(&to, Command::Answer { negotiation, sdp });
            }
        }
        for client in &mut self.clients {
            client.turn();
        }
    }

    /// Whether the device was told that it is out for that cause.
    pub(crate) fn is_out(&self, address: &Address, cause: LeaveCause) -> bool {
        self.told.iter().any(|(to, event)| to == address && *event == RoomEvent::Left(cause))
    }

    /// Whether the node was told that the room is over.
    pub(crate) fn is_closed(&self, room: &RoomKey) -> bool {
        let facts = self.heard.facts.lock().unwrap();
        facts.iter().any(|fact| matches!(fact, Fact::Closed { room: closed, .. } if closed == room))
    }
}

/// A participant.
pub(crate) struct Client {
    pub(crate) address: Address,
    endpoint: Endpoint,
    link: Link,
    local: SocketAddr,
    /// What arrived, by its first four bytes.
    pub(crate) received: BTreeSet<u32>,
    pub(crate) sent: u32,
    server: SocketAddr,
    track: Option<TrackNo>,
    transport: Transport,
}

enum Link {
    Stream { inbox: Vec<u8>, stream: TcpStream },
    Udp(UdpSocket),
}

impl Client {
    fn new(address: Address, transport: Transport, server: SocketAddr) -> Self {
        let (link, local) = match transport {
            Transport::Udp => {
                let socket = UdpSocket::bind(SocketAddr::new(server.ip(), 0)).unwrap();
                socket.set_nonblocking(true).unwrap();
                let local = socket.local_addr().unwrap();
                (Link::Udp(socket), local)
            }
            Transport::SslTcp | Transport::Tcp => {
                let mut stream = TcpStream::connect(server).unwrap();
                if transport == Transport::SslTcp {
                    shake_hands(&mut stream);
                }
                stream.set_nonblocking(true).unwrap();
                let local = stream.local_addr().unwrap();
                (Link::Stream { inbox: Vec::new(), stream }, local)
            }
        };
        let config = EndpointConfig {
            messages: false,
            mode: Mode::Packets,
            transport,
            ..EndpointConfig::new(vec![local])
        };
        let endpoint = Endpoint::new(config, now()).unwrap();
        let received = BTreeSet::new();
        Self { address, endpoint, link, local, received, sent: 0, server, track: None, transport }
    }

    fn turn(&mut self) {
        for contents in self.link.receive() {
            let (destination, source, transport) = (self.local, self.server, self.transport);
            let datagram = Datagram { contents: &contents, destination, source, transport };
            self.endpoint.receive(now(), datagram);
            self.drain();
        }
        if let Some(track) = self.track.filter(|_| self.endpoint.is_connected()) {
            let mut payload = vec![0xaa; 80];
            payload[..4].copy_from_slice(&self.sent.to_be_bytes());
            let timestamp = self.sent * 960;
            let packet = Packet { audio_level: Some(-30), marker: false, payload: payload.into(), timestamp };
            self.endpoint.write_packet(now(), (track, None), packet).unwrap();
            self.sent += 1;
        }
        if self.endpoint.poll_timeout().is_some_and(|due| due <= now()) {
            self.endpoint.handle_timeout(now());
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                EndpointOutput::Packet(packet) => {
                    assert_eq!(packet.payload.len(), 80);
                    assert!(packet.payload[4..].iter().all(|byte| *byte == 0xaa), "as it was sent");
                    self.received.insert(u32::from_be_bytes(*packet.payload.first_chunk().unwrap()));
                }
                EndpointOutput::Transmit(transmit) => self.link.send(&transmit),
                EndpointOutput::Closed
                | EndpointOutput::Connected
                | EndpointOutput::Estimate(_)
                | EndpointOutput::Frame(_)
                | EndpointOutput::Interrupted
                | EndpointOutput::KeyframeWanted { .. }
                | EndpointOutput::Message(_)
                | EndpointOutput::MessagesOpen
                | EndpointOutput::Resumed => {}
            }
        }
    }
}

impl Link {
    fn send(&mut self, transmit: &Transmit) {
        match self {
            // Lost packets are lost.
            Self::Udp(socket) => drop(socket.send_to(&transmit.contents, transmit.destination)),
            Self::Stream { stream, .. } => {
                let length = u16::try_from(transmit.contents.len()).unwrap().to_be_bytes();
                // A connection that was closed by the node shows in what is not received.
                let _ = stream.write_all(&[&length, transmit.contents.as_slice()].concat());
            }
        }
    }

    fn receive(&mut self) -> Vec<Vec<u8>> {
        let mut buffer = [0; 4096];
        let mut packets = Vec::new();
        match self {
            Self::Udp(socket) => {
                while let Ok(length) = socket.recv(&mut buffer) {
                    packets.push(buffer[..length].to_vec());
                }
            }
            Self::Stream { inbox, stream } => {
                loop {
                    match stream.read(&mut buffer) {
                        Ok(0) => break,
                        Ok(length) => inbox.extend_from_slice(&buffer[..length]),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                        Err(_) => break,
                    }
                }
                while let Some((length, rest)) = inbox.split_first_chunk::<2>() {
                    let length = usize::from(u16::from_be_bytes(*length));
                    let Some(packet) = rest.get(..length) else { break };
                    packets.push(packet.to_vec());
                    inbox.drain(..2 + length);
                }
            }
        }
        packets
    }
}

/// What libwebrtc says and wants to hear before it frames packets.
fn shake_hands(stream: &mut TcpStream) {
    let mut hello = [0; 72];
    hello[..3].copy_from_slice(&[0x80, 0x46, 0x01]);
    stream.write_all(&hello).unwrap();
    let mut answer = [0; 79];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer[..6], [0x16, 0x03, 0x01, 0x00, 0x4a, 0x02], "a TLS record with a server's hello");
}
