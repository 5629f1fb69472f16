//! Calls and users as a client sees them.
use alloc::{string::String, vec::Vec};

use offhook_types::{CallId, CallSeq, DeviceId, Opaque, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{CallMode, CallStatus, Delivery, EndCause, LegStatus, MediaKind, RejectCause, UsageView};

/// One call, whole, as one of its users sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallView {
    /// How long ago it was created, on the server's clock, in milliseconds.
    pub age_ms: u64,
    /// The name of at most 20 digits that ZIM-shaped clients know it by.
    pub alias: String,
    /// The call.
    pub call: CallId,
    /// Who created it.
    pub caller: UserId,
    /// When it was created; for display, never for decisions.
    pub created_at: Timestamp,
    /// How it ended; absent while it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndView>,
    /// What the caller sent along.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub extended_data: Opaque,
    /// Whether the ring was silenced on the receiving device.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub ignored: bool,
    /// Who invited the receiver; the caller for the caller themself.
    pub inviter: UserId,
    /// The parties.
    pub legs: Vec<LegView>,
    /// The receiver's main device in the call, if they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_device: Option<DeviceId>,
    /// What the caller wants to send.
    pub media: MediaKind,
    /// The receiver missed it: it rang for them and ended without an answer on any of their devices.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub missed: bool,
    /// When the call is over.
    pub mode: CallMode,
    /// How long the receiver's ring lasts from now, in milliseconds; 0 if it does not ring.
    pub remaining_ms: u64,
    /// The version of the call that this view shows.
    pub seq: CallSeq,
    /// Whether it lives.
    pub status: CallStatus,
    /// How long each invitee rings, in milliseconds.
    pub timeout_ms: u64,
    /// The call was merged from an audio and a video call; the caller may offer video.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub upgrade_offered: bool,
    /// What its room carried, once that is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<UsageView>,
    /// The receiver rings although in another call (call waiting).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub waiting: bool,
}

/// One party of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LegView {
    /// When they accepted first; for display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// What they sent with their last answer.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub data: Opaque,
    /// How far the invitation has got; only for a caller who asked for it, while it rings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// When they left after having accepted; for display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
    /// Why they turned the invitation down, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectCause>,
    /// Where they stand.
    pub status: LegStatus,
    /// Who.
    pub user: UserId,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndView {
    /// When; for display.
    pub at: Timestamp,
    /// Who ended it; absent for timers and policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// Why.
    pub cause: EndCause,
}

/// What is known of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserView {
    /// Where their picture is.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub avatar_url: Opaque,
    /// Whatever the app keeps with the user.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub extended_data: Opaque,
    /// The name to show.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub name: Opaque,
    /// The user.
    pub user: UserId,
}
