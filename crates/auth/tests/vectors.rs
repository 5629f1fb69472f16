//! Tokens of foreign issuers (`make_vectors.py`, `make_vectors.mjs`), and what has to become of each.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod world;

use offhook_auth::{
    AuthError, Grant, KeyRing, ServerGrant, Signer, verify_login, verify_server_token, verify_user_token,
};
use offhook_types::{Account, AppId, Timestamp, UserId};
use serde_json::{Map, Value, json};

/// What a vector may expect of a token that verifies; fields that it does not name are not compared.
fn shown(grant: &Grant) -> Value {
    let key = match &grant.signer {
        Signer::Key(id) => json!(id.as_str()),
        Signer::Token04 => Value::Null,
    };
    json!({
        "app": grant.account.app.0,
        "user": grant.account.user.as_str(),
        "issued": grant.issued.as_millis() / 1000,
        "expires": grant.expires.as_millis() / 1000,
        "name": grant.name.as_ref().map(|name| name.as_str()),
        "scope": grant.scope.as_str(),
        "key": key,
    })
}

fn shown_server(grant: &ServerGrant) -> Value {
    json!({
        "app": grant.app.0,
        "issued": grant.issued.as_millis() / 1000,
        "expires": grant.expires.as_millis() / 1000,
        "scope": grant.scope.as_str(),
        "key": grant.key.as_str(),
    })
}

fn verified(ring: &KeyRing, vector: &Value) -> Result<Value, AuthError> {
    let now = Timestamp::from_millis(vector["now_ms"].as_u64().expect("a time"));
    let token = vector["token"].as_str().expect("a text");
    let app = vector.get("app").map(|app| AppId(u32::try_from(app.as_u64().unwrap()).unwrap()));
    match vector["call"].as_str() {
        Some("login") => {
            let user = UserId::new(vector["user"].as_str().unwrap()).unwrap();
            let account = Account::new(app.unwrap(), user);
            verify_login(ring, now, token, &account).map(|grant| shown(&grant))
        }
        Some("server") => verify_server_token(ring, now, token).map(|grant| shown_server(&grant)),
        Some("user") => verify_user_token(ring, now, token, app).map(|grant| shown(&grant)),
        other => panic!("no such call: {other:?}"),
    }
}

/// The expected fields out of the found ones, so that the two can be compared whole.
fn projected(found: &Value, expected: &Map<String, Value>) -> Value {
    expected.keys().map(|field| (field.clone(), found[field].clone())).collect::<Map<_, _>>().into()
}

fn failures(ring: &KeyRing, vectors: &[Value]) -> Vec<String> {
    let mut failures = Vec::new();
    for vector in vectors {
        let found = match (verified(ring, vector), &vector["expect"]) {
            (Ok(found), Value::Object(expected)) => projected(&found, expected),
            (Ok(found), _) => found,
            (Err(error), _) => json!(format!("{error:?}")),
        };
        if found != vector["expect"] {
            failures.push(format!("{}: expected {}, found {found}", vector["name"], vector["expect"]));
        }
    }
    failures
}

#[test]
fn every_token_of_pyjwt_has_its_expected_outcome() {
    let world = world::load();
    assert!(world.vectors.len() > 150);
    let failures = failures(&world.ring, &world.vectors);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_token_of_jose_has_its_expected_outcome() {
    let world = world::load();
    let jose: Value = serde_json::from_str(include_str!("vectors_jose.json")).unwrap();
    let failures = failures(&world.ring, jose["vectors"].as_array().unwrap());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Names and codes are read by clients: a change here breaks them.
#[test]
fn an_error_has_a_stable_code_and_tells_a_forger_nothing() {
    use AuthError::{
        Expired, ExpiresTooSoon, KeyNotInForce, LifetimeTooLong, Malformed, NotAuthentic, NotYetValid,
        Revoked, Token04Disabled, TooLarge, UnknownKey, WrongAlgorithm, WrongAudience, WrongDevice,
        WrongIssuer, WrongPurpose, WrongType, WrongUser, WrongVersion,
    };
    let codes = |error: AuthError| (error.code(), error.zim_code());
    assert_eq!(codes(Expired), ("token_expired", 6_000_106));
    assert_eq!(codes(ExpiresTooSoon), ("token_expires_too_soon", 6_000_108));
    assert_eq!(codes(LifetimeTooLong), ("token_lifetime_too_long", 6_000_109));
    assert_eq!(codes(NotYetValid), ("token_not_yet_valid", 6_000_103));
    assert_eq!(codes(Revoked), ("token_revoked", 6_000_106));
    assert_eq!(codes(WrongVersion), ("token_version_unsupported", 6_000_107));
    let uniform = [
        KeyNotInForce,
        Malformed,
        NotAuthentic,
        Token04Disabled,
        TooLarge,
        UnknownKey,
        WrongAlgorithm,
        WrongAudience,
        WrongDevice,
        WrongIssuer,
        WrongPurpose,
        WrongType,
        WrongUser,
    ];
    for error in uniform {
        assert_eq!(codes(error), ("token_invalid", 6_000_103), "{error:?}");
    }
}
