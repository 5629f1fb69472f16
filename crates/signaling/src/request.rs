//! What a client asks for.
use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;

use offhook_types::{CallId, IdempotencyKey, Opaque, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    AddCandidate, AnswerMedia, AskPushKey, AskRoomToken, CallMode, JoinRoom, LeaveRoom, MediaKind,
    OfferMedia, PushConfig, ReadRoom, RegisterDevice, RejectCause, RemoveMember, SendMessage, Subscribe,
    UpdateStream, tagged::tagged,
};

macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$attribute])* pub $field: $type,)* }
    };
}

tagged! {
    /// A request of a client; its reply bears the same id.
    Request {
        /// Answers a call.
        Accept(body: Accept) = "call.accept",
        /// Tells that this device rings.
        Acknowledge(body: Acknowledge) = "call.acknowledge",
        /// Invites more users.
        Add(body: Add) = "call.add",
        /// Takes invitations back.
        Cancel(body: Cancel) = "call.cancel",
        /// Ends a call for all.
        End(body: End) = "call.end",
        /// Silences the ring on this device alone.
        Ignore(body: Ignore) = "call.ignore",
        /// Places a call.
        Invite(body: Invite) = "call.invite",
        /// Enters a call uninvited, or moves the user's part in it to this device.
        Join(body: Join) = "call.join",
        /// Lists the user's calls, newest first.
        ListCalls(body: ListCalls) = "call.list",
        /// Asks about users.
        QueryUsers(body: QueryUsers) = "user.query",
        /// Leaves a call.
        Quit(body: Quit) = "call.quit",
        /// Reads one call.
        ReadCall(body: ReadCall) = "call.read",
        /// Declines a call on all devices.
        Reject(body: Reject) = "call.reject",
        /// Registers where this device is reached when its app does not run.
        RegisterDevice(body: RegisterDevice) = "device.register",
        /// Forgets where this device is reached.
        UnregisterDevice = "device.unregister",
        /// Asks with which key a browser subscribes to pushes.
        AskPushKey(body: AskPushKey) = "device.push_key",
        /// Answers an offer of the server.
        AnswerMedia(body: AnswerMedia) = "room.answer",
        /// Adds an ICE candidate.
        AddCandidate(body: AddCandidate) = "room.candidate",
        /// Enters a room.
        JoinRoom(body: JoinRoom) = "room.join",
        /// Leaves a room.
        LeaveRoom(body: LeaveRoom) = "room.leave",
        /// Offers what the client publishes.
        OfferMedia(body: OfferMedia) = "room.offer",
        /// Reads a room.
        ReadRoom(body: ReadRoom) = "room.read",
        /// Removes a user from a room.
        RemoveMember(body: RemoveMember) = "room.remove",
        /// Sends a message to others in a room.
        SendMessage(body: SendMessage) = "room.send",
        /// Says what the device wants to receive.
        Subscribe(body: Subscribe) = "room.subscribe",
        /// Asks for a room token.
        AskRoomToken(body: AskRoomToken) = "room.token",
        /// Changes what the others are told of an own stream.
        UpdateStream(body: UpdateStream) = "room.update_stream",
        /// Replaces the token of this session.
        RenewToken(body: RenewToken) = "session.renew_token",
        /// Logs this device out: it gets no pushes any more, and the session closes.
        Logout = "session.logout",
        /// Changes the user's own profile.
        UpdateUser(body: UpdateUser) = "user.update",
    }
}

body! {
    /// Answers a call; this device becomes the main device.
    Accept {
        /// The call.
        call: CallId,
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
    }
}

body! {
    /// Tells that this device rings for the call.
    Acknowledge {
        /// The call.
        call: CallId,
    }
}

body! {
    /// Invites more users into a call of the advanced mode.
    Add {
        /// The call.
        call: CallId,
        /// Whom.
        #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
        invitees: Vec<UserId>,
        /// For their devices that must be woken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        push: Option<Box<PushConfig>>,
    }
}

