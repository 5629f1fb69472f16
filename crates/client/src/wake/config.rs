//! Which server, and as which device.
use offhook_signaling::Platform;
use offhook_types::{AppId, DeviceId, UserId};

use crate::{Config, TokenSource};

/// Which server, and as which device.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WakeConfig {
    /// Whether `http://` may lead to another machine. The right to answer then crosses the network in the clear. Default no.
    pub allow_plaintext: bool,
    /// The app, for connecting, if the token does not say.
    pub app: Option<AppId>,
    /// This installation of the app: the one that registered for pushes.
    pub device: DeviceId,
    /// What the device runs on.
    pub platform: Platform,
    /// The server: `https://calls.example`, or `http://` on the own machine; a path before `/v1` may follow.
    pub server: String,
}

impl WakeConfig {
    /// The defaults, for this server and device.
    pub fn new(server: impl Into<String>, device: DeviceId, platform: Platform) -> Self {
        Self { allow_plaintext: false, app: None, device, platform, server: server.into() }
    }

    /// How a client of this device connects. A token of somebody else than `user` is refused by the server.
    pub(super) fn client(&self, user: &UserId, token: TokenSource) -> Config {
        let server = self.server.trim_end_matches('/');
        // https becomes wss, and http becomes ws; anything else is refused when it is connected to.
        let url = match server.strip_prefix("http") {
            Some(rest) => format!("ws{rest}/v1/ws"),
            None => format!("{server}/v1/ws"),
        };
        Config {
            allow_plaintext: self.allow_plaintext,
            app: self.app,
            user: Some(user.clone()),
            ..Config::new(url, self.device.clone(), self.platform.clone(), token)
        }
    }
}
