//! Media rooms of this process: the joint between the gateway, the calls and the media node.
//!
//! ```text
//!   gateway ── requests, orders ──▶ MediaRooms ── join, command ──▶ MediaNode (threads)
//!      ▲                               ▲  close, remove                 │ events, facts
//!      │ hub.tell                      │                                ▼
//!      └───────────────────────────────┼────────────────────────────── Ears ── index, counters
//!                                 call-control ◀── settle ◀── backlog ◀──┘
//! ```
//!
//! Media threads put what they have to tell into the hub's mailboxes, the index and the backlog, and go on; one task takes
//! the backlog to the calls. Among several nodes a room lives on one of them, and the [`fleet`] brings requests there and
//! events back.
mod backlog;
mod convert;
mod fleet;
mod index;
mod listener;
mod metrics;
mod orders;
mod passes;
mod requests;
mod routing;
mod serving;
mod settle;
mod watch;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context as _;
use offhook_bus::Peers;
use offhook_call_control::Rooms;
use offhook_gateway::{Departure, Hub, SystemClock};
use offhook_media::MediaNode;
use offhook_sfu::{Command, RoomKey};
use offhook_signaling::{Problem, RoomRole, RoomToken};
use offhook_store::Placements;
use offhook_types::{Account, AppId, CallId, Party, RoomId, UserId};
use tokio::{task, time::timeout};
use tokio_util::sync::CancellationToken;

pub(crate) use serving::RoomDesk;

use self::{
    fleet::{Fleet, Item, To, Where},
    listener::Ears,
    passes::Passes,
};
use crate::{
    cluster::MediaState,
    config::{self, Config},
    handler::Control,
};

/// How long what was said to other nodes may take to leave when the rooms here have ended.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// What the rooms of several nodes have in common.
pub(crate) struct Company {
    pub(crate) peers: Arc<dyn Peers>,
    pub(crate) placements: Arc<dyn Placements>,
    /// From which the key of room tokens is drawn, the same on all nodes.
    pub(crate) secret: [u8; 32],
}

/// The rooms of this process, and the way to those of other nodes.
#[derive(Debug)]
pub(crate) struct MediaRooms {
    ears: Arc<Ears>,
    /// `None` for a node that is alone.
    fleet: Option<Arc<Fleet>>,
    /// Above this share of a core a media thread takes no new rooms.
    max_load: f32,
    /// In how many rooms one user may be, by app.
    max_rooms: HashMap<AppId, usize>,
    /// Not there on a node that carries no media itself; taken out when the server stops.
    node: RwLock<Option<Arc<MediaNode>>>,
    passes: Passes,
}

impl MediaRooms {
    /// Opens the sockets and starts the threads, if media is enabled. `company` is what it shares with other nodes, if it does.
    ///
    /// # Errors
    /// Says what cannot be opened and why.
    pub(crate) fn open(
        config: &Config,
        clock: Arc<SystemClock>,
        company: Option<Company>,
    ) -> anyhow::Result<Self> {
        let has_media = config.media.enabled;
        let passes = match &company {
            Some(company) => Passes::shared(clock, config.turn.clone(), &company.secret)?,
            None => Passes::new(clock, config.turn.clone())?,
        };
        let fleet = company.map(|Company { peers, placements, .. }| Fleet::new(peers, placements, has_media));
        let fleet = fleet.map(Arc::new);
        let ears = Arc::new(Ears::new(fleet.clone()));
        let node = match has_media {
            true => {
                let node = MediaNode::start(config::media(&config.media)?, Arc::clone(&ears) as _);
                Some(Arc::new(node.context("media cannot be served")?))
            }
            false => None,
        };
        let max_rooms =
            config.apps.iter().map(|app| (AppId(app.id), usize::from(app.rooms.max_per_user))).collect();
        Ok(Self { ears, fleet, max_load: config.media.max_load, max_rooms, node: RwLock::new(node), passes })
    }

    /// Sends what rooms have to tell through this hub.
    pub(crate) fn tell_through(&self, hub: Arc<Hub>) {
        // A second hub would be a second gateway, which there is not.
        let _ = self.ears.hub.set(hub);
    }

    /// Takes what rooms mean to the calls, until `stop` and once more after it.
    pub(crate) async fn settle(self: Arc<Self>, control: Arc<Control>, stop: CancellationToken) {
        settle::run(Arc::clone(&self.ears), control, stop).await;
    }

    /// A device began a session.
    pub(crate) fn arrived(&self, party: &Party) {
        if let Some(fleet) = &self.fleet {
            for (address, place) in fleet.abroad.mark(party, true) {
                fleet.signaling(&address, place, true);
            }
            for address in self.ears.index.places_of(party) {
                fleet.homes.remove(&fleet.post, &address);
            }
        }
        let Ok(node) = self.node() else { return };
        for address in self.ears.index.places_of(party) {
            node.signaling(address, true);
        }
    }

