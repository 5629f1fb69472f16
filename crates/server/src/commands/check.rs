//! `offhook check-config`.
use std::path::Path;

use anyhow::bail;

use crate::{
    cluster,
    config::{self, Config},
};

/// Reads the configuration as the server would, and says what it found.
///
/// # Errors
/// What is wrong with the configuration.
pub(crate) fn run(path: Option<&Path>) -> anyhow::Result<()> {
    let config = super::configuration(path)?;
    config::check_listen(&config.server)?;
    config::key_ring(&config)?;
    config::check_media(&config)?;
    config::check_cluster(&config)?;
    let database = cluster::database(&config)?.map(|database| database.place()).transpose()?;
    if config.apps.is_empty() {
        bail!("no app is configured: add an [[apps]] block with a key; `offhook default-config` shows one");
    }
    println!("The configuration is valid.");
    println!("  listens on   {}", config.server.listen);
    match database {
        None => {
            println!("  keeps calls  in {} ({:?})", config.store.folder.display(), config.store.durability)
        }
        Some(database) => {
            println!("  keeps calls  in the database {database}");
            let bus = if config.cluster.nats.is_empty() { "the same database".into() } else { nats(&config) };
            println!("  hears others through {bus}, as of the cluster {:?}", config.cluster.name);
        }
    }
    if config.media.enabled {
        println!("  carries media at {}", config.media.udp.join(", "));
    }
    for app in &config.apps {
        let enabled = app.keys.iter().filter(|key| key.enabled).count();
        println!("  app {:<8} {enabled} of {} keys enabled, login {:?}", app.id, app.keys.len(), app.login);
    }
    Ok(())
}

/// The servers without what a URL may hold of credentials.
fn nats(config: &Config) -> String {
    let place = |url: &String| url.rsplit_once('@').map_or(url.as_str(), |(_, place)| place).to_owned();
    format!("NATS at {}", config.cluster.nats.iter().map(place).collect::<Vec<_>>().join(", "))
}
