//! Google's service: the token endpoint, and `messages:send` of HTTP v1.
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
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::{
    Clock, Device, Ledger, Reply, Server,
    front::{Manners, Peer, Site, start},
    jws::Jws,
    ledger::{header, lock},
    schema,
};

const HOUR: u64 = 3_600;
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";

/// What the service knows of its one customer.
pub struct FcmOptions {
    /// The time.
    pub clock: Clock,
    /// The service account.
    pub email: String,
    /// The project.
    pub project: String,
    /// The account's public key: the two numbers in ASN.1.
    pub public_key: Vec<u8>,
}

/// The service.
pub struct Fcm {
    devices: Mutex<HashMap<String, Device>>,
    granted: Mutex<HashMap<String, u64>>,
    grants: AtomicU64,
    ledger: Ledger,
    options: FcmOptions,
    token_uri: String,
}

/// The refusals that Google documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FcmError {
    /// 500.
    Internal,
    /// 400 that blames the token.
    InvalidArgument,
    /// 400 that blames a field.
    InvalidField(&'static str),
    /// 429.
    QuotaExceeded,
    /// 403.
    SenderIdMismatch,
    /// 401 of the vendor behind Google.
    ThirdPartyAuth,
    /// 401.
    Unauthenticated,
    /// 503.
    Unavailable,
    /// 404.
    Unregistered,
}

