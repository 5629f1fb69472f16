//! What goes into the machine and what comes out.
use std::{net::SocketAddr, sync::Arc, time::Duration};

use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};
use thiserror::Error;

/// A room of one app.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey {
    /// The tenant.
    pub app: AppId,
    /// The room.
    pub room: RoomId,
}

/// A device that is, or wants to be, in a room. A user is in a room with one device at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The device.
    pub device: DeviceId,
    /// The room.
    pub room: RoomKey,
    /// The user.
    pub user: UserId,
}

/// What somebody may do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What a member may, and remove others.
    Host,
    /// Publish, receive, send messages.
    Member,
    /// Receive only.
    Viewer,
}

/// Where a track comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Picture of a camera.
    Camera,
    /// Sound of a microphone.
    Microphone,
    /// Picture of a screen or window.
    Screen,
    /// Sound that goes with a screen.
    ScreenAudio,
}

impl Source {
    /// Whether it is a picture.
    #[must_use]
    pub fn is_video(self) -> bool {
        match self {
            Self::Camera | Self::Screen => true,
            Self::Microphone | Self::ScreenAudio => false,
        }
    }
}

/// A device wants to enter a room, or to renew its stay there.
#[derive(Clone, Debug)]
pub struct Join {
    /// Who, and where.
    pub address: Address,
    /// How many may be in the room; what the first one says counts. 0 for the limit of [`Limits::max_members`].
    pub max_members: u32,
    /// The user's display name.
    pub name: Opaque,
    /// What they may do.
    pub role: Role,
    /// Whether to receive every track unasked.
    pub subscribe_all: bool,
}

/// What a device in a room asks.
#[derive(Clone, Debug)]
pub enum Command {
    /// An ICE candidate of the device; empty for "no more".
    AddCandidate(String),
    /// Answers an offer of ours.
    Answer {
        /// The offer's number.
        negotiation: u32,
        /// The description.
        sdp: String,
    },
    /// Leaves.
    Leave,
    /// The device's own description: what it publishes, whole.
    Offer {
        /// The description.
        sdp: String,
        /// What it publishes; a stream that is not named is no longer published.
        streams: Vec<OfferedStream>,
    },
    /// Reads the room. A pending offer of ours is made again, under a new number.
    Read,
    /// Removes a user; hosts only. The user may not come back.
    Remove(UserId),
    /// A message to others.
    Send {
        /// The text.
        data: Opaque,
        /// What it is for.
        kind: MessageKind,
        /// To whom; empty for everyone else.
        to: Vec<UserId>,
    },
    /// What the device wants to receive. What is not named stays.
    Subscribe(Vec<Wish>),
    /// Changes what the others are told of an own stream.
    UpdateStream {
        /// The new extra info, if it changes.
        extra_info: Option<Opaque>,
        /// Which tracks fall silent (`true`) or speak again.
        muted: Vec<(Source, bool)>,
        /// The stream.
        stream: StreamId,
    },
}

/// A stream in a device's offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedStream {
    /// Shown to the others.
    pub extra_info: Opaque,
    /// Its name, unique in the room.
    pub stream: StreamId,
    /// Its tracks.
    pub tracks: Vec<OfferedTrack>,
}

/// A track in a device's offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedTrack {
    /// The `a=mid` of its media section.
    pub mid: String,
    /// Whether it begins silent.
    pub muted: bool,
    /// Where it comes from.
    pub source: Source,
}

/// What a device wants of one track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The height at which it is shown, in pixels; 0 for as large as there is.
    pub height: u32,
    /// The track.
    pub source: Source,
    /// Its stream.
    pub stream: StreamId,
    /// Whether to receive it at all.
    pub wanted: bool,
    /// The width at which it is shown, in pixels; 0 for as large as there is.
    pub width: u32,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// For people.
    Broadcast,
    /// For apps.
    Command,
}

/// What a command is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To an offer: the answering description.
    Description(String),
    /// It is done.
    Done,
    /// To a read: the room.
    Room(RoomState),
}

/// A room as one device in it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomState {
    /// Everybody, the receiver included, in the order of their coming.
    pub members: Vec<Member>,
    /// The receiver's role.
    pub role: Role,
    /// Everything published, the receiver's own included.
    pub streams: Vec<Stream>,
}

/// A user in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The display name.
    pub name: Opaque,
    /// How far they are.
    pub presence: Presence,
    /// The user.
    pub user: UserId,
}

/// How far a user in a room is.
///
/// ```text
/// Joined ──ICE and DTLS──▶ Connected ──first packet──▶ Flowing
///    │                         │                          │
///    │                         └──── silence, ICE lost ───┴──▶ Reconnecting ──▶ Connected
///    └── lease ends ──▶ gone (Lost) ◀── lease ends ────────────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Media can flow.
    Connected,
    /// Media flows.
    Flowing,
    /// In the room; media is not connected yet.
    Joined,
    /// The connection broke; there is still hope.
    Reconnecting,
}

