//! Every row of Apple's table, and what is sent.
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use offhook_push::testing::{RUNG_AT, order};
use offhook_push::{
    Address, Answer, ApnsChannel, ApnsToken, Environment, Kind, Order, Prepared, PushId, Signer, StopReason,
    Unsendable, Vendor, Verdict,
};
use offhook_push_apns::{Credential, InvalidIdentifier, Provider, Rules, StopAs};
use offhook_types::{Opaque, Timestamp};
use serde_json::{Value, json};

const NOW: Timestamp = RUNG_AT;
const MINUTE: Duration = Duration::from_mins(1);

fn rules(stop_as: StopAs) -> Rules {
    Rules { bundle: "com.example.app".into(), mutable: false, sound: "ring.caf".into(), stop_as }
}

fn key() -> Credential {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let der = STANDARD.encode(pair.to_pkcs8v1().expect("a document"));
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----");
    Credential::Key {
        key_id: "ABCDE12345".into(),
        signer: Signer::es256(&pem).expect("a signer"),
        team_id: "TEAM123456".into(),
    }
}

fn provider(stop_as: StopAs) -> Provider {
    Provider::new(key(), rules(stop_as)).expect("a provider")
}

fn address(channel: ApnsChannel) -> Address {
    Address::Apns(ApnsToken::new(channel, Environment::Sandbox, "00ff").expect("a token"))
}

fn sent(provider: &mut Provider, now: Timestamp, kind: Kind, channel: ApnsChannel) -> Request<Bytes> {
    match provider.prepare(now, &order(kind), &address(channel)).expect("can be sent") {
        Prepared::Push(request) => request,
        Prepared::Token(_) => panic!("Apple's tokens are asked of nobody"),
    }
}

fn body(request: &Request<Bytes>) -> Value {
    serde_json::from_slice(request.body()).expect("JSON")
}

fn field<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer {
        body: Bytes::from(body.to_string()),
        headers: HeaderMap::new(),
        status: StatusCode::from_u16(status).expect("a status"),
    }
}

#[test]
fn a_ring_goes_to_the_voip_topic_and_is_kept_until_the_ring_ends() {
    let request = sent(&mut provider(StopAs::Background), NOW, Kind::Ring, ApnsChannel::Voip);
    assert_eq!(request.uri(), "https://api.sandbox.push.apple.com/3/device/00ff");
    assert_eq!(field(&request, "apns-push-type"), "voip");
    assert_eq!(field(&request, "apns-topic"), "com.example.app.voip");
    assert_eq!(field(&request, "apns-priority"), "10");
    assert_eq!(field(&request, "apns-expiration"), "1700000060");
    assert_eq!(field(&request, "apns-id"), PushId::from_random(1).to_string());
    assert_eq!(field(&request, "apns-collapse-id"), "");
    let body = body(&request);
    assert_eq!(body["aps"], json!({"alert": {"title": "Alice", "body": "Video call"}}));
    assert_eq!(body["offhook"]["credential"], "secret");
}

#[test]
fn a_notification_of_a_ring_is_heard_and_is_replaced_by_its_end() {
    let mut provider = provider(StopAs::Alert);
    let ring = sent(&mut provider, NOW, Kind::Ring, ApnsChannel::Alert);
    let stop = sent(&mut provider, NOW, Kind::Stop(StopReason::Canceled), ApnsChannel::Alert);
    assert_eq!(field(&ring, "apns-topic"), "com.example.app");
    assert_eq!(field(&ring, "apns-collapse-id"), field(&stop, "apns-collapse-id"));
    assert!(!field(&ring, "apns-collapse-id").is_empty());
    let aps = &body(&ring)["aps"];
    assert_eq!(aps["sound"], "ring.caf");
    assert_eq!(aps["interruption-level"], "time-sensitive");
    assert_eq!((&aps["badge"], &aps["thread-id"]), (&json!(3), &json!("alice")));
    assert_eq!(body(&stop)["aps"].get("interruption-level"), None);
}

