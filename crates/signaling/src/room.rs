//! Media rooms: what participants ask, what they are told, and how rooms look. The media itself flows over WebRTC; these
//! frames agree on it. docs/protocol.md, "Rooms".
//!
//! Unlike the events of calls, events of rooms stand in no log: they are worth something only to a device that is here. A
//! device that has lost some (a new session, `room.reset`) reads the room anew.
use alloc::{string::String, vec::Vec};
use core::fmt;

use offhook_types::{Opaque, RoomId, StreamId, UserId};
use serde::{Deserialize, Serialize};

use crate::{Layer, LeaveCause, MessageKind, Presence, RoomRole, TrackSource, tagged::tagged};

/// The longest session description, in bytes. More lets a stranger make the parser work; less refuses large rooms.
pub const MAX_SDP_BYTES: usize = 48 * 1024;

macro_rules! asked {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$attribute])* pub $field: $type,)* }
    };
}

macro_rules! told {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name { $($(#[$attribute])* pub $field: $type,)* }
    };
}

/// A text that lets its bearer in, or tells where they are: kept out of `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hidden({} bytes)", self.0.len())
    }
}

asked! {
    /// Asks for a room token: of a call that the user is in, or of a room that the app's policy opens to them.
    AskRoomToken {
        /// The room; a call's room bears the call's id.
        room: RoomId,
    }
}

asked! {
    /// Enters a room with a token, or renews the stay: a newer token of the same room and device changes the role.
    JoinRoom {
        /// How many may be in the room; 0 for the app's limit. What the first one says counts.
        #[serde(default)]
        max_members: u32,
        /// Whether to receive every stream unasked. Default yes.
        #[serde(default = "yes")]
        subscribe_all: bool,
        /// A room token.
        token: Hidden,
    }
}

asked! {
    /// Leaves a room.
    LeaveRoom {
        /// The room.
        room: RoomId,
    }
}

asked! {
    /// Reads a room as it stands. What the server wanted to negotiate is offered again.
    ReadRoom {
        /// The room.
        room: RoomId,
    }
}

asked! {
    /// The client's session description: what it publishes, whole, each time. It overrides an offer of the server that is
    /// under way; the server makes that one again.
    OfferMedia {
        /// The room.
        room: RoomId,
        /// The description; at most 48 KiB.
        sdp: Hidden,
        /// What it publishes. A stream that is no longer named is no longer published.
        #[serde(default)]
        streams: Vec<OfferedStream>,
    }
}

asked! {
    /// A stream in a client's offer.
    OfferedStream {
        /// Shown to the others; at most 1 KiB.
        #[serde(default)]
        extra_info: Opaque,
        /// Its name, unique in the room.
        stream: StreamId,
        /// Its tracks.
        tracks: Vec<OfferedTrack>,
    }
}

asked! {
    /// A track in a client's offer.
    OfferedTrack {
        /// The `a=mid` of its media section.
        mid: String,
        /// Whether it begins silent.
        #[serde(default)]
        muted: bool,
        /// Where it comes from.
        source: TrackSource,
    }
}

asked! {
    /// Answers an offer of the server.
    AnswerMedia {
        /// The number of the offer.
        negotiation: u32,
        /// The room.
        room: RoomId,
        /// The description; at most 48 KiB.
        sdp: Hidden,
    }
}

asked! {
    /// An ICE candidate that was found after the description was sent.
    AddCandidate {
        /// As in an `a=candidate` line; empty for "no more".
        candidate: Hidden,
        /// The room.
        room: RoomId,
    }
}

asked! {
    /// Says what the device wants to receive, and how large it shows it. What is not named stays as it is.
    Subscribe {
        /// The room.
        room: RoomId,
        /// The wishes.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
        wishes: Vec<TrackWish>,
    }
}

asked! {
    /// What a device wants of one track.
    TrackWish {
        /// The height at which it is shown, in pixels of the screen; 0 for as large as there is.
        #[serde(default)]
        height: u32,
        /// The track.
        source: TrackSource,
        /// Its stream.
        stream: StreamId,
        /// Whether to receive it at all. Default yes.
        #[serde(default = "yes")]
        wanted: bool,
        /// The width at which it is shown, in pixels of the screen; 0 for as large as there is.
        #[serde(default)]
        width: u32,
    }
}

