//! Calls through two nodes on one PostgreSQL and one NATS: callers on the first node, callees on the second, so that every ring
//! crosses over. What is measured, and how, stands in docs/performance.md.
mod figures;
mod filling;
mod restoring;
mod stage;

use anyhow::{Result, ensure};
use serde_json::json;

use self::{figures::Figures, stage::Stage};
use super::{machine, ours};
use crate::{services, shell};

/// The pairs of the closed loop.
const PEAK_PAIRS: u32 = 64;
/// Each pair of the open loop has a call so often at most, in seconds: a pair is free long before its next turn.
const TURN: f64 = 0.4;

/// What to measure of two nodes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Measure beside so many ended calls as well; several numbers, with commas, for several measurements.
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    history: Vec<u32>,
    /// Print the figures as one JSON object in the last line.
    #[arg(long)]
    json: bool,
    /// Measure beside so many live calls as well; several numbers, with commas, for several measurements.
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    live: Vec<u32>,
    /// Measure the release build that is there, without building it anew.
    #[arg(long)]
    no_build: bool,
    /// Calls a second of the open loop.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// Dump the database with the most history and restore it, and say how long that takes.
    #[arg(long, requires = "history")]
    restore: bool,
    /// How often to run every load, one after the other; the figures are medians.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each load lasts, in seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    secs: u32,
}

/// Builds server and load tool for release, runs every load, and prints the table.
///
/// # Errors
/// Says what could not be built, started or run; and that calls failed, after the table.
pub(crate) fn run(options: &Options) -> Result<()> {
    services::ensure()?;
    machine::allow_open_files(4 * options.pairs() + 4 * PEAK_PAIRS)?;
    if !options.no_build {
        let packages = ["--package", "offhook-server", "--package", "offhook-testing-load"];
        shell::run(shell::cargo(&["build", "--release"]).args(packages))?;
    }
    let conditions = machine::conditions(stage::DURABILITY, !options.no_build)?;
    let mut figures = Figures::default();
    options.plain(&mut figures)?;
    options.beside_live_calls(&mut figures)?;
    let restored = options.beside_history(&mut figures)?;
    println!("\n{}\n{}", figures.table(), conditions.text());
    if let Some(restored) = &restored {
        println!("{}", restored.text());
    }
    if options.json {
        let mut object = figures.json();
        object["conditions"] = conditions.json();
        object["restore"] = json!(restored.as_ref().map(restoring::Restored::json));
        println!("{object}");
    }
    let failed = figures.failed();
    ensure!(failed == 0.0, "{failed} calls failed");
    Ok(())
}

impl Options {
    /// The loads on tables that hold nothing else.
    fn plain(&self, figures: &mut Figures) -> Result<()> {
        let stage = Stage::start()?;
        self.open_loop(&stage, &format!("{} calls/s", self.rate), figures)?;
        let (pairs, secs) = (PEAK_PAIRS.to_string(), self.secs.to_string());
        let peak = ["closed", "--pairs", &pairs, "--secs", &secs];
        for _ in 0..self.rounds {
            figures.add(figures::PEAK, stage.load(&peak)?);
        }
        Ok(())
    }

    /// The open loop beside each number of live calls, the smallest first.
    fn beside_live_calls(&self, figures: &mut Figures) -> Result<()> {
        let Some(stage) = Stage::start_for(&self.live)? else { return Ok(()) };
        for calls in in_order(&self.live) {
            stage.hold_calls(calls)?;
            self.open_loop(&stage, &format!("beside {calls} live calls"), figures)?;
            stage.check_live_calls(calls)?;
        }
        Ok(())
    }

    /// The open loop beside each number of ended calls, the smallest first; then the dump and its restoration.
    fn beside_history(&self, figures: &mut Figures) -> Result<Option<restoring::Restored>> {
        let Some(stage) = Stage::start_for(&self.history)? else { return Ok(None) };
        for calls in in_order(&self.history) {
            stage.write_history(calls)?;
            self.open_loop(&stage, &format!("beside {calls} ended calls"), figures)?;
        }
        self.restore.then(|| stage.dump_and_restore()).transpose()
    }

    fn open_loop(&self, stage: &Stage, name: &str, figures: &mut Figures) -> Result<()> {
        let numbers = [self.rate, self.pairs(), self.secs].map(|number| number.to_string());
        let [rate, pairs, secs] = &numbers;
        for _ in 0..self.rounds {
            figures.add(name, stage.load(&["open", "--rate", rate, "--pairs", pairs, "--secs", secs])?);
        }
        Ok(())
    }

    /// How many pairs share the open loop's calls.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are at most 10,000")]
    fn pairs(&self) -> u32 {
        (f64::from(self.rate) * TURN).ceil() as u32
    }
}

fn in_order(numbers: &[u32]) -> Vec<u32> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers
}
