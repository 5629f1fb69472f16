//! Every row of Google's table, and one token for all.
use std::time::Duration;

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::KeySize,
    signature::{KeyPair as _, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use http::{HeaderValue, Response, header};
use offhook_push::testing::order;
use offhook_push::{Address, Kind, StopReason, Token, Verdict};
use offhook_push_fcm::{Provider, Rules, ServiceAccount};
use offhook_push_line::{Line, LineConfig};
use offhook_testing_vendors::{Behavior, Device, Fcm, FcmError, FcmOptions, Reply, Server};
use serde_json::json;

use crate::stage::{Clock, config};

struct Google {
    account: String,
    clock: Clock,
    server: Server<Fcm>,
}

impl Google {
    async fn start() -> Self {
        let clock = Clock::new();
        let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let options = FcmOptions {
            clock: clock.theirs(),
            email: "calls@demo-project.example".into(),
            project: "demo-project".into(),
            public_key: key.public_key().as_ref().to_vec(),
        };
        let server = Fcm::start(options).await.expect("a server");
        let document: Pkcs8V1Der<'_> = key.as_der().expect("a document");
        let der: &[u8] = document.as_ref();
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
        let account = json!({
            "client_email": "calls@demo-project.example",
            "private_key": pem,
            "project_id": "demo-project",
            "token_uri": server.token_uri(),
        });
        Self { account: account.to_string(), clock, server }
    }

    fn line(&self) -> Line {
        let rules = Rules { channel: "calls".into(), package: "com.example.app".into(), ..Rules::default() };
        let provider = Provider::new(ServiceAccount::read(&self.account).expect("an account"), rules);
        let config = LineConfig {
            base_url: Some(self.server.url().parse().expect("a URL")),
            roots: vec![self.server.ca()],
            ..config()
        };
        Line::new(Box::new(provider), config, self.clock.ours()).expect("a line")
    }
}

fn device(token: &str) -> Address {
    Address::Fcm { token: Token::new(token).expect("a token") }
}

#[tokio::test]
async fn a_hundred_pushes_at_once_ask_for_one_token() {
    let google = Google::start().await;
    let line = google.line();
    let (ring, to) = (order(Kind::Ring), device("bob"));
    let verdicts = join_all((0..100).map(|_| line.send(&ring, &to))).await;
    assert!(
        verdicts.iter().all(|verdict| matches!(verdict, Ok(Verdict::Accepted { id: Some(_) }))),
        "{verdicts:?}"
    );
    assert_eq!((google.server.grants(), google.server.count()), (1, 100));
    assert_eq!(google.server.violations(), [""; 0]);
    assert_eq!(google.server.connections(), 1);
}

#[tokio::test]
async fn everything_that_is_said_keeps_to_googles_schema() {
    let google = Google::start().await;
    let line = google.line();
    for kind in [Kind::Ring, Kind::Stop(StopReason::Canceled), Kind::Missed] {
        assert_eq!(line.send(&order(kind), &device("bob")).await.expect("sent").as_str(), "accepted");
    }
    assert_eq!(google.server.violations(), [""; 0]);
}

#[tokio::test]
async fn every_answer_of_googles_table_has_its_verdict() {
    let refused = |why: &'static str| Verdict::CredentialRefused { why: why.into() };
    let rows = [
        (FcmError::Internal, Verdict::Unavailable { after: None }),
        (FcmError::InvalidArgument, Verdict::AddressMisfit),
        (
            FcmError::InvalidField("message.android.ttl"),
            Verdict::Malformed { why: "400 INVALID_ARGUMENT message.android.ttl".into() },
        ),
        (FcmError::InvalidField("message.token"), Verdict::AddressMisfit),
        (FcmError::QuotaExceeded, Verdict::Throttled { after: None }),
        (FcmError::SenderIdMismatch, Verdict::AddressMisfit),
        (FcmError::ThirdPartyAuth, refused("401 THIRD_PARTY_AUTH_ERROR")),
        (FcmError::Unauthenticated, refused("401 UNAUTHENTICATED")),
        (FcmError::Unavailable, Verdict::Unavailable { after: None }),
        (FcmError::Unregistered, Verdict::AddressDead { since: None }),
    ];
    let google = Google::start().await;
    for (error, expected) in rows {
        google.server.answer_next(Reply::Answer(error.answer()));
        let verdict = google.line().send(&order(Kind::Ring), &device("bob")).await;
        assert_eq!(verdict, Ok(expected), "{error:?}");
    }
    for (error, expected) in [
        (FcmError::QuotaExceeded, Verdict::Throttled { after: Some(Duration::from_mins(1)) }),
        (FcmError::Unavailable, Verdict::Unavailable { after: Some(Duration::from_mins(1)) }),
    ] {
        let mut answer = error.answer();
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        google.server.answer_next(Reply::Answer(answer));
        let verdict = google.line().send(&order(Kind::Ring), &device("bob")).await;
        assert_eq!(verdict, Ok(expected), "{error:?}");
    }
}

#[tokio::test]
async fn what_became_of_a_device_is_told() {
    let google = Google::start().await;
    let line = google.line();
    google.server.device("gone", Device::Gone(0));
    google.server.device("misfit", Device::OfAnotherApp);
    for (token, expected) in
        [("gone", Verdict::AddressDead { since: None }), ("misfit", Verdict::AddressMisfit)]
    {
        assert_eq!(line.send(&order(Kind::Ring), &device(token)).await, Ok(expected));
    }
}

#[tokio::test]
async fn a_token_that_google_took_back_is_replaced_and_the_push_sent_again() {
    let google = Google::start().await;
    let line = google.line();
    line.send(&order(Kind::Missed), &device("bob")).await.expect("sent");
    google.server.revoke();
    google.clock.advance(Duration::from_mins(5));
    let verdict = line.send(&order(Kind::Missed), &device("bob")).await.expect("sent");
    assert_eq!(verdict.as_str(), "accepted");
    assert_eq!((google.server.grants(), google.server.count()), (2, 3));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_next_push_asks_again() {
    let google = Google::start().await;
    let other = json!({
        "client_email": "somebody@demo-project.example",
        "private_key": serde_json::from_str::<serde_json::Value>(&google.account).expect("JSON")["private_key"],
        "project_id": "demo-project",
        "token_uri": google.server.token_uri(),
    });
    let stranger = Google { account: other.to_string(), clock: google.clock.clone(), server: google.server };
    let line = stranger.line();
    let why = "the token endpoint answered 400".into();
    let verdict = line.send(&order(Kind::Missed), &device("bob")).await;
    assert_eq!(verdict, Ok(Verdict::CredentialRefused { why }));
    assert_eq!(stranger.server.count(), 0);
}

#[tokio::test]
async fn an_answer_that_never_comes_is_unknown() {
    let google = Google::start().await;
    let line = google.line();
    google.server.answer_next(Reply::Behave(Behavior::Stall));
    assert_eq!(line.send(&order(Kind::Ring), &device("bob")).await, Ok(Verdict::Unknown));
    let redirect = Response::builder().status(307).header("location", "https://localhost:1/");
    google.server.answer_next(Reply::Answer(redirect.body(bytes::Bytes::new()).expect("an answer")));
    let verdict = line.send(&order(Kind::Ring), &device("bob")).await.expect("sent");
    assert_eq!(verdict.as_str(), "malformed", "a redirect is not followed");
}
