//! The two ends that independent programs are held against: `serve` starts our stand-ins for vendors, `seal` makes a Web Push as the
//! driver sends it. `cargo xtask push-peers` runs both; docs/push-testing.md says what for.
use std::{
    io::Read as _,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use offhook_push::testing::order;
use offhook_push::{Address, Kind, Order, Prepared, Signer, Vendor as _, WebSubscription};
use offhook_push_web::{Hosts, Provider, Rules, Vapid};
use offhook_testing_vendors::{Apns, ApnsKey, ApnsOptions, Device, PushService, PushServiceOptions};
use offhook_types::Timestamp;
use serde_json::{Map, Value, json};
use tokio::io::AsyncReadExt as _;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => serve().await,
        Some("seal") => seal(),
        Some(_) | None => eprintln!("usage: peers serve | seal"),
    }
}

#[expect(clippy::disallowed_methods, reason = "peers look at the clock of the machine, so this does, too")]
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn key() -> (EcdsaKeyPair, String) {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let der = STANDARD.encode(key.to_pkcs8v1().expect("a document"));
    (key, format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n"))
}

/// Prints where the servers are, waits for the end of its input, and prints what they got.
async fn serve() {
    let (key, pem) = key();
    let known = ApnsKey {
        key_id: "ABCDE12345".into(),
        point: key.public_key().as_ref().to_vec(),
        team_id: "TEAM123456".into(),
    };
    let options = ApnsOptions {
        bundle: "com.example.app".into(),
        clock: Arc::new(seconds),
        keys: vec![known],
        most_streams: 100,
    };
    let apns = Apns::start(options).await.expect("a server");
    apns.device("01", Device::Gone(1_600_000_000_000));
    apns.device("02", Device::OfAnotherApp);
    let push_service =
        PushService::start(PushServiceOptions { clock: Arc::new(seconds) }).await.expect("a server");
    let there = push_service.subscribe(None).expect("a subscription");
    let of_another_key = push_service.subscribe(Some("another")).expect("a subscription");
    let gone = push_service.subscribe(None).expect("a subscription");
    push_service.unsubscribe(&gone);
    let subscription = |of: &offhook_testing_vendors::Subscription| json!({"endpoint": of.endpoint, "keys": {"p256dh": of.p256dh, "auth": of.auth}});
    let stage = json!({
        "apns": {"port": apns.addr().port(), "ca": apns.authority().root_pem(), "key": pem},
        "web": {
            "ca": push_service.authority().root_pem(),
            "there": subscription(&there),
            "of_another_key": subscription(&of_another_key),
            "gone": subscription(&gone),
        },
    });
    println!("{stage}");
    let mut nothing = Vec::new();
    tokio::io::stdin().read_to_end(&mut nothing).await.expect("an end");
    let stored: Vec<Value> = push_service
        .stored(&there)
        .iter()
        .map(|message| {
            let plain = message.plain.as_deref().map(String::from_utf8_lossy);
            json!({"plain": plain, "topic": message.topic, "ttl": message.ttl, "urgency": message.urgency})
        })
        .collect();
    let got = json!({
        "apns": {"count": apns.count(), "connections": apns.connections(), "violations": apns.violations()},
        "web": {"stored": stored, "violations": push_service.violations()},
    });
    println!("{got}");
}

/// Reads a subscription and prints the request that carries a ring to it.
fn seal() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("a subscription");
    let read: Value = serde_json::from_str(&text).expect("JSON");
    let field = |value: &Value| value.as_str().expect("text").to_owned();
    let (endpoint, keys) = (field(&read["endpoint"]), &read["keys"]);
    let to = WebSubscription::new(&endpoint, &field(&keys["p256dh"]), &field(&keys["auth"]));
    let (_, pem) = key();
    let vapid = Vapid::new(Signer::es256(&pem).expect("a signer"), "mailto:calls@example.com");
    let hosts = Hosts::new(["push.example"]).expect("hosts");
    let mut provider = Provider::new(vapid.expect("a subject"), Rules { hosts });
    let now = Timestamp::from_millis(seconds() * 1_000);
    let ring = Order { rung_at: now, ring_until: now + Duration::from_mins(1), ..order(Kind::Ring) };
    let address = Address::Web(to.expect("a subscription"));
    let Ok(Prepared::Push(request)) = provider.prepare(now, &ring, &address) else {
        panic!("a ring to push.example can be sent")
    };
    let text = |value: &http::HeaderValue| Value::from(value.to_str().expect("ASCII"));
    let headers: Map<String, Value> =
        request.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let body = URL_SAFE_NO_PAD.encode(request.body());
    println!("{}", json!({"uri": request.uri().to_string(), "headers": headers, "body": body}));
}
