//! One running node: everything wired together, started and stopped in order.
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context as _;
use axum::Router;
use offhook_auth::{KeyRing, SharedKeyRing};
use offhook_call_control::{CallControl, World as _};
use offhook_gateway::{
    AppPolicy, Gateway, GatewayConfig, Hub, LoginPolicy, Origins, SystemClock, serve_metrics,
};
use offhook_store::Placements;
use offhook_types::AppId;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    cluster::{self, Attendance, ClockWatch, Ears, Ground, Membership, NodeBus, Parts, Subject},
    config::{self, Config},
    handler::{CallHandler, Control},
    pushes::{DevOffice, PushService, Secret},
    rooms::{Company, MediaRooms, RoomDesk},
    world::SystemWorld,
};

/// How often a node whose clock is off looks whether it still is.
const CLOCK_LOOK: Duration = Duration::from_secs(1);

/// Makes the vendor of a development server.
pub(crate) type Office = Box<dyn FnOnce(&Arc<SystemClock>) -> Arc<DevOffice> + Send>;

/// A node that listens but does not serve yet.
pub(crate) struct Node {
    clock: Arc<SystemClock>,
    clock_watch: Arc<ClockWatch>,
    control: Arc<Control>,
    ears: Arc<Ears>,
    gateway: Gateway<CallHandler>,
    keys: Arc<SharedKeyRing>,
    listener: TcpListener,
    media_drain: Duration,
    pushes: Arc<PushService>,
    metrics_listener: Option<TcpListener>,
    rooms: Option<Arc<MediaRooms>>,
    draining: CancellationToken,
    membership: Option<Arc<Membership>>,
}