asked! {
    /// Changes what the others are told of an own stream.
    UpdateStream {
        /// Shown to the others; at most 1 KiB.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extra_info: Option<Opaque>,
        /// Which tracks fall silent, or speak again. A muted track is not forwarded.
        #[serde(default)]
        muted: Vec<TrackMute>,
        /// The room.
        room: RoomId,
        /// The stream.
        stream: StreamId,
    }
}

asked! {
    /// Whether a track is silent.
    TrackMute {
        /// Whether it is.
        muted: bool,
        /// The track.
        source: TrackSource,
    }
}

asked! {
    /// Sends a message to others in the room.
    SendMessage {
        /// The text; at most 4 KiB.
        data: Opaque,
        /// What it is for. Default broadcast.
        #[serde(default = "broadcast")]
        kind: MessageKind,
        /// The room.
        room: RoomId,
        /// To whom; empty for everyone else.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
        to: Vec<UserId>,
    }
}

asked! {
    /// Removes a user from the room; only hosts may.
    RemoveMember {
        /// The room.
        room: RoomId,
        /// Whom. They get no token for this room again.
        user: UserId,
    }
}

tagged! {
    /// What a device that is in a room is told.
    RoomEvent {
        /// What this device receives of each track has changed.
        Layers(body: LayersChanged) = "room.layers",
        /// The device is out of the room.
        Left(body: RoomLeft) = "room.left",
        /// How loud everybody is; about five times a second while somebody speaks.
        Levels(body: Levels) = "room.levels",
        /// Users came, went or changed.
        Members(body: MembersChanged) = "room.members",
        /// A message.
        Message(body: RoomMessage) = "room.message",
        /// The server offers what the device is to receive; answer it with `room.answer`.
        Offer(body: ServerOffer) = "room.offer",
        /// How good the connections are; every two seconds.
        Quality(body: Quality) = "room.quality",
        /// Events were dropped because the device read too slowly: read the room.
        Reset(body: RoomReset) = "room.reset",
        /// Streams came, went or changed.
        Streams(body: StreamsChanged) = "room.streams",
    }
}

impl RoomEvent {
    /// The room that the event is about.
    #[must_use]
    pub fn room(&self) -> &RoomId {
        match self {
            Self::Layers(event) => &event.room,
            Self::Left(event) => &event.room,
            Self::Levels(event) => &event.room,
            Self::Members(event) => &event.room,
            Self::Message(event) => &event.room,
            Self::Offer(event) => &event.room,
            Self::Quality(event) => &event.room,
            Self::Reset(event) => &event.room,
            Self::Streams(event) => &event.room,
        }
    }
}

told! {
    /// A pass into a room.
    RoomToken {
        /// How long one may enter with it, in milliseconds. Who is in stays in.
        expires_in_ms: u64,
        /// For `room.join`.
        token: Hidden,
    }
}

told! {
    /// A room as one device in it sees it.
    RoomView {
        /// For the client's connection: STUN and TURN servers. Often empty, as the server itself can be reached.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ice_servers: Vec<IceServer>,
        /// Everybody in the room, the receiver included.
        members: Vec<MemberView>,
        /// The receiver's role.
        role: RoomRole,
        /// The room.
        room: RoomId,
        /// What is published, the receiver's own included.
        streams: Vec<StreamView>,
    }
}

told! {
    /// A STUN or TURN server, in the form of the browsers' `RTCIceServer`.
    IceServer {
        /// Absent for STUN.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credential: Option<Hidden>,
        /// Where it is.
        urls: Vec<String>,
        /// Absent for STUN. It may bear the user's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<Hidden>,
    }
}

told! {
    /// A user in a room.
    MemberView {
        /// The display name.
        #[serde(default, skip_serializing_if = "Opaque::is_empty")]
        name: Opaque,
        /// How far the user is.
        presence: Presence,
        /// The user.
        user: UserId,
    }
}

told! {
    /// A published stream.
    StreamView {
        /// What its publisher says of it.
        #[serde(default, skip_serializing_if = "Opaque::is_empty")]
        extra_info: Opaque,
        /// Its name.
        stream: StreamId,
        /// Its tracks.
        tracks: Vec<TrackView>,
        /// Who publishes it.
        user: UserId,
    }
}

told! {
    /// A published track.
    TrackView {
        /// Whether it is silent.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        muted: bool,
        /// Where it comes from.
        source: TrackSource,
    }
}

told! {
    /// The answer to the client's offer.
    MediaAnswer {
        /// The description.
        sdp: Hidden,
    }
}

