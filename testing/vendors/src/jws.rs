//! Tokens that clients sign: read and verified, as a vendor would.
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// A token whose signature held.
pub(crate) struct Jws {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Jws {
    /// Verified with an uncompressed point of P-256; `None` for anything else than a good one.
    pub(crate) fn es256(token: &str, point: &[u8]) -> Option<Self> {
        Self::verified(token, "ES256", (&ECDSA_P256_SHA256_FIXED, point))
    }

    /// Verified with an RSA key (the two numbers in ASN.1).
    pub(crate) fn rs256(token: &str, key: &[u8]) -> Option<Self> {
        Self::verified(token, "RS256", (&RSA_PKCS1_2048_8192_SHA256, key))
    }

    fn verified(
        token: &str,
        name: &str,
        (algorithm, key): (&'static dyn VerificationAlgorithm, &[u8]),
    ) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(algorithm, key).verify(signed.as_bytes(), &signature).ok()?;
        let header: Value = json(header)?;
        (header["alg"] == name).then_some(Self { header, claims: json(claims)? })
    }
}

fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