#[test]
fn a_stop_never_wakes_an_app_that_must_then_report_a_call_unless_the_resource_wants_it() {
    let stop = Kind::Stop(StopReason::AnsweredElsewhere);
    for stop_as in [StopAs::Alert, StopAs::Background] {
        let unsent = provider(stop_as).prepare(NOW, &order(stop), &address(ApnsChannel::Voip));
        assert_eq!(unsent.map(|_| ()), Err(Unsendable::Channel));
    }
    let wanted = sent(&mut provider(StopAs::Voip), NOW, stop, ApnsChannel::Voip);
    assert_eq!(field(&wanted, "apns-push-type"), "voip");
    let missed = provider(StopAs::Voip).prepare(NOW, &order(Kind::Missed), &address(ApnsChannel::Voip));
    assert_eq!(missed.map(|_| ()), Err(Unsendable::Channel));
    let silent = sent(&mut provider(StopAs::Background), NOW, stop, ApnsChannel::Alert);
    assert_eq!(field(&silent, "apns-push-type"), "background");
    assert_eq!(field(&silent, "apns-priority"), "5");
    assert_eq!(body(&silent)["aps"], json!({"content-available": 1}));
}

#[test]
fn what_is_over_too_large_or_anothers_is_not_sent() {
    let mut provider = provider(StopAs::Background);
    let voip = address(ApnsChannel::Voip);
    let over = provider.prepare(NOW + MINUTE, &order(Kind::Ring), &voip).map(|_| ());
    assert_eq!(over, Err(Unsendable::Over));
    let heavy = Order { payload: Opaque::new("x".repeat(5_000)), ..order(Kind::Ring) };
    let refused = provider.prepare(NOW, &heavy, &voip).map(|_| ());
    assert!(matches!(refused, Err(Unsendable::TooLarge { most: 5_120, .. })), "{refused:?}");
    let fcm = Address::Fcm { token: offhook_push::Token::new("t").expect("a token") };
    assert_eq!(provider.prepare(NOW, &order(Kind::Ring), &fcm).map(|_| ()), Err(Unsendable::Address));
}

#[test]
fn a_token_serves_for_fifty_minutes() {
    let mut provider = provider(StopAs::Background);
    let mut token = |after| {
        let request = sent(&mut provider, NOW + after, Kind::Missed, ApnsChannel::Alert);
        request.headers()[header::AUTHORIZATION].clone()
    };
    let first = token(Duration::ZERO);
    assert!(first.is_sensitive() && first.to_str().expect("ASCII").starts_with("bearer ey"));
    assert_eq!(token(49 * MINUTE), first);
    assert_ne!(token(50 * MINUTE), first);
}

#[test]
fn a_token_that_apple_calls_too_old_is_renewed_unless_it_is_young() {
    let expired = answer(403, &json!({"reason": "ExpiredProviderToken"}));
    let to = address(ApnsChannel::Alert);
    let mut provider = provider(StopAs::Background);
    let at = |provider: &mut Provider, now| {
        sent(provider, now, Kind::Missed, ApnsChannel::Alert).headers()[header::AUTHORIZATION].clone()
    };
    let first = at(&mut provider, NOW);
    let young = provider.verdict(NOW + 19 * MINUTE, &to, &expired);
    assert_eq!(young, Verdict::CredentialRefused { why: "ExpiredProviderToken".into() });
    assert_eq!(at(&mut provider, NOW + 19 * MINUTE), first);
    assert_eq!(provider.verdict(NOW + 20 * MINUTE, &to, &expired), Verdict::Again);
    assert_ne!(at(&mut provider, NOW + 20 * MINUTE), first);
}

#[test]
fn under_a_certificate_requests_bear_no_token() {
    let mut provider = Provider::new(Credential::Certificate, rules(StopAs::Background)).expect("a provider");
    let request = sent(&mut provider, NOW, Kind::Ring, ApnsChannel::Voip);
    assert_eq!(request.headers().get(header::AUTHORIZATION), None);
}

