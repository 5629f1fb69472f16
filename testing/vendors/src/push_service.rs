//! A push service of browsers, after the header rules of Mozilla's: `POST /push/<subscription>` (RFC 8030, 8291, 8292).
use std::{collections::HashMap, net::SocketAddr, ops::Deref, sync::Mutex};

use anyhow::{Context as _, Result};
use aws_lc_rs::{
    encoding::{AsBigEndian as _, EcPrivateKeyBin},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::json;
use web_push_native::{Auth, decrypt, p256::SecretKey};

use crate::{
    Clock, Ledger, Reply, Server,
    front::{Manners, Peer, Site, start},
    jws::Jws,
    ledger::{header, lock},
};

const DAY: u64 = 86_400;
/// Thirty days.
const MOST_TTL: u64 = 2_592_000;
const MOST_BYTES: usize = 4_096;
/// Salt, record size, length, point and tag (RFC 8188, section 2.1): without more there is nothing to read.
const LEAST_BYTES: usize = 102;

/// What the service knows.
pub struct PushServiceOptions {
    /// The time.
    pub clock: Clock,
}

/// The service, with the browsers that subscribed at it.
pub struct PushService {
    ledger: Ledger,
    options: PushServiceOptions,
    subscribed: Mutex<HashMap<String, Browser>>,
    url: String,
}

struct Browser {
    auth: [u8; 16],
    is_gone: bool,
    key: Option<String>,
    messages: Vec<Message>,
    secret: SecretKey,
}

/// A subscription as a page gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Where to send.
    pub endpoint: String,
    /// The browser's public key in base64url.
    pub p256dh: String,
    /// The shared secret in base64url.
    pub auth: String,
}

/// A message that waits for its browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What the browser reads; `None` if it cannot.
    pub plain: Option<Vec<u8>>,
    /// What it takes the place of; empty for nothing.
    pub topic: String,
    /// How long it is kept, in seconds.
    pub ttl: u64,
    /// The word for how urgent it is.
    pub urgency: String,
}

impl Deref for PushService {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

impl PushService {
    /// Starts it.
    ///
    /// # Errors
    /// If there is no port or no randomness.
    pub async fn start(options: PushServiceOptions) -> Result<Server<Self>> {
        let manners =
            Manners { protocols: &[b"h2", b"http/1.1"], most_streams: 100, wants_certificate: false };
        let new = |address: SocketAddr| Self {
            ledger: Ledger::default(),
            options,
            subscribed: Mutex::default(),
            url: format!("https://localhost:{}", address.port()),
        };
        start(manners, new).await
    }

    /// A browser subscribes, with the public key of whoever may send to it, in base64url, if it names one.
    ///
    /// # Errors
    /// If there is no randomness.
    pub fn subscribe(&self, key: Option<&str>) -> Result<Subscription> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let private: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
        let mut auth = [0; 16];
        aws_lc_rs::rand::fill(&mut auth)?;
        let mut subscribed = lock(&self.subscribed);
        let id = format!("browser-{}", subscribed.len());
        let browser = Browser {
            auth,
            is_gone: false,
            key: key.map(str::to_owned),
            messages: Vec::new(),
            secret: SecretKey::from_slice(private.as_ref()).ok().context("a key of P-256")?,
        };
        subscribed.insert(id.clone(), browser);
        Ok(Subscription {
            endpoint: format!("{}/push/{id}", self.url),
            p256dh: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
            auth: URL_SAFE_NO_PAD.encode(auth),
        })
    }

    /// The browser gives its subscription up.
    pub fn unsubscribe(&self, subscription: &Subscription) {
        if let Some(browser) = lock(&self.subscribed).get_mut(id(&subscription.endpoint)) {
            browser.is_gone = true;
        }
    }

    /// What waits for a browser that is closed.
    #[must_use]
    pub fn stored(&self, subscription: &Subscription) -> Vec<Message> {
        let subscribed = lock(&self.subscribed);
        subscribed.get(id(&subscription.endpoint)).map(|browser| browser.messages.clone()).unwrap_or_default()
    }

    /// A refusal in the words of Mozilla's service.
    #[must_use]
    pub fn refusal(code: u16, errno: u16, message: &str) -> Response<Bytes> {
        Response::builder()
            .status(code)
            .header("content-type", "application/json")
            .body(Bytes::from(json!({"code": code, "errno": errno, "message": message}).to_string()))
            .expect("a status of the table")
    }

