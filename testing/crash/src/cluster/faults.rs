//! What goes wrong: each fault from its beginning to the moment when all is mended and up again.
use std::{thread, time::Duration};

use anyhow::Result;
use offhook_testing_services::PostgresServer;
use offhook_types::Timestamp;

use super::{network::Host, node::Node, topology::Cluster};
use crate::{clock, random::Random, rings::Trouble};

/// How long something stays down that is killed, in milliseconds.
const DOWN: std::ops::Range<u64> = 200..3_000;
/// How long a way is cut, or a store stands still, in milliseconds: longer and shorter than a node has patience with its store.
const AWAY: std::ops::Range<u64> = 2_000..8_000;
/// How long rings may still end late after a fault: with what they may take by themselves, within five seconds.
const AFTERMATH: Duration = Duration::from_secs(4);
/// How long the faults last that are to be long, and in a brief run.
const BUS_STOPPED: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(6)];
const NODE_PAUSED: [Duration; 2] = [Duration::from_secs(20), Duration::from_secs(6)];

/// A kind of fault, by what it is called on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Fault {
    /// Nothing passes between a node and the bus.
    CutBus,
    /// Nothing passes between a node and the store, both of its servers.
    CutStore,
    /// The store's primary is killed, and its standby takes over.
    FailOver,
    /// The bus is killed, and started again.
    KillBus,
    /// A node is killed, and started again.
    KillNode,
    /// All nodes are killed, and started again.
    KillNodes,
    /// The store's primary is killed, and started again.
    KillStore,
    /// What a node says to the store arrives; what the store answers does not.
    LoseReplies,
    /// A node stands still.
    PauseNode,
    /// The store's primary stands still.
    PauseStore,
    /// The store's primary is restarted in order, ending all sessions.
    RestartStore,
    /// The bus is stopped in order, and started again later.
    StopBus,
    /// A node is asked to end, and started again when it has.
    StopNode,
}

/// What a fault did.
pub(crate) struct Inflicted {
    pub(crate) trouble: Trouble,
    /// Which of several it struck; empty if there is only one.
    pub(crate) victim: String,
}

