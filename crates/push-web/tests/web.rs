//! What is sent to push services, and what their answers mean.
use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use offhook_push::testing::{RUNG_AT, order};
use offhook_push::{
    Address, Answer, Kind, Order, Prepared, Signer, StopReason, Token, Unsendable, Vendor, Verdict,
    WebSubscription,
};
use offhook_push_web::{Hosts, InvalidSubject, Provider, Rules, Vapid};
use offhook_types::{Opaque, Timestamp};
use serde_json::{Value, json};
use web_push_native::{Auth, decrypt, p256::SecretKey};

const NOW: Timestamp = RUNG_AT;
const MINUTE: Duration = Duration::from_mins(1);

/// The browser of RFC 8291, section 5: its private key, its public key, its secret.
const BROWSER: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn opened(body: &[u8]) -> Vec<u8> {
    let key = SecretKey::from_slice(&bytes(BROWSER)).expect("a key");
    decrypt(body.to_vec(), &key, Auth::from_slice(&bytes(SECRET))).expect("meant for this browser")
}

fn key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")
}

fn signer(key: &EcdsaKeyPair) -> Signer {
    let der = STANDARD.encode(key.to_pkcs8v1().expect("a document"));
    Signer::es256(&format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----"))
        .expect("a signer")
}

fn provider_of(key: &EcdsaKeyPair) -> Provider {
    let vapid = Vapid::new(signer(key), "mailto:calls@example.com").expect("a subject");
    let hosts = Hosts::new(["push.example", "*.push.example"]).expect("hosts");
    Provider::new(vapid, Rules { hosts })
}

fn provider() -> Provider {
    provider_of(&key())
}

fn address(endpoint: &str) -> Address {
    Address::Web(WebSubscription::new(endpoint, POINT, SECRET).expect("a subscription"))
}

fn sent_to(provider: &mut Provider, endpoint: &str, now: Timestamp, kind: Kind) -> Request<Bytes> {
    match provider.prepare(now, &order(kind), &address(endpoint)).expect("can be sent") {
        Prepared::Push(request) => request,
        Prepared::Token(_) => panic!("the signatures are our own"),
    }
}

fn sent(provider: &mut Provider, now: Timestamp, kind: Kind) -> Request<Bytes> {
    sent_to(provider, "https://push.example/bob", now, kind)
}

fn field<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

fn answer(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).expect("a status");
    Answer { body: Bytes::new(), headers: HeaderMap::new(), status }
}

#[test]
fn the_example_of_the_rfc_is_opened_by_its_browser() {
    let body = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK\
                6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    assert_eq!(opened(&bytes(body)), b"When I grow up, I want to be a watermelon");
}

#[test]
fn a_ring_is_urgent_lives_as_long_as_it_rings_and_only_its_browser_reads_it() {
    let mut provider = provider();
    let request = sent(&mut provider, NOW + 20 * Duration::from_secs(1), Kind::Ring);
    assert_eq!(request.uri(), "https://push.example/bob");
    assert_eq!((field(&request, "ttl"), field(&request, "urgency")), ("40", "high"));
    assert_eq!(field(&request, "content-encoding"), "aes128gcm");
    assert!(!request.body().windows(6).any(|window| window == b"secret"));
    let message: Value = serde_json::from_slice(&opened(request.body())).expect("JSON");
    assert_eq!((&message["title"], &message["body"]), (&json!("Alice"), &json!("Video call")));
    assert_eq!(message["offhook"]["credential"], "secret");
    assert_eq!(message["offhook"]["remaining_ms"], 40_000);
    let again = sent(&mut provider, NOW, Kind::Ring);
    assert_ne!(request.body()[..16], again.body()[..16], "the salt is another each time");
}

#[test]
fn the_end_of_a_ring_takes_its_place() {
    let mut provider = provider();
    let ring = sent(&mut provider, NOW, Kind::Ring);
    let stop = sent(&mut provider, NOW, Kind::Stop(StopReason::Canceled));
    assert_eq!(field(&ring, "topic"), field(&stop, "topic"));
    assert_eq!(field(&ring, "topic").len(), 32);
    assert_eq!((field(&stop, "ttl"), field(&stop, "urgency")), ("86400", "high"));
    assert_eq!(field(&sent(&mut provider, NOW, Kind::Missed), "urgency"), "normal");
}

