//! An app's own provider, which verifies what it is told after Standard Webhooks.
use std::{net::SocketAddr, ops::Deref};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, Request, Response};
use sha2::Sha256;

use crate::{
    Clock, Ledger, Reply, Server,
    front::{Manners, Peer, Site, start},
    ledger::header,
};

/// How old or how far ahead a webhook may be, in seconds.
const TOLERANCE: u64 = 300;

/// What the provider knows.
pub struct WebhookOptions {
    /// The time.
    pub clock: Clock,
    /// Whether it speaks HTTP/1.1 alone.
    pub is_old: bool,
    /// What it shares with the sender: `whsec_` and base64.
    pub secret: String,
}

/// The provider, at `/hook`.
pub struct Webhook {
    key: Vec<u8>,
    ledger: Ledger,
    options: WebhookOptions,
}

impl Deref for Webhook {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

impl Webhook {
    /// Starts it.
    ///
    /// # Errors
    /// If the secret is none, or there is no port.
    pub async fn start(options: WebhookOptions) -> Result<Server<Self>> {
        let encoded = options.secret.strip_prefix("whsec_").context("a secret begins with whsec_")?;
        let key = STANDARD.decode(encoded)?;
        let protocols: &'static [&'static [u8]] =
            if options.is_old { &[b"http/1.1"] } else { &[b"h2", b"http/1.1"] };
        let manners = Manners { protocols, most_streams: 100, wants_certificate: false };
        start(manners, |_: SocketAddr| Self { key, ledger: Ledger::default(), options }).await
    }

    fn is_signed(&self, request: &Request<Bytes>) -> bool {
        let (id, seconds) = (header(request, "webhook-id"), header(request, "webhook-timestamp"));
        let now = (self.options.clock)();
        if !seconds.parse::<u64>().is_ok_and(|at| at.abs_diff(now) <= TOLERANCE) {
            return false;
        }
        header(request, "webhook-signature").split(' ').any(|signature| {
            let Some(signature) = signature.strip_prefix("v1,") else { return false };
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length is one");
            mac.update(format!("{id}.{seconds}.").as_bytes());
            mac.update(request.body());
            STANDARD.decode(signature).is_ok_and(|signature| mac.verify_slice(&signature).is_ok())
        })
    }
}

impl Site for Webhook {
    fn answer(&self, peer: &Peer, request: &Request<Bytes>) -> Reply {
        self.take(peer, request);
        let status =
            |status: u16| Response::builder().status(status).body(Bytes::new()).expect("a status of HTTP");
        if request.method() != Method::POST || request.uri().path() != "/hook" {
            return Reply::Answer(status(404));
        }
        if !self.is_signed(request) {
            return Reply::Answer(status(401));
        }
        self.scripted().unwrap_or_else(|| Reply::Answer(status(204)))
    }
}
