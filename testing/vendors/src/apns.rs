//! Apple's service, as its documents describe it: `POST /3/device/<token>`.
use std::{
    collections::HashMap,
    net::SocketAddr,
    ops::Deref,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use anyhow::Result;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    Behavior, Clock, Device, Ledger, Reply, Server,
    front::{Manners, Peer, Site, start},
    jws::Jws,
    ledger::{header, lock},
};

const MINUTE: u64 = 60;
/// How far a token's time may lie ahead of ours.
const SKEW: u64 = 5 * MINUTE;

/// Headers that mean something here, or that any client sends.
const KNOWN: [&str; 12] = [
    "accept",
    "accept-encoding",
    "apns-collapse-id",
    "apns-expiration",
    "apns-id",
    "apns-priority",
    "apns-push-type",
    "apns-topic",
    "authorization",
    "content-length",
    "content-type",
    "user-agent",
];

/// What the service knows of its one customer.
pub struct ApnsOptions {
    /// The bundle's identifier.
    pub bundle: String,
    /// The time.
    pub clock: Clock,
    /// The keys whose tokens are good; none for clients that show certificates.
    pub keys: Vec<ApnsKey>,
    /// How many streams a connection may have.
    pub most_streams: u32,
}

/// A key of the customer's team.
pub struct ApnsKey {
    /// Its identifier.
    pub key_id: String,
    /// The public half: an uncompressed point.
    pub point: Vec<u8>,
    /// The team's identifier.
    pub team_id: String,
}

/// The service.
pub struct Apns {
    connections: Mutex<HashMap<u64, Connection>>,
    devices: Mutex<HashMap<String, Device>>,
    ids: AtomicU64,
    ledger: Ledger,
    options: ApnsOptions,
}

/// What a connection has shown so far.
#[derive(Default)]
struct Connection {
    is_proven: bool,
    key_id: String,
    token: String,
    token_made: u64,
}

impl Deref for Apns {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

impl Apns {
    /// Starts it.
    ///
    /// # Errors
    /// If there is no port or no randomness.
    pub async fn start(options: ApnsOptions) -> Result<Server<Self>> {
        let manners = Manners {
            protocols: &[b"h2"],
            most_streams: options.most_streams,
            wants_certificate: options.keys.is_empty(),
        };
        let new = |_: SocketAddr| Self {
            connections: Mutex::default(),
            devices: Mutex::default(),
            ids: AtomicU64::new(0),
            ledger: Ledger::default(),
            options,
        };
        start(manners, new).await
    }

    /// Any hexadecimal token is a device's of the app; this one is not, or no longer.
    pub fn device(&self, token: &str, is: Device) {
        lock(&self.devices).insert(token.to_owned(), is);
    }

    /// An answer as the service gives it: a status, and why.
    #[must_use]
    pub fn refusal(status: u16, reason: &str) -> Response<Bytes> {
        respond(status, &json!({ "reason": reason }))
    }

    fn check(&self, peer: &Peer, request: &Request<Bytes>) -> Result<(), Response<Bytes>> {
        let no = |status, reason| Err(Self::refusal(status, reason));
        if request.method() != Method::POST {
            return no(405, "MethodNotAllowed");
        }
        let Some(token) = request.uri().path().strip_prefix("/3/device/") else { return no(404, "BadPath") };
        for name in request.headers().keys() {
            if request.headers().get_all(name).iter().count() > 1 {
                return no(400, "DuplicateHeaders");
            }
            if !KNOWN.contains(&name.as_str()) {
                self.complain(format!("the service knows no header {name}"));
            }
        }
        self.check_credential(peer, request)?;
        check_headers(request)?;
        self.check_topic(request)?;
        self.check_body(request)?;
        self.check_device(token)
    }

    fn check_credential(&self, peer: &Peer, request: &Request<Bytes>) -> Result<(), Response<Bytes>> {
        let no = |status, reason| Err(Self::refusal(status, reason));
        let authorization = header(request, "authorization");
        if self.options.keys.is_empty() {
            if !authorization.is_empty() {
                self.complain("a client with a certificate sends no token");
            }
            return if peer.has_certificate { Ok(()) } else { no(403, "BadCertificate") };
        }
        let token = match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
            Some(_) | None => return no(403, "MissingProviderToken"),
        };
        let verified = self.options.keys.iter().find_map(|key| {
            let jws = Jws::es256(token, &key.point)?;
            let is_whole = jws.header["kid"] == *key.key_id && jws.claims["iss"] == *key.team_id;
            is_whole.then(|| (key, jws.claims["iat"].as_u64().unwrap_or_default()))
        });
        let now = (self.options.clock)();
        let Some((key, made)) = verified.filter(|(_, made)| *made <= now + SKEW) else {
            return no(403, "InvalidProviderToken");
        };
        if made + 60 * MINUTE < now {
            return no(403, "ExpiredProviderToken");
        }
        let mut connections = lock(&self.connections);
        let connection = connections.entry(peer.connection).or_default();
        if connection.token.is_empty() {
            connection.key_id.clone_from(&key.key_id);
        } else if connection.key_id != key.key_id {
            return no(403, "UnrelatedKeyIdInToken");
        } else if connection.token != token && made < connection.token_made + 20 * MINUTE {
            return no(429, "TooManyProviderTokenUpdates");
        }
        token.clone_into(&mut connection.token);
        connection.token_made = made;
        Ok(())
    }

