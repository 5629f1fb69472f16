//! Log lines: to standard error, as text or JSON.
use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::config::Server;

/// Begins to log as configured.
///
/// # Errors
/// The filter is not valid, or something logs already.
pub(crate) fn start(server: &Server) -> anyhow::Result<()> {
    // What a connection to NATS goes through, its bus says better.
    let filter = EnvFilter::try_new(format!("async_nats=off,{}", server.log));
    let filter = filter.context("server.log is not a log filter")?;
    let lines = tracing_subscriber::fmt()
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if server.log_json { lines.json().try_init() } else { lines.try_init() };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
