//! Tokens that we sign for vendors: compact JWS (RFC 7515, section 7.1) with a private key of the operator's.
use std::fmt;

use aws_lc_rs::{
    encoding::{AsBigEndian as _, EcPrivateKeyBin},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::{Map, Value};

/// A private key that signs tokens.
pub struct Signer(Key);

enum Key {
    /// ES256: Apple's provider tokens, VAPID.
    Es256(EcdsaKeyPair),
    /// RS256: service accounts of Google.
    Rs256(RsaKeyPair),
}

/// Why a text is no private key for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSigner {
    /// No private key in PKCS #8.
    #[error("expected a private key in PEM that begins with -----BEGIN PRIVATE KEY-----")]
    Pem,
    /// A key of another algorithm.
    #[error("the private key is of another algorithm: {0} is needed")]
    Algorithm(&'static str),
}

impl Signer {
    /// Reads a key of the curve P-256, as in Apple's `.p8` files.
    ///
    /// # Errors
    /// [`InvalidSigner`].
    pub fn es256(pem: &str) -> Result<Self, InvalidSigner> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8(pem)?.secret_pkcs8_der());
        Ok(Self(Key::Es256(key.map_err(|_| InvalidSigner::Algorithm("EC P-256"))?)))
    }

    /// Reads a key of the curve P-256 as tools of Web Push write it: both halves in base64url.
    ///
    /// # Errors
    /// [`InvalidSigner::Algorithm`] for halves that are none, or of two keys.
    pub fn es256_of_halves(private: &str, public: &str) -> Result<Self, InvalidSigner> {
        let refused = || InvalidSigner::Algorithm("EC P-256");
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| refused());
        let key = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &bytes(private)?,
            &bytes(public)?,
        );
        Ok(Self(Key::Es256(key.map_err(|_| refused())?)))
    }

    /// Makes a key of the curve P-256: its private and its public half in base64url, as tools of Web Push write them.
    ///
    /// # Errors
    /// [`InvalidSigner::Algorithm`] if the system gives no randomness.
    pub fn generate_halves() -> Result<(String, String), InvalidSigner> {
        let refused = |_| InvalidSigner::Algorithm("EC P-256");
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(refused)?;
        let private: EcPrivateKeyBin<'_> = key.private_key().as_be_bytes().map_err(refused)?;
        let public = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
        Ok((URL_SAFE_NO_PAD.encode(private.as_ref()), public))
    }

    /// Reads an RSA key, as in the JSON of a service account.
    ///
    /// # Errors
    /// [`InvalidSigner`].
    pub fn rs256(pem: &str) -> Result<Self, InvalidSigner> {
        let key = RsaKeyPair::from_pkcs8(pkcs8(pem)?.secret_pkcs8_der());
        Ok(Self(Key::Rs256(key.map_err(|_| InvalidSigner::Algorithm("RSA of 2048 bits or more"))?)))
    }

    /// Signs claims. The header says the algorithm, and what `header` adds.
    #[must_use]
    pub fn sign(&self, header: Map<String, Value>, claims: &Value) -> String {
        let mut header = header;
        header.insert("alg".into(), self.algorithm().into());
        let part = |value: &dyn fmt::Display| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&Value::Object(header)), part(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.signature(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// The public half as VAPID shows it: an uncompressed point in base64url. Empty for RSA, which VAPID does not know.
    #[must_use]
    pub fn public_point(&self) -> String {
        match &self.0 {
            Key::Es256(key) => URL_SAFE_NO_PAD.encode(key.public_key().as_ref()),
            Key::Rs256(_) => String::new(),
        }
    }

    fn algorithm(&self) -> &'static str {
        match &self.0 {
            Key::Es256(_) => "ES256",
            Key::Rs256(_) => "RS256",
        }
    }

    /// Both fail only for want of memory, or of randomness that the library takes from the system at its start.
    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.0 {
            Key::Es256(key) => key.sign(&random, message).expect("a P-256 key signs").as_ref().to_vec(),
            Key::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("an RSA key signs");
                signature
            }
        }
    }
}

