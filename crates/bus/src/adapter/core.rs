//! The half of an adapter that knows no connection.
mod ask;
mod receive;

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst},
};

use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::{
    Health, Hint, Listener, MAX_FACTS, Missed, Node, NodeId, Responder, TooLarge, Trouble, TroubleKind,
    adapter::{
        Identity, Questions, Tally,
        desk::Desk,
        registry::{ANNOUNCE_EVERY, Registry},
        standing::{Arrival, Standing},
        wire::{Content, Message, Presence},
    },
};

/// The half of an adapter that has the connection.
pub trait Carrier: Send + Sync + 'static {
    /// Passes on as many of the hints as it can without waiting, and returns how many. Called while connected.
    fn carry_hints(&self, from: NodeId, hints: &[Hint]) -> usize;

    /// Sends a message if it can without waiting. Whether it did.
    fn carry(&self, to: Target, message: Vec<u8>) -> bool;
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// All other nodes.
    All,
    /// One node.
    Node(NodeId),
    /// All other nodes, who keep a registry with it.
    Registry,
}

/// The half of an adapter that knows no connection. It is told what comes ([`Core::receive`]) and how the connection is
/// ([`Core::connected`], [`Core::away`]), and needs [`Core::run`] to be polled.
pub struct Core<C> {
    carrier: Arc<C>,
    changed: watch::Sender<()>,
    desk: Desk,
    facts: Mutex<Arc<[u8]>>,
    identity: Identity,
    /// Hints of others may have been lost on their way here.
    is_behind: AtomicBool,
    /// Hints of this node were lost.
    has_lapsed: AtomicBool,
    listener: OnceLock<Arc<dyn Listener>>,
    /// The most bytes of a body.
    limit: usize,
    number: AtomicU64,
    questions: Questions,
    registry: Mutex<Registry>,
    standing: Standing,
    tally: Tally,
    /// Held while the responder is told of nodes, so that it hears the newest last.
    telling: Mutex<()>,
}

impl<C: Carrier> Core<C> {
    /// A node whose messages may have bodies of so many bytes, and that is away for now.
    pub fn new(identity: Identity, carrier: Arc<C>, limit: usize, trouble: Trouble) -> Self {
        Self {
            carrier,
            changed: watch::channel(()).0,
            desk: Desk::default(),
            facts: Mutex::default(),
            identity,
            is_behind: AtomicBool::new(false),
            has_lapsed: AtomicBool::new(false),
            listener: OnceLock::new(),
            limit,
            number: AtomicU64::new(1),
            questions: Questions::default(),
            registry: Mutex::default(),
            standing: Standing::away(trouble),
            tally: Tally::default(),
            telling: Mutex::default(),
        }
    }

    /// This node.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The other half.
    pub fn carrier(&self) -> &Arc<C> {
        &self.carrier
    }

    /// The counters.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Questions on their way, for [`Core::ask`]'s exchange.
    pub fn questions(&self) -> &Questions {
        &self.questions
    }

    /// A number that no other message of this node has.
    pub fn next_number(&self) -> u64 {
        self.number.fetch_add(1, Relaxed)
    }

