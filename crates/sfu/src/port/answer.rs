//! What a room answers, and how it is described.
use offhook_types::{Opaque, StreamId, UserId};
use thiserror::Error;

use super::{Role, Source};

/// What a command is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To an offer.
    Description(MediaAnswer),
    /// It is done.
    Done,
    /// To a read: the room.
    Room(RoomState),
}

/// How an offer of a device is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaAnswer {
    /// The answering description.
    pub sdp: String,
    /// The number of our last offer, if that has not been answered: it is void, and so is every one before it, also where
    /// [`RoomEvent::Offer`](crate::RoomEvent::Offer) reaches the device after this answer.
    pub voids: Option<u32>,
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
