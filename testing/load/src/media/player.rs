//! A thread that plays participants: sockets, endpoints and what they send.
use std::{
    io::{self, ErrorKind, IoSliceMut},
    net::{IpAddr, SocketAddr},
    ops::Range,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use mio::{Events, Interest, Poll, Token, Waker, net::UdpSocket};
use offhook_sfu::{
    Datagram, Source, Transport,
    endpoint::{Endpoint, EndpointConfig, EndpointError, EndpointOutput, Mode},
};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use tokio::sync::{oneshot, watch};

use super::stream::{self, Stream};
use crate::{clock, histogram::Histogram};

/// How long a turn takes at least. Packets wait in the sockets meanwhile, with their times; fewer turns leave more of
/// the machine to the server.
const TURN: Duration = Duration::from_millis(1);

/// What one receive may bring: the kernel joins packets up to this.
const RECEIVE_BYTES: usize = 1 << 16;

/// What a socket holds for us.
const BUFFER_BYTES: usize = 1 << 20;

const WAKER: Token = Token(usize::MAX);

/// What was sent and received, of the packets sent within the time that is measured.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) delay: Histogram,
    pub(super) received: u64,
    pub(super) sent: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        self.delay.merge(&other.delay);
        self.received += other.received;
        self.sent += other.sent;
    }
}

/// An offer of a participant's: the description, and what each media section carries.
pub(super) struct Offered {
    pub(super) sdp: String,
    pub(super) tracks: Vec<(String, Source)>,
}

enum Order {
    Accept(usize, String, oneshot::Sender<Result<Option<String>>>),
    Answer(usize, String, oneshot::Sender<Result<()>>),
    Counts(oneshot::Sender<Counts>),
    Measure(Range<Duration>),
    Offer(usize, oneshot::Sender<Result<Offered>>),
    Seat(IpAddr, Option<u32>, oneshot::Sender<Result<(usize, watch::Receiver<bool>)>>),
}

/// A way to the thread.
#[derive(Clone)]
pub(super) struct Player {
    orders: Sender<Order>,
    waker: Arc<Waker>,
}

/// A participant on the thread.
pub(super) struct Seat {
    connected: watch::Receiver<bool>,
    id: usize,
    player: Player,
}

impl Player {
    /// Starts the thread; it ends with the process.
    pub(super) fn start() -> Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (orders, received) = channel();
        let stage = Stage::new(poll, received);
        thread::Builder::new().name("player".to_owned()).spawn(move || stage.run())?;
        Ok(Self { orders, waker })
    }

    /// Seats a participant at the address; one with a number publishes.
    pub(super) async fn seat(&self, address: IpAddr, publisher: Option<u32>) -> Result<Seat> {
        let (id, connected) = self.ask(|reply| Order::Seat(address, publisher, reply)).await??;
        Ok(Seat { connected, id, player: self.clone() })
    }

    /// Counts packets sent within that time.
    pub(super) fn measure(&self, window: Range<Duration>) -> Result<()> {
        self.tell(Order::Measure(window))
    }

    /// What has been counted.
    pub(super) async fn counts(&self) -> Result<Counts> {
        self.ask(Order::Counts).await
    }

    fn tell(&self, order: Order) -> Result<()> {
        self.orders.send(order).map_err(|_| anyhow!("the player is gone"))?;
        self.waker.wake().context("the player is gone")
    }

    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.tell(order(reply))?;
        answer.await.context("the player is gone")
    }
}

impl Seat {
    pub(super) async fn offer(&self) -> Result<Offered> {
        self.player.ask(|reply| Order::Offer(self.id, reply)).await?
    }

    /// Takes the answer to the offer.
    pub(super) async fn answer(&self, sdp: String) -> Result<()> {
        self.player.ask(|reply| Order::Answer(self.id, sdp, reply)).await?
    }

    /// Answers an offer; `None` if it came while one of our own was unanswered.
    pub(super) async fn accept(&self, sdp: String) -> Result<Option<String>> {
        self.player.ask(|reply| Order::Accept(self.id, sdp, reply)).await?
    }

    /// Waits until the connection stands.
    pub(super) async fn connected(&self) -> Result<()> {
        self.connected.clone().wait_for(|connected| *connected).await.context("the connection is over")?;
        Ok(())
    }
}

/// The thread's state.
struct Stage {
    buffer: Vec<u8>,
    counts: Counts,
    orders: Receiver<Order>,
    participants: Vec<Participant>,
    poll: Poll,
    window: Range<Duration>,
}

