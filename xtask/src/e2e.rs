//! The browser step: our pages in Debian's Chromium and Firefox against a server of ours, judged by what the
//! browsers counted. The scenarios are testing/e2e's; here stands what they need: browsers, coturn,
//! playwright-core and the server.
use std::{path::Path, process::Command};

use anyhow::{Result, ensure};

use crate::{cluster::Cluster, demo, services, shell, tools, web};

/// How to measure in a browser, and how to print it.
#[derive(clap::Args)]
pub(crate) struct TimedOptions {
    /// Print the figures as one JSON object in the last line.
    #[arg(long)]
    json: bool,
    /// How often to try.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

/// Plays every scenario.
pub(crate) fn check() -> Result<()> {
    tools::debian_programs(&[
        ("chromium", "chromium"),
        ("firefox-esr", "firefox-esr"),
        ("turnserver", "coturn"),
    ])?;
    shell::run(&mut script("run.js", &demo::build()?)?)
}

/// Plays the scenarios that two nodes can play, each person on another node, and those of nodes that die.
pub(crate) fn check_cluster() -> Result<()> {
    tools::debian_programs(&[("chromium", "chromium"), ("firefox-esr", "firefox-esr")])?;
    services::ensure()?;
    let offhook = demo::build()?;
    let mut cluster = Cluster::start(&offhook, 2, 0)?;
    let mut script = script("run.js", &offhook)?;
    script.arg("--cluster").arg(cluster.folder());
    let status = cluster.beside(&offhook, &mut script)?;
    ensure!(status.success(), "scenarios on two nodes failed ({status})");
    Ok(())
}

/// Plays the one scenario without which nothing else matters: two people in a video call.
pub(crate) fn one_call(offhook: &Path) -> Result<()> {
    tools::debian_programs(&[("chromium", "chromium")])?;
    shell::run(script("run.js", offhook)?.args(["--only", "app: a video call"]))
}

/// Measures how long it takes from the wish to enter a room to the first decoded frame.
pub(crate) fn bench_join(options: &TimedOptions) -> Result<()> {
    timed("join.js", options)
}

/// Measures how long it takes from the click that calls, and from the one that accepts, to the other's picture.
pub(crate) fn bench_call(options: &TimedOptions) -> Result<()> {
    timed("call.js", options)
}

fn timed(name: &str, options: &TimedOptions) -> Result<()> {
    tools::debian_programs(&[("chromium", "chromium")])?;
    let mut command = script(name, &demo::build()?)?;
    command.args(["--runs", &options.runs.to_string()]);
    if options.json {
        command.arg("--json");
    }
    shell::run(&mut command)
}

/// A script of testing/e2e with what it imports in place. playwright-core brings no browser.
fn script(name: &str, offhook: &Path) -> Result<Command> {
    web::install()?;
    let mut command = shell::program("node");
    command.arg(shell::root().join("testing/e2e").join(name)).arg("--offhook").arg(offhook);
    Ok(command)
}