told! {
    /// The server's offer: what the device is to receive.
    ServerOffer {
        /// Its number, for the answer.
        negotiation: u32,
        /// The room.
        room: RoomId,
        /// The description.
        sdp: Hidden,
        /// What each media section carries. Sections that are not named carry nothing.
        tracks: Vec<SentTrack>,
    }
}

told! {
    /// What a media section of the server's offer carries.
    SentTrack {
        /// The `a=mid` of the section.
        mid: String,
        /// The track.
        source: TrackSource,
        /// Its stream.
        stream: StreamId,
        /// Who publishes it.
        user: UserId,
    }
}

told! {
    /// Users came, went or changed.
    MembersChanged {
        /// Who is new.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<MemberView>,
        /// Whose presence or name is new.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<MemberView>,
        /// Who is gone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<RemovedMember>,
        /// The room.
        room: RoomId,
    }
}

told! {
    /// A user who is no longer in the room.
    RemovedMember {
        /// Why.
        cause: LeaveCause,
        /// Who.
        user: UserId,
    }
}

told! {
    /// Streams came, went or changed.
    StreamsChanged {
        /// What is new.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<StreamView>,
        /// What changed its extra info, tracks or mutes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<StreamView>,
        /// What is gone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<StreamId>,
        /// The room.
        room: RoomId,
    }
}

told! {
    /// A message.
    RoomMessage {
        /// The text.
        data: Opaque,
        /// Who sent it.
        from: UserId,
        /// What it is for.
        kind: MessageKind,
        /// The room.
        room: RoomId,
    }
}

told! {
    /// This device is out of the room.
    RoomLeft {
        /// Why.
        cause: LeaveCause,
        /// The room.
        room: RoomId,
    }
}

told! {
    /// Events were dropped.
    RoomReset {
        /// The room.
        room: RoomId,
    }
}

told! {
    /// How loud everybody is.
    Levels {
        /// Who speaks most; absent if nobody does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        active: Option<UserId>,
        /// The loudest first; who is silent is not named.
        levels: Vec<MemberLevel>,
        /// The room.
        room: RoomId,
    }
}

told! {
    /// How loud a user is.
    MemberLevel {
        /// 0 for silence to 100.
        level: u8,
        /// Who.
        user: UserId,
    }
}

told! {
    /// How good the connections are.
    Quality {
        /// What the server believes that it can send to this device, in bits a second.
        downlink_bps: u64,
        /// Everybody, this device's user included.
        members: Vec<MemberQuality>,
        /// The room.
        room: RoomId,
        /// The round trip between server and device, in milliseconds; 0 while unknown.
        rtt_ms: u32,
    }
}

told! {
    /// How good a user's connection is, each way: 5 excellent, 4 good, 3 fair, 2 poor, 1 bad, 0 unknown.
    MemberQuality {
        /// From the server to the user.
        downlink: u8,
        /// From the user to the server.
        uplink: u8,
        /// Who.
        user: UserId,
    }
}

told! {
    /// What this device receives of each track has changed.
    LayersChanged {
        /// The room.
        room: RoomId,
        /// The tracks that changed.
        tracks: Vec<TrackLayer>,
    }
}

told! {
    /// What this device receives of a track.
    TrackLayer {
        /// How large.
        layer: Layer,
        /// The track.
        source: TrackSource,
        /// Its stream.
        stream: StreamId,
    }
}

told! {
    /// What a room carried, for the history of its call.
    UsageView {
        /// Each user's share.
        members: Vec<MemberUsage>,
    }
}

told! {
    /// What one user used of a room. A moment of receiving counts in one tier: that of the sum of all received pixels.
    MemberUsage {
        /// Receiving audio alone, in milliseconds.
        audio_ms: u64,
        /// Sum of received pixels up to Full HD, in milliseconds.
        full_hd_ms: u64,
        /// Up to HD, in milliseconds.
        hd_ms: u64,
        /// In the room, in milliseconds.
        present_ms: u64,
        /// From the server to the user, in bytes.
        received_bytes: u64,
        /// Up to SD, in milliseconds.
        sd_ms: u64,
        /// From the user to the server, in bytes.
        sent_bytes: u64,
        /// Up to 2K, in milliseconds.
        two_k_ms: u64,
        /// Beyond 2K, in milliseconds.
        four_k_ms: u64,
        /// Who.
        user: UserId,
    }
}

fn yes() -> bool {
    true
}

fn broadcast() -> MessageKind {
    MessageKind::Broadcast
}
