//! `cargo xtask simulate`: the deterministic simulator.
use anyhow::Result;

use crate::shell;

/// Which worlds to play.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many seeds to play, counted from zero.
    #[arg(long, default_value_t = 20_000)]
    seeds: u64,
    /// One seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Prints everything that happens in the seed.
    #[arg(long, requires = "seed")]
    trace: bool,
}

/// Builds the simulator for release, because it plays ten times as many worlds a second so, and runs it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut command = shell::cargo(&["run", "--release", "--package", "offhook-testing-simulation", "--"]);
    match options.seed {
        Some(seed) => command.args(["--seed", &seed.to_string()]),
        None => command.args(["--seeds", &options.seeds.to_string()]),
    };
    if options.trace {
        command.arg("--trace");
    }
    shell::run(&mut command)
}

/// Plays as many worlds as a push must survive.
pub(crate) fn check() -> Result<()> {
    run(&Options { seeds: 20_000, seed: None, trace: false })
}
