//! `cargo xtask cluster`: several nodes on one PostgreSQL and one NATS, with an address for each that goes over to the others when
//! it dies; with `--check`, played through without a person.
mod front;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use offhook_testing_services::{NatsOptions, NatsServer, PostgresOptions, PostgresServer};

use self::front::Front;
use crate::{
    demo,
    server::{self, Peers, Server},
    services,
    shell::{self, Stopwatch},
};

/// How often to look whether all nodes live.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a node that died stays down, so that one can see what the others do without it.
const STAYS_DOWN: Duration = Duration::from_secs(10);

/// How many nodes, and where.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Play every scenario of the demo with the parties spread over the nodes, compare what each saw, and stop.
    #[arg(long)]
    check: bool,
    /// How many nodes.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=8))]
    nodes: u16,
    /// The first node's address is at this port, the second's at the next, and so on.
    #[arg(long, default_value_t = 7400)]
    port: u16,
}

/// A running cluster; everything in it is gone when it is dropped.
pub(crate) struct Cluster {
    fronts: Vec<Front>,
    nodes: Vec<Node>,
    nats: NatsServer,
    postgres: PostgresServer,
    folder: PathBuf,
}

/// A node and how it is started.
struct Node {
    /// Since when it is down.
    down: Option<Stopwatch>,
    name: String,
    port: u16,
    server: Option<Server>,
}

/// Builds the server and starts the cluster for a person, or plays the scenarios on it.
pub(crate) fn run(options: &Options) -> Result<()> {
    services::ensure()?;
    let offhook = demo::build()?;
    if options.check {
        let cluster = Cluster::start(&offhook, options.nodes, 0)?;
        return demo::play_on(&offhook, &cluster.urls(), "two nodes, PostgreSQL and NATS");
    }
    let mut cluster = Cluster::start(&offhook, options.nodes, options.port)?;
    cluster.greet();
    loop {
        thread::sleep(LOOK_EVERY);
        cluster.revive(&offhook)?;
    }
}

/// Plays the scenarios.
pub(crate) fn check() -> Result<()> {
    run(&Options { check: true, nodes: 2, port: 0 })
}

impl Cluster {
    /// So many nodes, whose fronts are at `port` and after it, or anywhere if that is 0.
    pub(crate) fn start(offhook: &Path, nodes: u16, port: u16) -> Result<Self> {
        let durable = PostgresOptions { durable: true, ..PostgresOptions::default() };
        let postgres = PostgresServer::start(&durable)?;
        let nats = NatsServer::start(&NatsOptions::default())?;
        let folder = shell::target_folder().join(format!("cluster-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let nodes =
            (1..=nodes).map(|number| Ok(Node::new(number, server::free_port()?))).collect::<Result<_>>()?;
        let mut cluster = Self { fronts: Vec::new(), nodes, nats, postgres, folder };
        for index in 0..cluster.nodes.len() {
            cluster.start_node(offhook, index)?;
        }
        let ports: Vec<u16> = cluster.nodes.iter().map(|node| node.port).collect();
        for index in 0..ports.len() {
            let at = if port == 0 { 0 } else { port + u16::try_from(index)? };
            let order = ports[index..].iter().chain(&ports[..index]).copied().collect();
            cluster.fronts.push(Front::start(at, order)?);
        }
        cluster.note()?;
        Ok(cluster)
    }

    /// The addresses of the fronts.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.fronts.iter().map(Front::url).collect()
    }

    fn start_node(&mut self, offhook: &Path, index: usize) -> Result<()> {
        let (database, nats) = (self.postgres.url("postgres"), self.nats.url());
        let node = &mut self.nodes[index];
        let peers = Peers { database: &database, folder: &self.folder, name: &node.name, nats: &nats };
        node.server = Some(Server::dev_with_peers(offhook, node.port, &peers)?);
        self.note()
    }

    fn greet(&self) {
        println!("Offhook is ready, on {} nodes. Open two of these and call:\n", self.nodes.len());
        let users = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];
        for ((front, node), user) in self.fronts.iter().zip(&self.nodes).zip(users) {
            println!("  {user:<8} {}/u/{user}   through {}", front.url(), node.name);
        }
        println!(
            "\nEach address goes over to another node when its own is dead. To see it, ring or talk, and:\n"
        );
        for node in &self.nodes {
            println!("  {}", node.how_to_kill());
        }
        println!("\nPostgreSQL  {}\nNATS        {}", self.postgres.url("postgres"), self.nats.url());
        println!("\nCalls are gone when this stops. Stop with Ctrl-C.");
    }

    /// Runs a program beside the cluster, and starts nodes again that die meanwhile.
    pub(crate) fn beside(&mut self, offhook: &Path, program: &mut Command) -> Result<ExitStatus> {
        let mut program = program.spawn().context("the program beside the cluster could not be started")?;
        loop {
            if let Some(status) = program.try_wait()? {
                return Ok(status);
            }
            thread::sleep(LOOK_EVERY);
            self.revive(offhook)?;
        }
    }

    /// Where what others must know of it lies: the nodes' keys, and `nodes.json` with their names, processes and addresses.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts nodes again that died a while ago.
    fn revive(&mut self, offhook: &Path) -> Result<()> {
        for index in 0..self.nodes.len() {
            let node = &mut self.nodes[index];
            if let Some(status) = node.server.as_mut().map(Server::ended).transpose()?.flatten() {
                println!("{} ended ({status}); it starts again in {} s", node.name, STAYS_DOWN.as_secs());
                (node.server, node.down) = (None, Some(Stopwatch::start()));
            }
            if node.down.as_ref().is_some_and(|down| down.elapsed() >= STAYS_DOWN) {
                node.down = None;
                self.start_node(offhook, index)?;
                println!("{} is back: {}", self.nodes[index].name, self.nodes[index].how_to_kill());
            }
        }
        Ok(())
    }

    /// Writes down which process is which node.
    fn note(&self) -> Result<()> {
        let node = |(node, front): (&Node, &Front)| {
            let process = node.server.as_ref().map(Server::id);
            serde_json::json!({ "name": node.name, "process": process, "url": front.url() })
        };
        let nodes: Vec<_> = self.nodes.iter().zip(&self.fronts).map(node).collect();
        let (path, new) = (self.folder.join("nodes.json"), self.folder.join("nodes.json.new"));
        fs::write(&new, serde_json::to_string_pretty(&nodes)?)?;
        fs::rename(new, path).context("the list of nodes cannot be written")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Nodes first, so that they do not complain about what is taken from under them.
        self.nodes.clear();
        // What cannot be removed lies under target and harms nobody.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Node {
    fn new(number: u16, port: u16) -> Self {
        Self { down: None, name: format!("node-{number}"), port, server: None }
    }

    fn how_to_kill(&self) -> String {
        let process = self.server.as_ref().map_or_else(|| "?".to_owned(), |server| server.id().to_string());
        format!("kill -9 {process:<8} # {}", self.name)
    }
}
