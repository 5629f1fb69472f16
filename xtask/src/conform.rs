//! `cargo xtask conform`: foreign test suites against a server that already runs.
use anyhow::{Context as _, Result, ensure};

use crate::{autobahn, schemathesis, tools::Setup};

/// Where the server listens.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A WebSocket echo service with the gateway's settings, for Autobahn: `ws://127.0.0.1:…`.
    #[arg(long)]
    echo: Option<String>,
    /// The server's address, for Schemathesis: `http://127.0.0.1:…`; the server token stands in `OFFHOOK_TOKEN`.
    #[arg(long)]
    rest: Option<String>,
}

/// Runs the suites whose addresses are given.
#[expect(clippy::disallowed_methods, reason = "a token on the command line could be read by every process")]
pub(crate) fn run(options: &Options) -> Result<()> {
    ensure!(options.echo.is_some() || options.rest.is_some(), "give `--echo`, `--rest`, or both");
    if let Some(url) = &options.echo {
        websocket(url)?;
    }
    if let Some(base) = &options.rest {
        let token = std::env::var("OFFHOOK_TOKEN").context("OFFHOOK_TOKEN holds no server token")?;
        rest(base, &token)?;
    }
    Ok(())
}

/// Runs Autobahn against an echo service, or says why it cannot be run here.
pub(crate) fn websocket(url: &str) -> Result<()> {
    match autobahn::set_up()? {
        Setup::Ready(suite) => println!("Autobahn: {} cases passed", suite.run(url)?),
        Setup::Unavailable(why) => println!("Autobahn: skipped, because {why}"),
    }
    Ok(())
}

/// Runs Schemathesis against a server, or says why it cannot be run here.
pub(crate) fn rest(base: &str, token: &str) -> Result<()> {
    match schemathesis::set_up()? {
        Setup::Ready(tool) => tool.run(base, token)?,
        Setup::Unavailable(why) => println!("Schemathesis: skipped, because {why}"),
    }
    Ok(())
}
