//! What the server answers.
use alloc::{string::String, vec::Vec};

use offhook_types::UserId;
use serde::{Deserialize, Serialize};

use crate::{CallView, LeftOutCause, MediaAnswer, PushKey, RoomToken, RoomView, UserView, tagged::tagged};

tagged! {
    /// The answer to a request that was carried out. It is sent after the commit, and after the acting device's own events.
    Reply {
        /// To a client's offer of media.
        Answer(body: MediaAnswer) = "reply.answer",
        /// To accept, acknowledge, add, cancel, end, ignore, join, quit, read, reject: the call as it now is.
        Call(body: CallReply) = "reply.call",
        /// To a list of calls.
        Calls(body: Calls) = "reply.calls",
        /// To a request that has nothing to tell.
        Done = "reply.done",
        /// To an invite.
        Invited(body: Invited) = "reply.invited",
        /// To a wish for the key of pushes.
        PushKey(body: PushKey) = "reply.push_key",
        /// To entering or reading a room.
        Room(body: RoomView) = "reply.room",
        /// To a wish for a room token.
        RoomToken(body: RoomToken) = "reply.room_token",
        /// To a renewal of the token.
        Renewed(body: Renewed) = "reply.token",
        /// To a query about users, or a change of the own profile.
        Users(body: Users) = "reply.users",
    }
}

/// The call after the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallReply {
    /// The call as it now is; absent for a cancel by key that left a tombstone, and for acknowledge and ignore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallView>,
    /// Named users to whom the request could not be applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// To accept and join: the way into the call's room. Absent where the server carries no media.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomToken>,
}

/// A page of calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Calls {
    /// Newest first.
    pub calls: Vec<CallView>,
    /// Where the next page begins; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A placed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invited {
    /// The call; also the name of its room.
    pub call: CallView,
    /// Named users who could not be invited; the others ring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// The callee was calling the caller at the same time: this is their call, accepted.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub merged: bool,
    /// The way into the call's room. Absent where the server carries no media.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomToken>,
}

/// A named user to whom a request could not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// Why.
    pub cause: LeftOutCause,
    /// Who.
    pub user: UserId,
}

/// A renewed token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Renewed {
    /// How long the new token lives from now, in milliseconds.
    pub expires_in_ms: u64,
}

/// What is known of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Users {
    /// Named users whom nobody registered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<UserId>,
    /// The others.
    pub users: Vec<UserView>,
}
