//! The hosts and what runs on them: nodes, a store with its synchronous standby, a bus.
use std::{fs, thread, time::Duration};

use anyhow::{Context as _, Result};
use offhook_testing_services::{NatsOptions, NatsServer, PostgresOptions, PostgresServer, Workplace};

use super::{
    Plan,
    network::{Host, Network},
    node::{Common, Node},
};

/// What the two stores are called, and by what name each knows the other as its standby.
const STORES: [&str; 2] = ["store_a", "store_b"];
/// The database that PostgreSQL always has.
const DATABASE: &str = "postgres";
/// How long a standby is down before its primary dies in a sabotaged run, so that it misses what is acknowledged meanwhile.
const LAG: Duration = Duration::from_millis(500);

/// Everything, on one network.
pub(crate) struct Cluster {
    pub(crate) bus: Bus,
    pub(crate) nodes: Vec<Node>,
    pub(crate) store: Store,
    /// Dropped last, and so is the network: what runs there goes first.
    _workplace: Workplace,
    _network: Network,
}

/// The bus and its host.
pub(crate) struct Bus {
    pub(crate) host: Host,
    pub(crate) server: NatsServer,
}

/// Two PostgreSQL servers, of which one writes and the other must have what was written before it counts.
pub(crate) struct Store {
    pub(crate) hosts: [Host; 2],
    servers: [PostgresServer; 2],
    primary: usize,
    /// Whether the primary stands alone, because the other one has died.
    is_alone: bool,
    /// Whether the standby may lag, so that a failover loses what was acknowledged.
    is_sabotaged: bool,
}

impl Cluster {
    /// Starts everything.
    ///
    /// # Errors
    /// Whatever does not start.
    pub(crate) fn open(network: Network, plan: &Plan) -> Result<Self> {
        let Plan { binary, folder, nodes, sabotage, .. } = plan;
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let store = Store::open(&network, *sabotage)?;
        let bus = Bus::open(&network)?;
        let workplace = Workplace::create()?;
        let (bus_url, store_url) = (bus.server.url(), store.url());
        let common = Common { binary, bus: bus_url, folder, store: store_url, workplace: workplace.path() };
        let open = |number: u8| {
            let name = format!("n{number}");
            Node::open(&name, network.host(&name, 10 + number)?, &common)
        };
        let nodes: Vec<Node> = (1..=*nodes).map(open).collect::<Result<_>>()?;
        Ok(Self { bus, nodes, store, _workplace: workplace, _network: network })
    }

    /// Where clients connect.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.nodes.iter().map(Node::address).collect()
    }
}

impl Bus {
    fn open(network: &Network) -> Result<Self> {
        let host = network.host("bus", 31)?;
        let options = NatsOptions { host: host.address, ..NatsOptions::default() };
        let server = host.run(|| NatsServer::start(&options))?;
        Ok(Self { host, server })
    }

    /// Starts the server again.
    pub(crate) fn start_again(&mut self) -> Result<()> {
        let Self { host, server } = self;
        host.run(|| server.start_again())
    }
}

impl Store {
    fn open(network: &Network, is_sabotaged: bool) -> Result<Self> {
        let hosts = [network.host("store-a", 21)?, network.host("store-b", 22)?];
        let mut options = PostgresOptions { host: hosts[0].address, ..PostgresOptions::default() };
        // A standby that has lost its primary comes back at once, not after five seconds: commits wait for it.
        options.settings = vec![("wal_retrieve_retry_interval".to_owned(), "200ms".to_owned())];
        let first = hosts[0].run(|| PostgresServer::start(&options))?;
        let second = hosts[1].run(|| first.standby_at(STORES[1], hosts[1].address))?;
        if !is_sabotaged {
            first.make_synchronous(&[STORES[1]])?;
        }
        Ok(Self { hosts, servers: [first, second], primary: 0, is_alone: false, is_sabotaged })
    }

    /// Both servers, of which clients take the one that writes.
    fn url(&self) -> String {
        let [first, second] = &self.servers;
        let hosts = format!("{},{}", first.address().host(), second.address().host());
        let url = first.url(DATABASE).replacen(first.address().host(), &hosts, 1);
        format!("{url}?target_session_attrs=read-write&sslmode=disable")
    }

    /// Which one writes, by its name.
    pub(crate) fn primary_name(&self) -> &'static str {
        STORES[self.primary]
    }

    /// Has the one that writes do something, on its host.
    pub(crate) fn on_primary<T: Send>(
        &mut self,
        work: impl FnOnce(&mut PostgresServer) -> Result<T> + Send,
    ) -> Result<T> {
        let server = &mut self.servers[self.primary];
        self.hosts[self.primary].run(|| work(server))
    }

    /// Kills the primary, and some time later makes its standby the one that writes.
    pub(crate) fn fail_over(&mut self, down: Duration) -> Result<()> {
        let standby = 1 - self.primary;
        if self.is_sabotaged {
            self.servers[standby].kill()?;
            thread::sleep(LAG);
        }
        self.on_primary(PostgresServer::kill)?;
        thread::sleep(down);
        self.primary = standby;
        if self.is_sabotaged {
            self.on_primary(PostgresServer::start_again)?;
        }
        self.is_alone = true;
        self.on_primary(|server| server.promote())
    }

    /// Gives a primary that stands alone a synchronous standby, in the place of the one that died.
    ///
    /// # Errors
    /// It does not start, or does not keep up.
    pub(crate) fn rearm(&mut self) -> Result<()> {
        if !self.is_alone {
            return Ok(());
        }
        let dead = 1 - self.primary;
        let [first, second] = &mut self.servers;
        let (follower, primary) = if dead == 0 { (first, second) } else { (second, first) };
        self.hosts[dead].run(|| follower.follow(primary, STORES[dead]))?;
        if !self.is_sabotaged {
            primary.make_synchronous(&[STORES[dead]])?;
        }
        self.is_alone = false;
        Ok(())
    }
}
