//! Keys come and go under live sockets.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use offhook_auth::{
    AppSpec, AuthError, Grant, InvalidRing, KeyId, KeyRing, KeySpec, MintError, Purpose, Scope,
    ServerTokenClaims, SharedKeyRing, SigningKey, Token04Secret, UserTokenClaims, VerifyingKey,
    mint_server_token, mint_user_token, random_secret, verify_login, verify_server_token, verify_user_token,
};
use offhook_types::{Account, AppId, Opaque, Timestamp, UserId};

const APP: AppId = AppId(7);
const NOW: Timestamp = Timestamp::from_millis(1_763_700_000_000);

fn secret(number: u8) -> String {
    random_secret(&[number; 32])
}

fn kid(number: u8) -> KeyId {
    KeyId::new(&format!("k{number}")).unwrap()
}

fn key(number: u8) -> KeySpec {
    KeySpec::new(kid(number), Purpose::User, VerifyingKey::hs256(secret(number).as_bytes()).unwrap())
}

fn ring(keys: Vec<KeySpec>) -> KeyRing {
    KeyRing::new(vec![AppSpec::new(APP, keys)]).unwrap()
}

fn account(user: &str) -> Account {
    Account::new(APP, UserId::new(user).unwrap())
}

fn claims(user: &str) -> UserTokenClaims {
    let account = account(user);
    UserTokenClaims {
        account,
        issued: NOW,
        lifetime: Duration::from_hours(1),
        name: None,
        scope: Scope::default(),
    }
}

fn token(number: u8, user: &str) -> String {
    let signing = SigningKey::hs256(secret(number).as_bytes()).unwrap();
    mint_user_token(&signing, &kid(number), &claims(user)).unwrap()
}

fn grant(ring: &KeyRing, number: u8, user: &str) -> Grant {
    verify_user_token(ring, NOW, &token(number, user), Some(APP)).unwrap()
}

#[test]
fn a_minted_user_token_proves_what_it_was_minted_for() {
    let signing = SigningKey::ed25519(&secret(1)).unwrap();
    let verifying = VerifyingKey::ed25519(&signing.public_text().unwrap()).unwrap();
    let ring = ring(vec![KeySpec::new(kid(1), Purpose::User, verifying)]);
    let asked = UserTokenClaims {
        name: Some(Opaque::new("Alice")),
        scope: Scope::limited("call:join").unwrap(),
        ..claims("alice")
    };
    let token = mint_user_token(&signing, &kid(1), &asked).unwrap();
    let found = verify_login(&ring, NOW, &token, &asked.account).unwrap();
    assert_eq!((found.account, found.name, found.scope), (asked.account, asked.name, asked.scope));
    assert_eq!((found.issued, found.expires), (NOW, NOW + Duration::from_hours(1)));
}

#[test]
fn a_minted_server_token_proves_its_app() {
    let verifying = VerifyingKey::hs256(secret(1).as_bytes()).unwrap();
    let ring = ring(vec![KeySpec::new(kid(1), Purpose::Server, verifying)]);
    let asked = ServerTokenClaims {
        app: APP,
        issued: NOW,
        lifetime: Duration::from_mins(5),
        scope: Scope::default(),
    };
    let signing = SigningKey::hs256(secret(1).as_bytes()).unwrap();
    let token = mint_server_token(&signing, &kid(1), &asked).unwrap();
    let found = verify_server_token(&ring, NOW, &token).unwrap();
    assert_eq!((found.app, found.key, found.expires), (APP, kid(1), NOW + Duration::from_mins(5)));
    let longer = ServerTokenClaims { lifetime: Duration::from_secs(301), ..asked };
    assert_eq!(mint_server_token(&signing, &kid(1), &longer), Err(MintError::Lifetime));
}

#[test]
fn no_token_is_minted_that_would_be_refused() {
    let signing = SigningKey::hs256(secret(1).as_bytes()).unwrap();
    let mint = |claims: &UserTokenClaims| mint_user_token(&signing, &kid(1), claims);
    for lifetime in
        [Duration::ZERO, Duration::from_millis(999), Duration::from_hours(24) + Duration::from_secs(1)]
    {
        assert_eq!(mint(&UserTokenClaims { lifetime, ..claims("alice") }), Err(MintError::Lifetime));
    }
    let name = Some(Opaque::new("n".repeat(257)));
    assert_eq!(mint(&UserTokenClaims { name, ..claims("alice") }), Err(MintError::NameTooLong));
}

#[test]
fn two_apps_or_two_keys_of_one_id_make_no_ring() {
    let twice = vec![AppSpec::new(APP, vec![]), AppSpec::new(APP, vec![])];
    assert_eq!(KeyRing::new(twice).unwrap_err(), InvalidRing::DuplicateApp(APP));
    let shared = vec![AppSpec::new(APP, vec![key(1)]), AppSpec::new(AppId(8), vec![key(1)])];
    assert_eq!(KeyRing::new(shared).unwrap_err(), InvalidRing::DuplicateKey(kid(1)));
}

