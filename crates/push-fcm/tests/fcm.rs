//! Every row of Google's table, and what is sent.
use std::time::Duration;

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use offhook_push::testing::{RUNG_AT, order};
use offhook_push::{Address, Answer, Kind, Order, Prepared, StopReason, Token, Unsendable, Vendor, Verdict};
use offhook_push_fcm::{InvalidAccount, Provider, Rules, ServiceAccount};
use offhook_types::{Opaque, Timestamp};
use serde_json::{Value, json};

const NOW: Timestamp = RUNG_AT;
const MINUTE: Duration = Duration::from_mins(1);

fn file(key: &RsaKeyPair) -> Value {
    let document: Pkcs8V1Der<'_> = key.as_der().expect("a document");
    let der: &[u8] = document.as_ref();
    json!({
        "type": "service_account",
        "project_id": "demo-project",
        "private_key":
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der)),
        "client_email": "calls@demo-project.example",
        "token_uri": "https://oauth2.example/token",
    })
}

fn key() -> RsaKeyPair {
    RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")
}

fn provider(rules: Rules) -> Provider {
    Provider::new(ServiceAccount::read(&file(&key()).to_string()).expect("an account"), rules)
}

/// With an access token for an hour.
fn granted(rules: Rules) -> Provider {
    let mut provider = provider(rules);
    provider.granted(NOW, &token("first")).expect("granted");
    provider
}

fn token(token: &str) -> Answer {
    answer(200, &json!({"access_token": token, "expires_in": 3_600, "token_type": "Bearer"}))
}

fn address() -> Address {
    Address::Fcm { token: Token::new("device").expect("a token") }
}

fn sent(provider: &mut Provider, now: Timestamp, kind: Kind) -> Request<Bytes> {
    match provider.prepare(now, &order(kind), &address()).expect("can be sent") {
        Prepared::Push(request) => request,
        Prepared::Token(_) => panic!("there is a token"),
    }
}

fn body(request: &Request<Bytes>) -> Value {
    serde_json::from_slice(request.body()).expect("JSON")
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer {
        body: Bytes::from(body.to_string()),
        headers: HeaderMap::new(),
        status: StatusCode::from_u16(status).expect("a status"),
    }
}

/// As Google answers: a status, and a detail that says more.
fn error(status: u16, name: &str, code: &str) -> Answer {
    let details =
        json!([{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}]);
    let details = if code.is_empty() { json!([]) } else { details };
    answer(status, &json!({"error": {"code": status, "status": name, "message": "no", "details": details}}))
}

fn naming(field: &str) -> Answer {
    let details = json!([
        {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "INVALID_ARGUMENT"},
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field}]},
    ]);
    answer(400, &json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": details}}))
}

#[test]
fn a_token_is_asked_for_first_with_a_signature_that_google_can_check() {
    let key = key();
    let account = ServiceAccount::read(&file(&key).to_string()).expect("an account");
    let mut provider = Provider::new(account, Rules::default());
    let Ok(Prepared::Token(request)) = provider.prepare(NOW, &order(Kind::Ring), &address()) else {
        panic!("there is no token yet")
    };
    assert_eq!(request.uri(), "https://oauth2.example/token");
    let form = std::str::from_utf8(request.body()).expect("a form");
    let (grant, assertion) = form.split_once("&assertion=").expect("two fields");
    assert_eq!(grant, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer");
    let (signed, signature) = assertion.rsplit_once('.').expect("a signature");
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref().to_vec());
    public
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).expect("base64url"))
        .expect("verifies");
    let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').expect("two parts").1).expect("base64url");
    let expected = json!({
        "iss": "calls@demo-project.example",
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": "https://oauth2.example/token",
        "iat": 1_700_000_000,
        "exp": 1_700_003_600,
    });
    assert_eq!(serde_json::from_slice::<Value>(&claims).expect("JSON"), expected);
}

