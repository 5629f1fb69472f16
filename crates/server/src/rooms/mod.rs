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
//! the backlog to the calls.
mod backlog;
mod convert;
mod index;
mod listener;
mod metrics;
mod orders;
mod passes;
mod requests;
mod settle;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context as _;
use offhook_call_control::Rooms;
use offhook_gateway::{Departure, Hub, SystemClock};
use offhook_media::MediaNode;
use offhook_sfu::{Command, LeaveCause, RoomKey};
use offhook_signaling::{Problem, RoomRole, RoomToken};
use offhook_types::{Account, AppId, CallId, Party, RoomId, UserId};
use tokio::task;
use tokio_util::sync::CancellationToken;

pub(crate) use requests::sort;

use self::{listener::Ears, passes::Passes};
use crate::{
    config::{self, Config},
    handler::Control,
};

/// The rooms of this process.
#[derive(Debug)]
pub(crate) struct MediaRooms {
    ears: Arc<Ears>,
    /// In how many rooms one user may be, by app.
    max_rooms: HashMap<AppId, usize>,
    /// Taken out when the server stops.
    node: RwLock<Option<Arc<MediaNode>>>,
    passes: Passes,
}

impl MediaRooms {
    /// Opens the sockets and starts the threads.
    ///
    /// # Errors
    /// Says what cannot be opened and why.
    pub(crate) fn open(config: &Config, clock: Arc<SystemClock>) -> anyhow::Result<Self> {
        let ears = Arc::new(Ears::default());
        let node = MediaNode::start(config::media(&config.media)?, Arc::clone(&ears) as _);
        let node = node.context("media cannot be served")?;
        let max_rooms =
            config.apps.iter().map(|app| (AppId(app.id), usize::from(app.rooms.max_per_user))).collect();
        let passes = Passes::new(clock, config.turn.clone())?;
        Ok(Self { ears, max_rooms, node: RwLock::new(Some(Arc::new(node))), passes })
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
        let Ok(node) = self.node() else { return };
        for address in self.ears.index.places_of(party) {
            node.signaling(address, true);
        }
    }

    /// A device's session is over. Logging out is leaving.
    pub(crate) async fn departed(&self, party: &Party, departure: Departure) {
        let Ok(node) = self.node() else { return };
        for address in self.ears.index.places_of(party) {
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
        self.ears.counters.render(&workers)
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
        if !node.drain(limit).await {
            tracing::warn!("rooms are ended as the server stops");
        }
        drop(node);
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
}

impl Rooms for MediaRooms {
    fn is_available(&self) -> bool {
        true
    }

    fn token(&self, party: &Party, room: &RoomId, role: RoomRole) -> Option<RoomToken> {
        self.passes.mint(party, room, &role)
    }

    fn close(&self, app: AppId, call: CallId) {
        let key = RoomKey { app, room: call.into() };
        if self.ears.index.is_open(&key)
            && let Ok(node) = self.node()
        {
            node.close(&key, LeaveCause::Ended);
        }
    }

    fn remove(&self, app: AppId, call: CallId, user: &UserId) {
        let key = RoomKey { app, room: call.into() };
        if self.ears.index.device_in(&key, user).is_some()
            && let Ok(node) = self.node()
        {
            node.remove(&key, user, LeaveCause::Left);
        }
    }

    fn occupies(&self, account: &Account, except: Option<CallId>) -> bool {
        self.ears.index.is_in_a_call(account, except)
    }
}
