//! An app's own provider, over both versions of HTTP.
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::Response;
use offhook_push::testing::order;
use offhook_push::{Address, Kind, Token, Verdict};
use offhook_push_line::{Line, LineConfig};
use offhook_push_webhook::{Provider, Rules, Secret};
use offhook_testing_vendors::{Behavior, Reply, Server, Webhook, WebhookOptions};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::stage::{Clock, config};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AAKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async fn hook(is_old: bool) -> (Server<Webhook>, Clock) {
    let clock = Clock::new();
    let options = WebhookOptions { clock: clock.theirs(), is_old, secret: SECRET.into() };
    (Webhook::start(options).await.expect("a server"), clock)
}

fn line(url: &str, secret: &str, clock: &Clock, config: LineConfig) -> Line {
    let rules = Rules::new(url, "").expect("a URL");
    let provider = Provider::new(Secret::new(secret).expect("a secret"), rules);
    Line::new(Box::new(provider), config, clock.ours()).expect("a line")
}

fn line_to(server: &Server<Webhook>, secret: &str, clock: &Clock) -> Line {
    let config = LineConfig { roots: vec![server.ca()], ..config() };
    line(&format!("{}/hook", server.url()), secret, clock, config)
}

fn device() -> Address {
    Address::Webhook { token: Token::new("bob").expect("a token") }
}

fn status(status: u16) -> Reply {
    Reply::Answer(Response::builder().status(status).body(Bytes::new()).expect("an answer"))
}

#[tokio::test]
async fn a_signed_webhook_is_taken_and_one_of_another_secret_is_not() {
    for is_old in [false, true] {
        let (server, clock) = hook(is_old).await;
        let verdict = line_to(&server, SECRET, &clock).send(&order(Kind::Ring), &device()).await;
        assert_eq!(verdict, Ok(Verdict::Accepted { id: None }));
        let verdict = line_to(&server, OTHER, &clock).send(&order(Kind::Ring), &device()).await;
        let why = "the webhook answered 401".into();
        assert_eq!(verdict, Ok(Verdict::CredentialRefused { why }));
    }
}

#[tokio::test]
async fn over_http_1_1_a_connection_is_kept_too_and_carries_one_push_at_a_time() {
    let (server, clock) = hook(true).await;
    let line = line_to(&server, SECRET, &clock);
    let ring = order(Kind::Ring);
    for _ in 0..5 {
        assert_eq!(line.send(&ring, &device()).await, Ok(Verdict::Accepted { id: None }));
    }
    assert_eq!(server.connections(), 1);
    let to = device();
    let verdicts = join_all((0..50).map(|_| line.send(&ring, &to))).await;
    assert!(verdicts.iter().all(|verdict| *verdict == Ok(Verdict::Accepted { id: None })), "{verdicts:?}");
    assert!(server.connections() <= 8, "{}", server.connections());
}

#[tokio::test]
async fn trouble_over_http_1_1_is_unknown_and_the_next_push_goes_over_a_fresh_connection() {
    let (server, clock) = hook(true).await;
    let line = line_to(&server, SECRET, &clock);
    for behavior in [Behavior::Close, Behavior::Stall] {
        server.answer_next(Reply::Behave(behavior));
        assert_eq!(line.send(&order(Kind::Ring), &device()).await, Ok(Verdict::Unknown), "{behavior:?}");
        assert_eq!(line.send(&order(Kind::Ring), &device()).await, Ok(Verdict::Accepted { id: None }));
    }
}

#[tokio::test]
async fn every_answer_of_a_webhook_has_its_verdict_and_no_redirect_is_followed() {
    let (server, clock) = hook(false).await;
    let line = line_to(&server, SECRET, &clock);
    for (code, expected) in [
        (200, "accepted"),
        (301, "malformed"),
        (307, "malformed"),
        (400, "malformed"),
        (404, "malformed"),
        (410, "address_dead"),
        (413, "malformed"),
        (422, "malformed"),
        (429, "throttled"),
        (500, "unavailable"),
        (503, "unavailable"),
    ] {
        let before = server.count();
        server.answer_next(status(code));
        let verdict = line.send(&order(Kind::Ring), &device()).await.expect("sent");
        assert_eq!(verdict.as_str(), expected, "{code}");
        assert_eq!(server.count(), before + 1);
    }
}

#[tokio::test]
async fn a_webhook_on_this_machine_needs_no_encryption() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("a port").port();
    let answering = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut seen = Vec::new();
        while !seen.ends_with(b"}") {
            stream.read_buf(&mut seen).await.expect("a request");
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.expect("a client");
        String::from_utf8(seen).expect("text")
    });
    let clock = Clock::new();
    let line = line(&format!("http://localhost:{port}/hook?x=1"), SECRET, &clock, config());
    assert_eq!(line.send(&order(Kind::Ring), &device()).await, Ok(Verdict::Accepted { id: None }));
    let seen = answering.await.expect("an end");
    assert!(seen.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("host: localhost:{port}\r\n")), "{seen}");
}

#[tokio::test]
async fn nobody_listens_means_that_nothing_was_sent() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("a port").port();
    drop(listener);
    let line = line(&format!("http://127.0.0.1:{port}/"), SECRET, &Clock::new(), config());
    let verdict = line.send(&order(Kind::Ring), &device()).await;
    assert_eq!(verdict, Ok(Verdict::Unavailable { after: None }));
    assert!(line.state().last_failure.is_some_and(|why| why.contains("no connection to 127.0.0.1")));
}

#[tokio::test]
async fn a_peer_that_takes_a_connection_and_says_nothing_is_given_up() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("a port").port();
    let silent = LineConfig { connect_timeout: Duration::from_millis(200), ..config() };
    let line = line(&format!("https://127.0.0.1:{port}/"), SECRET, &Clock::new(), silent);
    let verdict = line.send(&order(Kind::Ring), &device()).await;
    assert_eq!(verdict, Ok(Verdict::Unavailable { after: None }));
    drop(listener);
}
