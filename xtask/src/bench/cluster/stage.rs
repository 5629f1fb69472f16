//! Two nodes of the release build on a PostgreSQL and a NATS of their own, under the load tool.
use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use offhook_testing_services::{NatsOptions, NatsServer, PostgresOptions, PostgresServer};
use serde_json::Value;

use super::ours::{self, APP, KEY};
use crate::{
    server::{Server, free_port},
    shell,
};

/// The database in which the nodes keep their calls.
pub(super) const DATABASE: &str = "postgres";

/// What a commit means here.
pub(super) const DURABILITY: &str = "PostgreSQL's defaults: fsync on, synchronous_commit on, no standby";

/// What differs from PostgreSQL's defaults; deploy/compose has the same.
const SETTINGS: [(&str, &str); 2] = [("shared_buffers", "512MB"), ("max_wal_size", "4GB")];

const NODES: [&str; 2] = ["node-1", "node-2"];

/// A running cluster. Everything in it is gone when it is dropped, the nodes first.
pub(super) struct Stage {
    nodes: Vec<Server>,
    nats: NatsServer,
    pub(super) postgres: PostgresServer,
    secret: String,
}

impl Stage {
    /// Starts everything, with empty tables.
    pub(super) fn start() -> Result<Self> {
        println!("starting {}, PostgreSQL and NATS", NODES.join(", "));
        let settings = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let options = PostgresOptions { durable: true, settings, ..PostgresOptions::default() };
        let postgres = PostgresServer::start(&options)?;
        let nats = NatsServer::start(&NatsOptions::default())?;
        let mut stage = Self { nodes: Vec::new(), nats, postgres, secret: ours::secret()? };
        fs::create_dir_all(folder())?;
        for name in NODES {
            stage.start_node(name)?;
        }
        Ok(stage)
    }

    /// Starts everything if there is anything to measure.
    pub(super) fn start_for(measurements: &[u32]) -> Result<Option<Self>> {
        (!measurements.is_empty()).then(Self::start).transpose()
    }

    fn start_node(&mut self, name: &str) -> Result<()> {
        let port = free_port()?;
        let path = folder().join(format!("{name}.toml"));
        fs::write(&path, self.configuration(name, port))?;
        let offhook = shell::target_folder().join("release/offhook");
        self.nodes.push(Server::serve(&offhook, &path, port)?);
        Ok(())
    }

    /// Runs the load tool on the two nodes: callers on the first, callees on the second.
    pub(super) fn load(&self, arguments: &[&str]) -> Result<Value> {
        println!("{}", arguments.join(" "));
        let mut all: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        all.extend(self.urls());
        for (name, process) in self.parts()? {
            all.extend(["--part".to_owned(), format!("{name}={process}")]);
        }
        ours::run_tool(&self.secret, &all.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Has the load tool place and accept so many calls, and leave them.
    pub(super) fn place_calls(&self, calls: u32) -> Result<()> {
        println!("hold --calls {calls}");
        let all = [vec!["hold".to_owned(), "--calls".to_owned(), calls.to_string()], self.urls()].concat();
        let report = ours::run_tool(&self.secret, &all.iter().map(String::as_str).collect::<Vec<_>>())?;
        anyhow::ensure!(report["calls"] == calls, "not every call was placed");
        Ok(())
    }

    /// Runs statements in the nodes' tables. Each may take a minute.
    pub(super) fn query(&self, statements: &str) -> Result<String> {
        let statements = format!("SET search_path = offhook; {statements}");
        self.postgres.address().query(DATABASE, &statements)
    }

    /// How many rows there are of what the statement selects.
    pub(super) fn count(&self, from: &str) -> Result<u32> {
        let count = self.query(&format!("SELECT count(*) FROM {from}"))?;
        count.parse().with_context(|| format!("`{count}` is no number of rows"))
    }

    fn urls(&self) -> Vec<String> {
        self.nodes.iter().flat_map(|node| ["--url".to_owned(), ours::address(node)]).collect()
    }

    /// Whose CPU is told apart.
    fn parts(&self) -> Result<Vec<(&'static str, u32)>> {
        let mut parts: Vec<_> = NODES.into_iter().zip(self.nodes.iter().map(Server::id)).collect();
        let postmaster = self.postgres.processes().first().copied().context("PostgreSQL is gone")?;
        let nats = self.nats.processes().first().copied().context("NATS is gone")?;
        parts.extend([("postgres", postmaster), ("nats", nats)]);
        Ok(parts)
    }

    /// The defaults, but for the limits of single connections: a few pairs place the calls of a whole town.
    fn configuration(&self, name: &str, port: u16) -> String {
        let (database, nats) = (self.postgres.url(DATABASE), self.nats.url());
        let (secret_file, secret) = (folder().join("secret"), &self.secret);
        format!(
            r#"[server]
listen = "127.0.0.1:{port}"
metrics_listen = ""
log = "warn"

[store]
url = "{database}"

[cluster]
node = "{name}"
nats = ["{nats}"]

[push]
secret_file = {secret_file:?}

[session]
requests_per_s = 1000000
request_burst = 1000000

[[apps]]
id = {APP}

[[apps.keys]]
id = "{KEY}"
purpose = "user"
secret = "{secret}"
"#
        )
    }
}

/// Where the nodes' configuration lies, and what is dumped.
pub(super) fn folder() -> PathBuf {
    ours::work_folder().join("cluster")
}
