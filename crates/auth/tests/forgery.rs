//! Nothing that was not signed verifies, and nothing at all panics.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod world;

use std::sync::LazyLock;

use offhook_auth::{KeyRing, verify_login, verify_server_token, verify_user_token};
use offhook_types::{Account, AppId, Timestamp, UserId};
use proptest::prelude::*;
use serde_json::Value;

static WORLD: LazyLock<world::World> = LazyLock::new(world::load);

/// Tokens that verify as they are: one for each algorithm, purpose and format.
static GOOD: LazyLock<Vec<String>> = LazyLock::new(|| {
    let names =
        ["HS256", "EdDSA, key in PEM", "name and scope", "server: HS256", "server: EdDSA", "token04: good"];
    let token = |name: &str| {
        let found =
            WORLD.vectors.iter().find(|vector| vector["name"] == name).expect("a vector of this name");
        found["token"].as_str().expect("a text").to_owned()
    };
    names.into_iter().map(token).collect()
});

fn verifies(ring: &KeyRing, token: &str) -> bool {
    let now = Timestamp::from_millis(world::NOW * 1000);
    let alice = Account::new(AppId(1001), UserId::new("alice").expect("valid"));
    verify_login(ring, now, token, &alice).is_ok()
        || verify_user_token(ring, now, token, None).is_ok()
        || verify_server_token(ring, now, token).is_ok()
}

/// One change to a text, at a place given as a fraction of its length.
#[derive(Clone, Debug)]
enum Mutation {
    Cut,
    Insert(char),
    Remove,
    Replace(char),
    Splice(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let letter = prop::sample::select(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \0é"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop_oneof![
        1 => Just(Mutation::Cut),
        2 => letter.clone().prop_map(Mutation::Insert),
        2 => Just(Mutation::Remove),
        6 => letter.prop_map(Mutation::Replace),
        2 => any::<prop::sample::Index>().prop_map(Mutation::Splice),
    ]
}

fn mutated(token: &str, at: prop::sample::Index, mutation: &Mutation) -> String {
    let letters: Vec<char> = token.chars().collect();
    let at = at.index(letters.len());
    let (head, tail) = letters.split_at(at);
    let text = |parts: &[&[char]]| parts.concat().into_iter().collect();
    match mutation {
        Mutation::Cut => text(&[head]),
        Mutation::Insert(letter) => text(&[head, &[*letter], tail]),
        Mutation::Remove => text(&[head, &tail[1..]]),
        Mutation::Replace(letter) => text(&[head, &[*letter], &tail[1..]]),
        Mutation::Splice(other) => {
            let other: Vec<char> = other.get(&GOOD).chars().collect();
            text(&[head, &other[at.min(other.len())..]])
        }
    }
}

#[test]
fn the_tokens_that_are_mutated_verify_unmutated() {
    for token in GOOD.iter() {
        assert!(verifies(&WORLD.ring, token));
    }
}

/// Every bit of a MAC, a signature and a ciphertext counts: no two spellings of one token.
#[test]
fn no_single_changed_letter_goes_unnoticed() {
    for token in GOOD.iter() {
        for at in 0..token.len() {
            for letter in ["A", "Q", "g", "w", "_", "/", "."] {
                let changed = [&token[..at], letter, &token[at + 1..]].concat();
                assert!(changed == *token || !verifies(&WORLD.ring, &changed), "{letter} at {at} of {token}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_token_never_verifies(
        token in prop::sample::select(GOOD.clone()),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), mutation()), 1..4),
    ) {
        let mut changed = token;
        for (at, mutation) in &mutations {
            if !changed.is_empty() {
                changed = mutated(&changed, *at, mutation);
            }
        }
        prop_assert!(GOOD.contains(&changed) || !verifies(&WORLD.ring, &changed));
    }

    #[test]
    fn random_bytes_never_verify(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!verifies(&WORLD.ring, &String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn random_envelopes_never_verify(
        header in ".{0,60}", claims in ".{0,60}", signature in prop::collection::vec(any::<u8>(), 0..70),
    ) {
        use base64::{Engine as _, engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD}};
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(format!("{{{part}}}")));
        let jwt = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(&signature));
        let token04 = format!("04{}", STANDARD.encode(&signature));
        prop_assert!(!verifies(&WORLD.ring, &jwt));
        prop_assert!(!verifies(&WORLD.ring, &token04));
    }
}

#[test]
fn a_ring_and_its_grants_show_no_secret_and_no_user() {
    let now = Timestamp::from_millis(world::NOW * 1000);
    let grant = verify_user_token(&WORLD.ring, now, &GOOD[2], None).expect("a good token");
    let shown = format!("{:?} {grant:?}", WORLD.ring);
    let file: Value = serde_json::from_str(include_str!("vectors.json")).expect("the file is JSON");
    let keys = file["apps"].as_array().into_iter().flatten().flat_map(|app| app["keys"].as_array().unwrap());
    for secret in keys.map(|key| key["text"].as_str().unwrap()) {
        assert!(!shown.contains(secret));
    }
    for secret in ["0123456789abcdef0123456789abcdef", "alice", "mallory", "Alice"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
