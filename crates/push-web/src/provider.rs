//! The provider: what goes to a browser's push service.
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, Uri, header};
use offhook_push::{
    Address, Answer, Kind, Order, Prepared, Unsendable, Vendor, Verdict, WebSubscription, document,
};
use offhook_types::{CallId, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use web_push_native::{Auth, encrypt, p256::PublicKey};

use crate::{Hosts, Vapid, verdict::read};

/// What a push service must take, encrypted, is 4,096 bytes (RFC 8030, section 7.2); so much of it is ours.
const MOST_BYTES: usize = 3_993;
/// How long the end of a ring is kept for a browser that is closed.
const KEPT_AFTER: Duration = Duration::from_hours(24);
/// A topic has 32 letters at most (RFC 8030, section 5.4): so many bytes of a digest.
const TOPIC_BYTES: usize = 24;

/// What an app's resource says of its pushes to browsers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// To which push services it sends.
    pub hosts: Hosts,
}

/// Sends to the browsers that subscribed with one key.
#[derive(Debug)]
pub struct Provider {
    rules: Rules,
    vapid: Vapid,
}

impl Provider {
    /// A provider with this key.
    #[must_use]
    pub fn new(vapid: Vapid, rules: Rules) -> Self {
        Self { rules, vapid }
    }
}

impl Vendor for Provider {
    fn prepare(&mut self, now: Timestamp, order: &Order, address: &Address) -> Result<Prepared, Unsendable> {
        let Address::Web(to) = address else { return Err(Unsendable::Address) };
        if !self.rules.hosts.permit(to) {
            return Err(Unsendable::Host);
        }
        if order.kind == Kind::Ring && order.remaining(now).is_zero() {
            return Err(Unsendable::Over);
        }
        let body = sealed(now, order, to)?;
        let endpoint: Uri = to.endpoint().parse().map_err(|_| Unsendable::Address)?;
        let (urgency, ttl) = match order.kind {
            Kind::Ring => ("high", order.remaining(now)),
            Kind::Stop(_) => ("high", KEPT_AFTER),
            Kind::Missed => ("normal", KEPT_AFTER),
        };
        let request = Request::builder()
            .method(Method::POST)
            .header(header::AUTHORIZATION, self.vapid.authorization(now, &endpoint))
            .uri(endpoint)
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("ttl", ttl.as_secs().to_string())
            .header("topic", topic(order.call))
            .header("urgency", urgency)
            .body(body);
        Ok(Prepared::Push(request.expect("a checked URL")))
    }

    /// Never asked: the signatures are our own.
    fn granted(&mut self, _: Timestamp, _: &Answer) -> Result<(), Verdict> {
        Ok(())
    }

    fn verdict(&mut self, _: Timestamp, _: &Address, answer: &Answer) -> Verdict {
        read(answer)
    }
}

/// The message, encrypted for the browser (RFC 8291).
fn sealed(now: Timestamp, order: &Order, to: &WebSubscription) -> Result<Bytes, Unsendable> {
    let mut message = document(now, order);
    message.insert("title".into(), order.text.title.as_str().into());
    message.insert("body".into(), order.text.body.as_str().into());
    let message = Value::Object(message).to_string().into_bytes();
    if message.len() > MOST_BYTES {
        return Err(Unsendable::TooLarge { bytes: message.len(), most: MOST_BYTES });
    }
    let point = to.p256dh().ok_or(Unsendable::Address)?;
    let browser = PublicKey::from_sec1_bytes(&point).map_err(|_| Unsendable::Address)?;
    let secret = Auth::from(to.auth().ok_or(Unsendable::Address)?);
    encrypt(message, &browser, &secret).map(Bytes::from).map_err(|_| Unsendable::Address)
}

/// One for each call: what is said of it later takes the place of what was said before.
fn topic(call: CallId) -> String {
    let digest = Sha256::digest(call.as_u128().to_be_bytes());
    URL_SAFE_NO_PAD.encode(&digest[..TOPIC_BYTES])
}