#[test]
fn every_reason_of_apples_has_its_verdict() {
    let refused = |why: &str| Verdict::CredentialRefused { why: why.to_owned().into() };
    let malformed = |status: u16, why: &str| Verdict::Malformed { why: format!("{status} {why}").into() };
    let mut provider = provider(StopAs::Background);
    let mut check = |status: u16, reason: &str, expected: Verdict| {
        let verdict =
            provider.verdict(NOW, &address(ApnsChannel::Voip), &answer(status, &json!({"reason": reason})));
        assert_eq!(verdict, expected, "{status} {reason}");
    };
    check(200, "", Verdict::Accepted { id: None });
    check(400, "BadDeviceToken", Verdict::WrongEnvironment { other: Environment::Production });
    check(400, "DeviceTokenNotForTopic", Verdict::AddressMisfit);
    check(410, "Unregistered", Verdict::AddressDead { since: None });
    check(410, "ExpiredToken", Verdict::AddressDead { since: None });
    for (status, reason) in [
        (400, "BadTopic"),
        (400, "MissingTopic"),
        (400, "TopicDisallowed"),
        (403, "BadCertificate"),
        (403, "BadCertificateEnvironment"),
        (403, "BadEnvironmentKeyIdInToken"),
        (403, "ExpiredProviderToken"),
        (403, "Forbidden"),
        (403, "InvalidProviderToken"),
        (403, "MissingProviderToken"),
        (403, "SomethingNew"),
    ] {
        check(status, reason, refused(reason));
    }
    check(403, "UnrelatedKeyIdInToken", Verdict::Again);
    for (status, reason) in [
        (400, "BadCollapseId"),
        (400, "BadExpirationDate"),
        (400, "BadMessageId"),
        (400, "BadPriority"),
        (400, "DuplicateHeaders"),
        (400, "IdleTimeout"),
        (400, "InvalidPushType"),
        (400, "MissingDeviceToken"),
        (400, "PayloadEmpty"),
        (404, "BadPath"),
        (405, "MethodNotAllowed"),
        (413, "PayloadTooLarge"),
    ] {
        check(status, reason, malformed(status, reason));
    }
    for reason in ["TooManyProviderTokenUpdates", "TooManyRequests"] {
        check(429, reason, Verdict::Throttled { after: None });
    }
    for (status, reason) in [(500, "InternalServerError"), (503, "ServiceUnavailable"), (503, "Shutdown")] {
        check(status, reason, Verdict::Unavailable { after: None });
    }
}

#[test]
fn a_dead_token_says_since_when_and_an_answer_without_a_body_is_read_by_its_status() {
    let mut provider = provider(StopAs::Background);
    let to = address(ApnsChannel::Voip);
    let dead = answer(410, &json!({"reason": "Unregistered", "timestamp": 1_600_000_000_000_u64}));
    let since = Some(Timestamp::from_millis(1_600_000_000_000));
    assert_eq!(provider.verdict(NOW, &to, &dead), Verdict::AddressDead { since });
    for (status, expected) in [
        (410, Verdict::AddressDead { since: None }),
        (503, Verdict::Unavailable { after: None }),
        (400, Verdict::Malformed { why: "400 ".into() }),
    ] {
        let empty = Answer { body: Bytes::from_static(b"<html>"), ..answer(status, &json!({})) };
        assert_eq!(provider.verdict(NOW, &to, &empty), expected);
    }
    let mut busy = answer(429, &json!({"reason": "TooManyRequests"}));
    busy.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
    let after = Some(Duration::from_secs(7));
    assert_eq!(provider.verdict(NOW, &to, &busy), Verdict::Throttled { after });
    let mut taken = answer(200, &json!({}));
    taken.headers.insert("apns-id", HeaderValue::from_static("eabeae54"));
    assert_eq!(provider.verdict(NOW, &to, &taken), Verdict::Accepted { id: Some("eabeae54".into()) });
}

#[test]
fn identifiers_that_apple_does_not_give_out_are_refused() {
    for bundle in ["", "app", "com.example.app.voip", "com.example/app", "com.example.app\n"] {
        let rules = Rules { bundle: bundle.into(), ..rules(StopAs::Background) };
        let refused = Provider::new(Credential::Certificate, rules).map(|_| ());
        assert_eq!(refused, Err(InvalidIdentifier::Bundle), "{bundle:?}");
    }
    let Credential::Key { signer, team_id, .. } = key() else { panic!("a key") };
    let short = Credential::Key { key_id: "ABC".into(), signer, team_id };
    assert_eq!(Provider::new(short, rules(StopAs::Alert)).map(|_| ()), Err(InvalidIdentifier::KeyOrTeam));
}
