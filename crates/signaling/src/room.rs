//! Media rooms: what participants ask, what they are told, and how rooms look. The media itself flows over WebRTC; these
//! frames agree on it. docs/protocol.md, "Rooms".
//!
//! Unlike the events of calls, events of rooms stand in no log: they are worth something only to a device that is here. A
//! device that has lost some (a new session, `room.reset`) reads the room anew.
use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

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

mod event;
mod request;
mod view;

pub use event::{
    LayersChanged, Levels, MemberLevel, MemberQuality, MembersChanged, Quality, RemovedMember, RoomEvent,
    RoomLeft, RoomMessage, RoomReset, SentTrack, ServerOffer, StreamsChanged, TrackLayer,
};
pub use request::{
    AddCandidate, AnswerMedia, AskRoomToken, JoinRoom, LeaveRoom, OfferMedia, OfferedStream, OfferedTrack,
    ReadRoom, RemoveMember, SendMessage, Subscribe, TrackMute, TrackWish, UpdateStream,
};
pub use view::{
    IceServer, MediaAnswer, MemberUsage, MemberView, RoomToken, RoomView, StreamView, TrackView, UsageView,
};

/// A text that lets its bearer in, or tells where they are: kept out of `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hidden({} bytes)", self.0.len())
    }
}
