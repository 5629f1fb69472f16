//! The rooms of several nodes: which of them lives where, and what nodes say to each other of them.
//!
//! ```text
//!   node of the session (S)                          node of the room (M)
//!   Abroad: who is in which room elsewhere           Held: which rooms live here, under which epoch
//!        │  ── Carry: a request of a device ──────▶       │
//!        │                                            Homes: over which node each device is reached
//!   Inboxes ◀─ Letters: answers and events, in order ── Post
//! ```
//!
//! A room lives on one node, as [`Placements`] says: the one that wins a compare-and-set. Its epoch is the fence: M carries out
//! nothing for a placement that is over. Nobody owns anything else; what got lost with a node, or on the bus, is told anew or looked
//! up.
mod abroad;
mod choose;
mod frames;
mod held;
mod homes;
mod inbox;
mod metrics;
mod occupancy;
mod post;
mod wire;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use offhook_bus::{AskError, NodeId, Peers};
use offhook_sfu::{Address, RoomKey};
use offhook_signaling::RoomEvent;
use offhook_store::{Place, Placements};
use offhook_types::{CallId, UserId};
use rand::Rng as _;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};

use self::choose::{Candidate, choose};
pub(super) use self::{
    abroad::Abroad,
    held::{Held, Unheld, Visit},
    homes::Homes,
    inbox::{Arrived, Inboxes},
    metrics::Counters,
    occupancy::Occupancy,
    post::{Post, To},
    wire::{Action, Answer, Carry, Item, Order, Say, Where},
};
use crate::cluster::{Facts, MediaFacts, MediaState, Topic};

/// How long another node may take for an answer. More keeps clients waiting for a node that is gone; less gives up a node that is only
/// slow, and the client tries again.
const PATIENCE: Duration = Duration::from_secs(5);

/// So long a node hears the others without a break before it says of any that it is gone: who has just come, or comes back from a
/// pause, knows nobody. Less takes rooms from nodes that live, more keeps rooms of dead nodes closed.
const SURE_AFTER: Duration = Duration::from_secs(3);

/// This node among those that share a database.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(super) abroad: Abroad,
    attention: Mutex<Attention>,
    pub(super) changed: Notify,
    pub(super) counters: Counters,
    pub(super) held: Held,
    pub(super) homes: Homes,
    pub(super) inboxes: Inboxes,
    pub(super) occupancy: Occupancy,
    pub(super) peers: Shared,
    pub(super) placements: Arc<dyn Placements>,
    pub(super) post: Post,
    /// Rooms that are over, whose placements are to be released.
    releases: mpsc::UnboundedSender<(RoomKey, u64)>,
    pub(super) released: Mutex<Option<mpsc::UnboundedReceiver<(RoomKey, u64)>>>,
    state: Mutex<MediaState>,
    tickets: Tickets,
}

/// The bus.
pub(super) struct Shared(pub(super) Arc<dyn Peers>);

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shared").field(&self.0.me()).finish()
    }
}

/// Since when the other nodes are heard.
#[derive(Debug)]
struct Attention {
    /// When it was noted last.
    last: Instant,
    since: Instant,
}

/// Questions whose answers come with the letters.
#[derive(Debug, Default)]
struct Tickets {
    last: AtomicU64,
    open: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
}

/// A question on its way. Dropped, nobody waits for the answer.
struct Ticket<'a> {
    number: u64,
    tickets: &'a Tickets,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreached {
    /// The bus, or the other node: later it may be there.
    Bus(AskError),
    /// The other node does not know the question, or its answer cannot be read.
    Misunderstood,
}

