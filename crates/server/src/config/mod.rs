//! The configuration: one TOML file, overridden by environment variables. What is unknown is an error.

mod address;
mod apps;
mod cluster;
mod load;
mod media;
mod push;
mod schema;

pub(crate) use address::check_listen;
pub(crate) use apps::{key_ring, policies};
pub(crate) use cluster::check_cluster;
pub(crate) use load::load;
pub(crate) use media::{check_media, media};
pub(crate) use push::{BaseUrls, Configured, Push, PushRules, push_resources};
pub(crate) use schema::{
    App, Busy, CallRules, Config, Durability, Glare, JoinRule, Key, KeyAlgorithm, KeyPurpose, LateCancelRule,
    LoginPolicy, Media, RoomRules, Server, Store, Turn,
};

/// The whole configuration with its defaults and a sentence for each value; `offhook default-config` prints it, and a
/// test holds it against the defaults in the code.
pub(crate) const DEFAULT: &str = include_str!("default.toml");
