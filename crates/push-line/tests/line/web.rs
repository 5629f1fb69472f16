//! Every row of Web Push, and where nothing is sent.
use std::time::Duration;

use http::{HeaderValue, header};
use offhook_push::testing::order;
use offhook_push::{Address, Kind, StopReason, Unsendable, Verdict, WebSubscription};
use offhook_push_line::{Line, LineConfig};
use offhook_push_web::{Hosts, Provider, Rules, Vapid};
use offhook_testing_vendors::{Behavior, PushService, PushServiceOptions, Reply, Server, Subscription};
use serde_json::Value;

use crate::stage::{Clock, Key, config};

struct Browsers {
    clock: Clock,
    key: Key,
    server: Server<PushService>,
}

impl Browsers {
    async fn start() -> Self {
        let clock = Clock::new();
        let options = PushServiceOptions { clock: clock.theirs() };
        let server = PushService::start(options).await.expect("a server");
        Self { clock, key: Key::new(), server }
    }

    fn vapid(&self) -> Vapid {
        Vapid::new(self.key.signer(), "mailto:calls@example.com").expect("a subject")
    }

    fn line(&self, allow_private: bool) -> Line {
        let hosts = Hosts::new(["localhost", "127.0.0.1", "nowhere.invalid"]).expect("hosts");
        let provider = Provider::new(self.vapid(), Rules { hosts });
        let config = LineConfig { allow_private, roots: vec![self.server.ca()], ..config() };
        Line::new(Box::new(provider), config, self.clock.ours()).expect("a line")
    }

    fn subscribe(&self) -> Subscription {
        self.server.subscribe(Some(&self.vapid().public_key())).expect("a subscription")
    }
}

fn address(to: &Subscription) -> Address {
    Address::Web(WebSubscription::new(&to.endpoint, &to.p256dh, &to.auth).expect("a subscription"))
}

#[tokio::test]
async fn a_browser_reads_its_ring_and_the_end_takes_the_rings_place() {
    let browsers = Browsers::start().await;
    let (line, bob) = (browsers.line(true), browsers.subscribe());
    let send = async |kind| line.send(&order(kind), &address(&bob)).await.expect("sent");
    assert!(matches!(send(Kind::Ring).await, Verdict::Accepted { id: Some(_) }));
    let stored = browsers.server.stored(&bob);
    assert_eq!((stored.len(), stored[0].ttl, stored[0].urgency.as_str()), (1, 60, "high"));
    let read: Value = serde_json::from_slice(stored[0].plain.as_ref().expect("readable")).expect("JSON");
    assert_eq!(read["offhook"]["kind"], "ring");
    send(Kind::Stop(StopReason::Canceled)).await;
    let stored = browsers.server.stored(&bob);
    assert_eq!(stored.len(), 1, "the end has taken its place");
    let read: Value = serde_json::from_slice(stored[0].plain.as_ref().expect("readable")).expect("JSON");
    assert_eq!(read["offhook"]["reason"], "canceled");
    assert_eq!(browsers.server.violations(), [""; 0]);
}

#[tokio::test]
async fn every_answer_of_a_push_service_has_its_verdict() {
    let browsers = Browsers::start().await;
    let bob = browsers.subscribe();
    let why = |status: u16| format!("the push service answered {status}").into();
    let malformed = |status| Verdict::Malformed { why: why(status) };
    for (status, expected) in [
        (400, malformed(400)),
        (401, Verdict::CredentialRefused { why: why(401) }),
        (403, Verdict::AddressMisfit),
        (404, Verdict::AddressDead { since: None }),
        (410, Verdict::AddressDead { since: None }),
        (413, malformed(413)),
        (429, Verdict::Throttled { after: None }),
        (500, Verdict::Unavailable { after: None }),
        (503, Verdict::Unavailable { after: None }),
    ] {
        browsers.server.answer_next(Reply::Answer(PushService::refusal(status, 0, "no")));
        let verdict = browsers.line(true).send(&order(Kind::Ring), &address(&bob)).await;
        assert_eq!(verdict, Ok(expected), "{status}");
    }
    browsers.server.answer_next(Reply::Answer(PushService::refusal(403, 0, "BadJwtToken")));
    let verdict = browsers.line(true).send(&order(Kind::Ring), &address(&bob)).await;
    assert_eq!(verdict, Ok(Verdict::CredentialRefused { why: why(403) }));
    let mut busy = PushService::refusal(429, 0, "no");
    busy.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("9"));
    browsers.server.answer_next(Reply::Answer(busy));
    let verdict = browsers.line(true).send(&order(Kind::Ring), &address(&bob)).await;
    assert_eq!(verdict, Ok(Verdict::Throttled { after: Some(Duration::from_secs(9)) }));
    browsers.server.answer_next(Reply::Behave(Behavior::Stall));
    let verdict = browsers.line(true).send(&order(Kind::Ring), &address(&bob)).await;
    assert_eq!(verdict, Ok(Verdict::Unknown));
}

#[tokio::test]
async fn a_browser_that_left_or_subscribed_with_another_key_is_told_from_one_that_is_there() {
    let browsers = Browsers::start().await;
    let line = browsers.line(true);
    let (gone, other) = (browsers.subscribe(), browsers.server.subscribe(Some("another")).expect("one"));
    browsers.server.unsubscribe(&gone);
    let send = async |to: &Subscription| line.send(&order(Kind::Ring), &address(to)).await;
    assert_eq!(send(&gone).await, Ok(Verdict::AddressDead { since: None }));
    assert_eq!(send(&other).await, Ok(Verdict::AddressMisfit));
    assert_eq!(send(&browsers.subscribe()).await.expect("sent").as_str(), "accepted");
}

#[tokio::test]
async fn an_endpoint_in_a_private_network_is_refused_before_anything_is_dialed() {
    let browsers = Browsers::start().await;
    let (line, bob) = (browsers.line(false), browsers.subscribe());
    let by_address = Subscription { endpoint: bob.endpoint.replace("localhost", "127.0.0.1"), ..bob.clone() };
    for to in [&bob, &by_address] {
        let refused = line.send(&order(Kind::Ring), &address(to)).await;
        assert_eq!(refused, Err(Unsendable::Host), "{}", to.endpoint);
    }
    assert_eq!(browsers.server.connections(), 0);
    assert_eq!(line.state().resting_until, None);
}

#[tokio::test]
async fn endpoints_that_lead_nowhere_do_not_silence_the_others() {
    let browsers = Browsers::start().await;
    let (line, bob) = (browsers.line(true), browsers.subscribe());
    let nowhere = Subscription { endpoint: "https://nowhere.invalid/push/1".into(), ..bob.clone() };
    for _ in 0..25 {
        let verdict = line.send(&order(Kind::Ring), &address(&nowhere)).await;
        assert_eq!(verdict, Ok(Verdict::Unavailable { after: None }));
    }
    assert!(line.state().last_failure.is_some_and(|why| why.contains("leads to no address")));
    let verdict = line.send(&order(Kind::Ring), &address(&bob)).await.expect("sent");
    assert_eq!(verdict.as_str(), "accepted");
}
