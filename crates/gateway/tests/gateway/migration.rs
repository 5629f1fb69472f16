//! Clients that migrate: they bring tokens of the format token04, as their app's back end still mints them.
use aes::Aes256;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use offhook_auth::{AppSpec, KeyRing, Token04Secret};
use offhook_gateway::Clock as _;
use serde_json::{Value, json};

use crate::kit::{APP, World, world};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const IV: &[u8; 16] = b"fedcba9876543210";

/// The layout of call-semantics: expiry, IV and ciphertext with their lengths, in base64 after the version.
fn token04(world: &World, user: &str) -> String {
    let now = world.clock.now().as_millis() / 1_000;
    let text = json!({ "app_id": APP.0, "user_id": user, "nonce": 7, "ctime": now, "expire": now + 3_600 })
        .to_string();
    let key = SECRET.as_bytes().try_into().unwrap();
    let sealed = cbc::Encryptor::<Aes256>::new(key, IV.into()).encrypt_padded_vec::<Pkcs7>(text.as_bytes());
    let mut bytes = (now + 3_600).to_be_bytes().to_vec();
    bytes.extend(16_u16.to_be_bytes());
    bytes.extend(IV);
    bytes.extend(u16::try_from(sealed.len()).unwrap().to_be_bytes());
    bytes.extend(sealed);
    format!("04{}", STANDARD.encode(bytes))
}

/// A gateway whose app permits the format.
async fn permissive() -> World {
    let world = world().await;
    let mut app = AppSpec::new(APP, Vec::new());
    app.token04_secret = Some(Token04Secret::new(SECRET).unwrap());
    world.keys.replace(&KeyRing::new(vec![app]).unwrap());
    world
}

async fn greet(world: &World, token: &str, who: Value) -> crate::kit::Client {
    let mut body = json!({ "device": "phone", "platform": "android", "token": token });
    body.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
    let mut client = world.dial().await;
    client.send(json!({ "type": "hello", "body": body })).await;
    client
}

#[tokio::test]
async fn a_client_that_says_who_it_is_may_bring_a_token04_and_renew_it() {
    let world = permissive().await;
    let mut alice = greet(&world, &token04(&world, "alice"), json!({ "app": 1, "user": "alice" })).await;
    assert_eq!(alice.expect("welcome").await["body"]["user"], "alice");
    let renewed = alice.answer("session.renew_token", json!({ "token": token04(&world, "bob") })).await;
    assert_eq!(renewed["body"]["code"], "token_invalid", "another user's token renews nothing");
}

#[tokio::test]
async fn a_token04_of_another_user_or_of_nobody_is_refused() {
    let world = permissive().await;
    for who in [json!({ "app": 1, "user": "bob" }), json!({ "app": 1 }), json!({})] {
        let client = greet(&world, &token04(&world, "alice"), who).await;
        assert_eq!(client.closed().await.code, Some(4401));
    }
}

#[tokio::test]
async fn a_token04_is_refused_where_the_app_does_not_permit_the_format() {
    let world = world().await;
    let client = greet(&world, &token04(&world, "alice"), json!({ "app": 1, "user": "alice" })).await;
    assert_eq!(client.closed().await.code, Some(4401));
}
