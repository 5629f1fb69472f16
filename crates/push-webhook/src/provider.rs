//! The provider: what goes to the app's webhook.
use std::net::IpAddr;

use bytes::Bytes;
use http::{Method, Request, Uri, header};
use offhook_push::{Address, Answer, Kind, Order, Prepared, Token, Unsendable, Vendor, Verdict, document};
use offhook_types::Timestamp;
use serde_json::{Map, Value};

use crate::{Secret, verdict::read};

/// What an app's resource says of its webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    sound: String,
    url: Uri,
}

/// A text that is no URL of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the webhook's url is an https URL without a user; http is for this machine's own loopback alone")]
pub struct InvalidUrl;

/// Sends to one webhook.
#[derive(Debug)]
pub struct Provider {
    rules: Rules,
    secret: Secret,
}

impl Rules {
    /// Where to send, and the sound that is passed on for the app to read.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub fn new(url: &str, sound: impl Into<String>) -> Result<Self, InvalidUrl> {
        let uri: Uri = url.parse().map_err(|_| InvalidUrl)?;
        let host = uri.host().ok_or(InvalidUrl)?;
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let may_go_there = match uri.scheme_str() {
            Some("https") => !host.is_empty(),
            Some("http") => is_loopback(host),
            Some(_) | None => false,
        };
        if !may_go_there || has_user || url.contains('#') {
            return Err(InvalidUrl);
        }
        Ok(Self { sound: sound.into(), url: uri })
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Provider {
    /// A provider that signs with this secret.
    #[must_use]
    pub fn new(secret: Secret, rules: Rules) -> Self {
        Self { rules, secret }
    }

    fn body(&self, now: Timestamp, order: &Order, to: &Token) -> Bytes {
        let mut body: Map<String, Value> = document(now, order);
        body.insert("app".into(), order.app.0.into());
        body.insert("device".into(), order.device.as_str().into());
        body.insert("kind".into(), order.kind.as_str().into());
        body.insert("token".into(), to.as_str().into());
        body.insert("title".into(), order.text.title.as_str().into());
        body.insert("body".into(), order.text.body.as_str().into());
        body.insert("sound".into(), self.rules.sound.as_str().into());
        Bytes::from(Value::Object(body).to_string())
    }
}

impl Vendor for Provider {
    fn prepare(&mut self, now: Timestamp, order: &Order, address: &Address) -> Result<Prepared, Unsendable> {
        let Address::Webhook { token } = address else { return Err(Unsendable::Address) };
        if order.kind == Kind::Ring && order.remaining(now).is_zero() {
            return Err(Unsendable::Over);
        }
        let body = self.body(now, order, token);
        let (id, seconds) = (order.push.to_string(), now.as_millis() / 1_000);
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.rules.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-signature", self.secret.signature(&id, seconds, &body))
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-id", id)
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
