//! The shape of the configuration and its defaults.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    cluster::Cluster,
    push::{Push, PushRules, Resource},
};

/// The whole configuration.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) store: Store,
    pub(crate) cluster: Cluster,
    pub(crate) session: Session,
    pub(crate) media: Media,
    pub(crate) turn: Turn,
    pub(crate) push: Push,
    pub(crate) apps: Vec<App>,
}

/// The process and its listeners.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: String,
    pub(crate) metrics_listen: String,
    pub(crate) behind_proxy: bool,
    pub(crate) worker_threads: usize,
    pub(crate) max_connections: usize,
    pub(crate) drain_s: u64,
    pub(crate) log: String,
    pub(crate) log_json: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7400".into(),
            metrics_listen: "127.0.0.1:7401".into(),
            behind_proxy: false,
            worker_threads: 0,
            max_connections: 100_000,
            drain_s: 10,
            log: "info".into(),
            log_json: false,
        }
    }
}

/// The embedded store, or a database that several nodes share.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Store {
    pub(crate) folder: PathBuf,
    pub(crate) durability: Durability,
    pub(crate) event_retention_s: u64,
    pub(crate) url: String,
    pub(crate) url_file: PathBuf,
    pub(crate) roots_file: PathBuf,
    pub(crate) commit_connections: usize,
    pub(crate) read_connections: usize,
    pub(crate) history_days: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            folder: "offhook-data".into(),
            durability: Durability::Process,
            event_retention_s: 900,
            url: String::new(),
            url_file: PathBuf::new(),
            roots_file: PathBuf::new(),
            commit_connections: 2,
            read_connections: 2,
            history_days: 0,
        }
    }
}

/// What an acknowledged request survives.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Durability {
    Power,
    Process,
}

/// The sessions of clients.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Session {
    pub(crate) hello_timeout_s: u64,
    pub(crate) heartbeat_s: u64,
    pub(crate) lost_after_s: u64,
    pub(crate) requests_per_s: u32,
    pub(crate) request_burst: u32,
    pub(crate) write_timeout_s: u64,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            hello_timeout_s: 10,
            heartbeat_s: 10,
            lost_after_s: 30,
            requests_per_s: 20,
            request_burst: 40,
            write_timeout_s: 10,
        }
    }
}

/// Media rooms.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Media {
    pub(crate) enabled: bool,
    pub(crate) udp: Vec<String>,
    pub(crate) tcp: Vec<String>,
    pub(crate) announce: Vec<String>,
    pub(crate) workers: usize,
    pub(crate) max_load: f32,
    pub(crate) lease_s: u64,
    pub(crate) signaling_lease_s: u64,
    pub(crate) connect_timeout_s: u64,
    pub(crate) empty_room_s: u64,
    pub(crate) drain_s: u64,
    pub(crate) max_members: u32,
    pub(crate) max_tracks: usize,
    pub(crate) max_publish_kbps: u64,
    pub(crate) max_message_bytes: usize,
    pub(crate) messages_per_s: u32,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            enabled: false,
            udp: vec!["127.0.0.1:7410".into()],
            tcp: vec!["127.0.0.1:7410".into()],
            announce: Vec::new(),
            workers: 0,
            max_load: 0.6,
            lease_s: 30,
            signaling_lease_s: 90,
            connect_timeout_s: 30,
            empty_room_s: 10,
            drain_s: 0,
            max_members: 100,
            max_tracks: 6,
            max_publish_kbps: 12_000,
            max_message_bytes: 4_096,
            messages_per_s: 20,
        }
    }
}

/// TURN servers for clients that reach no media address.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Turn {
    pub(crate) urls: Vec<String>,
    pub(crate) secret: String,
    pub(crate) ttl_s: u64,
}

impl Default for Turn {
    fn default() -> Self {
        Self { urls: Vec::new(), secret: String::new(), ttl_s: 3_600 }
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn").field("urls", &self.urls).field("ttl_s", &self.ttl_s).finish_non_exhaustive()
    }
}

/// One app.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    pub(crate) id: u32,
    #[serde(default)]
    pub(crate) origins: Vec<String>,
    #[serde(default = "single")]
    pub(crate) login: LoginPolicy,
    #[serde(default)]
    pub(crate) token04_secret: String,
    #[serde(default)]
    pub(crate) tokens_valid_after: u64,
    #[serde(default)]
    pub(crate) calls: CallRules,
    #[serde(default)]
    pub(crate) rooms: RoomRules,
    #[serde(default)]
    pub(crate) pushes: PushRules,
    #[serde(default)]
    pub(crate) push: Vec<Resource>,
    #[serde(default)]
    pub(crate) keys: Vec<Key>,
}

/// Which devices of a user may be logged in together.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LoginPolicy {
    Dual,
    Multi,
    Single,
}

/// What goes beyond the specification.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CallRules {
    pub(crate) busy: Busy,
    pub(crate) glare: Glare,
    pub(crate) grace_s: u64,
    pub(crate) late_cancel: LateCancelRule,
    pub(crate) join: JoinRule,
    pub(crate) end_when_caller_leaves: bool,
    pub(crate) end_when_one_is_left: bool,
    pub(crate) max_age_s: u64,
    pub(crate) max_invitees: u16,
    pub(crate) max_participants: u16,
    pub(crate) caller_lease_s: u64,
    pub(crate) max_data_bytes: usize,
}

impl Default for CallRules {
    fn default() -> Self {
        Self {
            busy: Busy::Ring,
            glare: Glare::Off,
            grace_s: 0,
            late_cancel: LateCancelRule::Refuse,
            join: JoinRule::Anyone,
            end_when_caller_leaves: false,
            end_when_one_is_left: false,
            max_age_s: 86_400,
            max_invitees: 9,
            max_participants: 10,
            caller_lease_s: 30,
            max_data_bytes: 2_048,
        }
    }
}

/// The media rooms of an app.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RoomRules {
    pub(crate) open: bool,
    pub(crate) max_per_user: u16,
}

impl Default for RoomRules {
    fn default() -> Self {
        Self { open: false, max_per_user: 1 }
    }
}

/// An invitation to a user who is in another call.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Busy {
    Reject,
    Ring,
    Waiting,
}

/// Two users calling each other.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Glare {
    Merge,
    Off,
}

/// Who may join uninvited.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JoinRule {
    Anyone,
    Invited,
}

/// A cancel after an accept.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LateCancelRule {
    End,
    Refuse,
}

/// One key of an app.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) purpose: KeyPurpose,
    #[serde(default = "hs256")]
    pub(crate) algorithm: KeyAlgorithm,
    #[serde(default)]
    pub(crate) secret: String,
    #[serde(default)]
    pub(crate) public_key: String,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    #[serde(default)]
    pub(crate) not_before: u64,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// How a key signs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum KeyAlgorithm {
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[serde(rename = "HS256")]
    Hs256,
}

/// Whose tokens a key signs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyPurpose {
    Server,
    User,
}

fn hs256() -> KeyAlgorithm {
    KeyAlgorithm::Hs256
}

fn single() -> LoginPolicy {
    LoginPolicy::Single
}

fn yes() -> bool {
    true
}
