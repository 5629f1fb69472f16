//! The compact form of JWS ([RFC 7515, section 7.1](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)), cut down to
//! what our tokens need: one signature, by a key of the ring, over claims that are a JSON object.
//!
//! Nothing in a token chooses how it is checked. The header's `kid` finds the key, the key's record says the algorithm,
//! and a header that says otherwise, or that brings or points to a key of its own, is refused before anything is
//! computed. The claims are not looked at before the signature holds.
use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use offhook_types::Timestamp;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    AuthError, KeyRing, MAX_TOKEN_LEN, Purpose, SigningKey,
    key::{KeyId, VerifyingKey},
    ring::{App, Key},
};

/// A kind of token.
pub(crate) struct Kind {
    /// The header's `typ`, which keeps a token of one kind from passing for another (RFC 8725, section 3.11).
    pub(crate) typ: &'static str,
    /// The keys that may sign it.
    pub(crate) purpose: Purpose,
}

/// A token whose signature holds.
pub(crate) struct Opened<'ring> {
    pub(crate) app: &'ring App,
    pub(crate) key: &'ring Key,
    /// The text of the claims: a JSON object, otherwise unchecked.
    pub(crate) claims: Vec<u8>,
}

/// Parameters that the format leaves to the application are ignored, as RFC 7515, section 4, demands.
#[derive(Deserialize)]
pub(crate) struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    typ: Cow<'a, str>,
    #[serde(borrow)]
    kid: Cow<'a, str>,
    #[serde(default, rename = "crit", deserialize_with = "refused")]
    _crit: (),
    #[serde(default, rename = "jku", deserialize_with = "refused")]
    _jku: (),
    #[serde(default, rename = "jwk", deserialize_with = "refused")]
    _jwk: (),
    #[serde(default, rename = "x5c", deserialize_with = "refused")]
    _x5c: (),
    #[serde(default, rename = "x5u", deserialize_with = "refused")]
    _x5u: (),
}

/// Whoever sends one of these wants it obeyed; ignoring it would be as wrong as obeying.
fn refused<'de, D: Deserializer<'de>>(_: D) -> Result<(), D::Error> {
    Err(D::Error::custom("a header parameter that is never obeyed"))
}

impl Header<'_> {
    /// The id of the key that the token names.
    pub(crate) fn key_id(&self) -> &str {
        &self.kid
    }

    /// Refuses a token that names another algorithm than its key has.
    pub(crate) fn check_algorithm(&self, key: &VerifyingKey) -> Result<(), AuthError> {
        if self.alg == key.algorithm().as_str() { Ok(()) } else { Err(AuthError::WrongAlgorithm) }
    }
}

/// A text with the form of a token, of which nothing has been checked.
pub(crate) struct Parts<'a> {
    claims: &'a str,
    header: Vec<u8>,
    signature: &'a str,
    signed: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes a text apart.
    pub(crate) fn split(token: &'a str) -> Result<Self, AuthError> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(AuthError::TooLarge);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(AuthError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(AuthError::Malformed)?;
        if claims.contains('.') {
            return Err(AuthError::Malformed);
        }
        Ok(Self { claims, header: decode_object(header)?, signature, signed })
    }

    /// What the token says of itself, if it is of this type.
    pub(crate) fn header(&self, typ: &str) -> Result<Header<'_>, AuthError> {
        let header: Header<'_> = serde_json::from_slice(&self.header).map_err(|_| AuthError::Malformed)?;
        if header.typ == typ { Ok(header) } else { Err(AuthError::WrongType) }
    }

    /// The text of the claims, which is a JSON object, if the key has signed it.
    pub(crate) fn claims(&self, key: &VerifyingKey) -> Result<Vec<u8>, AuthError> {
        let signature = URL_SAFE_NO_PAD.decode(self.signature).map_err(|_| AuthError::Malformed)?;
        if !key.verifies(self.signed.as_bytes(), &signature) {
            return Err(AuthError::NotAuthentic);
        }
        decode_object(self.claims)
    }
}

/// Checks form, header and signature of a token of this kind.
pub(crate) fn open<'ring>(
    ring: &'ring KeyRing,
    now: Timestamp,
    token: &str,
    kind: &Kind,
) -> Result<Opened<'ring>, AuthError> {
    let parts = Parts::split(token)?;
    let key = key_for(ring, now, &parts.header(kind.typ)?, kind)?;
    let claims = parts.claims(&key.spec.key)?;
    let app = ring.app(key.app).expect("a key is put into the ring with its app");
    Ok(Opened { app, key, claims })
}

/// The key that the header names, if it may sign tokens of this kind now.
fn key_for<'ring>(
    ring: &'ring KeyRing,
    now: Timestamp,
    header: &Header<'_>,
    kind: &Kind,
) -> Result<&'ring Key, AuthError> {
    let key = ring.key(header.key_id()).ok_or(AuthError::UnknownKey)?;
    header.check_algorithm(&key.spec.key)?;
    if key.spec.purpose != kind.purpose {
        return Err(AuthError::WrongPurpose);
    }
    if !key.spec.enabled || now < key.spec.not_before {
        return Err(AuthError::KeyNotInForce);
    }
    Ok(key)
}

/// Decodes base64url that holds a JSON object. A JSON array is refused here, because `serde` would read one as the
/// fields of a struct in their order.
fn decode_object(part: &str) -> Result<Vec<u8>, AuthError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| AuthError::Malformed)?;
    if bytes.first() == Some(&b'{') { Ok(bytes) } else { Err(AuthError::Malformed) }
}

/// Signs the claims, which are a JSON object, as a token of this type.
pub(crate) fn sign(key: &SigningKey, id: &KeyId, typ: &str, claims: &[u8]) -> String {
    let header = serde_json::json!({ "alg": key.algorithm().as_str(), "kid": id.as_str(), "typ": typ });
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    let signature = key.sign(token.as_bytes());
    token.push('.');
    token.push_str(&signature);
    token
}
