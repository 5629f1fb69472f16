//! `offhook check-config`.
use std::path::Path;

use anyhow::bail;

use crate::config;

/// Reads the configuration as the server would, and says what it found.
///
/// # Errors
/// What is wrong with the configuration.
pub(crate) fn run(path: Option<&Path>) -> anyhow::Result<()> {
    let config = super::configuration(path)?;
    config::check_listen(&config.server)?;
    config::key_ring(&config)?;
    config::check_media(&config)?;
    if config.apps.is_empty() {
        bail!("no app is configured: add an [[apps]] block with a key; `offhook default-config` shows one");
    }
    println!("The configuration is valid.");
    println!("  listens on   {}", config.server.listen);
    println!("  keeps calls  in {} ({:?})", config.store.folder.display(), config.store.durability);
    if config.media.enabled {
        println!("  carries media at {}", config.media.udp.join(", "));
    }
    for app in &config.apps {
        let enabled = app.keys.iter().filter(|key| key.enabled).count();
        println!("  app {:<8} {enabled} of {} keys enabled, login {:?}", app.id, app.keys.len(), app.login);
    }
    Ok(())
}