#[test]
fn the_signature_is_for_the_push_service_and_holds_for_half_a_day() {
    let key = key();
    let mut provider = provider_of(&key);
    let mut signature = |endpoint: &str, after: Duration| {
        let request = sent_to(&mut provider, endpoint, NOW + after, Kind::Missed);
        assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
        field(&request, "authorization").to_owned()
    };
    let first = signature("https://a.push.example:8443/bob", Duration::ZERO);
    let (token, public) =
        first.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("both");
    assert_eq!(bytes(public), key.public_key().as_ref());
    let (signed, proof) = token.rsplit_once('.').expect("a signature");
    let verifying = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref().to_vec());
    verifying.verify(signed.as_bytes(), &bytes(proof)).expect("verifies");
    let claims: Value =
        serde_json::from_slice(&bytes(signed.split_once('.').expect("two parts").1)).expect("JSON");
    let expected = json!({"aud": "https://a.push.example:8443", "exp": 1_700_043_200, "sub": "mailto:calls@example.com"});
    assert_eq!(claims, expected);
    assert_eq!(signature("https://a.push.example:8443/carol", 359 * MINUTE), first);
    assert_ne!(signature("https://a.push.example:8443/carol", 360 * MINUTE), first);
    assert_ne!(signature("https://push.example:443/bob", Duration::ZERO), first);
}

#[test]
fn nothing_goes_to_a_host_that_is_not_on_the_list() {
    let mut provider = provider();
    for endpoint in [
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://push.example.evil/a",
        "https://evilpush.example/a",
        "https://localhost:7400/v1/users",
    ] {
        let refused = provider.prepare(NOW, &order(Kind::Ring), &address(endpoint)).map(|_| ());
        assert_eq!(refused, Err(Unsendable::Host), "{endpoint}");
    }
    sent_to(&mut provider, "https://A.PUSH.example/a", NOW, Kind::Ring);
    let usual = Hosts::default();
    let permits = |endpoint: &str| {
        let Address::Web(subscription) = address(endpoint) else { panic!("a subscription") };
        usual.permit(&subscription)
    };
    assert!(permits("https://fcm.googleapis.com/fcm/send/a") && permits("https://web.push.apple.com/a"));
    assert!(!permits("https://push.apple.com/a") && !permits("https://example.com/a"));
    assert!(Hosts::new(["*"]).is_err() && Hosts::new(["*."]).is_err() && Hosts::new(["a/b"]).is_err());
}

#[test]
fn what_is_over_too_large_or_anothers_is_not_sent() {
    let mut provider = provider();
    let bob = address("https://push.example/bob");
    let mut refused = |now, order: &Order, to: &Address| provider.prepare(now, order, to).map(|_| ());
    assert_eq!(refused(NOW + MINUTE, &order(Kind::Ring), &bob), Err(Unsendable::Over));
    let heavy = Order { payload: Opaque::new("x".repeat(4_000)), ..order(Kind::Ring) };
    let too_large = refused(NOW, &heavy, &bob);
    assert!(matches!(too_large, Err(Unsendable::TooLarge { most: 3_993, .. })), "{too_large:?}");
    let other = Address::Fcm { token: Token::new("t").expect("a token") };
    assert_eq!(refused(NOW, &order(Kind::Ring), &other), Err(Unsendable::Address));
}

#[test]
fn every_answer_has_its_verdict() {
    let mut provider = provider();
    let bob = address("https://push.example/bob");
    let mut verdict = |answer: &Answer| provider.verdict(NOW, &bob, answer);
    let refused = |status: u16| Verdict::CredentialRefused {
        why: format!("the push service answered {status}").into(),
    };
    let malformed =
        |status: u16| Verdict::Malformed { why: format!("the push service answered {status}").into() };
    for (status, expected) in [
        (201, Verdict::Accepted { id: None }),
        (202, Verdict::Accepted { id: None }),
        (400, malformed(400)),
        (401, refused(401)),
        (403, Verdict::AddressMisfit),
        (404, Verdict::AddressDead { since: None }),
        (410, Verdict::AddressDead { since: None }),
        (413, malformed(413)),
        (429, Verdict::Throttled { after: None }),
        (500, Verdict::Unavailable { after: None }),
        (503, Verdict::Unavailable { after: None }),
    ] {
        assert_eq!(verdict(&answer(status)), expected, "{status}");
    }
    let body = Bytes::from_static(br#"{"reason":"BadJwtToken"}"#);
    assert_eq!(verdict(&Answer { body, ..answer(403) }), refused(403));
    let mut busy = answer(429);
    busy.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    assert_eq!(verdict(&busy), Verdict::Throttled { after: Some(Duration::from_secs(5)) });
    let mut taken = answer(201);
    taken.headers.insert(header::LOCATION, HeaderValue::from_static("https://push.example/m/1"));
    assert_eq!(verdict(&taken), Verdict::Accepted { id: Some("https://push.example/m/1".into()) });
}

#[test]
fn subjects_that_push_services_refuse_are_refused_here() {
    let check = |subject: &str| Vapid::new(signer(&key()), subject).map(|_| ());
    assert_eq!(check("https://example.com/contact"), Ok(()));
    for bad in [
        "",
        "calls@example.com",
        "mailto:calls",
        "mailto:<a@b.c>",
        "mailto:a b@c.d",
        "https://",
        "https://localhost",
        "http://a.b",
    ] {
        assert_eq!(check(bad), Err(InvalidSubject), "{bad}");
    }
}
