//! `cargo xtask conform`: foreign test suites, against a server of our own making or one that already runs.
use std::process::Child;

use anyhow::{Context as _, Result};

use crate::{
    autobahn, demo, schemathesis,
    server::{self, Server},
    shell,
    tools::Setup,
};

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

/// Runs the suites whose addresses are given; without any, all of them against servers that it starts itself.
#[expect(clippy::disallowed_methods, reason = "a token on the command line could be read by every process")]
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.echo.is_none() && options.rest.is_none() {
        return all();
    }
    if let Some(url) = &options.echo {
        websocket(url)?;
    }
    if let Some(base) = &options.rest {
        let token = std::env::var("OFFHOOK_TOKEN").context("OFFHOOK_TOKEN holds no server token")?;
        rest(base, &token)?;
    }
    Ok(())
}

/// Starts what the suites are run against, and runs both.
pub(crate) fn all() -> Result<()> {
    let echo = Echo::start()?;
    websocket(&echo.url())?;
    drop(echo);
    let server = Server::dev(&demo::build()?)?;
    let token = server.get("/dev/token").context("the server gives no token for a back end")?;
    rest(&server.url(), token.trim())
}

/// The gateway's echo service as a child process; gone when dropped.
struct Echo {
    child: Child,
    port: u16,
}

impl Echo {
    fn start() -> Result<Self> {
        shell::run(&mut shell::cargo(&[
            "build",
            "--locked",
            "--package",
            "offhook-gateway",
            "--example",
            "echo",
        ]))?;
        let port = server::free_port()?;
        let mut command = shell::program(shell::target_folder().join("debug/examples/echo"));
        let child =
            command.arg(format!("127.0.0.1:{port}")).spawn().context("the echo service does not start")?;
        let echo = Self { child, port };
        server::wait_until_open(port)?;
        Ok(echo)
    }

    fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
