//! `cargo xtask demo`: the whole thing, built, started and shown; with `--check`, played through without a person.
mod player;
mod scenarios;

use std::path::{Path, PathBuf};

use anyhow::Result;

use self::player::Stage;
use crate::{
    e2e,
    server::Server,
    shell::{self, Stopwatch},
    web,
};

/// How to show it.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Play every scenario with separate client processes, compare what each party saw, have two people in a browser call
    /// each other, and stop.
    #[arg(long)]
    check: bool,
}

/// Builds the server, then starts it for a person, or plays the scenarios.
pub(crate) fn run(options: &Options) -> Result<()> {
    let offhook = build()?;
    if options.check { play(&offhook) } else { shell::run(shell::program(&offhook).arg("dev")) }
}

/// Plays the scenarios.
pub(crate) fn check() -> Result<()> {
    run(&Options { check: true })
}

/// Builds the demo app and the release binary that holds it, and tells where the binary is.
pub(crate) fn build() -> Result<PathBuf> {
    web::run()?;
    println!("building offhook (the first time takes a few minutes) …");
    shell::run(&mut shell::cargo(&["build", "--release", "--locked", "--package", "offhook-server"]))?;
    Ok(shell::target_folder().join("release/offhook"))
}

fn play(offhook: &Path) -> Result<()> {
    let server = Server::dev(offhook)?;
    play_on(offhook, &[server.url()], "the embedded store")?;
    println!("— two people in a browser");
    e2e::one_call(offhook)
}

/// Plays the scenarios of client processes on these servers of one installation, each party on the next one.
pub(crate) fn play_on(offhook: &Path, servers: &[String], ground: &str) -> Result<()> {
    println!("{} on {ground}\n", servers.join(" and "));
    let stage = Stage::new(offhook, servers);
    let all = scenarios::all();
    for (name, scenario) in &all {
        println!("— {name}");
        let watch = Stopwatch::start();
        scenario(&stage)?;
        println!("  every party saw what it should, after {:.1} s\n", watch.elapsed().as_secs_f64());
    }
    println!("{} scenarios played, 0 failed", all.len());
    Ok(())
}
