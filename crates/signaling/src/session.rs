//! The session itself: greeting, heartbeat, end.
use alloc::{string::String, vec::Vec};
use core::fmt;

use offhook_types::{AppId, DeviceId, Epoch, Offset, Opaque, UserId};
use serde::{Deserialize, Serialize};

use crate::{CallView, CloseCode, Platform};

/// The first frame of a client: who it is, and where it stopped listening.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The app, if the client knows it; a token that names its app must not name another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    /// This installation of the app.
    pub device: DeviceId,
    /// The user's name to show; absent or empty keeps the last one.
    #[serde(default, skip_serializing_if = "Opaque::is_empty")]
    pub name: Opaque,
    /// What the device runs on.
    pub platform: Platform,
    /// Where the last session of this device stopped; absent on a fresh start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// The user's token. Never in the URL.
    pub token: String,
    /// Who the client is. Needed, with `app`, for a token of the format token04; a JWT that names its user must not name
    /// another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
}

// Keeps the token to itself.
impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { app, device, name, platform, resume, token, user } = self;
        f.debug_struct("Hello")
            .field("app", app)
            .field("device", device)
            .field("name", name)
            .field("platform", platform)
            .field("resume", resume)
            .field("token", &format_args!("({} bytes)", token.len()))
            .field("user", user)
            .finish()
    }
}

/// A place in the user's event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The log's life.
    pub epoch: Epoch,
    /// The last event heard.
    pub offset: Offset,
}

/// The server's answer to hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Welcome {
    /// The life of the event log that offsets belong to.
    pub epoch: Epoch,
    /// How often the client is to send a heartbeat, in milliseconds.
    pub heartbeat_ms: u64,
    /// What this session may do.
    pub limits: Limits,
    /// After how long a silence, in milliseconds, either side counts the other as lost.
    pub lost_after_ms: u64,
    /// Where this session begins in the log. Resumed: the client's own offset, the missed events follow. Otherwise:
    /// the offset that the snapshot stands for.
    pub offset: Offset,
    /// The state to begin with; absent if the session was resumed, else everything the client knew is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Snapshot>,
    /// How long the token lives, in milliseconds.
    pub token_expires_in_ms: u64,
    /// Who the token says the client is.
    pub user: UserId,
}

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limits {
    /// The largest frame, in bytes.
    pub frame_bytes: u32,
    /// Requests in a burst.
    pub request_burst: u32,
    /// Requests a second, on average.
    pub requests_per_s: u32,
}

/// The state that a client begins with when it cannot resume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// Every call that lives and concerns the user, oldest first. The ones that ring for them have `remaining_ms`.
    pub calls: Vec<CallView>,
    /// Calls that ended lately, newest first: how the ones ended that the client may still believe alive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<CallView>,
}

/// Shows that a side lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Heartbeat {
    /// Client: the last event it heard. Server: the newest event meant for this device; a client that is behind for
    /// longer than a heartbeat has missed something and reconnects.
    pub offset: Offset,
}

/// A client's heartbeat, which holds nothing that this version does not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientHeartbeat {
    offset: Offset,
}

impl From<ClientHeartbeat> for Heartbeat {
    fn from(ClientHeartbeat { offset }: ClientHeartbeat) -> Self {
        Self { offset }
    }
}

/// The token expires soon: renew it on this connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenWillExpire {
    /// How soon, in milliseconds.
    pub remaining_ms: u64,
}

/// Announces the end of the session; the close code follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closing {
    /// Why, as the close code says it.
    pub code: CloseCode,
    /// A sentence for the developer.
    pub message: String,
    /// When to come back, in milliseconds; absent if coming back is of no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconnect_in_ms: Option<u64>,
}
