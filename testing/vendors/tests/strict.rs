//! The stand-ins refuse what vendors refuse, in their words. What they take is shown by the tests of the driver and by independent peers.
use std::sync::Arc;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request};
use offhook_testing_vendors::{
    Apns, ApnsKey, ApnsOptions, Clock, PushService, PushServiceOptions, Server, Webhook, WebhookOptions,
};
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const NOW: u64 = 1_700_000_000;
const MINUTE: u64 = 60;

/// A connection of HTTP/2 that sends whatever it is given.
struct Client(h2::client::SendRequest<Bytes>);

impl Client {
    async fn to(port: u16, root: CertificateDer<'static>) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(root).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let tcp = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.expect("TLS");
        let (sender, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        tokio::spawn(connection);
        Self(sender)
    }

    /// The status, and what a body in JSON says under this name.
    async fn ask(&mut self, request: Request<Bytes>, name: &str) -> (u16, Value) {
        let (head, body) = request.into_parts();
        let (response, mut stream) =
            self.0.send_request(Request::from_parts(head, ()), false).expect("it is sent");
        stream.send_data(body, true).expect("it is sent");
        let response = response.await.expect("an answer");
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let mut read = Vec::new();
        while let Some(chunk) = body.data().await {
            read.extend_from_slice(&chunk.expect("a body"));
        }
        let said: Value = serde_json::from_slice(&read).unwrap_or_default();
        (status, said[name].clone())
    }
}

fn clock() -> Clock {
    Arc::new(|| NOW)
}

fn key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")
}

