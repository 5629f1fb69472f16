//! The browser step: the room page in Debian's Chromium against a server of ours, judged by what the browser counted.
//! The scenarios are testing/e2e's; here stands what they need: Chromium, coturn, playwright-core and the server.
use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{demo, shell, tools};

/// What to measure of joining, and how to print it.
#[derive(clap::Args)]
pub(crate) struct JoinOptions {
    /// Print the figures as one JSON object in the last line.
    #[arg(long)]
    json: bool,
    /// How often to join.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

/// Plays every scenario.
pub(crate) fn check() -> Result<()> {
    tools::debian_programs(&[("chromium", "chromium"), ("turnserver", "coturn")])?;
    shell::run(&mut script("run.js", &demo::build()?)?)
}

/// Measures how long it takes from the wish to enter a room to the first decoded frame.
pub(crate) fn bench_join(options: &JoinOptions) -> Result<()> {
    tools::debian_programs(&[("chromium", "chromium")])?;
    let mut command = script("join.js", &demo::build()?)?;
    command.args(["--runs", &options.runs.to_string()]);
    if options.json {
        command.arg("--json");
    }
    shell::run(&mut command)
}

fn folder() -> PathBuf {
    shell::root().join("testing/e2e")
}

/// A script of testing/e2e with what it imports in place.
fn script(name: &str, offhook: &std::path::Path) -> Result<Command> {
    install()?;
    let mut command = shell::program("node");
    command.arg(folder().join(name)).arg("--offhook").arg(offhook);
    Ok(command)
}

/// Installs playwright-core as locked, unless it is there. It brings no browser: its own installer is not run.
fn install() -> Result<()> {
    const PACKAGE: &str = "node_modules/playwright-core";
    let lock = read_json(&folder().join("package-lock.json"))?;
    let wanted = &lock["packages"][PACKAGE]["version"];
    let installed = read_json(&folder().join(PACKAGE).join("package.json"));
    if installed.is_ok_and(|package| package["version"] == *wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder());
    shell::run(&mut npm)
}

fn read_json(path: &std::path::Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}