#[test]
fn a_ring_is_data_alone_of_high_priority_for_what_is_left_of_it() {
    let rules = Rules { channel: "calls".into(), package: "com.example".into(), ..Rules::default() };
    let mut provider = granted(rules);
    let request = sent(&mut provider, NOW + Duration::from_millis(30_500), Kind::Ring);
    assert_eq!(request.uri(), "https://fcm.googleapis.com/v1/projects/demo-project/messages:send");
    assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer first");
    assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
    let body = body(&request);
    let message = &body["message"];
    assert_eq!(message["token"], "device");
    assert_eq!(message.get("notification"), None);
    let android = json!({"priority": "HIGH", "ttl": "29s", "restricted_package_name": "com.example"});
    assert_eq!(message["android"], android);
    let data = message["data"].as_object().expect("data");
    assert!(data.values().all(Value::is_string));
    assert_eq!(data["channel_id"], "calls");
    let forbidden = |name: &String| name == "from" || name.starts_with("gcm") || name.starts_with("google");
    assert!(!data.keys().any(forbidden));
    assert_eq!(body.get("validate_only"), None);
}

#[test]
fn an_end_is_kept_for_a_device_that_is_away_and_a_missed_call_wakes_nobody() {
    let mut provider = granted(Rules { validate_only: true, ..Rules::default() });
    let android = |request: &Request<Bytes>| body(request)["message"]["android"].clone();
    let stop = sent(&mut provider, NOW, Kind::Stop(StopReason::Canceled));
    assert_eq!(android(&stop), json!({"priority": "HIGH", "ttl": "86400s"}));
    assert_eq!(body(&stop)["validate_only"], json!(true));
    let missed = sent(&mut provider, NOW, Kind::Missed);
    assert_eq!(android(&missed), json!({"priority": "NORMAL", "ttl": "86400s"}));
}

#[test]
fn what_is_over_too_large_or_anothers_is_not_sent() {
    let mut provider = granted(Rules::default());
    let mut refused = |now, order: &Order, to: &Address| provider.prepare(now, order, to).map(|_| ());
    assert_eq!(refused(NOW + MINUTE, &order(Kind::Ring), &address()), Err(Unsendable::Over));
    let heavy = Order { payload: Opaque::new("x".repeat(4_000)), ..order(Kind::Ring) };
    let too_large = refused(NOW, &heavy, &address());
    assert!(matches!(too_large, Err(Unsendable::TooLarge { most: 4_096, .. })), "{too_large:?}");
    let other = Address::Webhook { token: Token::new("t").expect("a token") };
    assert_eq!(refused(NOW, &order(Kind::Ring), &other), Err(Unsendable::Address));
}

#[test]
fn a_token_is_renewed_ten_minutes_before_its_end() {
    let mut provider = granted(Rules::default());
    sent(&mut provider, NOW + 49 * MINUTE, Kind::Missed);
    let asked = provider.prepare(NOW + 50 * MINUTE, &order(Kind::Missed), &address());
    assert!(matches!(asked, Ok(Prepared::Token(_))), "{asked:?}");
    provider.granted(NOW + 50 * MINUTE, &token("second")).expect("granted");
    let request = sent(&mut provider, NOW + 50 * MINUTE, Kind::Missed);
    assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer second");
}

