//! The gateway as its owner sees it: made, served, drained.
use std::{io, sync::Arc};

use axum::Router;
use offhook_auth::{PassKeys, SharedKeyRing};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{Clock, Doorkeeper, GatewayConfig, Handler, Hub, Metrics, accept, rest};

/// Serves the connections of clients and back ends.
#[derive(Debug)]
pub struct Gateway<H> {
    pages: Router,
    shared: Arc<Shared<H>>,
}

/// What every connection shares.
pub(crate) struct Shared<H> {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: GatewayConfig,
    pub(crate) handler: Arc<H>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) keys: Arc<SharedKeyRing>,
    pub(crate) metrics: Arc<Metrics>,
    /// Those of the credentials that pushes bear; none where there are no pushes.
    pub(crate) passes: Option<PassKeys>,
}

impl<H> std::fmt::Debug for Shared<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Why the gateway does not serve.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The listener has no address.
    #[error("the listener's address cannot be read")]
    Address(#[source] io::Error),
    /// Tokens would cross a network in clear text.
    #[error("without TLS in front (`behind_proxy`) the gateway serves loopback addresses only")]
    NotLoopback,
}

impl<H: Handler> Gateway<H> {
    /// A gateway that takes requests to `handler` and tokens to `keys`. Give [`Gateway::hub`] to the bus as its listener.
    #[must_use]
    pub fn new(
        handler: Arc<H>,
        keys: Arc<SharedKeyRing>,
        config: GatewayConfig,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let hub = Arc::new(Hub::new(config.reconnect_spread));
        let metrics = Arc::new(Metrics::default());
        let shared = Arc::new(Shared { clock, config, handler, hub, keys, metrics, passes: None });
        Self { pages: Router::new(), shared }
    }

    /// Lets devices answer their rings by credentials of this key, which their pushes bear.
    ///
    /// # Panics
    /// If the gateway is shared already: to be called before anything else.
    #[must_use]
    pub fn with_passes(mut self, passes: PassKeys) -> Self {
        let shared = Arc::get_mut(&mut self.shared).expect("nobody shares a gateway that is being made");
        shared.passes = Some(passes);
        self
    }

    /// Where hints arrive.
    #[must_use]
    pub fn hub(&self) -> Arc<Hub> {
        Arc::clone(&self.shared.hub)
    }

    /// Who knows which of its sessions may be beside those of other nodes.
    #[must_use]
    pub fn doorkeeper(&self) -> Doorkeeper {
        Doorkeeper::new(self.shared.config.apps.clone(), self.hub(), self.metrics())
    }

    /// What there is to count; see [`crate::serve_metrics`].
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.shared.metrics)
    }

    /// Serves these pages beside `/v1`: a demo, or whatever else belongs on the same address. Their own answers to
    /// unknown addresses are not used.
    #[must_use]
    pub fn with_pages(mut self, pages: Router) -> Self {
        self.pages = pages;
        self
    }

    /// Serves connections until `stop` is canceled, then tells every client when to come back, and returns when all
    /// have gone or [`GatewayConfig::drain_timeout`] is over.
    ///
    /// # Errors
    /// [`ServeError`] if the listener must not be served.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> Result<(), ServeError> {
        let address = listener.local_addr().map_err(ServeError::Address)?;
        if !address.ip().is_loopback() && !self.shared.config.behind_proxy {
            return Err(ServeError::NotLoopback);
        }
        let router = rest::router(Arc::clone(&self.shared)).merge(self.pages.clone());
        accept::run(&self.shared, router, listener, stop).await;
        Ok(())
    }
}
