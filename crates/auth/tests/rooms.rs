//! Room tokens, of this crate and of foreign make (`make_room_vectors.py`), and what has to become of each; TURN credentials.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::{sync::LazyLock, time::Duration};

use offhook_auth::{
    AuthError, InvalidKey, KeyId, MAX_ROOM_TOKEN_LIFETIME, MintError, RoomGrant, RoomKeys, RoomRole,
    RoomTokenClaims, SigningKey, VerifyingKey, mint_room_token, random_secret, turn_credentials,
    verify_room_token,
};
use offhook_types::{Account, AppId, DeviceId, Party, RoomId, Timestamp, UserId};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

static FILE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("vectors_room.json")).expect("the file is JSON"));

/// The keys of the vectors.
static KEYS: LazyLock<RoomKeys> = LazyLock::new(|| {
    let current = SigningKey::ed25519(FILE["current"].as_str().unwrap()).unwrap();
    let previous = VerifyingKey::ed25519(FILE["previous"].as_str().unwrap()).unwrap();
    RoomKeys::new(current).unwrap().with_previous(previous).unwrap()
});

fn now() -> Timestamp {
    Timestamp::from_millis(1_763_700_000_999)
}

fn party(app: u32, user: &str, device: Option<&str>) -> Party {
    let account = Account::new(AppId(app), UserId::new(user).unwrap());
    Party { account, device: device.map(|device| DeviceId::new(device).unwrap()) }
}

fn alice() -> Party {
    party(1001, "alice", Some("phone"))
}

