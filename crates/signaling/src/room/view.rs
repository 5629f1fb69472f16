//! How rooms, and the way into them, look.
use alloc::{string::String, vec::Vec};

use offhook_types::{Opaque, RoomId, StreamId, UserId};
use serde::{Deserialize, Serialize};

use crate::{Hidden, Presence, RoomRole, TrackSource};

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
        /// The number of the server's last offer, if that has not been answered: it is void, and so is every one before it,
        /// also where it comes after this reply.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voids: Option<u32>,
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
