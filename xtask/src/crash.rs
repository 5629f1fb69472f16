//! `cargo xtask crash`: the crash driver against a release build.
use anyhow::Result;

use crate::{services, shell};

/// What the crash driver plays with.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Topology {
    /// Nodes on PostgreSQL and NATS, each on a host of its own.
    Cluster,
    /// One server with a store of its own.
    Embedded,
}

/// How often to kill the server, and how.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What to play with.
    #[arg(long, value_enum, default_value_t = Topology::Embedded)]
    topology: Topology,
    /// How many rounds of playing, breaking and checking; each takes about five seconds, with a cluster about twenty.
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// The only faults of a cluster to play, such as kill-node; all of them in turn if absent.
    #[arg(long)]
    fault: Vec<String>,
    /// How many nodes a cluster has.
    #[arg(long, default_value_t = 2)]
    nodes: u8,
    /// Make the long faults of a cluster short: a bus that is stopped for 30 s, a node that stands still for 20 s.
    #[arg(long)]
    brief: bool,
    /// Brings back the random choices of an earlier run, which printed its seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Have the journal forget its last records at each kill, or keep the standby from what was written last before each failover,
    /// to see that the driver finds it: the run must fail.
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
    if options.topology == Topology::Cluster {
        services::ensure()?;
        driver.args(["--topology", "cluster", "--nodes", &options.nodes.to_string()]);
        options.fault.iter().for_each(|fault| {
            driver.args(["--fault", fault]);
        });
    }
    if options.brief {
        driver.arg("--brief");
    }
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
    let topology = Topology::Embedded;
    run(&Options {
        topology,
        rounds: 20,
        fault: Vec::new(),
        nodes: 2,
        brief: false,
        seed: None,
        sabotage: false,
    })
}
