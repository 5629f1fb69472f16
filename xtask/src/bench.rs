//! `cargo xtask bench`: the load tool against a release build.
use anyhow::Result;

use crate::shell;

/// What to measure and how to print it.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print one JSON object per figure instead of a table.
    #[arg(long)]
    json: bool,
}

/// Builds the load tool for release and runs it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut command = shell::cargo(&["run", "--release", "--package", "offhook-testing-load", "--"]);
    if options.json {
        command.arg("--json");
    }
    shell::run(&mut command)
}
