//! What the gateway permits, and how long it waits.
use std::{collections::BTreeMap, time::Duration};

use offhook_signaling::Platform;
use offhook_types::AppId;

/// What the gateway permits, and how long it waits.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// What single apps permit; an app that is not here has [`AppPolicy::default`].
    pub apps: BTreeMap<AppId, AppPolicy>,
    /// Something in front of the gateway ends TLS. Default no: then the gateway serves loopback addresses only.
    pub behind_proxy: bool,
    /// How long a closing connection may take for the close handshake. Default 5 s.
    pub close_timeout: Duration,
    /// How long sessions may take to end when the gateway stops. Default 10 s; what is left then is cut off.
    pub drain_timeout: Duration,
    /// About how many events are read and sent at once. Default 32; more holds more memory per slow reader, less reads
    /// the store more often on a long resume.
    pub events_per_page: usize,
    /// How long the head of an HTTP request may take, and an idle HTTP connection may stay. Default 10 s.
    pub header_timeout: Duration,
    /// How many connections there may be. Default 200,000; each takes a file descriptor.
    pub max_connections: usize,
    /// How many connections one address may have. Default no limit, which is needed behind a proxy.
    pub max_connections_per_ip: Option<usize>,
    /// The span over which clients are told to come back when the gateway stops. Default 10 s.
    pub reconnect_spread: Duration,
    /// How long a REST request may take, its body included. Default 15 s.
    pub request_timeout: Duration,
    /// How often it is checked whether the keys have changed and open sessions must end. Default 5 s.
    pub revocation_sweep: Duration,
    /// What one session may do.
    pub session: offhook_session::Config,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            apps: BTreeMap::new(),
            behind_proxy: false,
            close_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(10),
            events_per_page: 32,
            header_timeout: Duration::from_secs(10),
            max_connections: 200_000,
            max_connections_per_ip: None,
            reconnect_spread: Duration::from_secs(10),
            request_timeout: Duration::from_secs(15),
            revocation_sweep: Duration::from_secs(5),
            session: offhook_session::Config::default(),
        }
    }
}

impl GatewayConfig {
    /// Whether any app lets pages of this origin in; decides before the app is known.
    pub(crate) fn some_app_admits(&self, origin: &str) -> bool {
        self.apps.values().any(|app| app.origins.admits(origin))
    }
}

/// What one app permits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppPolicy {
    /// Which of a user's devices may have sessions at the same time.
    pub login: LoginPolicy,
    /// Which web pages may open sessions.
    pub origins: Origins,
}

/// Which of a user's devices may have sessions at the same time. The newest login stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginPolicy {
    /// One that is no browser, and one browser.
    Dual,
    /// At most ten that are no browsers, and ten browsers.
    Multi,
    /// One.
    #[default]
    Single,
}

/// Which web pages may open sessions. A connection without `Origin` header comes from no browser, so it is let in unless
/// it calls itself one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// All: for development.
    Any,
    /// Pages of these origins (`https://example.com`); none by default.
    Listed(Vec<String>),
}

impl Default for Origins {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl Origins {
    /// Whether a page of this origin may open a session.
    pub(crate) fn admits(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(list) => list.iter().any(|listed| listed.eq_ignore_ascii_case(origin)),
        }
    }

    /// Whether a device may open a session from this origin, or without any.
    pub(crate) fn admits_device(&self, origin: Option<&str>, platform: &Platform) -> bool {
        match (self, origin) {
            (Self::Any, _) => true,
            (Self::Listed(_), Some(origin)) => self.admits(origin),
            (Self::Listed(_), None) => !is_browser(platform),
        }
    }
}

/// Whether the platform counts as a browser for origins and login policies.
#[must_use]
pub fn is_browser(platform: &Platform) -> bool {
    match platform {
        Platform::MiniProgram | Platform::Web => true,
        Platform::Android
        | Platform::Harmony
        | Platform::Ios
        | Platform::Ipados
        | Platform::Linux
        | Platform::Macos
        | Platform::Unknown(_)
        | Platform::Windows => false,
    }
}
