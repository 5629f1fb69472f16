//! Token04, for clients that migrate and cannot change their back end yet. Off unless an app has a secret for it.
//!
//! ```text
//! text   = "04" base64(bytes)
//! bytes  = expire:i64  16:u16  iv:[u8; 16]  length:u16  ciphertext:[u8; length]     (big-endian)
//! cipher = AES-256-CBC with PKCS #7 padding, keyed with the 32 ASCII bytes of the app's secret
//! plain  = {"app_id":u32, "user_id":"…", "nonce":…, "ctime":seconds, "expire":seconds, "payload":"…"}
//! ```
//!
//! The format has no MAC, so it can be tampered with in principle, and a verifier that told wrong padding from wrong
//! claims would decrypt and forge for anybody who asks often enough. Therefore every ciphertext is decrypted and parsed
//! whether its padding holds or not, one code answers for all of it, and no claim counts unless app and user are the
//! expected ones. The outer `expire` is a copy outside the encryption; a token in which the two differ is refused.
use std::{borrow::Cow, fmt, time::Duration};

use aes::Aes256;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::NoPadding};
use offhook_types::{Account, Timestamp};
use serde::Deserialize;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeGreater as _};
use zeroize::Zeroizing;

use crate::{
    AuthError, Grant, InvalidKey, KeyRing, LEEWAY, MAX_TOKEN_LEN, Scope, Signer,
    key::{self, Fingerprint},
    verify::{Life, Seconds},
};

/// The longest time for which a token04 may be issued; the issuers of the format know no longer one.
pub const MAX_TOKEN04_LIFETIME: Duration = Duration::from_hours(24 * 24);

/// A token04 that lives for less than this cannot be logged in with: its client would have to renew at once.
pub const MIN_TOKEN04_REMAINDER: Duration = Duration::from_secs(30);

/// The shortest text that a client of the format takes for a token.
const MIN_LEN: usize = 31;
const BLOCK: usize = 16;

/// An app's secret for token04. Wiped when it is dropped, hidden in `Debug`.
#[derive(Clone)]
pub struct Token04Secret(Zeroizing<[u8; 32]>);

impl Token04Secret {
    /// Takes 32 ASCII characters, as they are.
    ///
    /// # Errors
    /// [`InvalidKey::Token04Secret`] for any other text.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        let bytes = text.as_bytes().try_into().map_err(|_| InvalidKey::Token04Secret)?;
        if text.is_ascii() { Ok(Self(Zeroizing::new(bytes))) } else { Err(InvalidKey::Token04Secret) }
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        key::fingerprint(b"token04", &*self.0)
    }

    /// The plain text without its padding, and whether the padding held.
    fn decrypt(&self, envelope: &Envelope<'_>) -> (Vec<u8>, Choice) {
        let mut plain = envelope.ciphertext.to_vec();
        cbc::Decryptor::<Aes256>::new((&*self.0).into(), envelope.iv.into())
            .decrypt_padded::<NoPadding>(&mut plain)
            .expect("the envelope holds whole blocks");
        let (len, padded) = unpadded_len(&plain);
        plain.truncate(len);
        (plain, padded)
    }
}

impl fmt::Debug for Token04Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token04Secret")
    }
}

/// Verifies a token04 with which `account` logs in. No leeway is granted: issuer and clients of the format know none.
///
/// # Errors
/// [`AuthError`]; tell the client its code only.
pub fn verify_token04(
    ring: &KeyRing,
    now: Timestamp,
    token: &str,
    account: &Account,
) -> Result<Grant, AuthError> {
    let bytes = decode(token)?;
    let envelope = Envelope::parse(&bytes).ok_or(AuthError::Malformed)?;
    let app = ring.app(account.app).ok_or(AuthError::UnknownKey)?;
    let secret = app.token04_secret.as_ref().ok_or(AuthError::Token04Disabled)?;
    let (plain, padded) = secret.decrypt(&envelope);
    let claims = parse(&plain).filter(|_| padded.into()).ok_or(AuthError::NotAuthentic)?;
    let life = claims.check(account, envelope.expires)?;
    life.check_length(MAX_TOKEN04_LIFETIME)?;
    check_times(life, now)?;
    app.check_revocation(&account.user, life.issued)?;
    Ok(Grant {
        account: account.clone(),
        expires: life.expires,
        issued: life.issued,
        name: None,
        scope: Scope::default(),
        signer: Signer::Token04,
        fingerprint: secret.fingerprint(),
    })
}

