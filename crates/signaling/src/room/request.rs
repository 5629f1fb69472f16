//! What participants ask.
use alloc::{string::String, vec::Vec};

use offhook_types::{Opaque, RoomId, StreamId, UserId};
use serde::{Deserialize, Serialize};

use crate::{Hidden, MessageKind, TrackSource};

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

fn yes() -> bool {
    true
}

fn broadcast() -> MessageKind {
    MessageKind::Broadcast
}
