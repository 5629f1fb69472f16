//! What the tests have in common: a clock, keys, and lines.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use offhook_push::testing::RUNG_AT;
use offhook_push::{Address, ApnsChannel, ApnsToken, Environment, Signer, Vendor};
use offhook_push_apns::{Credential, Provider, Rules, StopAs};
use offhook_push_line::{Line, LineConfig};
use offhook_push_webhook::Secret;
use offhook_testing_vendors::{Apns, ApnsKey, ApnsOptions, Server, Wire};
use offhook_types::Timestamp;

pub(crate) const BUNDLE: &str = "com.example.app";

/// A clock that stands until it is moved on.
#[derive(Clone)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(RUNG_AT.as_millis())))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis().try_into().expect("a short while"), Relaxed);
    }

    pub(crate) fn ours(&self) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
        let now = Arc::clone(&self.0);
        Arc::new(move || Timestamp::from_millis(now.load(Relaxed)))
    }

    pub(crate) fn theirs(&self) -> offhook_testing_vendors::Clock {
        let now = Arc::clone(&self.0);
        Arc::new(move || now.load(Relaxed) / 1_000)
    }
}

/// A key of the curve P-256.
pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    pub(crate) fn point(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    pub(crate) fn signer(&self) -> Signer {
        let der = STANDARD.encode(self.0.to_pkcs8v1().expect("a document"));
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----");
        Signer::es256(&pem).expect("a signer")
    }
}

/// Long enough for any answer on loopback, short enough to wait for one that never comes.
pub(crate) fn config() -> LineConfig {
    LineConfig { request_timeout: Duration::from_millis(500), ..LineConfig::default() }
}

pub(crate) fn provider(credential: Credential) -> Box<dyn Vendor> {
    let rules = Rules {
        bundle: BUNDLE.into(),
        mutable: false,
        sound: "ring.caf".into(),
        stop_as: StopAs::Background,
    };
    Box::new(Provider::new(credential, rules).expect("a provider"))
}

fn credential(key: &Key) -> Credential {
    Credential::Key { key_id: "ABCDE12345".into(), signer: key.signer(), team_id: "TEAM123456".into() }
}

pub(crate) fn device(token: &str) -> Address {
    Address::Apns(ApnsToken::new(ApnsChannel::Voip, Environment::Production, token).expect("a token"))
}

/// Apple's service, and the key that it knows.
pub(crate) struct Apple {
    pub(crate) clock: Clock,
    pub(crate) key: Key,
    pub(crate) server: Server<Apns>,
}

impl Apple {
    pub(crate) async fn start() -> Self {
        let (clock, key) = (Clock::new(), Key::new());
        let known = ApnsKey { key_id: "ABCDE12345".into(), point: key.point(), team_id: "TEAM123456".into() };
        let options = ApnsOptions {
            bundle: BUNDLE.into(),
            clock: clock.theirs(),
            keys: vec![known],
            most_streams: 1_000,
        };
        Self { server: Apns::start(options).await.expect("a server"), clock, key }
    }

    pub(crate) fn line(&self) -> Line {
        self.line_with(config(), &self.clock)
    }

    pub(crate) fn line_with(&self, config: LineConfig, clock: &Clock) -> Line {
        let config = LineConfig {
            base_url: Some(self.server.url().parse().expect("a URL")),
            roots: vec![self.server.ca()],
            ..config
        };
        Line::new(provider(credential(&self.key)), config, clock.ours()).expect("a line")
    }
}

/// A line of Apple's that leads to a peer with a script.
pub(crate) fn line_to(wire: &Wire, config: LineConfig) -> Line {
    scripted(provider(Credential::Certificate), wire, config)
}

/// A line over which many may go at once from the start.
pub(crate) fn hook_to(wire: &Wire, config: LineConfig) -> Line {
    let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
    let rules = offhook_push_webhook::Rules::new(&wire.url(), "").expect("a URL");
    scripted(Box::new(offhook_push_webhook::Provider::new(secret, rules)), wire, config)
}

fn scripted(vendor: Box<dyn Vendor>, wire: &Wire, config: LineConfig) -> Line {
    let config =
        LineConfig { base_url: Some(wire.url().parse().expect("a URL")), roots: vec![wire.ca()], ..config };
    Line::new(vendor, config, Clock::new().ours()).expect("a line")
}