impl Node {
    /// Opens the store and the listeners.
    ///
    /// # Errors
    /// Says what cannot be opened and why.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        Self::open_with(config, None).await
    }

    /// As [`Node::open`], with a vendor of pushes of its own.
    ///
    /// # Errors
    /// Says what cannot be opened and why.
    pub(crate) async fn open_with(config: &Config, office: Option<Office>) -> anyhow::Result<Self> {
        config::check_listen(&config.server)?;
        config::check_media(config)?;
        let keys = Arc::new(SharedKeyRing::new(config::key_ring(config)?));
        let clock = Arc::new(SystemClock::new());
        let Ground { bus, placements, presence, shared_presence, store } = cluster::open(config).await?;
        let world = SystemWorld::new(Arc::clone(&clock));
        let company = company(config, &bus, placements)?;
        let rooms = match config.media.enabled || company.is_some() {
            true => Some(Arc::new(MediaRooms::open(config, Arc::clone(&clock), company)?)),
            false => None,
        };
        let pushes = PushService::open(config, Arc::clone(&clock), office.map(|office| office(&clock)))?;
        let pushes = Arc::new(pushes);
        let control = CallControl::new(store, Arc::clone(&bus), world, config::policies(config));
        let control = control.with_presence(presence).with_pushes(Arc::clone(&pushes) as _);
        let control = Arc::new(match &rooms {
            Some(rooms) => control.with_rooms(Arc::clone(rooms) as _),
            None => control,
        });
        pushes.attach(&control).await?;
        let (clock_watch, logins) = (Arc::new(ClockWatch::default()), Arc::new(OnceLock::new()));
        let draining = CancellationToken::new();
        let handler = CallHandler {
            attendance: Attendance::new(Arc::clone(&bus)),
            clock_watch: Arc::clone(&clock_watch),
            control: Arc::clone(&control),
            draining: draining.clone(),
            logins: Arc::clone(&logins),
            pushes: Arc::clone(&pushes),
            rooms: rooms.clone(),
        };
        let handler = Arc::new(handler);
        let gateway =
            Gateway::new(handler, Arc::clone(&keys), gateway_config(config), Arc::clone(&clock) as _);
        let gateway = gateway.with_passes(pushes.passes());
        let ears = Arc::new(Ears::new(gateway.hub()));
        bus.listen(Arc::clone(&ears) as _);
        let membership = match shared_presence {
            None => None,
            Some(presence) => {
                let name = config.cluster.node.as_str();
                let desk = rooms.as_ref().and_then(|rooms| RoomDesk::new(rooms, &control));
                let rooms = desk.map(|desk| Arc::new(desk) as Arc<dyn Subject>);
                let parts =
                    Parts { bus: &bus, clock: &clock, clock_watch: &clock_watch, name, presence, rooms };
                let membership = Arc::new(Membership::begin(parts, &gateway).await?);
                logins.get_or_init(|| membership.logins());
                Some(membership)
            }
        };
        if let Some(rooms) = &rooms {
            rooms.tell_through(gateway.hub());
        }
        let listener = listen(&config.server.listen).await?;
        let metrics_listener = match config.server.metrics_listen.as_str() {
            "" => None,
            address => Some(listen(address).await?),
        };
        let media_drain = Duration::from_secs(config.media.drain_s);
        Ok(Self {
            clock,
            clock_watch,
            control,
            draining,
            ears,
            gateway,
            keys,
            listener,
            media_drain,
            membership,
            pushes,
            metrics_listener,
            rooms,
        })
    }

    /// Where clients send media to, for people to read.
    pub(crate) fn media_addresses(&self) -> Vec<String> {
        self.rooms.as_ref().map(|rooms| rooms.addresses()).unwrap_or_default()
    }

    /// The address that clients connect to.
    pub(crate) fn address(&self) -> anyhow::Result<std::net::SocketAddr> {
        self.listener.local_addr().context("the listener has no address")
    }

    /// The calls of this node.
    pub(crate) fn control(&self) -> &Arc<Control> {
        &self.control
    }

    /// Who is connected to this node.
    pub(crate) fn hub(&self) -> Arc<Hub> {
        self.gateway.hub()
    }

    /// What this node is among others; `None` if it is alone.
    pub(crate) fn membership(&self) -> Option<Arc<Membership>> {
        self.membership.clone()
    }

    /// The keys, to be replaced when the configuration changes.
    pub(crate) fn keys(&self) -> Arc<SharedKeyRing> {
        Arc::clone(&self.keys)
    }

    /// Serves until `stop`, then lets the rooms end, says goodbye to every client and returns. `pages` are served beside
    /// `/v1`.
    ///
    /// # Errors
    /// The listener must not be served, or a part of the node died.
    pub(crate) async fn run(self, pages: Router, stop: CancellationToken) -> anyhow::Result<()> {
        let Self { clock, clock_watch, control, draining, ears, gateway, keys: _, listener, .. } = self;
        let Self { media_drain, membership, pushes, metrics_listener, rooms, .. } = self;
        control.recover().await;
        let mut parts = JoinSet::new();
        parts.spawn(cancel_with(draining, stop.clone()));
        if let Some(membership) = &membership {
            let store = Arc::clone(control.store());
            parts.spawn(Arc::clone(membership).keep(ears, store, stop.clone()));
        }
        parts.spawn(run_timers(Arc::clone(&control), (clock, clock_watch), stop.clone()));
        parts.spawn(watch_expiry(Arc::clone(&pushes), stop.clone()));
        if let Some(listener) = metrics_listener {
            let (metrics, rooms, membership) = (gateway.metrics(), rooms.clone(), membership.clone());
            let render = move || {
                let rooms = rooms.as_ref().map(|rooms| rooms.metrics()).unwrap_or_default();
                let membership =
                    membership.as_ref().map(|membership| membership.metrics()).unwrap_or_default();
                metrics.render() + &pushes.metrics() + &rooms + &membership
            };
            parts.spawn(serve_metrics(listener, Arc::new(render), stop.clone()));
        }
        // Requests go to other nodes and events come from them until the last session is over.
        let served = CancellationToken::new();
        let rooms_ended = match rooms {
            Some(rooms) => {
                let ended = CancellationToken::new();
                parts.spawn(Arc::clone(&rooms).settle(Arc::clone(&control), ended.clone()));
                parts.spawn(Arc::clone(&rooms).tend(Arc::clone(&control), served.clone()));
                parts.spawn(end_rooms(rooms, media_drain, (stop.clone(), ended.clone())));
                ended
            }
            None => stop.clone(),
        };
        gateway.with_pages(pages).serve(listener, rooms_ended).await?;
        served.cancel();
        stop.cancel();
        while let Some(part) = parts.join_next().await {
            part.context("a part of the server died")?;
        }
        if let Some(membership) = membership {
            membership.close().await;
        }
        Ok(())
    }
}