fn decode(token: &str) -> Result<Vec<u8>, AuthError> {
    if token.len() > MAX_TOKEN_LEN {
        return Err(AuthError::TooLarge);
    }
    if token.len() < MIN_LEN {
        return Err(AuthError::Malformed);
    }
    let text = token.strip_prefix("04").ok_or(AuthError::WrongVersion)?;
    STANDARD.decode(text).map_err(|_| AuthError::Malformed)
}

fn check_times(life: Life, now: Timestamp) -> Result<(), AuthError> {
    if now >= life.expires {
        return Err(AuthError::Expired);
    }
    if life.expires.since(now) < MIN_TOKEN04_REMAINDER {
        return Err(AuthError::ExpiresTooSoon);
    }
    if life.issued > now + LEEWAY { Err(AuthError::NotYetValid) } else { Ok(()) }
}

/// The parts of a token04. The ciphertext is one or more whole blocks.
struct Envelope<'a> {
    expires: i64,
    iv: &'a [u8; BLOCK],
    ciphertext: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (expires, rest) = bytes.split_first_chunk()?;
        let (iv_len, rest) = rest.split_first_chunk()?;
        let (iv, rest) = rest.split_first_chunk()?;
        let (len, ciphertext) = rest.split_first_chunk()?;
        let whole = !ciphertext.is_empty() && ciphertext.len().is_multiple_of(BLOCK);
        let fits = usize::from(u16::from_be_bytes(*iv_len)) == BLOCK
            && usize::from(u16::from_be_bytes(*len)) == ciphertext.len();
        (whole && fits).then_some(Self { expires: i64::from_be_bytes(*expires), iv, ciphertext })
    }
}

/// `nonce` and `payload` say nothing about who logs in; a payload's room privileges are those of a room server.
#[derive(Deserialize)]
struct Claims<'a> {
    app_id: u32,
    #[serde(borrow)]
    user_id: Cow<'a, str>,
    ctime: Seconds,
    expire: Seconds,
}

impl Claims<'_> {
    fn check(&self, account: &Account, outer_expires: i64) -> Result<Life, AuthError> {
        let life = Life { issued: self.ctime.into(), expires: self.expire.into() };
        if self.app_id != account.app.0 {
            return Err(AuthError::WrongIssuer);
        }
        if self.user_id != account.user.as_str() {
            return Err(AuthError::WrongUser);
        }
        let same = u64::try_from(outer_expires).is_ok_and(|outer| outer == self.expire.as_u64());
        if same { Ok(life) } else { Err(AuthError::NotAuthentic) }
    }
}

fn parse(plain: &[u8]) -> Option<Claims<'_>> {
    let claims = serde_json::from_slice(plain).ok()?;
    plain.starts_with(b"{").then_some(claims)
}

/// Where the text ends and the PKCS #7 padding begins, found without branching on the bytes. Wrong padding is left in.
fn unpadded_len(plain: &[u8]) -> (usize, Choice) {
    let pad = plain.last().copied().unwrap_or_default();
    let block = 16_u8;
    let mut right = !pad.ct_eq(&0) & !pad.ct_gt(&block);
    for (distance, byte) in (0..block).zip(plain.iter().rev()) {
        let is_padding = pad.ct_gt(&distance);
        right &= !is_padding | byte.ct_eq(&pad);
    }
    let removed = u8::conditional_select(&0, &pad, right);
    (plain.len().saturating_sub(usize::from(removed)), right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_32_ascii_characters() {
        assert!(Token04Secret::new("0123456789abcdef0123456789abcdef").is_ok());
        for text in ["", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdé"] {
            assert_eq!(Token04Secret::new(text).unwrap_err(), InvalidKey::Token04Secret);
        }
    }

    #[test]
    fn padding_is_found_for_every_length_and_left_in_when_it_is_wrong() {
        for pad in 1..=16_u8 {
            let mut plain = [0xff; 32];
            plain[32 - usize::from(pad)..].fill(pad);
            let (len, right) = unpadded_len(&plain);
            assert_eq!((len, bool::from(right)), (32 - usize::from(pad), true));
        }
        for tail in [[3, 2, 3], [0, 0, 0], [17, 17, 17], [1, 2, 3]] {
            let mut plain = [17; 32];
            plain[29..].copy_from_slice(&tail);
            let (len, right) = unpadded_len(&plain);
            assert_eq!((len, bool::from(right)), (32, false), "{tail:?}");
        }
    }
}