impl Fleet {
    /// A node that hosts rooms, or not.
    pub(super) fn new(peers: Arc<dyn Peers>, placements: Arc<dyn Placements>, has_media: bool) -> Self {
        let (releases, released) = mpsc::unbounded_channel();
        let now = Instant::now();
        Self {
            abroad: Abroad::default(),
            attention: Mutex::new(Attention { last: now, since: now }),
            changed: Notify::new(),
            counters: Counters::default(),
            held: Held::default(),
            homes: Homes::default(),
            inboxes: Inboxes::default(),
            occupancy: Occupancy::default(),
            peers: Shared(peers),
            placements,
            post: Post::default(),
            releases,
            released: Mutex::new(Some(released)),
            state: Mutex::new(if has_media { MediaState::Serving } else { MediaState::None }),
            tickets: Tickets::default(),
        }
    }

    /// This node.
    pub(super) fn me(&self) -> NodeId {
        self.peers.0.me()
    }

    /// Whether this node takes rooms.
    pub(super) fn state(&self) -> MediaState {
        *self.state_lock()
    }

    /// This node takes rooms from now on as this says.
    pub(super) fn set_state(&self, state: MediaState) {
        *self.state_lock() = state;
    }

    /// Says to the others how this node stands.
    pub(super) fn announce(&self, media: MediaFacts) {
        let facts = Facts::new(media).encode();
        let me = self.me();
        let is_known = self.peers.0.nodes().iter().any(|node| node.id == me && *node.facts == *facts);
        if !is_known && let Err(error) = self.peers.0.set_facts(facts) {
            tracing::error!(%error, "this node cannot say how it stands with media: it has too many addresses");
        }
    }

    /// Whether what this node knows of the others can be relied upon. To be asked at least every other second.
    pub(super) fn is_sure(&self, now: Instant) -> bool {
        let is_connected = self.peers.0.health().state.is_connected();
        let mut attention = self.attention.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_connected || now.duration_since(attention.last) >= SURE_AFTER {
            attention.since = now;
        }
        attention.last = now;
        now.duration_since(attention.since) >= SURE_AFTER
    }

    /// Whether the node lives and hosts rooms, as far as is known here. Of one that has announced nothing yet it is believed.
    pub(super) fn hosts(&self, node: u64) -> bool {
        let node = NodeId::new(node);
        if node == self.me() {
            return self.state() != MediaState::None;
        }
        let nodes = self.peers.0.nodes();
        let media = nodes.iter().find(|known| known.id == node).map(|node| Facts::decode(&node.facts).media);
        media.is_some_and(|media| media.is_none_or(|media| media.state != MediaState::None))
    }

    /// Whether any node, this one included, hosts rooms, or may: who does not know the others yet says yes.
    pub(super) fn is_served(&self) -> bool {
        !self.is_sure(Instant::now())
            || self.state() != MediaState::None
            || self.media().iter().any(|(_, media)| media.state != MediaState::None)
    }

    /// How the nodes that live stand with media.
    fn media(&self) -> Vec<(NodeId, MediaFacts)> {
        let nodes = self.peers.0.nodes();
        nodes.iter().filter_map(|node| Some((node.id, Facts::decode(&node.facts).media?))).collect()
    }

    /// Where a new room is to live; `None` if no node takes any.
    pub(super) fn choose(&self) -> Option<NodeId> {
        let (me, state) = (self.me(), self.state());
        let serves = |(node, media): &(NodeId, MediaFacts)| {
            let state = if *node == me { state } else { media.state };
            state == MediaState::Serving
        };
        let mut serving: Vec<(NodeId, MediaFacts)> = self.media().into_iter().filter(serves).collect();
        // A node that has only started has announced nothing yet.
        if state == MediaState::Serving && !serving.iter().any(|(node, _)| *node == me) {
            serving.push((me, MediaFacts::default()));
        }
        let candidate = |(node, media): &(NodeId, MediaFacts)| Candidate {
            load: media.load,
            node: *node,
            rooms: if *node == me { self.held.len() } else { media.rooms },
        };
        let candidates: Vec<Candidate> = serving.iter().map(candidate).collect();
        choose(&candidates, me, |below| rand::rng().random_range(0..below))
    }

