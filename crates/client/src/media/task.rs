//! The one task of a room: drives the media connection, agrees with the server on it, and plays what is published.
mod negotiation;

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
};

use futures_util::future::BoxFuture;
use negotiation::{Answered, Needs};
use offhook_sfu::{
    Datagram, Source, Transport,
    endpoint::{Endpoint, EndpointOutput, ReceivedFrame, TrackNo, TrackSpec},
};
use offhook_signaling::{RoomEvent, RoomView, SentTrack, TrackSource};
use offhook_types::{Opaque, RoomId, StreamId};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use super::{
    Departure, MediaState, Publication, PublishedStatistics, ReceivedStatistics, RoomFrame, RoomStatistics,
    RoomUpdate, player::Player,
};
use crate::Client;

/// How many packets are taken before anything else has its turn. More makes batches larger, and commands wait.
const BATCH: usize = 64;

/// What the app asks.
#[derive(Debug)]
pub(crate) enum Command {
    Leave(oneshot::Sender<()>),
    Publish(Publication),
    Statistics(oneshot::Sender<RoomStatistics>),
    Unpublish(StreamId),
}

pub(crate) struct Task {
    /// The request that waits for its reply. One at a time, as each depends on the one before.
    asking: Option<BoxFuture<'static, Answered>>,
    buffer: Box<[u8; 2048]>,
    /// What each media section of the server's last offer carries.
    carried: BTreeMap<String, Arc<SentTrack>>,
    client: Client,
    departure: Option<Departure>,
    dropped_frames: u64,
    endpoint: Endpoint,
    frames: VecDeque<RoomFrame>,
    local: SocketAddr,
    /// The media connection is over; the server is asked why.
    media_is_over: bool,
    needs: Needs,
    players: Vec<Player>,
    published: Vec<Published>,
    room: RoomId,
    socket: UdpSocket,
    /// Updates that the channel has no room for; frames are not among them.
    unsent: VecDeque<RoomUpdate>,
    /// The last offer of the server that is void, as it has said; zero if none is.
    voided: u32,
}

/// A track that is published.
struct Published {
    extra_info: Opaque,
    keyframe_requests: u64,
    source: TrackSource,
    stream: StreamId,
    track: TrackNo,
}

/// What the task waits for.
enum Happened {
    Answered(Box<Answered>),
    Command(Option<Command>),
    Datagrams,
    Due,
    Event(Option<RoomEvent>),
    /// The app took an update.
    Space,
}

impl Task {
    pub(crate) fn new(
        client: Client,
        (endpoint, socket, local): (Endpoint, UdpSocket, SocketAddr),
        room: RoomId,
    ) -> Self {
        Self {
            asking: None,
            buffer: Box::new([0; 2048]),
            carried: BTreeMap::new(),
            client,
            departure: None,
            dropped_frames: 0,
            endpoint,
            frames: VecDeque::new(),
            local,
            media_is_over: false,
            needs: Needs::default(),
            players: Vec::new(),
            published: Vec::new(),
            room,
            socket,
            unsent: VecDeque::new(),
            voided: 0,
        }
    }

    /// Publishes streams with the next offer.
    pub(crate) fn publish(&mut self, publications: Vec<Publication>) {
        let start = now();
        for Publication { extra_info, stream, tracks } in publications {
            for track in tracks {
                let Some(codec) = track.codec() else { continue };
                let simulcast = track.encodings.iter().filter_map(|(rid, _)| rid.clone()).collect();
                let spec = TrackSpec { codec, simulcast, source: source(&track.source) };
                let number = self.endpoint.publish(spec);
                for (rid, clip) in track.encodings {
                    self.players.push(Player::new(start, (number, rid), clip));
                }
                self.published.push(Published {
                    extra_info: extra_info.clone(),
                    keyframe_requests: 0,
                    source: track.source,
                    stream: stream.clone(),
                    track: number,
                });
            }
        }
        self.needs.offer = true;
    }