impl Fault {
    /// What it is called.
    pub(crate) fn name(self) -> String {
        use clap::ValueEnum as _;
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whether ways between hosts are cut.
    pub(crate) fn needs_ways(self) -> bool {
        match self {
            Self::CutBus | Self::CutStore | Self::LoseReplies => true,
            Self::FailOver
            | Self::KillBus
            | Self::KillNode
            | Self::KillNodes
            | Self::KillStore
            | Self::PauseNode
            | Self::PauseStore
            | Self::RestartStore
            | Self::StopBus
            | Self::StopNode => false,
        }
    }

    /// Whether a node and the store are well all the time, so that rings end when they should.
    fn spares_one(self) -> bool {
        match self {
            Self::CutBus
            | Self::CutStore
            | Self::KillBus
            | Self::KillNode
            | Self::LoseReplies
            | Self::PauseNode
            | Self::StopBus
            | Self::StopNode => true,
            Self::FailOver | Self::KillNodes | Self::KillStore | Self::PauseStore | Self::RestartStore => {
                false
            }
        }
    }

    /// Lets it happen and mends it; returns when all is up again. Blocks. A brief run has no long faults.
    ///
    /// # Errors
    /// Something could not be broken, or not be mended.
    pub(crate) fn inflict(
        self,
        cluster: &mut Cluster,
        (random, brief): (&mut Random, bool),
    ) -> Result<Inflicted> {
        let victim = random.index(cluster.nodes.len());
        let [down, away] = [DOWN, AWAY].map(|range| Duration::from_millis(random.within(range)));
        let long = |spans: [Duration; 2]| spans[usize::from(brief)];
        let begin = clock::date();
        let node = &mut cluster.nodes[victim];
        let name = node.name.clone();
        let struck = match self {
            Self::CutBus => cut(node, &[&cluster.bus.host], away).map(|()| name),
            Self::CutStore => cut(node, &cluster.store.hosts.each_ref(), away).map(|()| name),
            Self::FailOver => fail_over(cluster, down),
            Self::KillBus => kill_bus(cluster, down),
            Self::KillNode => kill_nodes(std::slice::from_mut(node), down).map(|()| name),
            Self::KillNodes => kill_nodes(&mut cluster.nodes, down).map(|()| String::new()),
            Self::KillStore => kill_store(cluster, down),
            Self::LoseReplies => lose_replies(node, &cluster.store.hosts, away).map(|()| name),
            Self::PauseNode => pause_node(node, long(NODE_PAUSED)).map(|()| name),
            Self::PauseStore => pause_store(cluster, away),
            Self::RestartStore => restart_store(cluster),
            Self::StopBus => stop_bus(cluster, long(BUS_STOPPED)),
            Self::StopNode => stop_node(node).map(|()| name),
        };
        let spares_one = self.spares_one();
        let trouble = Trouble { aftermath: AFTERMATH, begin, end: clock::date(), spares_one };
        Ok(Inflicted { trouble, victim: struck? })
    }

    /// How long it took, for people.
    pub(crate) fn lasted(trouble: &Trouble) -> f64 {
        let since = |begin: Timestamp, end: Timestamp| end.since(begin).as_secs_f64();
        since(trouble.begin, trouble.end)
    }
}

fn kill_nodes(nodes: &mut [Node], down: Duration) -> Result<()> {
    nodes.iter_mut().try_for_each(Node::kill)?;
    thread::sleep(down);
    nodes.iter_mut().try_for_each(Node::start)
}

fn stop_node(node: &mut Node) -> Result<()> {
    node.stop()?;
    node.start()
}

fn pause_node(node: &Node, away: Duration) -> Result<()> {
    node.pause()?;
    thread::sleep(away);
    node.resume()
}

fn cut(node: &Node, from: &[&Host], away: Duration) -> Result<()> {
    for host in from {
        node.host.lose_to(host)?;
        host.lose_to(&node.host)?;
    }
    thread::sleep(away);
    for host in from {
        node.host.find_to(host)?;
        host.find_to(&node.host)?;
    }
    Ok(())
}

fn lose_replies(node: &Node, of: &[Host], away: Duration) -> Result<()> {
    of.iter().try_for_each(|host| host.lose_to(&node.host))?;
    thread::sleep(away);
    of.iter().try_for_each(|host| host.find_to(&node.host))
}

fn kill_store(cluster: &mut Cluster, down: Duration) -> Result<String> {
    cluster.store.on_primary(PostgresServer::kill)?;
    thread::sleep(down);
    cluster.store.on_primary(PostgresServer::start_again)?;
    Ok(cluster.store.primary_name().to_owned())
}

fn restart_store(cluster: &mut Cluster) -> Result<String> {
    cluster.store.on_primary(PostgresServer::restart)?;
    Ok(cluster.store.primary_name().to_owned())
}

fn pause_store(cluster: &mut Cluster, away: Duration) -> Result<String> {
    cluster.store.on_primary(|server| server.pause())?;
    thread::sleep(away);
    cluster.store.on_primary(|server| {
        server.resume();
        Ok(())
    })?;
    Ok(cluster.store.primary_name().to_owned())
}

fn fail_over(cluster: &mut Cluster, down: Duration) -> Result<String> {
    let killed = cluster.store.primary_name();
    cluster.store.fail_over(down)?;
    Ok(killed.to_owned())
}

fn kill_bus(cluster: &mut Cluster, down: Duration) -> Result<String> {
    cluster.bus.server.kill()?;
    thread::sleep(down);
    cluster.bus.start_again()?;
    Ok(String::new())
}

fn stop_bus(cluster: &mut Cluster, away: Duration) -> Result<String> {
    cluster.bus.server.stop()?;
    thread::sleep(away);
    cluster.bus.start_again()?;
    Ok(String::new())
}