fn pkcs8(pem: &str) -> Result<PrivatePkcs8KeyDer<'static>, InvalidSigner> {
    PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| InvalidSigner::Pem)
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.algorithm())
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::json;

    use super::*;

    /// A PKCS #8 document in PEM.
    fn pem(der: &[u8]) -> String {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    }

    fn p256() -> EcdsaKeyPair {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")
    }

    fn parts(token: &str) -> (String, Vec<Value>, Vec<u8>) {
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let json = |part: &str| {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        (signed.to_owned(), signed.split('.').map(json).collect(), signature)
    }

    #[test]
    fn a_pair_that_was_made_is_one_that_can_be_read() {
        let (private, public) = Signer::generate_halves().expect("a pair");
        let signer = Signer::es256_of_halves(&private, &public).expect("a signer");
        assert_eq!(signer.public_point(), public);
        let (_, other) = Signer::generate_halves().expect("a pair");
        assert!(Signer::es256_of_halves(&private, &other).is_err());
    }

    #[test]
    fn a_token_of_a_p8_key_verifies_and_says_how() {
        let key = p256();
        let der = key.to_pkcs8v1().expect("a document");
        let signer = Signer::es256(&pem(der.as_ref())).expect("a signer");
        let header = Map::from_iter([("kid".to_owned(), json!("ABCDE12345"))]);
        let (signed, json, signature) = parts(&signer.sign(header, &json!({"iss": "TEAM"})));
        assert_eq!(json, [json!({"alg": "ES256", "kid": "ABCDE12345"}), json!({"iss": "TEAM"})]);
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref().to_vec());
        public.verify(signed.as_bytes(), &signature).expect("verifies");
        assert_eq!(
            URL_SAFE_NO_PAD.decode(signer.public_point()).expect("base64url"),
            key.public_key().as_ref()
        );
    }

    #[test]
    fn a_token_of_a_service_account_verifies() {
        let key = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).expect("a key");
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> =
            aws_lc_rs::encoding::AsDer::as_der(&key).expect("a document");
        let signer = Signer::rs256(&pem(der.as_ref())).expect("a signer");
        let (signed, json, signature) = parts(&signer.sign(Map::new(), &json!({})));
        assert_eq!(json[0], json!({"alg": "RS256"}));
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref().to_vec());
        public.verify(signed.as_bytes(), &signature).expect("verifies");
    }

    #[test]
    fn halves_must_belong_together() {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (one, other) = (p256(), p256());
        let private = |key: &EcdsaKeyPair| {
            let private: aws_lc_rs::encoding::EcPrivateKeyBin<'_> =
                aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&key.private_key()).expect("bytes");
            encode(private.as_ref())
        };
        let public = |key: &EcdsaKeyPair| encode(key.public_key().as_ref());
        let signer = Signer::es256_of_halves(&private(&one), &public(&one)).expect("a signer");
        assert_eq!(signer.public_point(), public(&one));
        let mixed = Signer::es256_of_halves(&private(&one), &public(&other)).map(|_| ());
        assert_eq!(mixed, Err(InvalidSigner::Algorithm("EC P-256")));
    }

    #[test]
    fn what_is_no_key_is_refused_and_keys_hide() {
        let ec = pem(p256().to_pkcs8v1().expect("a document").as_ref());
        assert_eq!(Signer::rs256(&ec).map(|_| ()), Err(InvalidSigner::Algorithm("RSA of 2048 bits or more")));
        for text in ["", "secret", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"] {
            assert_eq!(Signer::es256(text).map(|_| ()), Err(InvalidSigner::Pem), "{text}");
        }
        assert_eq!(format!("{:?}", Signer::es256(&ec).expect("a signer")), "Signer(ES256)");
    }
}
