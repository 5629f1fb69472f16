//! Keeping addresses and credentials so that the store's files and backups do not give them away.
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hkdf::{self, HKDF_SHA256, KeyType, Salt},
    hmac,
};

/// The version of the form: one byte before the nonce.
const VERSION: u8 = 1;

/// Seals and opens what is kept, under keys derived from the installation's secret.
#[derive(Debug)]
pub struct Sealer {
    index: hmac::Key,
    key: RandomizedNonceKey,
}

/// What was sealed cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this was sealed with another secret, or is damaged: put the installation's secret back, or register anew"
)]
pub struct Unreadable;

/// How many bytes a derived key has.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Sealer {
    /// Seals under this secret, which must be random and kept beside the store, never in it.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let key = derived(secret, b"offhook push addresses");
        Self {
            index: hmac::Key::new(hmac::HMAC_SHA256, &derived(secret, b"offhook push index")),
            key: RandomizedNonceKey::new(&AES_256_GCM, &key).expect("a key of 32 bytes is one of AES-256"),
        }
    }

    /// Seals a text for this purpose; it opens for no other.
    #[must_use]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        let nonce = self.key.seal_in_place_append_tag(Aad::from(purpose), &mut sealed);
        let nonce = nonce.expect("an address is far shorter than the cipher's limit");
        [&[VERSION][..], nonce.as_ref(), &sealed].concat()
    }

    /// Opens what was sealed for this purpose.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let (version, rest) = sealed.split_first().ok_or(Unreadable)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or(Unreadable)?;
        if *version != VERSION {
            return Err(Unreadable);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unreadable)?;
        let mut text = text.to_vec();
        let plain = self.key.open_in_place(nonce, Aad::from(purpose), &mut text).map_err(|_| Unreadable)?;
        Ok(plain.to_vec())
    }

    /// Tells a text from all others, without saying it to who has not the secret.
    #[must_use]
    pub fn digest(&self, text: &str) -> [u8; 16] {
        let tag = hmac::sign(&self.index, text.as_bytes());
        tag.as_ref()[..16].try_into().expect("a tag of SHA-256 has 32 bytes")
    }
}

/// A key of 32 bytes for one use (RFC 5869).
#[must_use]
pub fn derived(secret: &[u8; 32], label: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let pseudorandom: hkdf::Prk = Salt::new(HKDF_SHA256, &[]).extract(secret);
    let filled = pseudorandom.expand(&[label], Length(32)).and_then(|okm| okm.fill(&mut key));
    filled.expect("32 bytes are within what HKDF gives");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    #[test]
    fn what_is_sealed_opens_for_its_purpose_under_its_secret_and_for_no_other() {
        let sealer = Sealer::new(&SECRET);
        let sealed = sealer.seal("app 1", b"token");
        assert!(!sealed.windows(5).any(|bytes| bytes == b"token"));
        assert_eq!(sealer.open("app 1", &sealed).as_deref(), Ok(&b"token"[..]));
        assert_eq!(sealer.open("app 2", &sealed), Err(Unreadable));
        assert_eq!(Sealer::new(&[8; 32]).open("app 1", &sealed), Err(Unreadable));
    }

    #[test]
    fn what_was_changed_or_cut_does_not_open() {
        let sealer = Sealer::new(&SECRET);
        let sealed = sealer.seal("app 1", b"token");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(sealer.open("app 1", &changed), Err(Unreadable), "byte {at}");
            assert_eq!(sealer.open("app 1", &sealed[..at]), Err(Unreadable), "{at} bytes");
        }
    }

    #[test]
    fn no_two_sealed_texts_look_alike_but_their_digests_do() {
        let sealer = Sealer::new(&SECRET);
        assert_ne!(sealer.seal("app 1", b"token"), sealer.seal("app 1", b"token"));
        assert_eq!(sealer.digest("token"), sealer.digest("token"));
        assert_ne!(sealer.digest("token"), sealer.digest("other"));
        assert_ne!(sealer.digest("token"), Sealer::new(&[8; 32]).digest("token"));
    }
}