struct Participant {
    connected: watch::Sender<bool>,
    endpoint: Endpoint,
    is_readable: bool,
    /// The newest time that the endpoint was told.
    latest: Instant,
    local: SocketAddr,
    socket: UdpSocket,
    state: UdpSocketState,
    stream: Option<Stream>,
}

impl Stage {
    fn new(poll: Poll, orders: Receiver<Order>) -> Self {
        Self {
            buffer: vec![0; BATCH_SIZE * RECEIVE_BYTES],
            counts: Counts::default(),
            orders,
            participants: Vec::new(),
            poll,
            window: Duration::ZERO..Duration::ZERO,
        }
    }

    fn run(mut self) {
        let mut events = Events::with_capacity(4096);
        loop {
            let turn = clock::now();
            let wait = self.due().map(|due| due.saturating_duration_since(turn));
            if let Err(error) = self.poll.poll(&mut events, wait)
                && error.kind() != ErrorKind::Interrupted
            {
                panic!("a poll of our own making cannot fail: {error}");
            }
            for event in &events {
                if event.token() != WAKER {
                    self.participants[event.token().0].is_readable = true;
                }
            }
            if !self.carry_out_orders() {
                return;
            }
            let Self { buffer, counts, participants, window, .. } = &mut self;
            for participant in participants {
                // What has arrived is older than what is due.
                participant.receive((clock::now(), clock::wall()), buffer, (counts, window));
                participant.play(clock::now(), (counts, window));
            }
            thread::sleep(TURN.saturating_sub(turn.elapsed()));
        }
    }

    /// When somebody has something to do.
    fn due(&self) -> Option<Instant> {
        if self.participants.iter().any(|participant| participant.is_readable) {
            return Some(clock::now());
        }
        self.participants.iter().filter_map(Participant::due).min()
    }