#[test]
fn a_token_that_google_does_not_take_is_asked_for_anew_once() {
    for refused in
        [error(401, "UNAUTHENTICATED", ""), error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR")]
    {
        let mut provider = granted(Rules::default());
        assert_eq!(provider.verdict(NOW + MINUTE, &address(), &refused), Verdict::Again);
        let asked = provider.prepare(NOW + MINUTE, &order(Kind::Missed), &address());
        assert!(matches!(asked, Ok(Prepared::Token(_))), "{asked:?}");
        provider.granted(NOW + MINUTE, &token("second")).expect("granted");
        let verdict = provider.verdict(NOW + MINUTE, &address(), &refused);
        assert!(matches!(verdict, Verdict::CredentialRefused { .. }), "{verdict:?}");
    }
}

#[test]
fn what_the_token_endpoint_refuses_is_the_credentials_fault_and_its_troubles_are_not() {
    let mut provider = provider(Rules::default());
    let refused = provider.granted(NOW, &answer(400, &json!({"error": "invalid_grant"})));
    assert_eq!(refused, Err(Verdict::CredentialRefused { why: "the token endpoint answered 400".into() }));
    for (status, body) in [(503, json!({})), (429, json!({})), (200, json!("?")), (200, json!({}))] {
        let troubled = provider.granted(NOW, &answer(status, &body));
        assert_eq!(troubled, Err(Verdict::Unavailable { after: None }), "{status} {body}");
    }
}

#[test]
fn every_error_of_googles_has_its_verdict() {
    let mut provider = granted(Rules::default());
    let mut verdict = |answer: &Answer| provider.verdict(NOW, &address(), answer);
    let taken = answer(200, &json!({"name": "projects/demo-project/messages/1"}));
    assert_eq!(verdict(&taken), Verdict::Accepted { id: Some("projects/demo-project/messages/1".into()) });
    let refused = |why: &str| Verdict::CredentialRefused { why: why.to_owned().into() };
    let malformed = |why: &str| Verdict::Malformed { why: why.to_owned().into() };
    for (answer, expected) in [
        (error(404, "NOT_FOUND", "UNREGISTERED"), Verdict::AddressDead { since: None }),
        (error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), Verdict::AddressMisfit),
        (error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), Verdict::AddressMisfit),
        (naming("message.token"), Verdict::AddressMisfit),
        (naming("message.android.ttl"), malformed("400 INVALID_ARGUMENT message.android.ttl")),
        (error(400, "INVALID_ARGUMENT", ""), malformed("400 INVALID_ARGUMENT")),
        (error(404, "NOT_FOUND", ""), malformed("404 NOT_FOUND")),
        (error(403, "PERMISSION_DENIED", ""), refused("403 PERMISSION_DENIED")),
        (error(401, "UNAUTHENTICATED", ""), refused("401 UNAUTHENTICATED")),
        (error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), Verdict::Throttled { after: None }),
        (error(503, "UNAVAILABLE", "UNAVAILABLE"), Verdict::Unavailable { after: None }),
        (error(500, "INTERNAL", "INTERNAL"), Verdict::Unavailable { after: None }),
    ] {
        assert_eq!(verdict(&answer), expected, "{answer:?}");
    }
    let mut busy = error(503, "UNAVAILABLE", "UNAVAILABLE");
    busy.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
    assert_eq!(verdict(&busy), Verdict::Unavailable { after: Some(Duration::from_secs(3)) });
    let garbled = Answer { body: Bytes::from_static(b"<html>"), ..answer(502, &json!({})) };
    assert_eq!(verdict(&garbled), Verdict::Unavailable { after: None });
}

#[test]
fn a_file_that_is_no_service_account_is_refused_with_the_field_to_mend() {
    let good = file(&key());
    let with = |name: &str, value: &str| {
        let mut file = good.clone();
        file[name] = value.into();
        ServiceAccount::read(&file.to_string()).map(|_| ())
    };
    assert_eq!(with("project_id", "a/b"), Err(InvalidAccount::Project));
    assert_eq!(with("token_uri", "http://oauth2.example/token"), Err(InvalidAccount::TokenUri));
    assert!(matches!(with("private_key", "secret"), Err(InvalidAccount::Key(_))));
    assert_eq!(ServiceAccount::read("{}").map(|_| ()), Err(InvalidAccount::Json));
    let account = ServiceAccount::read(&good.to_string()).expect("an account");
    assert!(!format!("{account:?}").contains("PRIVATE"));
}
