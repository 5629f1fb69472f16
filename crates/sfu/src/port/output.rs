//! What the machine has to say.
use std::time::Duration;

use offhook_types::{Opaque, StreamId, UserId};

use super::{Address, Layer, LeaveCause, Member, MessageKind, Presence, RoomKey, Source, Stream, Transmit};

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
    /// An offer, to be answered by [`Command::Answer`](crate::Command::Answer).
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
    /// A room is over: the last one left and did not come back for [`Limits::empty_room`](crate::Limits::empty_room), or it was closed.
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
