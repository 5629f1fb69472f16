//! What a server proves itself with: a certificate for loopback, and the authority that vouches for it.
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

use crate::account::Account;

/// The names under which a server on loopback is reached.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A server's certificate and key, and its authority's certificate, all in PEM.
pub(crate) struct Identity {
    pub(crate) authority: String,
    certificate: String,
    key: String,
}

impl Identity {
    /// Makes one, by an authority of its own.
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::new([])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        // Of another name than any other authority, as in the world.
        let name = format!("Authority of a private server {:x?}", &key.public_key_raw()[1..9]);
        params.distinguished_name.push(DnType::CommonName, name);
        let authority = CertifiedIssuer::self_signed(params, key)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(NAMES.map(str::to_owned))?.signed_by(&key, &authority)?;
        Ok(Self { authority: authority.pem(), certificate: certificate.pem(), key: key.serialize_pem() })
    }

    /// Writes `server.crt` and `server.key` into the folder, the key for the account's eyes only.
    pub(crate) fn write(&self, folder: &Path, account: Account) -> Result<()> {
        let certificate = folder.join("server.crt");
        fs::write(&certificate, &self.certificate)?;
        account.own(&certificate)?;
        write_secret(&folder.join("server.key"), &self.key, account)
    }
}

/// Writes a file that only the account may read.
pub(crate) fn write_secret(path: &Path, text: &str, account: Account) -> Result<()> {
    fs::write(path, "")?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    fs::write(path, text)?;
    account.own(path)
}
