//! What an operator may say of a line, and the TLS that follows from it.
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::Uri;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

use crate::{Identity, origin::Origin};

/// How a credential's vendor is reached.
#[derive(Debug)]
pub struct LineConfig {
    /// Takes the place of scheme and authority of every push (not of requests for tokens): for tests, and for relays. `http` is for
    /// loopback alone.
    pub base_url: Option<Uri>,
    /// Roots that are trusted beside the system's.
    pub roots: Vec<CertificateDer<'static>>,
    /// The certificate that this side shows.
    pub identity: Option<Identity>,
    /// Whether browsers' endpoints may lie in private networks. They are named by clients, so that with this any of them can make the
    /// server knock at doors inside.
    pub allow_private: bool,
    /// How long name, connection and handshake may take together.
    pub connect_timeout: Duration,
    /// How long an answer may take. More waits for a slow vendor, less calls more pushes unknown.
    pub request_timeout: Duration,
    /// How often a connection is asked whether it lives. More often costs packets, less often lets rings go into a dead one.
    pub ping_interval: Duration,
}

impl Default for LineConfig {
    fn default() -> Self {
        Self {
            base_url: None,
            roots: Vec::new(),
            identity: None,
            allow_private: false,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(30),
        }
    }
}

/// Why there is no line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The base URL.
    #[error("base_url is an https URL; http is for this machine's own loopback alone")]
    BaseUrl,
    /// The certificate and its key.
    #[error("the client certificate cannot be used with its key")]
    Identity(#[source] rustls::Error),
    /// One of the additional roots.
    #[error("a root is no certificate of an authority")]
    Root(#[source] rustls::Error),
}

impl LineConfig {
    pub(crate) fn base(&self) -> Result<Option<Origin>, LineError> {
        let Some(url) = &self.base_url else { return Ok(None) };
        let origin = Origin::of(url).ok_or(LineError::BaseUrl)?;
        let has_place = url.path_and_query().is_some_and(|path| path.as_str() != "/");
        if has_place || !origin.is_tls() && !origin.says_loopback() {
            return Err(LineError::BaseUrl);
        }
        Ok(Some(origin))
    }

    pub(crate) fn into_tls(self) -> Result<Arc<ClientConfig>, LineError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(system_roots().iter().cloned());
        for root in self.roots {
            roots.add(root).map_err(LineError::Root)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider speaks TLS 1.2 and 1.3")
            .with_root_certificates(roots);
        let mut tls = match self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = identity.into_parts();
                builder.with_client_auth_cert(chain, key).map_err(LineError::Identity)?
            }
        };
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(tls))
    }
}

/// Read once: on some systems that is a hundred files.
fn system_roots() -> &'static [CertificateDer<'static>] {
    static ROOTS: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    ROOTS.get_or_init(|| rustls_native_certs::load_native_certs().certs)
}
