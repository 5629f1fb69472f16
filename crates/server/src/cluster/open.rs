//! From the configuration to store, bus and presence.
use std::{fs, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use offhook_bus::{InProcessBus, NodeName};
use offhook_bus_nats::{Credentials, NatsBus, NatsOptions};
use offhook_bus_postgres::{PostgresBus, PostgresBusOptions};
use offhook_store::{LocalPresence, Placements, Presence};
use offhook_store_embedded::{Durability, EmbeddedStore, Options as EmbeddedOptions};
use offhook_store_postgres::{Options, PostgresPlacements, PostgresPresence, PostgresStore};

use super::{NodeBus, NodeStore};
use crate::config::{self, Config};

/// What a node stands on.
pub(crate) struct Ground {
    pub(crate) bus: Arc<NodeBus>,
    /// Where rooms live, if several nodes may have them.
    pub(crate) placements: Option<Arc<dyn Placements>>,
    pub(crate) presence: Arc<dyn Presence>,
    /// To be closed when the node stops, so that others need not wait for its lease.
    pub(crate) shared_presence: Option<Arc<PostgresPresence>>,
    pub(crate) store: Arc<NodeStore>,
}

/// Opens what the configuration says.
///
/// # Errors
/// Says what cannot be opened and why.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Ground> {
    config::check_cluster(config)?;
    match database(config)? {
        None => {
            let store = Arc::new(NodeStore::Embedded(embedded(config)?));
            let bus = Arc::new(NodeBus::Alone(InProcessBus::new()));
            let presence = Arc::new(LocalPresence::new());
            Ok(Ground { bus, placements: None, presence, shared_presence: None, store })
        }
        Some(database) => shared(config, database).await,
    }
}

async fn shared(config: &Config, database: offhook_postgres_line::Options) -> anyhow::Result<Ground> {
    let bus = Arc::new(bus(config, &database).await?);
    let mut options = Options::new("", bus.me().bits());
    options.database = database;
    options.commit_connections = config.store.commit_connections;
    options.read_connections = config.store.read_connections;
    options.event_retention = Duration::from_secs(config.store.event_retention_s);
    let days = config.store.history_days;
    options.history_retention = (days > 0).then(|| Duration::from_hours(24) * days);
    let store = PostgresStore::open(&options).await.context("cannot keep calls in the database")?;
    let presence = PostgresPresence::open(&options).await.context("cannot keep presence in the database")?;
    let presence = Arc::new(presence);
    let placements =
        PostgresPlacements::open(&options).await.context("cannot keep places of rooms in the database")?;
    Ok(Ground {
        bus,
        placements: Some(Arc::new(placements)),
        presence: Arc::clone(&presence) as _,
        shared_presence: Some(presence),
        store: Arc::new(NodeStore::Postgres(store)),
    })
}

async fn bus(config: &Config, database: &offhook_postgres_line::Options) -> anyhow::Result<NodeBus> {
    let cluster = &config.cluster;
    let name = match cluster.node.as_str() {
        "" => None,
        name => Some(NodeName::new(name).context("cluster.node cannot be used")?),
    };
    if cluster.nats.is_empty() {
        let mut options = PostgresBusOptions::new("");
        (options.line, options.cluster, options.name) = (database.clone(), cluster.name.clone(), name);
        return Ok(NodeBus::Postgres(PostgresBus::start(options)?));
    }
    let mut options = NatsOptions::new(cluster.nats.clone());
    (options.cluster, options.name) = (cluster.name.clone(), name);
    if !cluster.nats_credentials_file.as_os_str().is_empty() {
        options.credentials = Credentials::File(text_of(&cluster.nats_credentials_file)?);
    }
    options.roots = pem_of(&cluster.nats_roots_file)?;
    Ok(NodeBus::Nats(NatsBus::start(options).await?))
}

/// How the shared database is reached; `None` if the node has a store of its own.
///
/// # Errors
/// A file cannot be read, or two settings contradict each other.
pub(crate) fn database(config: &Config) -> anyhow::Result<Option<offhook_postgres_line::Options>> {
    let store = &config.store;
    let url = match (store.url.as_str(), store.url_file.as_os_str().is_empty()) {
        ("", true) => return Ok(None),
        (url, true) => url.to_owned(),
        ("", false) => text_of(&store.url_file)?.trim().to_owned(),
        (_, false) => bail!("store.url and store.url_file both say where the database is: keep one of them"),
    };
    let mut options = offhook_postgres_line::Options::new(url);
    options.roots = pem_of(&store.roots_file)?;
    Ok(Some(options))
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn pem_of(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match path.as_os_str().is_empty() {
        true => Ok(None),
        false => text_of(path).map(|text| Some(text.into_bytes())),
    }
}

fn embedded(config: &Config) -> anyhow::Result<EmbeddedStore> {
    let folder: &Path = &config.store.folder;
    let options = EmbeddedOptions {
        durability: match config.store.durability {
            config::Durability::Power => Durability::Power,
            config::Durability::Process => Durability::Process,
        },
        event_retention: Duration::from_secs(config.store.event_retention_s),
        ..EmbeddedOptions::default()
    };
    EmbeddedStore::open(folder, options)
        .with_context(|| format!("cannot open the store in {}", folder.display()))
}
