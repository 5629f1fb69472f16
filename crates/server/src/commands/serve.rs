//! `offhook serve`.
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use anyhow::{Context as _, bail};
use axum::Router;
use offhook_auth::SharedKeyRing;
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    logging,
    node::{Node, rotate},
};

/// Serves until stopped by SIGINT or SIGTERM. SIGHUP puts the keys of a changed file in force.
///
/// # Errors
/// What keeps the server from starting, or what it died of.
pub(crate) fn run(path: Option<&Path>) -> anyhow::Result<()> {
    let config = super::configuration(path)?;
    if config.apps.is_empty() {
        bail!(
            "no app is configured: add an [[apps]] block with a key, or use `offhook dev` to try things out"
        );
    }
    logging::start(&config.server)?;
    runtime(config.server.worker_threads)?.block_on(async {
        let node = Node::open(&config).await?;
        tracing::info!(address = %node.address()?, "serving");
        let stop = CancellationToken::new();
        tokio::spawn(reload_keys(path.map(Path::to_owned), node.keys(), stop.clone()));
        tokio::spawn(cancel_on_signal(stop.clone()));
        node.run(Router::new(), stop).await?;
        tracing::info!("stopped");
        Ok(())
    })
}

/// A runtime with this many threads; 0 for one per two cores. More threads wake each other for every request, which costs
/// more than it brings until one is busy all the time (docs/performance.md).
pub(crate) fn runtime(threads: usize) -> anyhow::Result<Runtime> {
    let threads = match threads {
        0 => thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1)),
        wanted => wanted,
    };
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder.enable_all().build().context("the async runtime cannot start")
}

/// Cancels `stop` when the process is asked to end.
pub(crate) async fn cancel_on_signal(stop: CancellationToken) {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be heard; stop the server by its process id");
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stop.cancel();
}

async fn reload_keys(path: Option<PathBuf>, keys: Arc<SharedKeyRing>, stop: CancellationToken) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    while stop.run_until_cancelled(hangup.recv()).await.flatten().is_some() {
        let reloaded: anyhow::Result<Config> = super::configuration(path.as_deref());
        match reloaded.and_then(|config| rotate(&keys, &config)) {
            Ok(()) => tracing::info!("the keys of the changed configuration are in force"),
            Err(error) => tracing::error!("the keys stay as they are: {error:#}"),
        }
    }
}
