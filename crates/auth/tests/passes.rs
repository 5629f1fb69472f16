//! One-shot credentials: what they open, and all that they do not.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use offhook_auth::{
    AuthError, KeyId, PASS_GRACE, PassGrant, PassKeys, RoomKeys, RoomRole, RoomTokenClaims, SigningKey,
    random_secret,
};
use offhook_types::{Account, AppId, CallId, DeviceId, Party, RoomId, Timestamp, UserId};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_763_700_000_999);
const RING: Duration = Duration::from_secs(60);

fn keys() -> PassKeys {
    PassKeys::new(&[7; 32])
}

fn call(random: u8) -> CallId {
    CallId::from_parts(NOW, [random; 10])
}

fn bob() -> Party {
    let account = Account::new(AppId(1001), UserId::new("bob").unwrap());
    Party { account, device: Some(DeviceId::new("phone").unwrap()) }
}

fn minted() -> String {
    keys().mint(NOW, (&bob(), call(1)), NOW + RING).unwrap()
}

#[test]
fn a_credential_opens_its_own_call_for_its_own_device() {
    let grant = keys().verify(NOW, &minted(), call(1));
    assert_eq!(grant, Ok(PassGrant { call: call(1), party: bob() }));
}

#[test]
fn a_credential_opens_no_other_call_and_no_other_installation() {
    assert_eq!(keys().verify(NOW, &minted(), call(2)), Err(AuthError::WrongAudience));
    assert_eq!(PassKeys::new(&[8; 32]).verify(NOW, &minted(), call(1)), Err(AuthError::NotAuthentic));
}

#[test]
fn a_credential_ends_a_little_after_its_ring() {
    let late = |extra| keys().verify(NOW + RING + PASS_GRACE + extra, &minted(), call(1)).map(|_| ());
    assert_eq!(late(Duration::ZERO), Ok(()));
    assert_eq!(late(Duration::from_secs(7)), Err(AuthError::Expired));
    let endless = keys().mint(NOW, (&bob(), call(1)), NOW + Duration::from_hours(2)).unwrap();
    assert!(keys().verify(NOW + Duration::from_mins(14), &endless, call(1)).is_ok());
    assert_eq!(keys().verify(NOW + Duration::from_mins(16), &endless, call(1)), Err(AuthError::Expired));
}

#[test]
fn a_back_end_gets_no_credential() {
    let back_end = Party { device: None, ..bob() };
    assert_eq!(keys().mint(NOW, (&back_end, call(1)), NOW + RING), None);
}

#[test]
fn a_token_of_another_kind_is_no_credential() {
    let rooms = RoomKeys::new(SigningKey::ed25519(&random_secret(&[1; 32])).unwrap()).unwrap();
    let claims = RoomTokenClaims {
        app: AppId(1001),
        device: DeviceId::new("phone").unwrap(),
        issued: NOW,
        lifetime: RING,
        role: RoomRole::Member,
        room: RoomId::from(call(1)),
        user: UserId::new("bob").unwrap(),
    };
    let token = rooms.mint(&claims).unwrap();
    assert_eq!(keys().verify(NOW, &token, call(1)), Err(AuthError::WrongType));
    assert!(KeyId::new("push-1").is_ok());
}

proptest! {
    #[test]
    fn no_changed_credential_opens_anything(at: prop::sample::Index, byte in 33_u8..127) {
        let mut token = minted().into_bytes();
        let at = at.index(token.len());
        prop_assume!(token[at] != byte);
        token[at] = byte;
        let token = String::from_utf8(token).unwrap();
        // The last character of a part may hold bits that mean nothing; a strict reader refuses other ones.
        prop_assert!(keys().verify(NOW, &token, call(1)).is_err());
    }

    #[test]
    fn no_text_makes_the_verification_panic(text: String) {
        prop_assert!(keys().verify(NOW, &text, call(1)).is_err());
    }
}