body! {
    /// Takes invitations back. Names the call by its id, or by the key of an invite whose reply has not arrived: then a
    /// tombstone refuses the invite if it comes later.
    Cancel {
        /// The call, if its id is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
        /// Shown to those who rang; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// Whose invitation; empty for the whole call.
        #[serde(default)]
        invitees: Vec<UserId>,
        /// The key of the invite, if the id is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<IdempotencyKey>,
        /// For devices that were woken and are away again. Absent for the texts of the resource that rang them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        push: Option<Box<PushConfig>>,
    }
}

body! {
    /// Ends a call of the advanced mode for all.
    End {
        /// The call.
        call: CallId,
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// For devices that were woken and are away again. Absent for the texts of the resource that rang them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        push: Option<Box<PushConfig>>,
    }
}

body! {
    /// Silences the ring on this device alone.
    Ignore {
        /// The call.
        call: CallId,
    }
}

body! {
    /// Places a call.
    Invite {
        /// Tell the caller how far the invitation has got with each invitee, as `delivery` of their leg. Default no.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        delivery_updates: bool,
        /// Passed to every invitee, for ever the same; at most 2 KiB.
        #[serde(default)]
        extended_data: Opaque,
        /// Whom; 1 to 9 users.
        #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
        invitees: Vec<UserId>,
        /// Chosen by the client, the same for every retry, so that a retry rings nobody twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<IdempotencyKey>,
        /// What the caller wants to send. Default video.
        #[serde(default = "video")]
        media: MediaKind,
        /// When the call is over. Default general.
        #[serde(default = "general")]
        mode: CallMode,
        /// Tell `not_yet_received` of invitees on whose devices nothing rang within 5 s. Default no.
        #[serde(default)]
        not_received_check: bool,
        /// For devices that must be woken. Absent for the texts of the app's resource `default`, if its policy wakes devices for
        /// every invitation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        push: Option<Box<PushConfig>>,
        /// How long it rings, in whole seconds, 1 to 600; 0 or absent for 90.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(range(max = 600)))]
        timeout_s: u32,
    }
}

body! {
    /// Enters a call uninvited, or moves the user's part in it to this device (advanced mode).
    Join {
        /// The call.
        call: CallId,
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
    }
}

body! {
    /// Lists the user's calls, newest first.
    ListCalls {
        /// Where the last page ended; absent for the newest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
        /// How many; 1 to 100. Default 20.
        #[serde(default = "twenty")]
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100)))]
        limit: u32,
    }
}

body! {
    /// Asks about users.
    QueryUsers {
        /// Whom; 1 to 10 users.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 10)))]
        users: Vec<UserId>,
    }
}

body! {
    /// Leaves a call of the advanced mode; the others stay.
    Quit {
        /// The call.
        call: CallId,
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// For devices that were woken and are away again. Absent for the texts of the resource that rang them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        push: Option<Box<PushConfig>>,
    }
}

body! {
    /// Reads one call the user takes or took part in.
    ReadCall {
        /// The call.
        call: CallId,
    }
}

body! {
    /// Declines a call on all of the user's devices.
    Reject {
        /// The call.
        call: CallId,
        /// Shown to the others; at most 2 KiB.
        #[serde(default)]
        data: Opaque,
        /// Why. Default declined.
        #[serde(default = "declined")]
        reason: RejectCause,
    }
}

/// Replaces the token of this session by a later one of the same user.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RenewToken {
    /// The new token.
    pub token: String,
}

// Keeps the token to itself.
impl fmt::Debug for RenewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RenewToken({} bytes)", self.token.len())
    }
}

body! {
    /// Changes the user's own profile; what is absent stays.
    UpdateUser {
        /// At most 500 bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        avatar_url: Option<Opaque>,
        /// At most 2 KiB.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extended_data: Option<Opaque>,
        /// At most 256 bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Opaque>,
    }
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

fn twenty() -> u32 {
    20
}