fn jws(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// A request whose parts are replaced one by one; an empty value leaves the header out.
fn with(uri: &str, body: &[u8], headers: &[(&str, &str)], changed: &[(&str, &str)]) -> Request<Bytes> {
    let mut request = Request::post(uri);
    let kept = headers.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    for (name, value) in kept.chain(changed).filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    request.body(Bytes::copy_from_slice(body)).expect("a request")
}

fn provider_token(key: &EcdsaKeyPair, number: usize, made: u64) -> String {
    let header = json!({"alg": "ES256", "kid": format!("KEYNUMBER{number}")});
    format!("bearer {}", jws(key, &header, &json!({"iss": "TEAM123456", "iat": made})))
}

struct Apple {
    keys: [EcdsaKeyPair; 2],
    server: Server<Apns>,
    /// Signed once: a second signature would be another token.
    token: String,
}

impl Apple {
    async fn start() -> Self {
        let keys = [key(), key()];
        let known = ["KEYNUMBER1", "KEYNUMBER2"].iter().zip(&keys).map(|(name, key)| ApnsKey {
            key_id: (*name).to_owned(),
            point: key.public_key().as_ref().to_vec(),
            team_id: "TEAM123456".to_owned(),
        });
        let options = ApnsOptions {
            bundle: "com.example.app".into(),
            clock: clock(),
            keys: known.collect(),
            most_streams: 100,
        };
        let token = provider_token(&keys[0], 1, NOW);
        Self { server: Apns::start(options).await.expect("a server"), keys, token }
    }

    async fn client(&self) -> Client {
        Client::to(self.server.addr().port(), self.server.ca()).await
    }

    fn token(&self, key: usize, made: u64) -> String {
        provider_token(&self.keys[key], key + 1, made)
    }

    fn ring(&self, changed: &[(&str, &str)]) -> Request<Bytes> {
        let headers = [
            ("authorization", self.token.as_str()),
            ("apns-id", "01234567-89ab-4def-8123-456789abcdef"),
            ("apns-push-type", "voip"),
            ("apns-topic", "com.example.app.voip"),
            ("apns-priority", "10"),
            ("apns-expiration", "0"),
        ];
        with("https://localhost/3/device/00ff", br#"{"aps":{}}"#, &headers, changed)
    }
}

#[tokio::test]
async fn apple_refuses_headers_that_do_not_fit() {
    let apple = Apple::start().await;
    let mut client = apple.client().await;
    let long = "x".repeat(65);
    for (changed, reason) in [
        ([("apns-id", "7")], "BadMessageId"),
        ([("apns-expiration", "soon")], "BadExpirationDate"),
        ([("apns-priority", "11")], "BadPriority"),
        ([("apns-collapse-id", long.as_str())], "BadCollapseId"),
        ([("apns-topic", "")], "MissingTopic"),
        ([("apns-topic", "com.example.other.voip")], "TopicDisallowed"),
        ([("apns-topic", "com.example.app")], "BadTopic"),
        ([("apns-push-type", "ring")], "InvalidPushType"),
        ([("apns-push-type", "alert")], "BadTopic"),
    ] {
        assert_eq!(client.ask(apple.ring(&changed), "reason").await, (400, json!(reason)), "{changed:?}");
    }
    let background = [("apns-push-type", "background"), ("apns-topic", "com.example.app")];
    assert_eq!(client.ask(apple.ring(&background), "reason").await, (400, json!("BadPriority")));
    assert_eq!(client.ask(apple.ring(&[("x-own", "1")]), "reason").await.0, 200);
    assert_eq!(apple.server.violations(), ["the service knows no header x-own"]);
}

#[tokio::test]
async fn apple_refuses_paths_methods_and_payloads_that_do_not_fit() {
    let apple = Apple::start().await;
    let mut client = apple.client().await;
    let changed = |change: &dyn Fn(&mut Request<Bytes>)| {
        let mut request = apple.ring(&[]);
        change(&mut request);
        request
    };
    let to = |path: &str| {
        let uri = format!("https://localhost{path}").parse().expect("a URI");
        move |request: &mut Request<Bytes>| *request.uri_mut() = uri
    };
    let weighing = |bytes: usize| {
        move |request: &mut Request<Bytes>| {
            let filler = "x".repeat(bytes - r#"{"aps":{},"x":""}"#.len());
            *request.body_mut() = format!(r#"{{"aps":{{}},"x":"{filler}"}}"#).into();
        }
    };
    for (request, expected) in [
        (changed(&|it| *it.method_mut() = Method::PUT), (405, json!("MethodNotAllowed"))),
        (changed(&|it| to("/2/device/00ff")(it)), (404, json!("BadPath"))),
        (changed(&|it| to("/3/device/")(it)), (400, json!("MissingDeviceToken"))),
        (changed(&|it| to("/3/device/xyz")(it)), (400, json!("BadDeviceToken"))),
        (changed(&|it| *it.body_mut() = Bytes::new()), (400, json!("PayloadEmpty"))),
        (changed(&weighing(5_121)), (413, json!("PayloadTooLarge"))),
        (changed(&weighing(5_120)), (200, Value::Null)),
    ] {
        assert_eq!(client.ask(request, "reason").await, expected);
    }
    let mut alert = apple.ring(&[("apns-push-type", "alert"), ("apns-topic", "com.example.app")]);
    weighing(4_097)(&mut alert);
    assert_eq!(client.ask(alert, "reason").await, (413, json!("PayloadTooLarge")));
}

#[tokio::test]
async fn apple_refuses_tokens_that_do_not_hold() {
    let apple = Apple::start().await;
    let header = json!({"alg": "ES256", "kid": "KEYNUMBER1"});
    let claims = json!({"iss": "TEAM123456", "iat": NOW});
    let of =
        |key: &EcdsaKeyPair, header: &Value, claims: &Value| format!("bearer {}", jws(key, header, claims));
    for (token, reason) in [
        (String::new(), "MissingProviderToken"),
        ("basic abc".to_owned(), "MissingProviderToken"),
        ("bearer a.b.c".to_owned(), "InvalidProviderToken"),
        (of(&key(), &header, &claims), "InvalidProviderToken"),
        (of(&apple.keys[0], &json!({"alg": "ES256", "kid": "ANOTHERKEY"}), &claims), "InvalidProviderToken"),
        (of(&apple.keys[0], &header, &json!({"iss": "ANOTHERTEA", "iat": NOW})), "InvalidProviderToken"),
        (apple.token(0, NOW + 10 * MINUTE), "InvalidProviderToken"),
        (apple.token(0, NOW - 61 * MINUTE), "ExpiredProviderToken"),
    ] {
        let mut client = apple.client().await;
        let answer = client.ask(apple.ring(&[("authorization", &token)]), "reason").await;
        assert_eq!(answer, (403, json!(reason)), "{token}");
    }
}

#[tokio::test]
async fn apple_ties_a_connection_to_its_token() {
    let apple = Apple::start().await;
    let mut client = apple.client().await;
    let mut with_token = async |key, made| {
        let token = apple.token(key, made);
        client.ask(apple.ring(&[("authorization", &token)]), "reason").await
    };
    assert_eq!(with_token(0, NOW - 30 * MINUTE).await.0, 200);
    assert_eq!(with_token(0, NOW - 15 * MINUTE).await, (429, json!("TooManyProviderTokenUpdates")));
    assert_eq!(with_token(0, NOW - 10 * MINUTE).await.0, 200);
    assert_eq!(with_token(1, NOW).await, (403, json!("UnrelatedKeyIdInToken")));
}

#[tokio::test]
async fn apple_wants_one_stream_alone_until_it_has_seen_a_good_token() {
    let apple = Apple::start().await;
    let mut client = apple.client().await;
    let head = || Request::from_parts(apple.ring(&[]).into_parts().0, ());
    // Its body does not end, so that it stays open.
    let _first = client.0.send_request(head(), false).expect("it is sent");
    let (second, _) = client.0.send_request(head(), true).expect("it is sent");
    let refused = second.await.expect_err("refused");
    assert_eq!(refused.reason(), Some(h2::Reason::REFUSED_STREAM));
    assert_eq!(apple.server.violations(), ["a second stream before the first valid answer"]);
}

#[tokio::test]
async fn a_push_service_refuses_what_the_standards_forbid() {
    let server = PushService::start(PushServiceOptions { clock: clock() }).await.expect("a server");
    let bob = server.subscribe(None).expect("a subscription");
    let mut client = Client::to(server.addr().port(), server.ca()).await;
    let key = key();
    let vapid = |claims: &Value| {
        let token = jws(&key, &json!({"alg": "ES256", "typ": "JWT"}), claims);
        format!("vapid t={token}, k={}", URL_SAFE_NO_PAD.encode(key.public_key().as_ref()))
    };
    let claims = |aud: &str, exp: u64, sub: &str| vapid(&json!({"aud": aud, "exp": exp, "sub": sub}));
    let (url, contact, day) = (server.url(), "mailto:a@b.example", 86_400);
    let good = claims(&url, NOW + day, contact);
    let headers = [
        ("authorization", good.as_str()),
        ("ttl", "60"),
        ("urgency", "high"),
        ("topic", "call"),
        ("content-encoding", "aes128gcm"),
    ];
    let long = "x".repeat(33);
    let (other_port, over, late, nobody) = (
        claims("https://localhost", NOW + day, contact),
        claims(&url, NOW, contact),
        claims(&url, NOW + day + 1, contact),
        claims(&url, NOW + day, ""),
    );
    for (changed, expected) in [
        (("ttl", ""), (400, 111)),
        (("ttl", "2592001"), (400, 112)),
        (("ttl", "-1"), (400, 112)),
        (("topic", long.as_str()), (400, 113)),
        (("topic", "a/b"), (400, 113)),
        (("urgency", "urgent"), (400, 110)),
        (("content-encoding", "aesgcm"), (400, 110)),
        (("authorization", ""), (401, 109)),
        (("authorization", "vapid t=a.b.c, k=d"), (401, 109)),
        (("authorization", other_port.as_str()), (401, 109)),
        (("authorization", over.as_str()), (401, 109)),
        (("authorization", late.as_str()), (401, 109)),
        (("authorization", nobody.as_str()), (401, 109)),
    ] {
        let request = with(&bob.endpoint, b"sealed", &headers, &[changed]);
        let (status, errno) = client.ask(request, "errno").await;
        assert_eq!((status, errno), (expected.0, json!(expected.1)), "{changed:?}");
    }
    let heavy = with(&bob.endpoint, &[0; 4_097], &headers, &[]);
    assert_eq!(client.ask(heavy, "errno").await, (413, json!(104)));
    let nowhere = with(&format!("{url}/push/nobody"), b"sealed", &headers, &[]);
    assert_eq!(client.ask(nowhere, "errno").await, (404, json!(102)));
    let unreadable = with(&bob.endpoint, b"sealed", &headers, &[]);
    assert_eq!(client.ask(unreadable, "errno").await.0, 201);
    assert_eq!(server.violations(), ["the browser cannot read this"]);
}

#[tokio::test]
async fn a_webhook_wants_a_signature_of_these_minutes() {
    let options = WebhookOptions {
        clock: clock(),
        is_old: false,
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(),
    };
    let server = Webhook::start(options).await.expect("a server");
    let mut client = Client::to(server.addr().port(), server.ca()).await;
    let url = format!("{}/hook", server.url());
    // Signed rightly, but years ago: the example of the scheme.
    let old = [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ];
    let body = br#"{"test": 2432232314}"#;
    assert_eq!(client.ask(with(&url, body, &old, &[]), "").await.0, 401);
    let now = NOW.to_string();
    assert_eq!(client.ask(with(&url, body, &old, &[("webhook-timestamp", &now)]), "").await.0, 401);
    assert_eq!(client.ask(with(&format!("{url}s"), body, &old, &[]), "").await.0, 404);
    let earlier = WebhookOptions {
        clock: Arc::new(|| 1_614_265_330),
        is_old: false,
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(),
    };
    let server = Webhook::start(earlier).await.expect("a server");
    let mut client = Client::to(server.addr().port(), server.ca()).await;
    let url = format!("{}/hook", server.url());
    assert_eq!(client.ask(with(&url, body, &old, &[]), "").await.0, 204, "in its time it held");
}