/// A published stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// What its publisher says of it.
    pub extra_info: Opaque,
    /// Its name.
    pub stream: StreamId,
    /// Its tracks: where each comes from, and whether it is silent.
    pub tracks: Vec<(Source, bool)>,
    /// Who publishes it.
    pub user: UserId,
}

/// Why somebody is no longer in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaveCause {
    /// The room is over.
    Ended,
    /// Removed by a host or by the app's back end.
    Kicked,
    /// Left.
    Left,
    /// The connection did not come back in time, or never came.
    Lost,
    /// The server stops.
    Shutdown,
    /// Another device of the user took over.
    TakenOver,
}

/// How much of a track a device receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Nothing.
    Off,
    /// The smallest of several.
    Low,
    /// The one between.
    Medium,
    /// The largest, or the only one.
    High,
}

/// Why a command was not carried out. Nothing has changed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The description cannot be read, or asks for what is not offered.
    #[error("the session description cannot be read, or asks for what this server does not offer")]
    BadSdp,
    /// The user was removed and may not come back.
    #[error("the user was removed from the room and may not come back")]
    Kicked,
    /// The offer that was answered has been replaced.
    #[error("the offer that was answered has been replaced by a later one")]
    NegotiationOver,
    /// The device is not in the room, or no longer.
    #[error("the device is not in the room")]
    NotInRoom,
    /// The role does not permit it.
    #[error("the role in this room does not permit it")]
    RoleForbids,
    /// The room is full.
    #[error("the room has as many members as it may have")]
    RoomFull,
    /// No such stream.
    #[error("the room has no such stream")]
    StreamNotFound,
    /// The stream's name is taken.
    #[error("the stream's name is taken in this room")]
    StreamTaken,
    /// A text is larger than permitted.
    #[error("a text is larger than permitted")]
    TooLarge,
    /// Commands, messages or keyframes come faster than permitted.
    #[error("this comes faster than permitted")]
    TooFast,
    /// More tracks than one user may publish.
    #[error("more tracks than one user may publish")]
    TooManyTracks,
}

/// How bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Pseudo-TLS over TCP, as WebRTC clients speak it to get past simple firewalls.
    SslTcp,
    /// ICE over TCP (RFC 6544), packets framed by RFC 4571. The driver does the framing.
    Tcp,
    /// Datagrams.
    Udp,
}

/// A packet that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// The bytes, without any framing.
    pub contents: &'a [u8],
    /// The announced address of ours that it came to ([`Candidate::address`]).
    pub destination: SocketAddr,
    /// Where it came from.
    pub source: SocketAddr,
    /// How.
    pub transport: Transport,
}

/// A packet to send.
#[derive(Debug)]
pub struct Transmit {
    /// The bytes, without any framing.
    pub contents: Vec<u8>,
    /// Where to.
    pub destination: SocketAddr,
    /// The announced address of ours that it leaves from.
    pub source: SocketAddr,
    /// How.
    pub transport: Transport,
}

/// An address of ours that clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where clients send to: the public address behind a one-to-one NAT, else the bound one.
    pub address: SocketAddr,
    /// How.
    pub transport: Transport,
}

/// What comes out of the machine.
#[derive(Debug)]
pub enum Output {
    /// To be told to a device.
    Event(Address, RoomEvent),
    /// To be known by the node.
    Fact(Fact),
    /// To be sent.
    Transmit(Transmit),
}

/// What a device in a room is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomEvent {
    /// What it receives of some tracks has changed.
    Layers(Vec<(StreamId, Source, Layer)>),
    /// It is out of the room.
    Left(LeaveCause),
    /// How loud everybody is (0 to 100, the loudest first), and who speaks most.
    Levels {
        /// Who speaks most.
        active: Option<UserId>,
        /// Who is heard at all.
        levels: Vec<(UserId, u8)>,
    },
    /// Users came, changed or went.
    Members {
        /// Who is new.
        added: Vec<Member>,
        /// Whose name or presence is new.
        changed: Vec<Member>,
        /// Who is gone.
        removed: Vec<(UserId, LeaveCause)>,
    },
    /// A message.
    Message {
        /// The text.
        data: Opaque,
        /// Who sent it.
        from: UserId,
        /// What it is for.
        kind: MessageKind,
    },
    /// An offer, to be answered by [`Command::Answer`].
    Offer {
        /// Its number.
        negotiation: u32,
        /// The description.
        sdp: String,
        /// What each media section carries.
        tracks: Vec<SentTrack>,
    },
    /// How good the connections are.
    Quality {
        /// What can be sent to this device, in bits a second.
        downlink_bps: u64,
        /// Everybody, this device's user included.
        members: Vec<MemberQuality>,
        /// Between us and this device; zero while unknown.
        rtt: Duration,
    },
    /// Streams came, changed or went.
    Streams {
        /// What is new.
        added: Vec<Stream>,
        /// What changed.
        changed: Vec<Stream>,
        /// What is gone.
        removed: Vec<StreamId>,
    },
}

