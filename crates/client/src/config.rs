//! Which server, which device, which user.
use offhook_signaling::Platform;
use offhook_types::{AppId, DeviceId, Opaque, UserId};

use crate::TokenSource;

/// Which server, which device, which user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Whether a ring is acknowledged without being asked, so that the caller sees `received`. Default yes.
    pub acknowledge: bool,
    /// Whether `ws://` may lead to another machine. The token then crosses the network in the clear. Default no.
    pub allow_plaintext: bool,
    /// The app, if the token does not say; it must be given if the token is a JWT.
    pub app: Option<AppId>,
    /// This installation of the app, the same over restarts.
    pub device: DeviceId,
    /// How many events wait for an app that is slow to take them. When it is full, the client stops reading from the
    /// socket, so the server holds the rest back and, when it has waited long enough, ends the session; the client
    /// then resumes where it stopped. Default 64; more costs memory, at least 1.
    pub event_buffer: usize,
    /// The user's name to show; empty keeps the one that the server knows.
    pub name: Opaque,
    /// What the device runs on.
    pub platform: Platform,
    /// Where tokens come from.
    pub token: TokenSource,
    /// The server: `wss://host/path`, or `ws://` on the own machine.
    pub url: String,
    /// Who the user is. Needed, with `app`, for a token of the format token04; a JWT that names its user must not name
    /// another.
    pub user: Option<UserId>,
}

impl Config {
    /// The defaults, for this server, device and source of tokens.
    pub fn new(
        url: impl Into<String>,
        device: DeviceId,
        platform: Platform,
        token: impl Into<TokenSource>,
    ) -> Self {
        Self {
            acknowledge: true,
            allow_plaintext: false,
            app: None,
            device,
            event_buffer: 64,
            name: Opaque::default(),
            platform,
            token: token.into(),
            url: url.into(),
            user: None,
        }
    }

    pub(crate) fn core(&self) -> offhook_client_core::Config {
        offhook_client_core::Config {
            acknowledge: self.acknowledge,
            app: self.app,
            name: self.name.clone(),
            user: self.user.clone(),
            ..offhook_client_core::Config::new(self.device.clone(), self.platform.clone())
        }
    }
}
