//! The apps and tokens of `vectors.json`.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use offhook_auth::{AppSpec, KeyId, KeyRing, KeySpec, Purpose, Token04Secret, VerifyingKey};
use offhook_types::{AppId, Timestamp, UserId};
use serde_json::Value;

/// The time of most vectors, in seconds.
pub const NOW: u64 = 1_763_700_000;

pub struct World {
    pub ring: KeyRing,
    pub vectors: Vec<Value>,
}

pub fn load() -> World {
    let file: Value = serde_json::from_str(include_str!("../vectors.json")).expect("the file is JSON");
    let apps = file["apps"].as_array().unwrap().iter().map(app).collect();
    World { ring: KeyRing::new(apps).unwrap(), vectors: file["vectors"].as_array().unwrap().clone() }
}

fn app(spec: &Value) -> AppSpec {
    let id = AppId(u32::try_from(spec["id"].as_u64().unwrap()).unwrap());
    let keys = spec["keys"].as_array().unwrap().iter().map(key).collect();
    let mut app = AppSpec::new(id, keys);
    app.token04_secret = spec["token04_secret"].as_str().map(|text| Token04Secret::new(text).unwrap());
    app.tokens_valid_after = seconds(&spec["tokens_valid_after"]);
    for (user, after) in spec["users_valid_after"].as_object().into_iter().flatten() {
        app.users_valid_after.insert(UserId::new(user).unwrap(), seconds(after));
    }
    app
}

fn key(spec: &Value) -> KeySpec {
    let text = spec["text"].as_str().unwrap();
    let key = match spec["algorithm"].as_str() {
        Some("HS256") => VerifyingKey::hs256(text.as_bytes()),
        Some("EdDSA") => VerifyingKey::ed25519(text),
        other => panic!("no such algorithm: {other:?}"),
    };
    let purpose = if spec["purpose"] == "server" { Purpose::Server } else { Purpose::User };
    let mut made = KeySpec::new(KeyId::new(spec["id"].as_str().unwrap()).unwrap(), purpose, key.unwrap());
    made.enabled = spec["enabled"].as_bool().unwrap_or(true);
    made.not_before = seconds(&spec["not_before"]);
    made
}

/// The epoch where the file says nothing.
fn seconds(value: &Value) -> Timestamp {
    Timestamp::from_millis(value.as_u64().unwrap_or_default() * 1000)
}
