//! The certificate that this side shows, as Apple's portal and keychains give it out.
use std::{fmt, sync::Arc};

use offhook_types::Timestamp;
use p12_keystore::Pkcs12Archive;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

/// A file of one certificate with its chain has a few kilobytes, in bytes.
const MOST_BYTES: usize = 65_536;

/// A certificate with its key.
#[derive(Clone)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    expires: Timestamp,
    key: Arc<Zeroizing<Vec<u8>>>,
}

/// Why bytes are no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentity {
    /// The file holds no certificate that belongs to its key.
    #[error("the .p12 file holds no certificate of its private key: export both together")]
    Certificate,
    /// The file holds no private key, or several.
    #[error("the .p12 file holds no private key, or more than one: export the one certificate with its key")]
    Key,
    /// No PKCS #12, or another password.
    #[error("no .p12 file (PKCS #12), or the password is another one")]
    Unreadable,
}

impl Identity {
    /// Reads a `.p12` file of at most 64 KiB, also one that is encrypted in the old ways (RC2, triple DES). The file itself says how much
    /// work its password costs: not to be done on a thread on which others wait.
    ///
    /// # Errors
    /// [`InvalidIdentity`].
    pub fn from_p12(file: &[u8], password: &str) -> Result<Self, InvalidIdentity> {
        if file.len() > MOST_BYTES {
            return Err(InvalidIdentity::Unreadable);
        }
        let archive = Pkcs12Archive::from_pkcs12(file, password).map_err(|_| InvalidIdentity::Unreadable)?;
        let [key] = archive.keys.as_slice() else { return Err(InvalidIdentity::Key) };
        let own_id = key.local_key_id.as_ref().map(|id| id.0.as_slice());
        let is_own = |id: &Option<Vec<u8>>| own_id.is_some() && id.as_deref() == own_id;
        // A file of one certificate needs no mark that says whose it is.
        let own = archive.certs.iter().position(|bag| is_own(&bag.local_key_id));
        let own = own.or((archive.certs.len() == 1).then_some(0)).ok_or(InvalidIdentity::Certificate)?;
        let der = |at: usize| CertificateDer::from(archive.certs[at].cert.as_der().to_vec());
        let others = (0..archive.certs.len()).filter(|at| *at != own);
        Ok(Self {
            chain: std::iter::once(own).chain(others).map(der).collect(),
            expires: expiry(archive.certs[own].cert.as_der()).ok_or(InvalidIdentity::Certificate)?,
            key: Arc::new(Zeroizing::new(key.key.as_der().to_vec())),
        })
    }

    /// From when on the certificate is refused.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    pub(crate) fn into_parts(self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.chain, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.to_vec())))
    }
}

/// The end of validity, whose last second still counts.
fn expiry(certificate: &[u8]) -> Option<Timestamp> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let seconds = u64::try_from(certificate.validity().not_after.timestamp()).ok()?;
    Some(Timestamp::from_millis(seconds.saturating_mul(1_000)))
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("expires", &self.expires).finish_non_exhaustive()
    }
}