    /// Tells the app how the room stood when it was entered.
    pub(crate) fn begin(&mut self, view: RoomView) {
        self.unsent.push_back(RoomUpdate::Room(Box::new(view)));
    }

    /// Runs until the device is out of the room.
    pub(crate) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut events: mpsc::Receiver<RoomEvent>,
        updates: mpsc::Sender<RoomUpdate>,
    ) {
        let left = loop {
            self.ask();
            self.drain();
            self.hand_over(&updates);
            if self.departure.is_some() && self.unsent.is_empty() {
                return;
            }
            match self.wait(&mut commands, &mut events, &updates).await {
                Happened::Answered(answered) => self.answered(*answered),
                Happened::Command(None) => break None,
                Happened::Command(Some(Command::Leave(done))) => break Some(done),
                Happened::Command(Some(command)) => self.command(command),
                Happened::Datagrams => self.receive(),
                Happened::Due => self.play(),
                Happened::Event(event) => self.hear(event),
                Happened::Space => {}
            }
        };
        // Before media ends, lest the others see a connection break.
        if let Err(error) = self.client.leave_room(self.room.clone()).await {
            tracing::debug!(%error, "the server was not told that the device left");
        }
        self.endpoint.close(now());
        self.drain();
        if left.is_some_and(|left| left.send(()).is_err()) {
            tracing::debug!("who left the room did not wait for it");
        }
    }

    async fn wait(
        &mut self,
        commands: &mut mpsc::Receiver<Command>,
        events: &mut mpsc::Receiver<RoomEvent>,
        updates: &mpsc::Sender<RoomUpdate>,
    ) -> Happened {
        let players = self.players.iter().map(Player::due);
        let due = players.chain(self.endpoint.poll_timeout()).min().map(Instant::from_std);
        let (is_full, is_over) = (!self.unsent.is_empty(), self.departure.is_some());
        tokio::select! {
            command = commands.recv() => Happened::Command(command),
            _ = updates.reserve(), if is_full => Happened::Space,
            event = events.recv(), if !is_full && !is_over => Happened::Event(event),
            answered = async { match &mut self.asking {
                Some(asking) => asking.await,
                None => std::future::pending().await,
            } } => {
                self.asking = None;
                Happened::Answered(Box::new(answered))
            }
            readable = self.socket.readable(), if !is_over => {
                if let Err(error) = readable {
                    tracing::debug!(%error, "the socket for media broke");
                }
                Happened::Datagrams
            }
            () = async { match due {
                Some(due) if !is_over => sleep_until(due).await,
                Some(_) | None => std::future::pending().await,
            } } => Happened::Due,
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            // The loop has taken it.
            Command::Leave(_) => {}
            Command::Publish(publication) => self.publish(vec![publication]),
            // Whoever asked may have gone.
            Command::Statistics(reply) => drop(reply.send(self.statistics())),
            Command::Unpublish(stream) => {
                let tracks = self.published.extract_if(.., |published| published.stream == stream);
                for Published { track, .. } in tracks.collect::<Vec<_>>() {
                    self.endpoint.unpublish(track);
                    self.players.retain(|player| !player.plays(track));
                }
                self.needs.offer = true;
            }
        }
    }

    /// Takes what has arrived.
    fn receive(&mut self) {
        for _ in 0..BATCH {
            // An error is that of a packet that was sent before and found nobody.
            let Ok((length, source)) = self.socket.try_recv_from(&mut self.buffer[..]) else { return };
            let contents = &self.buffer[..length];
            let datagram = Datagram { contents, destination: self.local, source, transport: Transport::Udp };
            self.endpoint.receive(now(), datagram);
        }
    }

    /// Does what is due.
    fn play(&mut self) {
        let now = now();
        for player in &mut self.players {
            player.play(now, &mut self.endpoint);
        }
        if self.endpoint.poll_timeout().is_some_and(|due| due <= now) {
            self.endpoint.handle_timeout(now);
        }
    }

    /// Carries out what the media connection wants.
    fn drain(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                EndpointOutput::Closed => self.media_ended(),
                EndpointOutput::Connected => self.tell(RoomUpdate::Media(MediaState::Connected)),
                EndpointOutput::Estimate(_) | EndpointOutput::MessagesOpen | EndpointOutput::Packet(_) => {}
                EndpointOutput::Frame(frame) => self.frame(frame),
                EndpointOutput::Interrupted => self.tell(RoomUpdate::Media(MediaState::Interrupted)),
                EndpointOutput::KeyframeWanted { rid, track } => self.keyframe(track, rid.as_deref()),
                EndpointOutput::Message(text) => self.tell(RoomUpdate::Message(text)),
                EndpointOutput::Resumed => self.tell(RoomUpdate::Media(MediaState::Resumed)),
                EndpointOutput::Transmit(transmit) => {
                    // A packet that does not fit into the system's buffer is lost, as on any network.
                    drop(self.socket.try_send_to(&transmit.contents, transmit.destination));
                }
            }
        }
    }

    /// The server closes media when it sends a device out, and says so on the way that is slower: what it says, or that
    /// the device is no longer there, comes before the reply.
    fn media_ended(&mut self) {
        self.media_is_over = true;
        self.needs = Needs { read: true, ..Needs::default() };
    }

    fn frame(&mut self, frame: ReceivedFrame) {
        if let Some(track) = self.carried.get(&*frame.mid) {
            self.frames.push_back(RoomFrame { frame, track: Arc::clone(track) });
        }
    }

    fn keyframe(&mut self, track: TrackNo, rid: Option<&str>) {
        for player in &mut self.players {
            player.jump(track, rid);
        }
        if let Some(published) = self.published.iter_mut().find(|published| published.track == track) {
            published.keyframe_requests += 1;
        }
    }

    fn tell(&mut self, update: RoomUpdate) {
        if self.departure.is_none() {
            self.unsent.push_back(update);
        }
    }

    fn depart(&mut self, departure: Departure) {
        self.tell(RoomUpdate::Left(departure.clone()));
        self.departure.get_or_insert(departure);
    }

    /// Hands over to the app what it has room for. Frames that it has no room for are dropped: they would come too late.
    fn hand_over(&mut self, updates: &mpsc::Sender<RoomUpdate>) {
        while let Some(update) = self.unsent.pop_front() {
            match updates.try_send(update) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(update)) => {
                    self.unsent.push_front(update);
                    break;
                }
                // The app does not want to know.
                Err(mpsc::error::TrySendError::Closed(_)) => self.unsent.clear(),
            }
        }
        for frame in self.frames.drain(..) {
            self.dropped_frames += u64::from(updates.try_send(RoomUpdate::Frame(frame)).is_err());
        }
    }

    fn statistics(&self) -> RoomStatistics {
        let published = self.published.iter().map(|published| PublishedStatistics {
            keyframe_requests: published.keyframe_requests,
            source: published.source.clone(),
            stream: published.stream.clone(),
        });
        let received = self.endpoint.receptions().map(|reception| ReceivedStatistics {
            reception: reception.clone(),
            track: self.carried.get(&*reception.mid).cloned(),
        });
        RoomStatistics {
            dropped_frames: self.dropped_frames,
            published: published.collect(),
            received: received.collect(),
            traffic: self.endpoint.traffic(),
        }
    }
}

/// The time, by tokio's clock.
fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// A source in the words of the media part. One that this version does not know is a camera: it has a picture.
fn source(source: &TrackSource) -> Source {
    match source {
        TrackSource::Microphone => Source::Microphone,
        TrackSource::Screen => Source::Screen,
        TrackSource::ScreenAudio => Source::ScreenAudio,
        TrackSource::Camera | TrackSource::Unknown(_) => Source::Camera,
    }
}
