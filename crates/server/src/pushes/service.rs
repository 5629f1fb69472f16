//! The Push port as this binary fills it.
use std::{
    fmt,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use anyhow::Context as _;
use offhook_auth::PassKeys;
use offhook_call_control::{Parcel, Pushes};
use offhook_gateway::{Clock as _, SystemClock};
use offhook_push::{PushId, Resource, Sealer, Verdict};
use offhook_signaling::PushResource;
use offhook_store::Devices as _;
use offhook_types::{AppId, CallId, Opaque, Party, Timestamp};
use tokio::time::sleep;

use super::{Built, DevOffice, Reach, Registry, Secret, dev::vapid, metrics::Counters, registry::Entry};
use crate::{
    config::{self, BaseUrls, Config},
    handler::Control,
};

/// How often credentials are looked at for their end.
const EXPIRY_CHECK: Duration = Duration::from_hours(12);
/// From when on an operator is warned of a credential's end.
const EXPIRY_WARNING: Duration = Duration::from_hours(30 * 24);

/// Sends pushes through the lines of the apps' resources.
pub(crate) struct PushService {
    pub(super) clock: Arc<SystemClock>,
    pub(super) control: OnceLock<Weak<Control>>,
    pub(super) counters: Arc<Counters>,
    dev: Option<Arc<DevOffice>>,
    passes: PassKeys,
    pub(super) reach: Reach,
    pub(super) registry: Registry,
    sealer: Sealer,
}

impl PushService {
    /// The resources of the configuration; those that back ends keep come with [`PushService::attach`].
    ///
    /// # Errors
    /// Names the resource that is not valid and says why, or what cannot be read.
    pub(crate) fn open(
        config: &Config,
        clock: Arc<SystemClock>,
        dev: Option<Arc<DevOffice>>,
    ) -> anyhow::Result<Self> {
        let secret = Secret::kept_in(&config.store.folder, &config.push.secret_file)?;
        let reach = Reach::new(&config.push, Arc::clone(&clock)).context("push.roots")?;
        let registry = Registry::new();
        for configured in config::push_resources(config)? {
            let config::Configured { app, name, resource, base_urls } = configured;
            let built = Built::new(&name, (&resource, &base_urls), &reach);
            let built = built.with_context(|| format!("push resource {name:?} of app {app}"))?;
            registry.put(app, &Entry { built: Arc::new(built), is_configured: true });
        }
        for app in config.apps.iter().filter(|_| dev.is_some()) {
            let form = PushResource { web: Some(vapid(&config.store.folder)?), ..PushResource::default() };
            let built = Built::new("default", (&form, &BaseUrls::default()), &reach)?.for_every_device();
            registry.put(AppId(app.id), &Entry { built: Arc::new(built), is_configured: true });
        }
        Ok(Self {
            clock,
            control: OnceLock::new(),
            counters: Arc::default(),
            dev,
            passes: secret.passes(),
            reach,
            registry,
            sealer: secret.sealer(),
        })
    }

    /// What verifies the credentials of pushes.
    pub(crate) fn passes(&self) -> PassKeys {
        self.passes.clone()
    }

    /// Tells verdicts to these calls, and puts the resources in force that back ends keep.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) async fn attach(&self, control: &Arc<Control>) -> anyhow::Result<()> {
        let is_first = self.control.set(Arc::downgrade(control)).is_ok();
        assert!(is_first, "pushes belong to one assembly of calls");
        for stored in control.store().resources().await.context("the push resources cannot be read")? {
            let built = self.open_stored(&stored.name, stored.app, &stored.sealed);
            match built {
                Ok(_) if self.registry.find(stored.app, &stored.name).is_some() => {
                    let (app, name) = (stored.app.0, &stored.name);
                    tracing::warn!(app, name, "the configuration's push resource hides a kept one");
                }
                Ok(built) => {
                    self.registry.put(stored.app, &Entry { built: Arc::new(built), is_configured: false });
                }
                Err(error) => {
                    let (app, name) = (stored.app.0, &stored.name);
                    tracing::error!(app, name, "a kept push resource cannot be used: {error:#}");
                }
            }
        }
        Ok(())
    }

    fn open_stored(&self, name: &str, app: AppId, sealed: &[u8]) -> anyhow::Result<Built> {
        let form = self.sealer.open(&purpose(app), sealed)?;
        let form =
            serde_json::from_slice(&form).map_err(|_| anyhow::anyhow!("it is damaged; put it again"))?;
        Built::new(name, (&form, &BaseUrls::default()), &self.reach)
    }

    /// Seals a resource for the store.
    pub(super) fn seal(&self, app: AppId, form: &[u8]) -> Vec<u8> {
        self.sealer.seal(&purpose(app), form)
    }

    /// Warns of credentials that end, again and again.
    pub(crate) async fn watch_expiry(self: Arc<Self>) {
        loop {
            let now = self.clock.now();
            for (app, entry) in self.registry.all() {
                if let Some(expires) = entry.built.lines.expires()
                    && expires.since(now) < EXPIRY_WARNING
                {
                    let (app, resource) = (app.0, &entry.built.resource.name);
                    let days = expires.since(now).as_secs() / 86_400;
                    tracing::warn!(
                        app,
                        resource,
                        days,
                        "the certificate of a push resource ends soon: renew it"
                    );
                }
            }
            sleep(EXPIRY_CHECK).await;
        }
    }

    /// Hands a push to its vendor, and tells what came of it.
    async fn send(
        control: Weak<Control>,
        (counters, watcher): (Arc<Counters>, Option<Arc<DevOffice>>),
        entry: Option<Entry>,
        parcel: Parcel,
    ) {
        if let Some(watcher) = &watcher {
            watcher.watch(&parcel);
        }
        let line = entry.as_ref().and_then(|entry| entry.built.lines.to(&parcel.address));
        let result = match line {
            Some(line) => line.send(&parcel.order, &parcel.address).await,
            // Its resource has been taken out of force since.
            None => Ok(Verdict::CredentialRefused { why: "the push resource is gone".into() }),
        };
        counters.count(&parcel, &result);
        if let Some(watcher) = &watcher {
            watcher.judge(&parcel, &result);
        }
        if let Some(control) = control.upgrade() {
            control.pushed(parcel, result).await;
        }
    }
}

