//! The crash driver: kills a real server at random moments, starts it again on the same folder, and proves over the wire
//! that it kept what it had promised.
//!
//! Reliability's second invariant: what was answered with a reply is there after the restart; what was not answered was
//! done at most once; every event that anybody heard is in the log, unchanged, and the log goes on without a gap. Its
//! fifth: a ring whose deadline passed meanwhile ends once, within seconds of the restart, every other at its deadline.
//! A cluster of nodes is put to the same proof, with faults of every kind (`--topology cluster`).
//!
//! The driver plays no single process's part: it knows the protocol and the files' last bytes (`--sabotage`), nothing of
//! the crates inside. `--seed` brings back every random choice; how the two processes race, it cannot.
mod app;
mod book;
mod cast;
mod clock;
mod cluster;
mod judge;
mod line;
mod play;
mod player;
mod random;
mod rings;
mod run;
mod server;
mod verify;
mod violation;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Result;
use clap::{Parser, ValueEnum};
use offhook_types::Timestamp;

use crate::{
    cluster::Fault,
    run::{Plan, Totals},
    violation::Kind,
};

/// Evidence beyond this many lines adds nothing.
const SHOWN: usize = 20;

/// What is played with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Topology {
    /// Nodes on a shared store and bus, each on a host of its own.
    Cluster,
    /// One server with a store of its own.
    Embedded,
}

#[derive(Parser)]
#[command(
    name = "offhook-crash",
    about = "Kills a server again and again and checks that it kept its promises"
)]
struct Arguments {
    /// What is played with.
    #[arg(long, value_enum, default_value_t = Topology::Embedded)]
    topology: Topology,
    /// The server's binary.
    #[arg(long, default_value = "target/release/offhook")]
    server: PathBuf,
    /// Where the servers live; emptied first. It is kept, so that what a failed round left can be looked at.
    #[arg(long, default_value = "target/crash")]
    folder: PathBuf,
    /// How many rounds to play.
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// Where the random choices come from; a new one each time if absent.
    #[arg(long)]
    seed: Option<u64>,
    /// Cut the end off the journal after each kill, as if the server had replied before it wrote: the run must fail. In a cluster,
    /// keep the standby from what was written last before each failover.
    #[arg(long)]
    sabotage: bool,
    /// The only faults of a cluster to play; all of them if absent.
    #[arg(long, value_enum)]
    fault: Vec<Fault>,
    /// How many nodes a cluster has.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=9))]
    nodes: u8,
    /// Make the long faults of a cluster short.
    #[arg(long)]
    brief: bool,
    /// One line per round.
    #[arg(long, short)]
    verbose: bool,
}

fn main() -> ExitCode {
    match play(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Plays, and prints what came of it; whether every promise was kept.
fn play(arguments: Arguments) -> Result<bool> {
    let Arguments { server, topology, folder, rounds, seed, sabotage, verbose, fault, nodes, brief } =
        arguments;
    let seed = seed.unwrap_or_else(|| clock::date().since(Timestamp::default()).as_secs());
    println!("crash: seed {seed}");
    let server = std::path::absolute(server)?;
    let folder = std::path::absolute(folder)?;
    if topology == Topology::Cluster {
        let faults = if fault.is_empty() { Fault::value_variants().to_vec() } else { fault };
        let plan = cluster::Plan { binary: server, brief, faults, folder, nodes, rounds, sabotage, seed };
        return cluster::run(&plan);
    }
    let plan = Plan { binary: server, folder, rounds, sabotage, seed, verbose };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let totals = runtime.block_on(run::run(&plan))?;
    for violation in totals.violations.iter().take(SHOWN) {
        println!("{violation}");
    }
    if let Some(more) = totals.violations.len().checked_sub(SHOWN + 1) {
        println!("… and {} more", more + 1);
    }
    if !totals.violations.is_empty() {
        let round = totals.rounds.saturating_sub(1);
        println!("crash: round {round} of seed {seed} failed; its folder is {}", plan.folder.display());
    }
    println!("{}", summary(&totals));
    Ok(totals.violations.is_empty())
}

fn summary(totals: &Totals) -> String {
    let Totals { acknowledged, kills, restarts, rounds, violations } = totals;
    let count = |kind| violations.iter().filter(|violation| violation.kind == kind).count();
    let mut restarts: Vec<u128> = restarts.iter().map(Duration::as_millis).collect();
    restarts.sort_unstable();
    let middle = restarts.get(restarts.len() / 2).copied().unwrap_or_default();
    let longest = restarts.last().copied().unwrap_or_default();
    format!(
        "crash: {rounds} rounds, {kills} kills, {acknowledged} acknowledged requests checked, {} lost, {} doubled, \
         {} mistimed, restart to ready {middle}/{longest} ms",
        count(Kind::Lost),
        count(Kind::Doubled),
        count(Kind::Mistimed),
    )
}
