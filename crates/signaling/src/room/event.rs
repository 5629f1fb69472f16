//! What participants are told.
use alloc::{string::String, vec::Vec};

use offhook_types::{Opaque, RoomId, StreamId, UserId};
use serde::{Deserialize, Serialize};

use crate::{Hidden, Layer, LeaveCause, MemberView, MessageKind, StreamView, TrackSource, tagged::tagged};

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
