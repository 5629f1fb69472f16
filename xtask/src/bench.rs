//! `cargo xtask bench`: the load tool against a release build, and beside other servers in the same run.
//!
//! What is measured, and how, stands in docs/performance.md. Other servers are brought by a folder of scripts that is not
//! part of this repository; without one, only ours is measured.
mod book;
mod cluster;
mod machine;
mod media;
mod ours;
mod peers;
mod table;

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::{e2e, shell};
use book::{Book, Figure};

/// What to measure and how to print it.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    part: Option<Part>,
    /// What an answer of the server means: `process` or `power`, as in its configuration.
    #[arg(long, default_value = "process", value_parser = ["process", "power"])]
    durability: String,
    /// Have other servers hold 10,000 idle users, too: some minutes each.
    #[arg(long)]
    idle_peers: bool,
    /// Print the figures as one JSON object in the last line.
    #[arg(long)]
    json: bool,
    /// Measure the release build that is there, without building it anew.
    #[arg(long)]
    no_build: bool,
    /// The folder of other servers' scripts; also taken from `OFFHOOK_PEERS`.
    #[arg(long)]
    peers: Option<PathBuf>,
    /// Measure for 3 s with 2,000 idle devices: to see that everything runs, not to quote.
    #[arg(long)]
    quick: bool,
    /// How often to measure every server, in turns; the figures are medians.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each load lasts, in seconds; 8, or 3 with `--quick`.
    #[arg(long)]
    secs: Option<u32>,
}

/// What is measured by itself.
#[derive(clap::Subcommand)]
enum Part {
    /// Calls in the demo app in Chromium, and says how long the first picture takes on either side.
    Call(e2e::TimedOptions),
    /// Calls through two nodes on one PostgreSQL and one NATS, and says what each part of it takes.
    Cluster(cluster::Options),
    /// Joins a room in Chromium, and says how long the first picture takes.
    Join(e2e::TimedOptions),
    /// Forwards the streams of many rooms, beside Janus from Debian.
    Media(media::Options),
    /// Plays a room on bad networks in virtual time, and prints what a viewer there gets.
    Network,
}

/// Builds server and load tool for release, runs every load, and prints the table.
///
/// # Errors
/// Says what could not be built or run; and that calls of ours failed, after the table.
pub(crate) fn run(options: &Options) -> Result<()> {
    match &options.part {
        None => signaling(options),
        Some(Part::Call(options)) => e2e::bench_call(options),
        Some(Part::Cluster(options)) => cluster::run(options),
        Some(Part::Join(options)) => e2e::bench_join(options),
        Some(Part::Media(options)) => media::run(options),
        // Nothing is timed by a clock, so that a build without optimization does.
        Some(Part::Network) => shell::run(&mut shell::cargo(&[
            "run",
            "--quiet",
            "--package",
            "offhook-sfu",
            "--example",
            "network",
        ])),
    }
}

/// Calls per second, latencies and memory of signaling.
fn signaling(options: &Options) -> Result<()> {
    let plan = ours::Plan {
        devices: if options.quick { 2_000 } else { 10_000 },
        durability: options.durability.clone(),
        secs: options.secs.unwrap_or(if options.quick { 3 } else { 8 }),
    };
    machine::allow_open_files(plan.devices)?;
    let peers = peers::installed(options.peers.as_deref())?;
    if !options.no_build {
        let packages = ["--package", "offhook-server", "--package", "offhook-testing-load"];
        shell::run(shell::cargo(&["build", "--release"]).args(packages))?;
    }
    let conditions = machine::conditions(&options.durability, !options.no_build)?; // After the build, which is a load of its own.
    let mut book = Book::default();
    for round in 1..=options.rounds {
        println!("round {round} of {}", options.rounds);
        ours::measure(&plan, &mut book)?;
        for peer in &peers {
            peer.measure(options.idle_peers, &mut book)?;
        }
    }
    println!("\n{}\n{}", book.table(), conditions.text());
    if options.json {
        println!("{}", book.json(ours::NAME, &conditions));
    }
    let failed = book.sum(ours::NAME, Figure::Failed) + book.sum(ours::RINGING, Figure::Failed);
    ensure!(failed == 0.0, "{failed} calls or devices failed");
    Ok(())
}
