//! What back ends send.
use offhook_signaling::{
    CallMode, MediaKind, MemberView, PushConfig, RejectCause, RoomRole, RoomView, StreamView,
};
use offhook_types::{DeviceId, Opaque, RoomId, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name { $($(#[$attribute])* pub(crate) $field: $type,)* }
    };
}

body! {
    /// Places a call in a user's name.
    PlaceCall {
        /// In whose name.
        caller: UserId,
        /// Passed to every invitee, for ever the same; at most 2 KiB.
        #[serde(default)]
        extended_data: Opaque,
        /// Whom; 1 to 9 users.
        #[schemars(length(min = 1))]
        invitees: Vec<UserId>,
        /// What the caller wants to send. Default video.
        #[serde(default = "video")]
        #[schemars(extend("enum" = ["audio", "video"]))]
        media: MediaKind,
        /// When the call is over. Default general.
        #[serde(default = "general")]
        #[schemars(extend("enum" = ["advanced", "general"]))]
        mode: CallMode,
        /// Tell `not_yet_received` of invitees on whose devices nothing rang within 5 s. Default no.
        #[serde(default)]
        not_received_check: bool,
        /// For devices that must be woken. Absent for the texts of the app's resource `default`.
        #[serde(default)]
        push: Option<Box<PushConfig>>,
        /// How long it rings, in whole seconds, 1 to 600; 0 or absent for 90.
        #[serde(default, deserialize_with = "whole")]
        #[schemars(range(max = 600))]
        timeout_s: u32,
    }
}

body! {
    /// Answers a call in a user's name.
    AcceptCall {
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// In whose name.
        user: UserId,
    }
}

body! {
    /// Answers a ring.
    AcceptInvitation {
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
    }
}

body! {
    /// Declines a ring.
    RejectInvitation {
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// Why. Default declined.
        #[serde(default = "declined")]
        reason: RejectCause,
    }
}

body! {
    /// Declines a call in a user's name.
    RejectCall {
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// Why. Default declined.
        #[serde(default = "declined")]
        reason: RejectCause,
        /// In whose name.
        user: UserId,
    }
}

body! {
    /// Takes invitations back in a user's name.
    CancelCall {
        /// Shown to those who rang; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// Whose invitation; empty for the whole call.
        #[serde(default)]
        invitees: Vec<UserId>,
        /// For devices that were woken and are away again.
        #[serde(default)]
        push: Option<Box<PushConfig>>,
        /// In whose name.
        user: UserId,
    }
}

body! {
    /// Ends a call of the advanced mode for all, in a user's name.
    EndCall {
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// For devices that were woken and are away again.
        #[serde(default)]
        push: Option<Box<PushConfig>>,
        /// In whose name.
        user: UserId,
    }
}

body! {
    /// Lets a device of a user into a room.
    MintRoomToken {
        /// The device that will enter.
        device: DeviceId,
        /// What the user may do in the room. Default member.
        #[serde(default = "member")]
        #[schemars(extend("enum" = ["host", "member", "viewer"]))]
        role: RoomRole,
        /// The user.
        user: UserId,
    }
}

/// A room as the app's back end sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RoomState {
    /// Everybody in the room.
    members: Vec<MemberView>,
    /// The room.
    room: RoomId,
    /// What is published.
    streams: Vec<StreamView>,
}

impl From<RoomView> for RoomState {
    fn from(view: RoomView) -> Self {
        let RoomView { ice_servers: _, members, role: _, room, streams } = view;
        Self { members, room, streams }
    }
}

fn member() -> RoomRole {
    RoomRole::Member
}

fn declined() -> RejectCause {
    RejectCause::Declined
}

fn general() -> CallMode {
    CallMode::General
}

fn video() -> MediaKind {
    MediaKind::Video
}

/// A whole number, also one that was written with a point: JSON Schema counts `30.0` among the integers.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
        Ok(number as u32)
    } else {
        Err(D::Error::custom("not a whole number"))
    }
}
