//! The push resources of all apps that are in force.
use std::{collections::BTreeMap, fmt, sync::Arc};

use arc_swap::ArcSwap;
use offhook_types::AppId;

use super::Built;

/// The push resources of all apps: read by every call, changed by hand.
pub(crate) struct Registry {
    apps: ArcSwap<Apps>,
}

type Apps = BTreeMap<AppId, BTreeMap<String, Entry>>;

/// A resource in force.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) built: Arc<Built>,
    /// Whether it stands in the configuration, which alone can change it.
    pub(crate) is_configured: bool,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self { apps: ArcSwap::default() }
    }

    /// Puts a resource in force, in place of the one of that name.
    pub(crate) fn put(&self, app: AppId, entry: &Entry) {
        self.apps.rcu(|apps| {
            let mut apps = Apps::clone(apps);
            apps.entry(app).or_default().insert(entry.built.resource.name.clone(), entry.clone());
            apps
        });
    }

    /// Takes a resource out of force.
    pub(crate) fn remove(&self, app: AppId, name: &str) {
        self.apps.rcu(|apps| {
            let mut apps = Apps::clone(apps);
            if let Some(resources) = apps.get_mut(&app) {
                resources.remove(name);
            }
            apps.retain(|_, resources| !resources.is_empty());
            apps
        });
    }

    pub(crate) fn has_any(&self, app: AppId) -> bool {
        self.apps.load().contains_key(&app)
    }

    pub(crate) fn find(&self, app: AppId, name: &str) -> Option<Entry> {
        self.apps.load().get(&app)?.get(name).cloned()
    }

    /// The resources of an app, in the order of their names.
    pub(crate) fn of(&self, app: AppId) -> Vec<Entry> {
        self.apps.load().get(&app).map(|resources| resources.values().cloned().collect()).unwrap_or_default()
    }

    /// All resources of all apps.
    pub(crate) fn all(&self) -> Vec<(AppId, Entry)> {
        let apps = self.apps.load();
        let of_app = |(app, resources): (&AppId, &BTreeMap<String, Entry>)| {
            resources.values().map(|entry| (*app, entry.clone())).collect::<Vec<_>>()
        };
        apps.iter().flat_map(of_app).collect()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |(app, entry): (AppId, Entry)| (app, entry.built.resource.name.clone());
        f.debug_list().entries(self.all().into_iter().map(names)).finish()
    }
}
