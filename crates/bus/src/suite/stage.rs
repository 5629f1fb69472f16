//! What the laws are played with: listeners and responders that remember, and patience.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use offhook_types::{Account, AppId, Offset, UserId};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{PATIENCE, Subject};
use crate::{
    Answering, Bus as _, Hint, Listener, Missed, Node, NodeId, Peers as _, Responder, adapter::shard_of,
};

/// A user of the app 1.
#[must_use]
pub fn user(name: &str) -> Account {
    Account::new(AppId(1), UserId::new(name).unwrap())
}

/// A hint for a user of the app 1.
#[must_use]
pub fn hint(name: &str, head: u64) -> Hint {
    Hint { head: Offset(head), account: user(name) }
}

/// A user of another shard than `than`; with one shard, simply another.
#[must_use]
pub fn stranger<S: Subject>(than: &Account) -> Account {
    let mut candidates = (0..).map(|n| user(&format!("stranger-{n}")));
    let shards = S::SHARDS.unwrap_or(1);
    let is_apart = |account: &Account| shards == 1 || shard_of(account, shards) != shard_of(than, shards);
    candidates.find(is_apart).expect("the numbers do not end")
}

/// Waits until something holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let held = timeout(PATIENCE, async {
        while !holds() {
            sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(held.await.is_ok(), "waited in vain until {what}");
}

/// A listener that remembers.
#[derive(Default)]
pub struct Heard {
    hints: Mutex<HashMap<Account, Vec<u64>>>,
    missed: Mutex<Vec<Missed>>,
}

impl Heard {
    /// The heads that were heard of for the user, in their order.
    pub fn heads(&self, account: &Account) -> Vec<u64> {
        lock(&self.hints).get(account).cloned().unwrap_or_default()
    }

    /// How many hints were heard.
    pub fn count(&self) -> usize {
        lock(&self.hints).values().map(Vec::len).sum()
    }

    /// How often it was told that anybody's hints may have been missed.
    pub fn all_missed(&self) -> usize {
        lock(&self.missed).iter().filter(|missed| **missed == Missed::All).count()
    }

    /// Whether it was told that hints of the user may have been missed.
    pub fn was_missed(&self, account: &Account) -> bool {
        lock(&self.missed).iter().any(|missed| match missed {
            Missed::All => true,
            Missed::Of(accounts) => accounts.contains(account),
        })
    }
}

impl Listener for Heard {
    fn hint(&self, hint: &Hint) {
        lock(&self.hints).entry(hint.account.clone()).or_default().push(hint.head.0);
    }

    fn missed(&self, whose: &Missed) {
        lock(&self.missed).push(whose.clone());
    }
}

/// A node of the bus under test, with a listener.
pub struct Guest<S: Subject> {
    /// Its end of the bus.
    pub bus: S::Bus,
    /// What it has heard.
    pub heard: Arc<Heard>,
}

impl<S: Subject> Guest<S> {
    /// Starts a node and waits until it is connected.
    pub async fn join(subject: &S, name: Option<&str>) -> Self {
        let guest = Self::start(subject, name).await;
        until("the node is connected", || guest.is_connected()).await;
        guest
    }

    /// Starts a node.
    pub async fn start(subject: &S, name: Option<&str>) -> Self {
        let bus = subject.open(name).await;
        let heard = Arc::new(Heard::default());
        S::listen(&bus, Arc::clone(&heard) as _);
        Self { bus, heard }
    }

    /// Whether its bus is connected.
    pub fn is_connected(&self) -> bool {
        self.bus.health().state.is_connected()
    }

    /// This node's id.
    pub fn id(&self) -> NodeId {
        self.bus.me()
    }

    /// Whether the node knows the other.
    pub fn knows(&self, other: NodeId) -> bool {
        self.node(other).is_some()
    }

    /// What the node knows of the other.
    pub fn node(&self, other: NodeId) -> Option<Node> {
        self.bus.nodes().into_iter().find(|node| node.id == other)
    }

    /// Attends a user, and waits until hints of `from` arrive for them.
    pub async fn attend(&self, account: &Account, from: &Self) {
        self.bus.attend(account);
        let calling = Hint { head: Offset(0), account: account.clone() };
        let arrived = timeout(PATIENCE, async {
            while self.heard.heads(account).is_empty() {
                from.bus.publish(std::slice::from_ref(&calling));
                sleep(Duration::from_millis(10)).await;
            }
        });
        assert!(arrived.await.is_ok(), "the user's hints never arrive");
    }
}

/// Two nodes that know each other.
pub async fn couple<S: Subject>(subject: &S) -> (Guest<S>, Guest<S>) {
    let (ann, bob) = (Guest::join(subject, None).await, Guest::join(subject, None).await);
    until("they know each other", || ann.knows(bob.id()) && bob.knows(ann.id())).await;
    (ann, bob)
}

/// A responder that notes what it is sent, and answers with it, and with who sent it.
#[derive(Default)]
pub struct Echo {
    messages: Mutex<Vec<(NodeId, Vec<u8>)>>,
}

impl Echo {
    /// What it was sent.
    pub fn messages(&self) -> Vec<(NodeId, Vec<u8>)> {
        lock(&self.messages).clone()
    }

    /// Its answer.
    #[must_use]
    pub fn answer(from: NodeId, message: &[u8]) -> Vec<u8> {
        [format!("{from}: ").as_bytes(), message].concat()
    }
}

impl Responder for Echo {
    fn respond(&self, from: NodeId, message: Vec<u8>) -> Answering {
        lock(&self.messages).push((from, message.clone()));
        Box::pin(async move { Self::answer(from, &message) })
    }
}

/// A responder that remembers who lived when somebody came or went.
#[derive(Default)]
pub struct Roll {
    calls: Mutex<Vec<Vec<NodeId>>>,
}

impl Roll {
    /// Everybody it was told of, each time.
    pub fn calls(&self) -> Vec<Vec<NodeId>> {
        lock(&self.calls).clone()
    }
}

impl Responder for Roll {
    fn respond(&self, _: NodeId, message: Vec<u8>) -> Answering {
        Box::pin(async move { message })
    }

    fn nodes_changed(&self, nodes: &[Node]) {
        lock(&self.calls).push(nodes.iter().map(|node| node.id).collect());
    }
}

/// A responder that answers when it is allowed to.
pub struct Slow {
    allowed: Arc<Semaphore>,
}

impl Slow {
    /// One that may not answer yet.
    #[must_use]
    pub fn new() -> Self {
        Self { allowed: Arc::new(Semaphore::new(0)) }
    }

    /// Lets it answer everything.
    pub fn allow(&self) {
        self.allowed.close();
    }
}

impl Default for Slow {
    fn default() -> Self {
        Self::new()
    }
}

impl Responder for Slow {
    fn respond(&self, _: NodeId, message: Vec<u8>) -> Answering {
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let _ = allowed.acquire().await; // It ends when the semaphore is closed.
            message
        })
    }
}

/// A responder whose answer is as long as the question says.
pub struct Long;

impl Responder for Long {
    fn respond(&self, _: NodeId, message: Vec<u8>) -> Answering {
        let len: usize = String::from_utf8_lossy(&message).parse().unwrap_or(0);
        Box::pin(async move { vec![7; len] })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
