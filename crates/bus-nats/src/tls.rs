//! TLS through rustls: who vouches for the server.
use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};

use crate::StartError;

pub(crate) fn config(roots: Option<&[u8]>) -> Result<ClientConfig, StartError> {
    let mut trusted = RootCertStore::empty();
    match roots {
        None => {
            trusted.add_parsable_certificates(system_roots().iter().cloned());
        }
        Some(pem) => {
            for root in CertificateDer::pem_slice_iter(pem) {
                let root = root.map_err(StartError::RootsUnreadable)?;
                trusted.add(root).map_err(StartError::RootRefused)?;
            }
            if trusted.is_empty() {
                return Err(StartError::NoRoots);
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .with_root_certificates(trusted)
        .with_no_client_auth())
}

/// Read once: on some systems that is a hundred files.
fn system_roots() -> &'static [CertificateDer<'static>] {
    static ROOTS: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    ROOTS.get_or_init(|| rustls_native_certs::load_native_certs().certs)
}
