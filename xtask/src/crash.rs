//! `cargo xtask crash`: the crash driver against a release build.
use anyhow::Result;

use crate::shell;

/// How often to kill the server, and how.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many rounds of playing, killing and checking; each takes about five seconds.
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// Brings back the random choices of an earlier run, which printed its seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Have the journal forget its last records at each kill, to see that the driver finds it: the run must fail.
    #[arg(long)]
    sabotage: bool,
}

/// Builds server and driver for release, because a slow server has little on its way when it dies, and runs the driver.
///
/// # Errors
/// Says what could not be built; and that a promise was broken, after the driver has shown the evidence.
pub(crate) fn run(options: &Options) -> Result<()> {
    let packages = ["--package", "offhook-server", "--package", "offhook-testing-crash"];
    shell::run(shell::cargo(&["build", "--release"]).args(packages))?;
    let built = shell::target_folder().join("release");
    let mut driver = shell::program(built.join("offhook-crash"));
    driver.arg("--verbose").arg("--server").arg(built.join("offhook"));
    driver.arg("--folder").arg(shell::target_folder().join("crash"));
    driver.args(["--rounds", &options.rounds.to_string()]);
    if let Some(seed) = options.seed {
        driver.args(["--seed", &seed.to_string()]);
    }
    if options.sabotage {
        driver.arg("--sabotage");
    }
    shell::run(&mut driver)
}

/// Kills the server as often as a push must survive.
pub(crate) fn check() -> Result<()> {
    run(&Options { rounds: 20, seed: None, sabotage: false })
}