impl FcmError {
    /// The answer as Google gives it.
    #[must_use]
    pub fn answer(self) -> Response<Bytes> {
        let (code, status, error_code, message) = match self {
            Self::Internal => (500, "INTERNAL", "INTERNAL", "Internal error encountered."),
            Self::InvalidArgument => (
                400,
                "INVALID_ARGUMENT",
                "INVALID_ARGUMENT",
                "The registration token is not a valid FCM registration token",
            ),
            Self::InvalidField(field) => return bad_request(field, "Invalid value"),
            Self::QuotaExceeded => (
                429,
                "RESOURCE_EXHAUSTED",
                "QUOTA_EXCEEDED",
                "Sending limit exceeded for the message target.",
            ),
            Self::SenderIdMismatch => (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"),
            Self::ThirdPartyAuth => {
                (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "Auth error from APNS or Web Push Service")
            }
            Self::Unauthenticated => {
                (401, "UNAUTHENTICATED", "", "Request had invalid authentication credentials.")
            }
            Self::Unavailable => (503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."),
            Self::Unregistered => (404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."),
        };
        let detail =
            json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": error_code});
        let details = if error_code.is_empty() { json!([]) } else { json!([detail]) };
        error(code, status, message, &details)
    }
}

impl Deref for Fcm {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

impl Fcm {
    /// Starts it.
    ///
    /// # Errors
    /// If there is no port or no randomness.
    pub async fn start(options: FcmOptions) -> Result<Server<Self>> {
        let manners =
            Manners { protocols: &[b"h2", b"http/1.1"], most_streams: 100, wants_certificate: false };
        let new = |address: SocketAddr| Self {
            devices: Mutex::default(),
            granted: Mutex::default(),
            grants: AtomicU64::new(0),
            ledger: Ledger::default(),
            options,
            token_uri: format!("https://localhost:{}/token", address.port()),
        };
        start(manners, new).await
    }

    /// Any token is a device's of the project; this one is not, or no longer.
    pub fn device(&self, token: &str, is: Device) {
        lock(&self.devices).insert(token.to_owned(), is);
    }

    /// Where an account exchanges its signature for an access token.
    #[must_use]
    pub fn token_uri(&self) -> &str {
        &self.token_uri
    }

    /// How many access tokens were granted.
    #[must_use]
    pub fn grants(&self) -> u64 {
        self.grants.load(Relaxed)
    }

    /// Takes all access tokens back.
    pub fn revoke(&self) {
        lock(&self.granted).clear();
    }

    fn grant(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let form = String::from_utf8_lossy(request.body()).into_owned();
        let field = |name: &str| {
            let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .into_iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| decoded(value))
                .unwrap_or_default()
        };
        let no = |kind: &str, why: &str| respond(400, &json!({"error": kind, "error_description": why}));
        if !header(request, "content-type").starts_with("application/x-www-form-urlencoded") {
            return no("invalid_request", "a form is expected");
        }
        if field("grant_type") != GRANT {
            return no("unsupported_grant_type", "Invalid grant_type");
        }
        let Some(Jws { claims, .. }) = Jws::rs256(&field("assertion"), &self.options.public_key) else {
            return no("invalid_grant", "Invalid JWT Signature.");
        };
        let now = (self.options.clock)();
        let (issued, ends) = (claims["iat"].as_u64(), claims["exp"].as_u64());
        let holds = issued
            .zip(ends)
            .is_some_and(|(issued, ends)| issued <= now + 300 && ends > now && ends <= issued + HOUR);
        if !holds {
            return no("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)");
        }
        if claims["iss"] != *self.options.email || claims["aud"] != *self.token_uri {
            return no("invalid_grant", "Invalid issuer or audience");
        }
        if claims["scope"] != SCOPE {
            return no("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
        }
        let token = format!("ya29.{}", self.grants.fetch_add(1, Relaxed));
        lock(&self.granted).insert(token.clone(), now + HOUR);
        respond(200, &json!({"access_token": token, "expires_in": HOUR - 1, "token_type": "Bearer"}))
    }

    fn check(&self, request: &Request<Bytes>) -> Result<(), Response<Bytes>> {
        let bearer = header(request, "authorization").strip_prefix("Bearer ").unwrap_or_default();
        let ends = lock(&self.granted).get(bearer).copied();
        if ends.is_none_or(|ends| ends <= (self.options.clock)()) {
            return Err(FcmError::Unauthenticated.answer());
        }
        let body: Value = serde_json::from_slice(request.body())
            .map_err(|_| bad_request("", "Invalid JSON payload received."))?;
        schema::check(&body).map_err(|violation| {
            self.complain(format!("{}: {}", violation.field, violation.why));
            bad_request(&violation.field, &violation.why)
        })?;
        let token = body["message"]["token"].as_str().unwrap_or_default();
        match lock(&self.devices).get(token) {
            None => Ok(()),
            Some(Device::Gone(_)) => Err(FcmError::Unregistered.answer()),
            Some(Device::OfAnotherApp) => Err(FcmError::SenderIdMismatch.answer()),
            Some(Device::Elsewhere) => Err(FcmError::InvalidArgument.answer()),
        }
    }
}

impl Site for Fcm {
    fn answer(&self, peer: &Peer, request: &Request<Bytes>) -> Reply {
        if request.method() == Method::POST && request.uri().path() == "/token" {
            return Reply::Answer(self.grant(request));
        }
        self.take(peer, request);
        let path = format!("/v1/projects/{}/messages:send", self.options.project);
        if request.method() != Method::POST || request.uri().path() != path {
            return Reply::Answer(error(404, "NOT_FOUND", "The requested URL was not found.", &json!([])));
        }
        match self.check(request) {
            Err(refusal) => Reply::Answer(refusal),
            Ok(()) => self.scripted().unwrap_or_else(|| {
                let name = format!("projects/{}/messages/0:{}", self.options.project, self.count());
                Reply::Answer(respond(200, &json!({ "name": name })))
            }),
        }
    }
}

fn bad_request(field: &str, why: &str) -> Response<Bytes> {
    let details = json!([{
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{ "field": field, "description": why }],
    }]);
    error(400, "INVALID_ARGUMENT", why, &details)
}

fn error(code: u16, status: &str, message: &str, details: &Value) -> Response<Bytes> {
    respond(code, &json!({"error": {"code": code, "message": message, "status": status, "details": details}}))
}

fn respond(status: u16, body: &Value) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json; charset=UTF-8")
        .body(Bytes::from(body.to_string()))
        .expect("a status of the table")
}

/// A value of a form.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: Option<u8>| char::from(digit.unwrap_or_default()).to_digit(16);
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (hex(rest.next()), hex(rest.next())) {
                (Some(high), Some(low)) => u8::try_from(high * 16 + low).unwrap_or(b'?'),
                (_, _) => b'?',
            },
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