/// A resource opens for its own app alone.
fn purpose(app: AppId) -> String {
    format!("push resource of app {}", app.0)
}

impl Pushes for PushService {
    fn is_on(&self, app: AppId) -> bool {
        self.registry.has_any(app)
    }

    fn resource(&self, app: AppId, name: &str) -> Option<Arc<Resource>> {
        let entry = self.registry.find(app, name);
        // Apps that are being tried out name resources that nobody has made yet.
        let entry = entry.or_else(|| self.registry.find(app, "default").filter(|_| self.dev.is_some()));
        entry.map(|entry| Arc::clone(&entry.built.resource))
    }

    fn web_key(&self, app: AppId, name: &str) -> Option<String> {
        self.registry.find(app, name)?.built.web_key.clone()
    }

    fn credential(&self, party: &Party, call: CallId, until: Timestamp) -> Opaque {
        Opaque::new(self.passes.mint(self.clock.now(), (party, call), until).unwrap_or_default())
    }

    fn mint_push_id(&self) -> PushId {
        PushId::from_random(rand::random())
    }

    fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    fn post(&self, parcel: Parcel) {
        let Some(control) = self.control.get().map(Weak::clone) else { return };
        let counters = Arc::clone(&self.counters);
        let entry = self.registry.find(parcel.order.app, &parcel.resource.name);
        match self.dev.clone() {
            Some(office) if office.takes(&parcel.address) => {
                drop(tokio::spawn(office.send(control, parcel)));
            }
            office => drop(tokio::spawn(Self::send(control, (counters, office), entry, parcel))),
        }
    }
}

impl fmt::Debug for PushService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushService").field("registry", &self.registry).finish_non_exhaustive()
    }
}
