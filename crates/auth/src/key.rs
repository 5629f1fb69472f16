//! Keys and their ids. Secrets are wiped when they are dropped and never shown by `Debug`.
use std::{borrow::Borrow, fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    Signer as _,
    pkcs8::{DecodePrivateKey as _, DecodePublicKey as _},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

/// The shortest secret for HS256, in bytes: a shorter one would be weaker than the hash (RFC 7518, section 3.2).
const MIN_SECRET_LEN: usize = 32;

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidKey {
    /// The text is neither PEM nor 32 bytes in base64url without padding, or it is not an Ed25519 key.
    #[error("the key is not an Ed25519 key in PEM or 32 bytes in base64url")]
    Ed25519,
    /// A key id is empty, longer than 64 bytes, or holds a character that is not graphic ASCII.
    #[error("a key id is 1 to 64 graphic ASCII characters")]
    Id,
    /// The secret for HS256 has fewer than 32 bytes.
    #[error("a secret for HS256 has at least 32 bytes")]
    SecretTooShort,
    /// The secret for token04 is not 32 ASCII characters.
    #[error("a secret for token04 is 32 ASCII characters")]
    Token04Secret,
}

/// Names one key, uniquely in the whole installation. Not secret: it stands in the header of every token and may be
/// logged.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// The longest id, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Takes 1 to 64 graphic ASCII characters.
    ///
    /// # Errors
    /// [`InvalidKey::Id`] for any other text.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        let valid =
            (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if valid { Ok(Self(text.into())) } else { Err(InvalidKey::Id) }
    }

    /// The id as the configuration writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.0)
    }
}

/// What the tokens of a key are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Tokens of an app's back end, for the REST interface.
    Server,
    /// Tokens of an app's users, for the gateway.
    User,
}

/// How a key signs. It belongs to the key and is never taken from a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037): the server holds the public half only.
    EdDsa,
    /// HMAC with SHA-256 (RFC 7518, section 3.2): one shared secret.
    Hs256,
}

impl Algorithm {
    /// The name in the header of a token.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }
}

/// Tells two keys apart without telling what they are.
pub(crate) type Fingerprint = [u8; 16];

/// Hashes what a key is made of; `kind` keeps keys of different kinds apart.
pub(crate) fn fingerprint(kind: &[u8], bytes: &[u8]) -> Fingerprint {
    let hash = Sha256::new().chain_update(b"offhook key ").chain_update(kind).chain_update(bytes).finalize();
    std::array::from_fn(|at| hash[at])
}

/// What a signature is checked with.
#[derive(Clone)]
pub struct VerifyingKey {
    form: VerifyingForm,
    pub(crate) fingerprint: Fingerprint,
}

#[derive(Clone)]
enum VerifyingForm {
    Ed25519(ed25519_dalek::VerifyingKey),
    Hs256(Hmac<Sha256>),
}

impl VerifyingKey {
    /// Takes the secret of HS256, byte for byte: a text is used as it is written and not decoded first.
    ///
    /// # Errors
    /// [`InvalidKey::SecretTooShort`] for fewer than 32 bytes.
    pub fn hs256(secret: &[u8]) -> Result<Self, InvalidKey> {
        let form = VerifyingForm::Hs256(hmac_state(secret)?);
        Ok(Self { form, fingerprint: fingerprint(b"HS256", secret) })
    }

    /// Takes an Ed25519 public key: PEM (`BEGIN PUBLIC KEY`), or its 32 bytes in base64url without padding.
    ///
    /// # Errors
    /// [`InvalidKey::Ed25519`] for any other text, and for the few keys of small order, under which anybody can sign.
    pub fn ed25519(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        let key = if text.starts_with("-----") {
            ed25519_dalek::VerifyingKey::from_public_key_pem(text).map_err(|_| InvalidKey::Ed25519)?
        } else {
            ed25519_dalek::VerifyingKey::from_bytes(&*raw_32(text)?).map_err(|_| InvalidKey::Ed25519)?
        };
        if key.is_weak() { Err(InvalidKey::Ed25519) } else { Ok(Self::from(key)) }
    }

    /// How this key signs.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.form {
            VerifyingForm::Ed25519(_) => Algorithm::EdDsa,
            VerifyingForm::Hs256(_) => Algorithm::Hs256,
        }
    }

    /// Whether `signature` is this key's over `message`. Takes the same time for every wrong MAC.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.form {
            VerifyingForm::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            VerifyingForm::Hs256(state) => {
                state.clone().chain_update(message).verify_slice(signature).is_ok()
            }
        }
    }
}

impl From<ed25519_dalek::VerifyingKey> for VerifyingKey {
    fn from(key: ed25519_dalek::VerifyingKey) -> Self {
        Self { fingerprint: fingerprint(b"EdDSA", key.as_bytes()), form: VerifyingForm::Ed25519(key) }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.algorithm().as_str())
    }
}

/// What a signature is made with.
#[derive(Clone)]
pub struct SigningKey(SigningForm);