    fn take_in(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, Reply> {
        let no = |code, errno, message: &str| Err(Reply::Answer(Self::refusal(code, errno, message)));
        if request.method() != Method::POST {
            return no(405, 0, "Method Not Allowed");
        }
        let mut subscribed = lock(&self.subscribed);
        let Some(browser) = subscribed.get_mut(id(request.uri().path())) else {
            return no(404, 102, "Invalid URL endpoint");
        };
        if browser.is_gone {
            return no(410, 103, "Subscription has expired");
        }
        let mut message = read_headers(request).map_err(Reply::Answer)?;
        self.check_sender(request, browser.key.as_deref()).map_err(Reply::Answer)?;
        if let Some(reply) = self.scripted() {
            return Err(reply);
        }
        let is_whole = request.body().len() > LEAST_BYTES;
        let opened =
            is_whole.then(|| decrypt(request.body().to_vec(), &browser.secret, &Auth::from(browser.auth)));
        message.plain = opened.and_then(Result::ok);
        if message.plain.is_none() {
            self.complain("the browser cannot read this");
        }
        browser.messages.retain(|older| message.topic.is_empty() || older.topic != message.topic);
        let place = format!("{}/m/{}", self.url, self.count());
        let ttl = message.ttl;
        browser.messages.push(message);
        let created = Response::builder().status(201).header("location", place).header("ttl", ttl);
        Ok(created.body(Bytes::new()).expect("a URL"))
    }

    /// VAPID (RFC 8292).
    fn check_sender(&self, request: &Request<Bytes>, wanted: Option<&str>) -> Result<(), Response<Bytes>> {
        let no = |code, message: &str| Err(Self::refusal(code, 109, message));
        let authorization = header(request, "authorization");
        let Some(parameters) = authorization.strip_prefix("vapid ").or(authorization.strip_prefix("Vapid "))
        else {
            return no(401, "missing VAPID");
        };
        let parameter = |name: &str| {
            let mut all = parameters.split(',').filter_map(|part| part.trim().split_once('='));
            all.find(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"')).unwrap_or_default()
        };
        let key = parameter("k");
        let point = URL_SAFE_NO_PAD.decode(key).unwrap_or_default();
        let Some(Jws { claims, .. }) = Jws::es256(parameter("t"), &point) else {
            return no(401, "the signature does not hold");
        };
        let now = (self.options.clock)();
        if claims["aud"] != *self.url {
            return no(401, "aud is not the origin of the endpoint");
        }
        if !claims["exp"].as_u64().is_some_and(|ends| ends > now && ends <= now + DAY) {
            return no(401, "exp is over or more than a day ahead");
        }
        let subject = claims["sub"].as_str().unwrap_or_default();
        if !subject.starts_with("mailto:") && !subject.starts_with("https://") {
            return no(401, "sub is mailto: or https:");
        }
        match wanted {
            Some(wanted) if wanted != key => no(403, "another key than the browser subscribed with"),
            Some(_) | None => Ok(()),
        }
    }
}

impl Site for PushService {
    fn answer(&self, peer: &Peer, request: &Request<Bytes>) -> Reply {
        self.take(peer, request);
        self.take_in(request).map_or_else(|refused| refused, Reply::Answer)
    }
}

fn read_headers(request: &Request<Bytes>) -> Result<Message, Response<Bytes>> {
    let no = |code, errno, message: &str| Err(PushService::refusal(code, errno, message));
    let (ttl, topic, urgency) =
        (header(request, "ttl"), header(request, "topic"), header(request, "urgency"));
    if ttl.is_empty() {
        return no(400, 111, "Missing TTL header");
    }
    let Some(ttl) = ttl.parse().ok().filter(|ttl| *ttl <= MOST_TTL) else {
        return no(400, 112, "Invalid TTL header value");
    };
    let is_base64url = topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if topic.len() > 32 || !is_base64url {
        return no(400, 113, "Invalid Topic header value");
    }
    if !["", "very-low", "low", "normal", "high"].contains(&urgency) {
        return no(400, 110, "Invalid Urgency header value");
    }
    if !request.body().is_empty() && header(request, "content-encoding") != "aes128gcm" {
        return no(400, 110, "Unknown Content-Encoding");
    }
    if request.body().len() > MOST_BYTES {
        return no(413, 104, "Data payload too large");
    }
    Ok(Message { plain: None, topic: topic.to_owned(), ttl, urgency: urgency.to_owned() })
}

fn id(endpoint: &str) -> &str {
    endpoint.rsplit_once("/push/").map_or("", |(_, id)| id)
}