    /// Has another node carry out what a device asks of a room there. Once the answer is there nothing is waited for any more, so
    /// that the device hears it before what comes after.
    pub(super) async fn carry(
        &self,
        to: NodeId,
        carry: impl FnOnce(u64) -> Carry,
    ) -> Result<Answer, Unreached> {
        self.counters.forwarded.fetch_add(1, Relaxed);
        let (ticket, mut answer) = self.tickets.open();
        let question = Topic::Rooms.wrap(Say::Carry(carry(ticket.number)).encode());
        let asked = self.peers.0.ask(to, question, PATIENCE);
        tokio::select! {
            biased;
            answer = &mut answer => return answer.map_err(|_| Unreached::Misunderstood),
            asked = asked => match asked {
                Ok(understood) if understood.is_empty() => return Err(Unreached::Misunderstood),
                Ok(_) => {}
                Err(error) => return Err(Unreached::Bus(error)),
            },
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => answer.map_err(|_| Unreached::Misunderstood),
            Err(_) => Err(Unreached::Bus(AskError::TimedOut)),
        }
    }

    /// Has another node carry out what a back end orders for a room there.
    pub(super) async fn order(&self, to: NodeId, order: Order) -> Result<Answer, Unreached> {
        self.counters.forwarded.fetch_add(1, Relaxed);
        let question = Topic::Rooms.wrap(Say::Order(order).encode());
        let answer = self.peers.0.ask(to, question, PATIENCE).await.map_err(Unreached::Bus)?;
        Answer::decode(&answer).ok_or(Unreached::Misunderstood)
    }

    /// The answer to a question of this node.
    pub(super) fn answered(&self, ticket: u64, answer: Answer) {
        let asker = self.tickets.lock().remove(&ticket);
        if let Some(asker) = asker {
            let _ = asker.send(answer); // It may have lost its patience.
        }
    }

    /// The session of a device that is in a room elsewhere came or went.
    pub(super) fn signaling(&self, address: &Address, place: Place, present: bool) {
        self.post.put(To::Node(NodeId::new(place.node)), Item::Signaling { of: address.into(), present });
    }

    /// A device in a room here is told something: given back if its session is here.
    pub(super) fn tell(&self, to: &Address, event: RoomEvent) -> Option<RoomEvent> {
        self.homes.tell(&self.post, to, event)
    }

    /// Somebody is in a room here.
    pub(super) fn joined(&self, address: &Address) {
        if let Some(call) = address.room.room.call() {
            self.post.put(To::Everybody, occupied(address.room.app, call, &address.user));
        }
    }

    /// A device is out of a room here, and its user perhaps in with another one.
    pub(super) fn left(&self, address: &Address, is_gone: bool) {
        self.homes.remove(&self.post, address);
        if let Some(call) = address.room.room.call().filter(|_| is_gone) {
            let (app, user) = (address.room.app, address.user.clone());
            self.post.put(To::Everybody, Item::Vacated { app, call, user });
        }
    }

    /// A room here is over.
    pub(super) fn closed(&self, room: &RoomKey) {
        if let Some(epoch) = self.held.closed(room) {
            self.release(room.clone(), epoch);
        }
    }

    /// Lets go of a placement, soon.
    pub(super) fn release(&self, room: RoomKey, epoch: u64) {
        let _ = self.releases.send((room, epoch)); // When nobody releases any more, all is released.
    }

    fn state_lock(&self) -> MutexGuard<'_, MediaState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is said of a user in a call's room.
pub(super) fn occupied(app: offhook_types::AppId, call: CallId, user: &UserId) -> Item {
    Item::Occupied { app, call, user: user.clone() }
}

impl Tickets {
    fn open(&self) -> (Ticket<'_>, oneshot::Receiver<Answer>) {
        let (sender, answer) = oneshot::channel();
        let number = self.last.fetch_add(1, Relaxed);
        self.lock().insert(number, sender);
        (Ticket { number, tickets: self }, answer)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Answer>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.tickets.lock().remove(&self.number);
    }
}
