//! Who the client is, and how long it waits.
use core::time::Duration;

use offhook_signaling::Platform;
use offhook_types::{AppId, DeviceId, Opaque, UserId};

/// Who the client is, and how long it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether a ring is acknowledged without being asked, so that the caller sees `received`. Default yes; an app that
    /// shows its ring late, or may not show it, says no and sends `call.acknowledge` itself.
    pub acknowledge: bool,
    /// The app, if the token does not say; it must be given if the token is a JWT.
    pub app: Option<AppId>,
    /// The first pause before reconnecting is drawn from zero to this. Default 0.5 s; less hurts a server that restarts.
    pub backoff_base: Duration,
    /// The longest pause before reconnecting. Default 20 s; more leaves users unreachable, less floods a weak server.
    pub backoff_cap: Duration,
    /// How long a socket may take to open, and the server to answer hello. Default 10 s; less fails on slow networks.
    pub connect_timeout: Duration,
    /// This installation of the app.
    pub device: DeviceId,
    /// The user's name to show; empty keeps the one that the server knows.
    pub name: Opaque,
    /// What the device runs on.
    pub platform: Platform,
    /// How long a request may take, waiting for the connection included. Default 10 s; more leaves the app's user
    /// waiting, less gives up on answers that a slow network would have brought.
    pub request_timeout: Duration,
    /// How long the source of tokens may take. Default 30 s.
    pub token_timeout: Duration,
    /// Who the user is. Needed, with `app`, for a token of the format token04; a JWT that names its user must not name
    /// another.
    pub user: Option<UserId>,
}

impl Config {
    /// The defaults, for this device.
    #[must_use]
    pub fn new(device: DeviceId, platform: Platform) -> Self {
        Self {
            acknowledge: true,
            app: None,
            backoff_base: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            device,
            name: Opaque::default(),
            platform,
            request_timeout: Duration::from_secs(10),
            token_timeout: Duration::from_secs(30),
            user: None,
        }
    }
}