    /// Whether there may be more orders, ever.
    fn carry_out_orders(&mut self) -> bool {
        loop {
            match self.orders.try_recv() {
                Ok(order) => self.carry_out(order),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Replies are dropped if who asked has given up.
    fn carry_out(&mut self, order: Order) {
        let now = clock::now();
        match order {
            Order::Accept(id, sdp, reply) => {
                let answer = match self.participants[id].endpoint.accept_offer(now, &sdp) {
                    Ok(answer) => Ok(Some(answer)),
                    Err(EndpointError::OfferPending) => Ok(None),
                    Err(error) => Err(error.into()),
                };
                let _ = reply.send(answer);
            }
            Order::Answer(id, sdp, reply) => {
                let taken = self.participants[id].endpoint.accept_answer(now, &sdp);
                let _ = reply.send(taken.map_err(Into::into));
            }
            Order::Counts(reply) => {
                let _ = reply.send(std::mem::take(&mut self.counts));
            }
            Order::Measure(window) => self.window = window,
            Order::Offer(id, reply) => {
                let _ = reply.send(self.participants[id].offer(now));
            }
            Order::Seat(address, publisher, reply) => {
                let _ = reply.send(self.seat(now, address, publisher));
            }
        }
    }

    fn seat(
        &mut self,
        now: Instant,
        address: IpAddr,
        publisher: Option<u32>,
    ) -> Result<(usize, watch::Receiver<bool>)> {
        let id = self.participants.len();
        let (connected, watched) = watch::channel(false);
        let mut participant = Participant::new(now, address, connected)?;
        participant.stream = publisher.map(|number| Stream::publish(&mut participant.endpoint, now, number));
        self.poll.registry().register(&mut participant.socket, Token(id), Interest::READABLE)?;
        self.participants.push(participant);
        Ok((id, watched))
    }
}

impl Participant {
    fn new(now: Instant, address: IpAddr, connected: watch::Sender<bool>) -> Result<Self> {
        let socket = UdpSocket::bind(SocketAddr::new(address, 0))?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        state.set_recv_buffer_size(UdpSockRef::from(&socket), BUFFER_BYTES)?;
        let local = socket.local_addr()?;
        let config =
            EndpointConfig { messages: false, mode: Mode::Packets, ..EndpointConfig::new(vec![local]) };
        let endpoint = Endpoint::new(config, now)?;
        Ok(Self { connected, endpoint, is_readable: false, latest: now, local, socket, state, stream: None })
    }

    fn offer(&mut self, now: Instant) -> Result<Offered> {
        let offer = self.endpoint.offer(now).context("there is nothing to offer")?;
        let stream = self.stream.as_ref().context("only publishers offer")?;
        let tracks = offer.tracks.into_iter().map(|(track, mid)| (mid, stream.source_of(track))).collect();
        Ok(Offered { sdp: offer.sdp, tracks })
    }

    fn due(&self) -> Option<Instant> {
        let sending = self.stream.as_ref().filter(|_| self.endpoint.is_connected()).map(Stream::due);
        self.endpoint.poll_timeout().into_iter().chain(sending).min()
    }

    /// Does what is due.
    fn play(&mut self, now: Instant, (counts, window): (&mut Counts, &Range<Duration>)) {
        self.latest = now.max(self.latest);
        if let Some(stream) = self.stream.as_mut().filter(|_| self.endpoint.is_connected())
            && stream.due() <= now
        {
            stream.send(&mut self.endpoint, now, |stamp| counts.sent += u64::from(window.contains(&stamp)));
        }
        if self.endpoint.poll_timeout().is_some_and(|due| due <= now) {
            self.endpoint.handle_timeout(now);
        }
        self.drain(None, (counts, window));
    }

    /// Takes one batch of what has arrived. The endpoint is told the time at which each packet came to the socket, by
    /// which the server judges the network: how late this thread is would look like a queue on the way.
    fn receive(
        &mut self,
        (now, wall): (Instant, Duration),
        buffer: &mut [u8],
        (counts, window): (&mut Counts, &Range<Duration>),
    ) {
        if !self.is_readable {
            return;
        }
        let mut meta = [RecvMeta::default(); BATCH_SIZE];
        let Ok(count) = self.fill(buffer, &mut meta) else {
            self.is_readable = false;
            return;
        };
        self.is_readable = count == BATCH_SIZE;
        for (bytes, meta) in buffer.chunks_exact(RECEIVE_BYTES).zip(&meta[..count]) {
            for contents in bytes[..meta.len].chunks(meta.stride.max(1)) {
                let (destination, source, transport) = (self.local, meta.addr, Transport::Udp);
                let age = wall.saturating_sub(meta.timestamp.unwrap_or(wall));
                self.latest = now.checked_sub(age).unwrap_or(now).max(self.latest);
                self.endpoint.receive(self.latest, Datagram { contents, destination, source, transport });
                self.drain(meta.timestamp, (counts, window));
            }
        }
    }

    fn fill(&self, buffer: &mut [u8], meta: &mut [RecvMeta]) -> io::Result<usize> {
        let mut places = buffer.chunks_exact_mut(RECEIVE_BYTES);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(places.next().expect("a place for each of a batch")));
        self.state.recv(UdpSockRef::from(&self.socket), &mut slices, meta)
    }

    /// Sends what there is to send; counts what came out of a datagram that arrived then.
    fn drain(&mut self, arrived: Option<Duration>, (counts, window): (&mut Counts, &Range<Duration>)) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                EndpointOutput::Closed => {
                    self.connected.send_replace(false);
                }
                EndpointOutput::Connected => {
                    self.connected.send_replace(true);
                }
                EndpointOutput::KeyframeWanted { .. } => {
                    if let Some(stream) = &mut self.stream {
                        stream.keyframe();
                    }
                }
                EndpointOutput::Packet(packet) => {
                    let stamp = stream::stamp_of(&packet.payload).filter(|stamp| window.contains(stamp));
                    if let Some((stamp, arrived)) = stamp.zip(arrived.or_else(|| Some(clock::wall()))) {
                        counts.received += 1;
                        counts.delay.add(arrived.saturating_sub(stamp));
                    }
                }
                EndpointOutput::Transmit(transmit) => self.send(&transmit),
                EndpointOutput::Estimate(_)
                | EndpointOutput::Frame(_)
                | EndpointOutput::Interrupted
                | EndpointOutput::Message(_)
                | EndpointOutput::MessagesOpen
                | EndpointOutput::Resumed => {}
            }
        }
    }

    /// Sends one packet by itself, as clients do. What is not taken is lost, and shows in the report.
    fn send(&self, transmit: &offhook_sfu::Transmit) {
        let transmit = Transmit {
            destination: transmit.destination,
            ecn: None,
            contents: &transmit.contents,
            segment_size: None,
            src_ip: None,
        };
        let _ = self.state.try_send(UdpSockRef::from(&self.socket), &transmit);
    }
}