#[test]
fn a_grant_falls_with_its_key() {
    let first = ring(vec![key(1), key(2)]);
    let granted = grant(&first, 1, "alice");
    assert!(first.still_valid(&granted));
    assert!(ring(vec![key(1)]).still_valid(&granted), "the loss of another key does not matter");
    assert!(!ring(vec![key(2)]).still_valid(&granted), "the key is gone");
    assert!(!KeyRing::default().still_valid(&granted), "the app is gone");
    let disabled = KeySpec { enabled: false, ..key(1) };
    assert!(!ring(vec![disabled]).still_valid(&granted), "the key is disabled");
    let repurposed = KeySpec { purpose: Purpose::Server, ..key(1) };
    assert!(!ring(vec![repurposed]).still_valid(&granted), "the key is for servers now");
    let replaced = KeySpec { key: key(2).key, ..key(1) };
    assert!(!ring(vec![replaced]).still_valid(&granted), "another secret under the same id");
    let moved = KeyRing::new(vec![AppSpec::new(APP, vec![]), AppSpec::new(AppId(8), vec![key(1)])]).unwrap();
    assert!(!moved.still_valid(&granted), "the key belongs to another app");
}

#[test]
fn a_grant_of_token04_falls_with_the_secret() {
    let ring = |secret: Option<&str>| {
        let mut app = AppSpec::new(AppId(1001), vec![]);
        app.token04_secret = secret.map(|text| Token04Secret::new(text).unwrap());
        KeyRing::new(vec![app]).unwrap()
    };
    let first = ring(Some("0123456789abcdef0123456789abcdef"));
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let good =
        vectors["vectors"].as_array().unwrap().iter().find(|one| one["name"] == "token04: good").unwrap();
    let alice = Account::new(AppId(1001), UserId::new("alice").unwrap());
    let granted = verify_login(&first, NOW, good["token"].as_str().unwrap(), &alice).unwrap();
    assert!(first.still_valid(&granted));
    assert!(!ring(None).still_valid(&granted));
    assert!(!ring(Some("fedcba9876543210fedcba9876543210")).still_valid(&granted));
}

#[test]
fn a_revocation_of_the_app_takes_older_tokens_only() {
    let revoked_at = |after: Timestamp| {
        let mut app = AppSpec::new(APP, vec![key(1)]);
        app.tokens_valid_after = after;
        KeyRing::new(vec![app]).unwrap()
    };
    let granted = grant(&ring(vec![key(1)]), 1, "alice");
    assert!(revoked_at(NOW).still_valid(&granted));
    let later = revoked_at(NOW + Duration::from_millis(1));
    assert!(!later.still_valid(&granted));
    let error = verify_user_token(&later, NOW, &token(1, "alice"), None).unwrap_err();
    assert_eq!(error, AuthError::Revoked);
}

#[test]
fn a_revoked_user_is_out_and_stays_out_when_the_configuration_is_read_again() {
    let shared = SharedKeyRing::new(ring(vec![key(1)]));
    let [alice, bob] = ["alice", "bob"].map(|user| grant(&shared.load(), 1, user));
    let after = NOW + Duration::from_secs(1);
    assert_eq!(shared.revoke_user(&account("alice"), after), 1);
    assert_eq!(shared.replace(&ring(vec![key(1), key(2)])), 2);
    assert_eq!(shared.revoke_user(&account("alice"), NOW), 3, "an earlier time undoes nothing");
    let now = shared.load();
    assert_eq!(now.revision(), 3);
    assert!(!now.still_valid(&alice));
    assert!(now.still_valid(&bob));
    assert_eq!(shared.revoke_user(&Account::new(AppId(8), bob.account.user.clone()), after), 4);
    assert!(shared.load().still_valid(&bob), "a user of that name in another app");
}

#[test]
fn a_revocation_is_forgotten_when_no_token_can_fall_under_it() {
    let shared = SharedKeyRing::new(ring(vec![key(1)]));
    let alice = grant(&shared.load(), 1, "alice");
    let days = |days: u64| NOW + Duration::from_hours(24 * days);
    shared.revoke_user(&account("alice"), days(1));
    shared.revoke_user(&account("bob"), days(25));
    assert!(!shared.load().still_valid(&alice), "a token04 may live for 24 days");
    shared.revoke_user(&account("bob"), days(26));
    assert!(shared.load().still_valid(&alice), "expiry holds it off by then");
}

/// One thread rotates a hundred times, always putting the next key in before the oldest goes; the others log in with
/// the key in the middle all the while.
#[test]
fn a_hundred_rotations_under_load_refuse_no_valid_token() {
    let shared = Arc::new(SharedKeyRing::new(ring(vec![key(0), key(1)])));
    let done = Arc::new(AtomicBool::new(false));
    let tokens: Arc<Vec<String>> = Arc::new((0..=101).map(|number| token(number, "alice")).collect());
    let logins = [(); 2].map(|()| {
        let (shared, done, tokens) = (Arc::clone(&shared), Arc::clone(&done), Arc::clone(&tokens));
        thread::spawn(move || {
            while !done.load(Ordering::Acquire) {
                let ring = shared.load();
                let newest = usize::try_from(ring.revision()).unwrap() + 1;
                for token in [&tokens[newest - 1], &tokens[newest]] {
                    assert_eq!(verify_user_token(&ring, NOW, token, Some(APP)).map(|_| ()), Ok(()));
                }
            }
        })
    });
    for number in 1..=100 {
        assert_eq!(shared.replace(&ring(vec![key(number), key(number + 1)])), u64::from(number));
        thread::yield_now();
    }
    done.store(true, Ordering::Release);
    for login in logins {
        login.join().expect("no valid token is refused");
    }
    let old = verify_user_token(&shared.load(), NOW, &tokens[99], Some(APP)).map(|_| ());
    assert_eq!(old, Err(AuthError::UnknownKey));
}
