//! What is sent to a webhook, and what its answers mean.
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use offhook_push::testing::{RUNG_AT, order};
use offhook_push::{
    Address, Answer, Kind, Order, Prepared, PushId, StopReason, Token, Unsendable, Vendor, Verdict,
};
use offhook_push_webhook::{InvalidUrl, Provider, Rules, Secret};
use offhook_types::Timestamp;
use serde_json::Value;

const NOW: Timestamp = RUNG_AT;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn provider() -> Provider {
    let rules = Rules::new("https://hooks.example/calls?x=1", "ring.caf").expect("a URL");
    Provider::new(Secret::new(SECRET).expect("a secret"), rules)
}

fn address() -> Address {
    Address::Webhook { token: Token::new("device-7").expect("a token") }
}

fn sent(now: Timestamp, order: &Order) -> Request<Bytes> {
    match provider().prepare(now, order, &address()).expect("can be sent") {
        Prepared::Push(request) => request,
        Prepared::Token(_) => panic!("the signatures are our own"),
    }
}

fn field<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

fn answer(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).expect("a status");
    Answer { body: Bytes::new(), headers: HeaderMap::new(), status }
}

#[test]
fn a_ring_is_the_document_with_what_the_provider_needs_beside_it() {
    let request = sent(NOW, &order(Kind::Ring));
    assert_eq!(request.uri(), "https://hooks.example/calls?x=1");
    assert_eq!(field(&request, "content-type"), "application/json");
    let body: Value = serde_json::from_slice(request.body()).expect("JSON");
    for (name, value) in [
        ("kind", "ring"),
        ("token", "device-7"),
        ("device", "phone"),
        ("title", "Alice"),
        ("body", "Video call"),
        ("sound", "ring.caf"),
        ("payload", r#"{"call_id":"room"}"#),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
    assert_eq!(body["app"], 1);
    assert_eq!(body["offhook"]["credential"], "secret");
}

#[test]
fn the_push_is_the_webhooks_id_so_that_a_repeated_one_is_known() {
    let (first, again) = (sent(NOW, &order(Kind::Ring)), sent(NOW, &order(Kind::Ring)));
    assert_eq!(field(&first, "webhook-id"), PushId::from_random(1).to_string());
    assert_eq!(field(&first, "webhook-id"), field(&again, "webhook-id"));
    assert_eq!(field(&first, "webhook-timestamp"), "1700000000");
}

#[test]
fn the_signature_is_over_id_time_and_body() {
    let signature = |now, order: &Order| field(&sent(now, order), "webhook-signature").to_owned();
    let ring = order(Kind::Ring);
    let first = signature(NOW, &ring);
    assert!(first.starts_with("v1,"), "{first}");
    assert_eq!(first, signature(NOW, &ring));
    assert_ne!(first, signature(NOW + Duration::from_secs(1), &ring), "another time");
    assert_ne!(first, signature(NOW, &Order { push: PushId::from_random(2), ..ring }), "another id");
    assert_ne!(first, signature(NOW, &order(Kind::Missed)), "another body");
}

#[test]
fn what_is_over_or_anothers_is_not_sent() {
    let mut provider = provider();
    let minute = Duration::from_mins(1);
    let mut refused = |now, kind, to: &Address| provider.prepare(now, &order(kind), to).map(|_| ());
    assert_eq!(refused(NOW + minute, Kind::Ring, &address()), Err(Unsendable::Over));
    assert_eq!(refused(NOW + minute, Kind::Stop(StopReason::TimedOut), &address()), Ok(()));
    let other = Address::Fcm { token: Token::new("t").expect("a token") };
    assert_eq!(refused(NOW, Kind::Ring, &other), Err(Unsendable::Address));
}

#[test]
fn every_answer_has_its_verdict() {
    let mut provider = provider();
    let mut verdict = |answer: &Answer| provider.verdict(NOW, &address(), answer);
    let why = |status: u16| format!("the webhook answered {status}").into();
    let malformed = |status: u16| Verdict::Malformed { why: why(status) };
    for (status, expected) in [
        (200, Verdict::Accepted { id: None }),
        (204, Verdict::Accepted { id: None }),
        (301, malformed(301)),
        (307, malformed(307)),
        (400, malformed(400)),
        (401, Verdict::CredentialRefused { why: why(401) }),
        (403, Verdict::CredentialRefused { why: why(403) }),
        (404, malformed(404)),
        (410, Verdict::AddressDead { since: None }),
        (413, malformed(413)),
        (422, malformed(422)),
        (429, Verdict::Throttled { after: None }),
        (500, Verdict::Unavailable { after: None }),
        (503, Verdict::Unavailable { after: None }),
    ] {
        assert_eq!(verdict(&answer(status)), expected, "{status}");
    }
    let after = Some(Duration::from_secs(3));
    for (status, expected) in [(429, Verdict::Throttled { after }), (503, Verdict::Unavailable { after })] {
        let mut busy = answer(status);
        busy.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
        assert_eq!(verdict(&busy), expected);
    }
}

#[test]
fn a_webhook_is_https_or_on_this_machine() {
    for good in ["https://hooks.example", "http://127.0.0.1:8080/a", "http://[::1]:80/", "http://localhost/a"]
    {
        assert!(Rules::new(good, "").is_ok(), "{good}");
    }
    for bad in [
        "",
        "/a",
        "http://hooks.example/",
        "http://localhost.evil/",
        "https://u:p@hooks.example/",
        "ftp://a/",
    ] {
        assert_eq!(Rules::new(bad, "").map(|_| ()), Err(InvalidUrl), "{bad}");
    }
}