    fn check_topic(&self, request: &Request<Bytes>) -> Result<(), Response<Bytes>> {
        let no = |status, reason| Err(Self::refusal(status, reason));
        let (kind, topic) = (header(request, "apns-push-type"), header(request, "apns-topic"));
        let voip = format!("{}.voip", self.options.bundle);
        if topic.is_empty() {
            return no(400, "MissingTopic");
        }
        if topic != self.options.bundle && topic != voip {
            return no(400, "TopicDisallowed");
        }
        match kind {
            "voip" if topic == voip => {}
            "alert" | "background" if topic == self.options.bundle => {}
            "voip" | "alert" | "background" => return no(400, "BadTopic"),
            _ => return no(400, "InvalidPushType"),
        }
        if kind == "background" && header(request, "apns-priority") == "10" {
            return no(400, "BadPriority");
        }
        Ok(())
    }

    fn check_body(&self, request: &Request<Bytes>) -> Result<(), Response<Bytes>> {
        let is_voip = header(request, "apns-push-type") == "voip";
        let most = if is_voip { 5_120 } else { 4_096 };
        if request.body().is_empty() {
            return Err(Self::refusal(400, "PayloadEmpty"));
        }
        if request.body().len() > most {
            return Err(Self::refusal(413, "PayloadTooLarge"));
        }
        match serde_json::from_slice::<Value>(request.body()) {
            Ok(body) if body["aps"].is_object() => {}
            Ok(_) | Err(_) => self.complain("a payload is JSON with a dictionary aps"),
        }
        Ok(())
    }

    fn check_device(&self, token: &str) -> Result<(), Response<Bytes>> {
        let no = |status, reason| Err(Self::refusal(status, reason));
        if token.is_empty() {
            return no(400, "MissingDeviceToken");
        }
        if !token.len().is_multiple_of(2) || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return no(400, "BadDeviceToken");
        }
        match lock(&self.devices).get(token) {
            None => Ok(()),
            Some(Device::Elsewhere) => no(400, "BadDeviceToken"),
            Some(Device::OfAnotherApp) => no(400, "DeviceTokenNotForTopic"),
            Some(Device::Gone(since)) => {
                Err(respond(410, &json!({ "reason": "Unregistered", "timestamp": since })))
            }
        }
    }

    /// The id that the client chose, or one of our own.
    fn id(&self, request: &Request<Bytes>) -> String {
        let own = || format!("00000000-0000-4000-8000-{:012X}", self.ids.fetch_add(1, Relaxed));
        Some(header(request, "apns-id")).filter(|id| is_uuid(id)).map_or_else(own, str::to_owned)
    }
}

impl Site for Apns {
    /// Of one stream at a time until the first valid token, on a connection where the token is the credential.
    fn begun(&self, peer: &Peer) -> Option<Behavior> {
        let mut connections = lock(&self.connections);
        let is_proven = connections.entry(peer.connection).or_default().is_proven;
        if self.options.keys.is_empty() || is_proven || peer.others == 0 {
            return None;
        }
        self.complain("a second stream before the first valid answer");
        Some(Behavior::Refuse)
    }

    fn answer(&self, peer: &Peer, request: &Request<Bytes>) -> Reply {
        self.take(peer, request);
        let checked = self.check(peer, request);
        let is_refused = checked.as_ref().is_err_and(|refusal| refusal.status() == StatusCode::FORBIDDEN);
        let reply = match checked {
            Err(refusal) => Reply::Answer(refusal),
            Ok(()) => self.scripted().unwrap_or_else(|| Reply::Answer(Response::new(Bytes::new()))),
        };
        if !is_refused {
            lock(&self.connections).entry(peer.connection).or_default().is_proven = true;
        }
        match reply {
            Reply::Answer(mut response) => {
                let id = self.id(request).parse().expect("a UUID is visible ASCII");
                response.headers_mut().insert("apns-id", id);
                Reply::Answer(response)
            }
            Reply::Behave(behavior) => Reply::Behave(behavior),
        }
    }
}

fn check_headers(request: &Request<Bytes>) -> Result<(), Response<Bytes>> {
    let no = |reason| Err(Apns::refusal(400, reason));
    let (id, expiration) = (header(request, "apns-id"), header(request, "apns-expiration"));
    if !id.is_empty() && !is_uuid(id) {
        return no("BadMessageId");
    }
    if !expiration.is_empty() && expiration.parse::<u64>().is_err() {
        return no("BadExpirationDate");
    }
    if !["", "1", "5", "10"].contains(&header(request, "apns-priority")) {
        return no("BadPriority");
    }
    if header(request, "apns-collapse-id").len() > 64 {
        return no("BadCollapseId");
    }
    Ok(())
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn respond(status: u16, body: &Value) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .expect("a status of the table")
}