    /// The most bytes of a body.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Sets the listener. The first one stays.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        let _ = self.listener.set(listener); // A second one would be a wiring fault; the first goes on unharmed.
    }

    /// Sets who answers. The first one stays.
    pub fn respond(&self, responder: Arc<dyn Responder>) {
        self.desk.staff(responder);
    }

    /// Announces the node every second and lets leases run out, for as long as it is polled.
    pub async fn run(&self) {
        let mut ticks = interval(ANNOUNCE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.standing.is_connected() {
                self.tick();
            }
        }
    }

    fn tick(&self) {
        // Before the announcement, which is made again anyhow: a queue may have a single place.
        if self.has_lapsed.load(SeqCst) && self.carry(Target::All, Content::Lapse) {
            self.has_lapsed.store(false, SeqCst);
        }
        self.announce(false);
        if self.registry().expire(Instant::now()) {
            self.nodes_changed();
        }
        if self.is_behind.swap(false, SeqCst) {
            self.missed(&Missed::All);
        }
    }

    /// The connection is there.
    pub fn connected(&self) {
        let arrival = self.standing.arrive();
        match arrival {
            Arrival::None => return,
            Arrival::First => tracing::info!("the bus is connected"),
            Arrival::Again => {
                tracing::info!("the bus is connected again");
                self.tally.reconnects(1);
                self.fell_behind();
            }
        }
        self.registry().renew(Instant::now());
        self.announce(true);
    }

    /// The connection is not there, and why.
    pub fn away(&self, trouble: Trouble) {
        let Trouble { kind, advice } = trouble.clone();
        if self.standing.leave(trouble) {
            match kind {
                TroubleKind::Closed => tracing::info!("{advice}"),
                TroubleKind::Lost | TroubleKind::Refused | TroubleKind::Unreached => {
                    tracing::warn!("the bus is away: {advice}");
                }
            }
        }
    }

    /// Hints of others may have been lost: within a second the listener is told to look at everything.
    pub fn fell_behind(&self) {
        self.is_behind.store(true, SeqCst);
    }

    /// Tells the listener that hints may have been lost.
    pub fn missed(&self, whose: &Missed) {
        if let Some(listener) = self.listener.get() {
            listener.missed(whose);
        }
    }

    /// Whether the bus is connected.
    pub fn is_connected(&self) -> bool {
        self.standing.is_connected()
    }

    /// As [`crate::Bus::publish`].
    pub fn publish(&self, hints: &[Hint]) {
        if let Some(listener) = self.listener.get() {
            hints.iter().for_each(|hint| listener.hint(hint));
        }
        self.tally.published(hints.len());
        let carried = match self.standing.is_connected() {
            true => self.carrier.carry_hints(self.identity.id, hints),
            false => 0,
        };
        self.lost(hints.len() - carried);
    }

    /// So many hints of this node were lost on their way to others.
    pub fn lost(&self, hints: usize) {
        if hints > 0 {
            self.tally.dropped(hints);
            self.has_lapsed.store(true, SeqCst);
        }
    }

    /// As [`crate::Peers::tell`], or to all others.
    ///
    /// # Errors
    /// The message is too large.
    pub fn tell(&self, to: Option<NodeId>, body: Vec<u8>) -> Result<(), TooLarge> {
        TooLarge::check(body.len(), self.limit)?;
        let content = Content::Tell { to, number: self.next_number(), body };
        if to != Some(self.identity.id) && !self.carry(to.map_or(Target::All, Target::Node), content) {
            self.tally.dropped_messages(1);
        }
        Ok(())
    }

    /// Whether the node lives, as far as is known here.
    pub fn knows(&self, id: NodeId) -> bool {
        self.registry().knows(id)
    }

    /// As [`crate::Peers::nodes`].
    pub fn nodes(&self) -> Vec<Node> {
        let facts = Arc::clone(&lock(&self.facts));
        let Identity { id, name, .. } = self.identity.clone();
        let me = Node { id, name, facts, up_for: self.identity.up_for() };
        let mut nodes: Vec<Node> = self.registry().nodes(Instant::now()).chain([me]).collect();
        nodes.sort_by_key(|node| node.id);
        nodes
    }

    /// As [`crate::Peers::set_facts`].
    ///
    /// # Errors
    /// They are too large.
    pub fn set_facts(&self, facts: Vec<u8>) -> Result<(), TooLarge> {
        TooLarge::check(facts.len(), MAX_FACTS)?;
        *lock(&self.facts) = facts.into();
        self.announce(false);
        self.nodes_changed();
        Ok(())
    }

    /// As [`crate::Peers::health`].
    pub fn health(&self) -> Health {
        let namesakes = self.registry().namesakes(self.identity.name.as_ref());
        Health { state: self.standing.state(), counts: self.tally.counts(), namesakes }
    }

    /// Tells the others that this node stops now. It must not announce itself after that.
    pub fn say_goodbye(&self) {
        self.carry(Target::Registry, Content::Gone);
    }

    fn announce(&self, is_new: bool) {
        let up_for_ms = u64::try_from(self.identity.up_for().as_millis()).unwrap_or(u64::MAX);
        let facts = lock(&self.facts).to_vec();
        let presence = Presence { up_for_ms, is_new, name: self.identity.name.clone(), facts };
        self.carry(Target::Registry, Content::Here(presence)); // The next one comes in a second.
    }

    fn carry(&self, to: Target, content: Content) -> bool {
        self.standing.is_connected() && self.carrier.carry(to, self.message(content))
    }

    fn message(&self, content: Content) -> Vec<u8> {
        Message { from: self.identity.id, content }.encode()
    }

    fn nodes_changed(&self) {
        self.changed.send_replace(());
        let _telling = lock(&self.telling);
        self.desk.nodes_changed(&self.nodes());
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        lock(&self.registry)
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