    /// A device's session is over. Logging out is leaving.
    pub(crate) async fn departed(&self, party: &Party, departure: Departure) {
        if let Some(fleet) = &self.fleet {
            for (address, place) in fleet.abroad.mark(party, false) {
                match departure {
                    Departure::LoggedOut => self.leave_abroad(fleet, &address, place).await,
                    Departure::Lost => fleet.signaling(&address, place, false),
                }
            }
        }
        let Ok(node) = self.node() else { return };
        for address in self.ears.index.places_of(party) {
            // It has moved on to another node, over which its room reaches it.
            if self.fleet.as_ref().is_some_and(|fleet| fleet.homes.has(&address)) {
                continue;
            }
            match departure {
                Departure::LoggedOut => {
                    // Who cannot leave is out already, or is lost after the lease.
                    let _ = node.command(address, Command::Leave).await;
                }
                Departure::Lost => node.signaling(address, false),
            }
        }
    }

    /// What there is to count, in the text form of Prometheus.
    pub(crate) fn metrics(&self) -> String {
        let workers = self.node().map(|node| node.statistics()).unwrap_or_default();
        let fleet = self.fleet.as_ref().map(|fleet| fleet.counters.render(fleet.held.len()));
        self.ears.counters.render(&workers) + &fleet.unwrap_or_default()
    }

    /// Where clients send media to.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let Ok(node) = self.node() else { return Vec::new() };
        let text =
            |candidate: &offhook_sfu::Candidate| format!("{:?} {}", candidate.transport, candidate.address);
        node.addresses().iter().map(text).collect()
    }

    /// Takes no new rooms, waits at most `limit` for the last one to end, then ends those that are left.
    pub(crate) async fn stop(&self, limit: Duration) {
        let Ok(node) = self.node() else { return };
        self.announce(MediaState::Draining);
        if !node.drain(limit).await {
            tracing::warn!("rooms are ended as the server stops");
        }
        drop(node);
        self.let_go_of_all().await;
        self.stop_node().await;
        if let Some(fleet) = &self.fleet
            && timeout(GOODBYE_WITHIN, fleet.post.emptied()).await.is_err()
        {
            tracing::warn!("other nodes may not have heard that the rooms here have ended");
        }
    }

    /// Says to the other nodes, if there are any, whether this one takes rooms.
    fn announce(&self, state: MediaState) {
        if let Some(fleet) = &self.fleet {
            fleet.set_state(state);
            fleet.announce(self.media_facts(fleet));
        }
    }

    /// Before the rooms here end: whoever was in one is to find it elsewhere.
    async fn let_go_of_all(&self) {
        self.announce(MediaState::None);
        let Some(fleet) = &self.fleet else { return };
        for (room, epoch) in fleet.held.close() {
            if let Err(error) = fleet.placements.release(room.app, &room.room, epoch).await {
                tracing::warn!(%error, "placements are not released: rooms are placed anew once this node is gone");
                return;
            }
        }
    }

    async fn stop_node(&self) {
        let Some(mut node) = self.node.write().unwrap_or_else(PoisonError::into_inner).take() else { return };
        loop {
            match Arc::try_unwrap(node) {
                Ok(node) => return node.stop().await,
                // A request is on its way through the node; it is answered in no time.
                Err(shared) => node = shared,
            }
            task::yield_now().await;
        }
    }

    /// The node, until the server stops.
    fn node(&self) -> Result<Arc<MediaNode>, Problem> {
        let node = self.node.read().unwrap_or_else(PoisonError::into_inner).clone();
        node.ok_or_else(|| convert::busy("this server stops: try again, or another one"))
    }

    /// In how many rooms one user of an app may be.
    fn max_rooms_of(&self, app: AppId) -> usize {
        self.max_rooms.get(&app).copied().unwrap_or(1)
    }
}

impl Rooms for MediaRooms {
    fn is_available(&self) -> bool {
        self.fleet.as_ref().is_none_or(|fleet| fleet.is_served())
    }

    fn token(&self, party: &Party, room: &RoomId, role: RoomRole) -> Option<RoomToken> {
        self.passes.mint(party, room, &role)
    }

    fn close(&self, app: AppId, call: CallId) {
        let key = RoomKey { app, room: call.into() };
        if !self.close_here(&key)
            && let Some(fleet) = &self.fleet
        {
            fleet.post.put(To::Hosts, Item::Close(Where::from(&key)));
        }
    }

    fn remove(&self, app: AppId, call: CallId, user: &UserId) {
        let key = RoomKey { app, room: call.into() };
        if !self.remove_here(&key, user)
            && let Some(fleet) = &self.fleet
        {
            fleet.post.put(To::Hosts, Item::Remove { room: Where::from(&key), user: user.clone() });
        }
    }

    fn occupies(&self, account: &Account, except: Option<CallId>) -> bool {
        self.ears.index.is_in_a_call(account, except)
            || self.fleet.as_ref().is_some_and(|fleet| fleet.occupancy.is_in_a_call(account, except))
    }
}
