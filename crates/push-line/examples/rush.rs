//! How many pushes a second a line carries to our stand-in for Apple's service on this machine, both in one process:
//! `cargo run --release -p offhook-push-line --example rush [how many] [at a time]`.
use std::{sync::Arc, time::Duration};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{StreamExt as _, stream};
use offhook_push::testing::{RUNG_AT, order};
use offhook_push::{Address, ApnsChannel, ApnsToken, Environment, Kind, Signer};
use offhook_push_apns::{Credential, Provider, Rules, StopAs};
use offhook_push_line::{Line, LineConfig};
use offhook_testing_vendors::{Apns, ApnsKey, ApnsOptions};
use tokio::time::Instant;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse().expect("a number"));
    let (count, at_a_time) = (numbers.next().unwrap_or(10_000), numbers.next().unwrap_or(50));
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let known = ApnsKey {
        key_id: "ABCDE12345".into(),
        point: key.public_key().as_ref().to_vec(),
        team_id: "TEAM123456".into(),
    };
    let options = ApnsOptions {
        bundle: "com.example.app".into(),
        clock: Arc::new(|| RUNG_AT.as_millis() / 1_000),
        keys: vec![known],
        most_streams: 1_000,
    };
    let server = Apns::start(options).await.expect("a server");
    let line = line(&key, &server);
    let to = ApnsToken::new(ApnsChannel::Voip, Environment::Production, "00ff").expect("a token");
    let (ring, to) = (order(Kind::Ring), Address::Apns(to));
    let begun = Instant::now();
    let mut took: Vec<Duration> = stream::iter(0..count)
        .map(|_| async {
            let begun = Instant::now();
            let verdict = line.send(&ring, &to).await.expect("can be sent");
            assert_eq!(verdict.as_str(), "accepted");
            begun.elapsed()
        })
        .buffer_unordered(at_a_time)
        .collect()
        .await;
    let all = begun.elapsed();
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!(
        "{count} pushes, {at_a_time} at a time, {} connections: {:.0} a second, p50 {:?}, p99 {:?}",
        server.connections(),
        f64::from(u32::try_from(count).expect("few enough")) / all.as_secs_f64(),
        at(50),
        at(99)
    );
}

fn line(key: &EcdsaKeyPair, server: &offhook_testing_vendors::Server<Apns>) -> Line {
    let der = STANDARD.encode(key.to_pkcs8v1().expect("a document"));
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----");
    let credential = Credential::Key {
        key_id: "ABCDE12345".into(),
        signer: Signer::es256(&pem).expect("a signer"),
        team_id: "TEAM123456".into(),
    };
    let rules = Rules {
        bundle: "com.example.app".into(),
        mutable: false,
        sound: "default".into(),
        stop_as: StopAs::Background,
    };
    let provider = Provider::new(credential, rules).expect("a provider");
    let config = LineConfig {
        base_url: Some(server.url().parse().expect("a URL")),
        roots: vec![server.ca()],
        ..LineConfig::default()
    };
    Line::new(Box::new(provider), config, Arc::new(|| RUNG_AT)).expect("a line")
}
