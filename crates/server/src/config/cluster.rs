//! Several nodes on one database.
use std::path::PathBuf;

use anyhow::bail;
use serde::{Deserialize, Serialize};

use super::Config;

/// This node among others.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) nats: Vec<String>,
    pub(crate) nats_credentials_file: PathBuf,
    pub(crate) nats_roots_file: PathBuf,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            name: "main".into(),
            node: String::new(),
            nats: Vec::new(),
            nats_credentials_file: PathBuf::new(),
            nats_roots_file: PathBuf::new(),
        }
    }
}

/// Checks that what nodes must have in common is not left to each of them.
///
/// # Errors
/// A setting only makes sense together with another one.
pub(crate) fn check_cluster(config: &Config) -> anyhow::Result<()> {
    let is_shared = !config.store.url.is_empty() || !config.store.url_file.as_os_str().is_empty();
    if !is_shared && !config.cluster.nats.is_empty() {
        bail!(
            "cluster.nats joins nodes that share a database: name it in store.url, or leave cluster.nats empty for a node that \
             is alone"
        );
    }
    if is_shared && config.push.secret_file.as_os_str().is_empty() {
        bail!(
            "nodes that share a database must share the secret that seals devices' addresses: write push.secret_file, and give \
             all nodes the same file (the first node to start creates it)"
        );
    }
    Ok(())
}