/// What a media section of our offer carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentTrack {
    /// The `a=mid`.
    pub mid: String,
    /// The track.
    pub source: Source,
    /// Its stream.
    pub stream: StreamId,
    /// Its publisher.
    pub user: UserId,
}

/// How good a connection is, each way: 5 excellent to 1 bad, 0 unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberQuality {
    /// From us to the user.
    pub downlink: u8,
    /// From the user to us.
    pub uplink: u8,
    /// Who.
    pub user: UserId,
}

/// What the node needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A room is over: the last one left and did not come back for [`Limits::empty_room`], or it was closed.
    Closed {
        /// The room.
        room: RoomKey,
        /// What everybody used, also those who left before.
        usage: Vec<Usage>,
    },
    /// A device entered. For a takeover, [`Fact::Left`] of the other device comes first.
    Joined(Address),
    /// A device is out.
    Left(Address, LeaveCause),
    /// Somebody's presence changed.
    Presence(Address, Presence),
}

/// What one user used of a room. A moment of receiving counts in one tier: that of the sum of all received pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Time in the room.
    pub present: Duration,
    /// From us to the user, in bytes of RTP payload.
    pub received_bytes: u64,
    /// From the user to us, in bytes of RTP payload.
    pub sent_bytes: u64,
    /// Time of receiving, by tier: audio alone, SD, HD, Full HD, 2K, 4K.
    pub tiers: [Duration; 6],
    /// Who.
    pub user: UserId,
}

/// How much is permitted. The defaults suit calls of ten.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long an empty room is kept. Default 10 s.
    pub empty_room: Duration,
    /// At most so often is a keyframe asked of one encoding. Default 1 s.
    pub keyframe_interval: Duration,
    /// How long a participant whose signaling and media are both gone is waited for. Default 30 s.
    pub lease: Duration,
    /// The largest extra info, in bytes. Default 1,024.
    pub max_extra_info_bytes: usize,
    /// The largest message, in bytes. Default 4,096.
    pub max_message_bytes: usize,
    /// Members of a room. Default 100.
    pub max_members: u32,
    /// The largest session description, in bytes. Default 48 KiB.
    pub max_sdp_bytes: usize,
    /// Media sections of a client's description, beyond those that we offered. Default 12.
    pub max_sections: usize,
    /// Tracks that one user may publish. Default 6.
    pub max_tracks: usize,
    /// What one user may publish, in bits a second; more is dropped. Default 12 Mbit/s.
    pub max_publish_bps: u64,
    /// What one user may ask of a room a second: joins, offers, updates, wishes, messages, removals; in bursts of twice as
    /// many. Default 20.
    pub messages_per_s: u32,
    /// How long a participant is kept of whose signaling and media only one is left. Default 90 s (call-semantics 7).
    pub signaling_lease: Duration,
    /// How long media may take to connect for the first time, from the first offer of either side. Default 30 s. Zero: for
    /// ever. Who has nothing to negotiate, such as a viewer in a room where nobody publishes, has all the time there is.
    pub connect_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            empty_room: Duration::from_secs(10),
            keyframe_interval: Duration::from_secs(1),
            lease: Duration::from_secs(30),
            max_extra_info_bytes: 1024,
            max_message_bytes: 4096,
            max_members: 100,
            max_sdp_bytes: 48 * 1024,
            max_sections: 12,
            max_tracks: 6,
            max_publish_bps: 12_000_000,
            messages_per_s: 20,
            signaling_lease: Duration::from_secs(90),
            connect_timeout: Duration::from_secs(30),
        }
    }
}

/// How a machine is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Our addresses, the preferred first.
    pub candidates: Arc<[Candidate]>,
    /// Whether we are an ICE-lite agent: for servers that clients reach directly. Default yes where an address is announced.
    pub ice_lite: bool,
    /// How much is permitted.
    pub limits: Limits,
    /// For numbers that must not repeat between runs, but need not be secret.
    pub seed: u64,
    /// Which of the node's machines this is; part of every ICE user name, so that [`crate::worker_of`] finds the way.
    pub worker: u16,
}

/// Counters since the start, and gauges of now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Bytes that arrived, of known participants.
    pub bytes_in: u64,
    /// Bytes to send.
    pub bytes_out: u64,
    /// Packets that belong to nobody.
    pub foreign_packets: u64,
    /// RTP packets forwarded.
    pub forwarded_packets: u64,
    /// Keyframes asked of publishers.
    pub keyframe_requests: u64,
    /// Packets that arrived, of known participants.
    pub packets_in: u64,
    /// Packets to send.
    pub packets_out: u64,
    /// Participants now.
    pub participants: u32,
    /// Rooms now.
    pub rooms: u32,
    /// Tracks that are published now.
    pub tracks: u32,
}