/// What the rooms here have in common with those of other nodes, if there may be any.
fn company(
    config: &Config,
    bus: &Arc<NodeBus>,
    placements: Option<Arc<dyn Placements>>,
) -> anyhow::Result<Option<Company>> {
    let Some(placements) = placements else { return Ok(None) };
    let secret = Secret::kept_in(&config.store.folder, &config.push.secret_file)?.rooms();
    Ok(Some(Company { peers: Arc::clone(bus) as _, placements, secret }))
}

/// The node is no longer ready as soon as it is to stop.
async fn cancel_with(draining: CancellationToken, stop: CancellationToken) {
    stop.cancelled().await;
    draining.cancel();
}

/// Warns of credentials that end, until the server stops.
async fn watch_expiry(pushes: Arc<PushService>, stop: CancellationToken) {
    let _ = stop.run_until_cancelled(pushes.watch_expiry()).await;
}

/// Sleeps until something is due, lets it happen, and goes on. A node whose clock is off leaves it to the others: it would end
/// their rings too early.
async fn run_timers(
    control: Arc<Control>,
    (clock, watch): (Arc<SystemClock>, Arc<ClockWatch>),
    stop: CancellationToken,
) {
    let alarm = control.world().alarm();
    while stop.run_until_cancelled(alarm.ring(&clock)).await.is_some() {
        if watch.check().is_ok() {
            control.run_due().await;
        } else {
            control.world().wake_at(control.world().now() + CLOCK_LOOK);
        }
    }
}

/// Once the server is to stop: rooms first, while their participants can still be told.
async fn end_rooms(
    rooms: Arc<MediaRooms>,
    drain: Duration,
    (stop, ended): (CancellationToken, CancellationToken),
) {
    stop.cancelled().await;
    rooms.stop(drain).await;
    ended.cancel();
}

async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

fn gateway_config(config: &Config) -> GatewayConfig {
    let session = &config.session;
    let mut wanted = GatewayConfig {
        apps: app_policies(config),
        behind_proxy: config.server.behind_proxy,
        drain_timeout: Duration::from_secs(config.server.drain_s),
        max_connections: config.server.max_connections,
        reconnect_spread: Duration::from_secs(config.server.drain_s),
        ..GatewayConfig::default()
    };
    wanted.session.hello_timeout = Duration::from_secs(session.hello_timeout_s);
    wanted.session.heartbeat = Duration::from_secs(session.heartbeat_s);
    wanted.session.lost_after = Duration::from_secs(session.lost_after_s);
    wanted.session.requests_per_s = session.requests_per_s;
    wanted.session.request_burst = session.request_burst;
    wanted.session.stall_after = Duration::from_secs(session.write_timeout_s);
    wanted
}

fn app_policies(config: &Config) -> BTreeMap<AppId, AppPolicy> {
    let policy = |app: &config::App| AppPolicy {
        login: match app.login {
            config::LoginPolicy::Dual => LoginPolicy::Dual,
            config::LoginPolicy::Multi => LoginPolicy::Multi,
            config::LoginPolicy::Single => LoginPolicy::Single,
        },
        origins: if app.origins.iter().any(|origin| origin == "*") {
            Origins::Any
        } else {
            Origins::Listed(app.origins.clone())
        },
    };
    config.apps.iter().map(|app| (AppId(app.id), policy(app))).collect()
}

/// Reads the keys anew and puts them in force.
///
/// # Errors
/// The configuration is not valid; the keys stay as they are.
pub(crate) fn rotate(keys: &SharedKeyRing, config: &Config) -> anyhow::Result<()> {
    let ring: KeyRing = config::key_ring(config)?;
    keys.replace(&ring);
    Ok(())
}
