//! What the tests share: a gateway on a loopback port, a handler in memory, keys, and clients of foreign make.

mod client;
mod handler;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use offhook_auth::{
    AppSpec, KeyId, KeyRing, KeySpec, PassKeys, Purpose, Scope, ServerTokenClaims, SharedKeyRing, SigningKey,
    UserTokenClaims, VerifyingKey, mint_server_token, mint_user_token,
};
use offhook_gateway::{AppPolicy, Clock, Gateway, GatewayConfig, LoginPolicy, Origins, SystemClock};
use offhook_types::{Account, AppId, CallId, DeviceId, Party, Timestamp, UserId};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

pub use client::{Client, connect_raw, read_until_closed};
pub use handler::{TestHandler, large};

pub const APP: AppId = AppId(1);
pub const OTHER_APP: AppId = AppId(2);
const SECRET: [u8; 32] = [7; 32];

/// A gateway that serves.
pub struct World {
    pub address: SocketAddr,
    pub clock: Arc<SystemClock>,
    pub gateway: Arc<Gateway<TestHandler>>,
    pub handler: Arc<TestHandler>,
    pub keys: Arc<SharedKeyRing>,
    pub stop: CancellationToken,
    pub served: JoinHandle<()>,
}

/// The defaults, with one app that takes devices by `login` and pages of `https://app.example`.
pub fn config(login: LoginPolicy) -> GatewayConfig {
    let origins = Origins::Listed(vec!["https://app.example".into()]);
    let policy = AppPolicy { login, origins };
    GatewayConfig {
        apps: [(APP, policy.clone()), (OTHER_APP, policy)].into(),
        close_timeout: Duration::from_secs(1),
        revocation_sweep: Duration::from_millis(20),
        ..GatewayConfig::default()
    }
}

pub async fn world() -> World {
    world_with(config(LoginPolicy::Multi)).await
}

pub async fn world_with(config: GatewayConfig) -> World {
    let handler = Arc::new(TestHandler::default());
    let keys = Arc::new(SharedKeyRing::new(ring(true)));
    let clock = Arc::new(SystemClock::new());
    let gateway =
        Gateway::new(Arc::clone(&handler), Arc::clone(&keys), config, Arc::clone(&clock) as Arc<dyn Clock>);
    let gateway = Arc::new(gateway.with_passes(PassKeys::new(&SECRET)));
    handler.listen(gateway.hub());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served = {
        let (gateway, stop) = (Arc::clone(&gateway), stop.clone());
        tokio::spawn(async move { gateway.serve(listener, stop).await.unwrap() })
    };
    World { address, clock, gateway, handler, keys, stop, served }
}

/// Two apps with a key for users and one for servers each.
pub fn ring(enabled: bool) -> KeyRing {
    let app = |app: AppId| {
        let keys = [Purpose::User, Purpose::Server].map(|purpose| {
            let key = VerifyingKey::hs256(&SECRET).unwrap();
            let mut spec = KeySpec::new(key_id(app, purpose), purpose, key);
            spec.enabled = enabled;
            spec
        });
        AppSpec::new(app, keys.into())
    };
    KeyRing::new(vec![app(APP), app(OTHER_APP)]).unwrap()
}

fn key_id(app: AppId, purpose: Purpose) -> KeyId {
    let kind = if purpose == Purpose::User { "user" } else { "server" };
    KeyId::new(&format!("{kind}-{app}")).unwrap()
}

pub fn account(user: &str) -> Account {
    Account::new(APP, UserId::new(user).unwrap())
}

impl World {
    pub fn token(&self, user: &str) -> String {
        self.token_for(account(user), Duration::from_secs(3600))
    }

    pub fn token_for(&self, account: Account, lifetime: Duration) -> String {
        let id = key_id(account.app, Purpose::User);
        let scope = Scope::default();
        let claims = UserTokenClaims { account, issued: self.clock.now(), lifetime, name: None, scope };
        mint_user_token(&SigningKey::hs256(&SECRET).unwrap(), &id, &claims).unwrap()
    }

    pub fn server_token(&self, app: AppId) -> String {
        self.server_token_limited(app, Scope::default())
    }

    pub fn server_token_limited(&self, app: AppId, scope: Scope) -> String {
        let lifetime = Duration::from_secs(60);
        let claims = ServerTokenClaims { app, issued: self.clock.now(), lifetime, scope };
        let id = key_id(app, Purpose::Server);
        mint_server_token(&SigningKey::hs256(&SECRET).unwrap(), &id, &claims).unwrap()
    }

    /// The credential of a push to this device, whose ring ends after `ring`.
    pub fn credential(&self, (user, device): (&str, &str), call: CallId, ring: Duration) -> String {
        let device = Some(DeviceId::new(device).unwrap());
        let party = Party { account: account(user), device };
        let now = self.clock.now();
        PassKeys::new(&SECRET).mint(now, (&party, call), now + ring).unwrap()
    }

    /// The credential of a push to this device, whose ring ended so long ago.
    pub fn spent_credential(&self, (user, device): (&str, &str), call: CallId, ago: Duration) -> String {
        let device = Some(DeviceId::new(device).unwrap());
        let party = Party { account: account(user), device };
        let then =
            Timestamp::from_millis(self.clock.now().as_millis() - u64::try_from(ago.as_millis()).unwrap());
        PassKeys::new(&SECRET).mint(then, (&party, call), then).unwrap()
    }

    /// A socket that has said nothing.
    pub async fn dial(&self) -> Client {
        Client::dial(self.address, None).await.unwrap()
    }

    /// An open session of a device that is no browser.
    pub async fn open(&self, user: &str, device: &str) -> Client {
        self.open_on(user, device, "android").await
    }

    pub async fn open_on(&self, user: &str, device: &str, platform: &str) -> Client {
        let origin = (platform == "web").then_some("https://app.example");
        let mut client = Client::dial(self.address, origin).await.unwrap();
        client.hello(&self.token(user), device, platform).await;
        client.expect("welcome").await;
        client
    }
}