fn claims() -> RoomTokenClaims {
    RoomTokenClaims {
        app: AppId(1001),
        device: DeviceId::new("phone").unwrap(),
        issued: now(),
        lifetime: Duration::from_millis(120_999),
        role: RoomRole::Member,
        room: RoomId::new("lobby").unwrap(),
        user: UserId::new("alice").unwrap(),
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::ed25519(&random_secret(&[seed; 32])).unwrap()
}

fn shown(grant: &RoomGrant) -> Value {
    json!({
        "room": grant.room.as_str(),
        "role": grant.role,
        "issued": grant.issued.as_millis() / 1000,
        "expires": grant.expires.as_millis() / 1000,
    })
}

fn found(vector: &Value) -> Value {
    let text = |field: &str| vector[field].as_str().unwrap();
    let app = u32::try_from(vector["app"].as_u64().unwrap()).unwrap();
    let party = party(app, text("user"), vector["device"].as_str());
    let now = Timestamp::from_millis(vector["now_ms"].as_u64().unwrap());
    match verify_room_token(&KEYS, now, text("token"), &party) {
        Ok(grant) => shown(&grant),
        Err(error) => json!(format!("{error:?}")),
    }
}

#[test]
fn every_foreign_token_has_its_expected_outcome() {
    let vectors = FILE["vectors"].as_array().unwrap();
    assert!(vectors.len() > 50);
    let wrong = vectors.iter().filter(|vector| found(vector) != vector["expect"]);
    let wrong: Vec<String> = wrong
        .map(|vector| format!("{}: expected {}, found {}", vector["name"], vector["expect"], found(vector)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_minted_token_lets_its_party_in_and_nobody_else() {
    let token = KEYS.mint(&claims()).unwrap();
    let grant = verify_room_token(&KEYS, now(), &token, &alice()).unwrap();
    let expected =
        json!({ "room": "lobby", "role": "member", "issued": 1_763_700_000, "expires": 1_763_700_120 });
    assert_eq!(shown(&grant), expected);
    let verified = |party: &Party| verify_room_token(&KEYS, now(), &token, party).unwrap_err();
    assert_eq!(verified(&party(1002, "alice", Some("phone"))), AuthError::WrongIssuer);
    assert_eq!(verified(&party(1001, "bob", Some("phone"))), AuthError::WrongUser);
    assert_eq!(verified(&party(1001, "alice", Some("tablet"))), AuthError::WrongDevice);
    assert_eq!(verified(&party(1001, "alice", None)), AuthError::WrongDevice);
    let after = Timestamp::from_millis(1_763_700_125_000);
    assert_eq!(verify_room_token(&KEYS, after, &token, &alice()), Err(AuthError::Expired));
}

#[test]
fn what_would_be_refused_is_not_minted() {
    let lasting = |lifetime| KEYS.mint(&RoomTokenClaims { lifetime, ..claims() });
    assert!(lasting(MAX_ROOM_TOKEN_LIFETIME).is_ok());
    assert_eq!(lasting(MAX_ROOM_TOKEN_LIFETIME + Duration::from_secs(1)), Err(MintError::Lifetime));
    assert_eq!(lasting(Duration::from_millis(999)), Err(MintError::Lifetime));
    let shared = SigningKey::hs256(&[7; 32]).unwrap();
    let id = KeyId::new("room-1").unwrap();
    assert_eq!(mint_room_token(&shared, &id, &claims()), Err(MintError::Key));
    assert_eq!(RoomKeys::new(shared).unwrap_err(), InvalidKey::Ed25519);
    let shared = VerifyingKey::hs256(&[7; 32]).unwrap();
    assert_eq!(KEYS.clone().with_previous(shared).unwrap_err(), InvalidKey::Ed25519);
}

#[test]
fn after_a_change_of_keys_the_tokens_of_one_key_before_are_still_good() {
    let keys = |seed| RoomKeys::new(key(seed)).unwrap();
    let public = |seed| key(seed).verifying_key().unwrap();
    let old = keys(1).mint(&claims()).unwrap();
    let verified = |keys: &RoomKeys| verify_room_token(keys, now(), &old, &alice()).map(|_| ());
    let rotated = keys(2).with_previous(public(1)).unwrap();
    assert_eq!(verified(&rotated), Ok(()));
    let new = rotated.mint(&claims()).unwrap();
    assert!(verify_room_token(&keys(2), now(), &new, &alice()).is_ok(), "the newer key signs");
    assert_eq!(verified(&keys(2)), Err(AuthError::UnknownKey));
    let again = rotated.with_previous(public(3)).unwrap();
    assert_eq!(verified(&again), Err(AuthError::UnknownKey), "only one key before");
}

#[test]
fn keys_and_grants_show_no_secret_and_no_user() {
    let grant = verify_room_token(&KEYS, now(), &KEYS.mint(&claims()).unwrap(), &alice()).unwrap();
    let credentials = turn_credentials(b"north", &UserId::new("alice").unwrap(), now());
    let shown = format!("{:?} {:?} {grant:?} {credentials:?}", *KEYS, claims());
    for secret in ["alice", "lobby", "phone", "17637000:", FILE["current"].as_str().unwrap()] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert_eq!(format!("{credentials:?}"), "TurnCredentials(..)");
}

/// What `openssl dgst -sha1 -hmac north -binary | base64` makes of the name.
#[test]
fn turn_credentials_are_those_that_coturn_computes() {
    let expires = Timestamp::from_millis(1_763_700_600_999);
    let made = turn_credentials(b"north", &UserId::new("alice").unwrap(), expires);
    assert_eq!(made.username, "1763700600:alice");
    assert_eq!(made.credential, "dMrQWJa4H3OfjUXNHDnXr8OAPow=");
}

/// Every bit of the signature counts: no two spellings of one token.
#[test]
fn no_single_changed_letter_goes_unnoticed() {
    let token = KEYS.mint(&claims()).unwrap();
    for at in 0..token.len() {
        for letter in ["A", "Q", "g", "w", "_", "/", "."] {
            let changed = [&token[..at], letter, &token[at + 1..]].concat();
            let verified = verify_room_token(&KEYS, now(), &changed, &alice());
            assert!(changed == token || verified.is_err(), "{letter} at {at} of {token}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_is_answered_and_nothing_unsigned_verifies(
        text in ".{0,80}", header in ".{0,60}", claims in ".{0,60}", signature in prop::collection::vec(any::<u8>(), 0..70),
    ) {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(format!("{{{part}}}")));
        let envelope = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(&signature));
        for token in [text, envelope] {
            prop_assert!(verify_room_token(&KEYS, now(), &token, &alice()).is_err());
        }
    }

    #[test]
    fn what_is_minted_verifies_as_it_was_meant(
        names in ("[!-~]{1,128}", "[!-~]{1,64}", "[a-zA-Z0-9_-]{1,32}"), seconds in 1_u64..=600, app in any::<u32>(),
    ) {
        let (room, device, user) = names;
        let claims = RoomTokenClaims {
            app: AppId(app),
            device: DeviceId::new(&device).unwrap(),
            issued: now(),
            lifetime: Duration::from_secs(seconds),
            role: RoomRole::Viewer,
            room: RoomId::new(&room).unwrap(),
            user: UserId::new(&user).unwrap(),
        };
        let token = KEYS.mint(&claims).unwrap();
        let grant = verify_room_token(&KEYS, now(), &token, &party(app, &user, Some(&device))).unwrap();
        prop_assert_eq!(&grant.room, &claims.room);
        prop_assert_eq!(grant.expires.since(grant.issued).as_secs(), seconds);
    }
}

/// A token says what it is for and no more.
#[test]
fn a_token_bears_these_claims() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let token = KEYS.mint(&claims()).unwrap();
    let part = |at: usize| -> Map<String, Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
    };
    assert_eq!(part(0)["typ"], "room+jwt");
    assert_eq!(part(0)["alg"], "EdDSA");
    let expected = json!({
        "aud": "room", "app": 1001, "sub": "alice", "device": "phone", "room": "lobby", "role": "member",
        "iat": 1_763_700_000_u64, "exp": 1_763_700_120_u64,
    });
    assert_eq!(Value::Object(part(1)), expected);
}
