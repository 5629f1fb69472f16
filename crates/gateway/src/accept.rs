//! The accept loop: owns every connection's task, and ends them all.
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinError, JoinSet},
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

use crate::{Handler, gateway::Shared, http};

/// How long to wait after the system has refused a connection for want of descriptors or memory. Less burns CPU while
/// nothing can be done, more makes clients wait.
const EXHAUSTION_PAUSE: Duration = Duration::from_millis(100);

/// The connections, and how many each address has.
struct Connections<H> {
    by_ip: HashMap<IpAddr, usize>,
    router: Router,
    shared: Arc<Shared<H>>,
    stop: CancellationToken,
    tasks: JoinSet<IpAddr>,
}

/// Serves until `stop` is canceled, then drains.
pub(crate) async fn run<H: Handler>(
    shared: &Arc<Shared<H>>,
    router: Router,
    listener: TcpListener,
    stop: CancellationToken,
) {
    let mut connections = Connections {
        by_ip: HashMap::new(),
        router,
        shared: Arc::clone(shared),
        stop: stop.clone(),
        tasks: JoinSet::new(),
    };
    let mut sweep = tokio::time::interval(shared.config.revocation_sweep);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut revision = shared.keys.revision();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => connections.add(stream, address),
                Err(error) => survive(&error).await,
            },
            Some(ended) = connections.tasks.join_next(), if !connections.tasks.is_empty() => connections.remove(ended),
            _ = sweep.tick() => {
                let present = shared.keys.revision();
                if present != revision {
                    revision = present;
                    shared.hub.recheck();
                }
            }
        }
    }
    drop(listener);
    connections.drain().await;
}

/// A connection that failed before it was accepted is its own matter; want of resources is worth a pause.
async fn survive(error: &io::Error) {
    let is_its_own =
        [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset, io::ErrorKind::Interrupted]
            .contains(&error.kind());
    if !is_its_own {
        tracing::warn!(%error, "no connection can be accepted");
        tokio::time::sleep(EXHAUSTION_PAUSE).await;
    }
}

impl<H: Handler> Connections<H> {
    fn add(&mut self, stream: TcpStream, address: SocketAddr) {
        let config = &self.shared.config;
        let ip = address.ip().to_canonical();
        let of_ip = self.by_ip.get(&ip).copied().unwrap_or_default();
        let ip_is_full = config.max_connections_per_ip.is_some_and(|max| of_ip >= max);
        if self.tasks.len() >= config.max_connections || ip_is_full {
            self.shared.metrics.connections_refused.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if config.max_connections_per_ip.is_some() {
            self.by_ip.insert(ip, of_ip + 1);
        }
        // Frames are small and written whole, so there is nothing to collect. A socket that refuses works all the same.
        let _ = stream.set_nodelay(true);
        self.shared.metrics.connections.up();
        let (shared, router, stop) = (Arc::clone(&self.shared), self.router.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            http::serve(shared, router, stream, stop).await;
            ip
        });
    }

    fn remove(&mut self, ended: Result<IpAddr, JoinError>) {
        self.shared.metrics.connections.down();
        match ended {
            Ok(ip) => {
                if let Some(count) = self.by_ip.get_mut(&ip) {
                    *count -= 1;
                    if *count == 0 {
                        self.by_ip.remove(&ip);
                    }
                }
            }
            Err(error) if error.is_panic() => tracing::error!("the task of a connection panicked"),
            Err(_) => {}
        }
    }

    async fn drain(mut self) {
        self.shared.hub.drain();
        let all_gone = async {
            while let Some(ended) = self.tasks.join_next().await {
                self.shared.metrics.connections.down();
                if ended.is_err_and(|error| error.is_panic()) {
                    tracing::error!("the task of a connection panicked");
                }
            }
        };
        if tokio::time::timeout(self.shared.config.drain_timeout, all_gone).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "connections are cut off");
            self.tasks.shutdown().await;
        }
    }
}