#[derive(Clone)]
enum SigningForm {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Hs256(Hmac<Sha256>),
}

impl SigningKey {
    /// Takes the secret of HS256, byte for byte: a text is used as it is written and not decoded first.
    ///
    /// # Errors
    /// [`InvalidKey::SecretTooShort`] for fewer than 32 bytes.
    pub fn hs256(secret: &[u8]) -> Result<Self, InvalidKey> {
        Ok(Self(SigningForm::Hs256(hmac_state(secret)?)))
    }

    /// Takes an Ed25519 private key: PEM (`BEGIN PRIVATE KEY`), or its 32 bytes in base64url without padding.
    ///
    /// # Errors
    /// [`InvalidKey::Ed25519`] for any other text.
    pub fn ed25519(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        let key = if text.starts_with("-----") {
            ed25519_dalek::SigningKey::from_pkcs8_pem(text).map_err(|_| InvalidKey::Ed25519)?
        } else {
            ed25519_dalek::SigningKey::from_bytes(&*raw_32(text)?)
        };
        Ok(Self(SigningForm::Ed25519(Box::new(key))))
    }

    /// The public half of an Ed25519 key, in the text that [`VerifyingKey::ed25519`] takes; `None` for HS256.
    #[must_use]
    pub fn public_text(&self) -> Option<String> {
        match &self.0 {
            SigningForm::Ed25519(key) => Some(URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes())),
            SigningForm::Hs256(_) => None,
        }
    }

    /// The public half of an Ed25519 key; `None` for HS256.
    #[must_use]
    pub fn verifying_key(&self) -> Option<VerifyingKey> {
        match &self.0 {
            SigningForm::Ed25519(key) => Some(key.verifying_key().into()),
            SigningForm::Hs256(_) => None,
        }
    }

    /// How this key signs.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            SigningForm::Ed25519(_) => Algorithm::EdDsa,
            SigningForm::Hs256(_) => Algorithm::Hs256,
        }
    }

    /// The signature over `message`, in base64url.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        match &self.0 {
            SigningForm::Ed25519(key) => URL_SAFE_NO_PAD.encode(key.sign(message).to_bytes()),
            SigningForm::Hs256(state) => {
                URL_SAFE_NO_PAD.encode(state.clone().chain_update(message).finalize().into_bytes())
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.algorithm().as_str())
    }
}

/// Writes 32 random bytes, which the caller draws from a cryptographic source, as a secret for HS256, or as the
/// private half of an Ed25519 key, in base64url: 43 characters to paste anywhere.
#[must_use]
pub fn random_secret(random: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

fn hmac_state(secret: &[u8]) -> Result<Hmac<Sha256>, InvalidKey> {
    if secret.len() < MIN_SECRET_LEN {
        return Err(InvalidKey::SecretTooShort);
    }
    Ok(Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"))
}

fn raw_32(text: &str) -> Result<Zeroizing<[u8; 32]>, InvalidKey> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidKey::Ed25519)?);
    let raw: [u8; 32] = bytes.as_slice().try_into().map_err(|_| InvalidKey::Ed25519)?;
    Ok(Zeroizing::new(raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a secret of at least 32 bytes, written down";

    #[test]
    fn a_short_secret_is_no_key() {
        assert_eq!(VerifyingKey::hs256(&[7; 31]).unwrap_err(), InvalidKey::SecretTooShort);
        assert_eq!(SigningKey::hs256(&[7; 31]).unwrap_err(), InvalidKey::SecretTooShort);
        assert!(VerifyingKey::hs256(&[7; 32]).is_ok());
    }

    #[test]
    fn a_text_that_is_no_ed25519_key_is_refused() {
        let weak = URL_SAFE_NO_PAD.encode([0_u8; 32]);
        for text in ["", "AAAA", "-----BEGIN PUBLIC KEY-----", &weak] {
            assert_eq!(VerifyingKey::ed25519(text).unwrap_err(), InvalidKey::Ed25519, "{text}");
        }
    }

    #[test]
    fn a_private_key_gives_the_public_text_that_verifies_it() {
        let signing = SigningKey::ed25519(&random_secret(&[9; 32])).unwrap();
        let verifying = VerifyingKey::ed25519(&signing.public_text().unwrap()).unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signing.sign(b"message")).unwrap();
        assert!(verifying.verifies(b"message", &signature));
        assert!(!verifying.verifies(b"massage", &signature));
    }

    #[test]
    fn keys_do_not_show_their_secrets() {
        let shown = format!("{:?} {:?}", VerifyingKey::hs256(SECRET), SigningKey::hs256(SECRET));
        assert_eq!(shown, "Ok(VerifyingKey(HS256)) Ok(SigningKey(HS256))");
    }

    #[test]
    fn a_key_id_is_short_graphic_text() {
        assert_eq!(KeyId::new("k-2026.1").unwrap().as_str(), "k-2026.1");
        for text in ["", "two words", "schlüssel", &"k".repeat(65)] {
            assert_eq!(KeyId::new(text), Err(InvalidKey::Id), "{text}");
        }
    }
}
