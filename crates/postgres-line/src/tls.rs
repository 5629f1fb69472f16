//! TLS through rustls: who vouches for the server.
use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::ConnectError;

pub(crate) fn connector(roots: Option<&[u8]>) -> Result<MakeRustlsConnect, ConnectError> {
    let mut trusted = RootCertStore::empty();
    match roots {
        None => {
            trusted.add_parsable_certificates(system_roots().iter().cloned());
        }
        Some(pem) => {
            for root in CertificateDer::pem_slice_iter(pem) {
                let root = root.map_err(ConnectError::RootsUnreadable)?;
                trusted.add(root).map_err(ConnectError::RootRefused)?;
            }
            if trusted.is_empty() {
                return Err(ConnectError::NoRoots);
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Read once: on some systems that is a hundred files.
fn system_roots() -> &'static [CertificateDer<'static>] {
    static ROOTS: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    ROOTS.get_or_init(|| rustls_native_certs::load_native_certs().certs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_that_are_none_are_refused() {
        assert!(matches!(connector(Some(b"")), Err(ConnectError::NoRoots)));
        let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
        assert!(matches!(connector(Some(broken)), Err(ConnectError::RootsUnreadable(_))));
    }
}
