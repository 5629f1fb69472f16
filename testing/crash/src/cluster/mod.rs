//! Several nodes on one PostgreSQL and one NATS: every kind of fault in turn, and after each the same promises as of one server.
//!
//! Beyond what one server must keep, a fault that one node or the store or the bus suffers must not show for long: what is mended
//! serves as quickly as before within ten seconds, and rings end in time as long as a node and the store are well.
mod crowd;
mod faults;
mod network;
mod node;
mod pulse;
mod rounds;
mod table;
mod topology;
mod troupe;
mod twins;

use std::path::PathBuf;

use anyhow::{Result, ensure};

pub(crate) use faults::Fault;
use network::Network;
use topology::Cluster;

/// What to do.
pub(crate) struct Plan {
    pub(crate) binary: PathBuf,
    /// Whether the long faults are short ones.
    pub(crate) brief: bool,
    /// The faults to play; empty for all.
    pub(crate) faults: Vec<Fault>,
    pub(crate) folder: PathBuf,
    pub(crate) nodes: u8,
    pub(crate) rounds: u64,
    /// Do not wait for the standby, and keep it from what was written last before it takes over, so that a run of failovers must fail.
    pub(crate) sabotage: bool,
    pub(crate) seed: u64,
}

/// Plays all rounds, prints what came of them; whether every promise was kept.
///
/// # Errors
/// Something of the driver's own, or a server that does not come up.
pub(crate) fn run(plan: &Plan) -> Result<bool> {
    let (network, why_not) = Network::open()?;
    let mut faults = plan.faults.clone();
    if let Some(reason) = why_not {
        println!("crash: on loopback, without partitions, for there are no network namespaces: {reason}");
        faults.retain(|fault| !fault.needs_ways());
    }
    ensure!(!faults.is_empty(), "there is no fault to play here");
    let cluster = Cluster::open(network, plan)?;
    // After the network: the threads of the runtime are to be where the driver is.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let table = runtime.block_on(rounds::play(plan, cluster, &faults))?;
    print!("{}", table.text());
    println!("{}", table.summary());
    Ok(table.violations() == 0)
}
