//! What goes to other nodes, in order: media threads put it in and go on, one task takes it out, numbers it and sends it.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use offhook_bus::{NodeId, Peers};
use offhook_signaling::{Code, Problem};
use serde_json::value::RawValue;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};

use super::wire::{Item, Letter, Say};
use crate::cluster::{Facts, MediaState, Topic};

/// So many items may wait. More would hold more memory when the bus is slow, less drops events in a burst.
const MOST_WAITING: usize = 65_536;
/// So many are sent in one go.
const AT_ONCE: usize = 512;
/// What a letter has beside its items, in bytes, at most.
const ENVELOPE: usize = 256;
/// After so long without news a node is told how far they go, so that it notices if the last of them got lost.
const RECAP_EVERY: Duration = Duration::from_secs(2);
/// How long to look whether everything has been sent.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Whom something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// Every other node.
    Everybody,
    /// Every other node that carries media.
    Hosts,
    /// One node.
    Node(NodeId),
}

/// Where what goes out is put. Nobody who puts something in ever waits.
#[derive(Debug)]
pub(crate) struct Post {
    /// Something was dropped: every node is to notice a gap.
    has_spilled: AtomicBool,
    queue: mpsc::Sender<(To, Item)>,
    taken: Mutex<Option<mpsc::Receiver<(To, Item)>>>,
    waiting: AtomicUsize,
}

/// What one node has been sent.
struct Outgoing {
    /// Something was sent since the last recap.
    is_fresh: bool,
    line: u64,
    /// The number of the next item.
    next: u64,
}

impl Default for Post {
    fn default() -> Self {
        let (queue, taken) = mpsc::channel(MOST_WAITING);
        let (has_spilled, waiting) = (AtomicBool::new(false), AtomicUsize::new(0));
        Self { has_spilled, queue, taken: Mutex::new(Some(taken)), waiting }
    }
}

impl Post {
    /// Sends an item after all that were put in before.
    pub(crate) fn put(&self, to: To, item: Item) {
        self.waiting.fetch_add(1, SeqCst);
        if self.queue.try_send((to, item)).is_err() {
            self.waiting.fetch_sub(1, SeqCst);
            self.has_spilled.store(true, SeqCst);
        }
    }

    /// Waits until everything has been given to the bus.
    pub(crate) async fn emptied(&self) {
        while self.waiting.load(SeqCst) > 0 {
            sleep(LOOK_EVERY).await;
        }
    }

    /// What was put in, in order.
    #[cfg(test)]
    pub(crate) fn take_all(&self) -> Vec<(To, Item)> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = taken.as_mut().expect("nobody sends what a test puts in");
        std::iter::from_fn(|| queue.try_recv().ok()).collect()
    }

    /// Sends what is put in, for as long as it is polled.
    pub(crate) async fn run(&self, peers: Arc<dyn Peers>) {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut taken) = taken else { return };
        let (mut sender, mut batch) = (Sender { lines: BTreeMap::new(), newest: 0, peers }, Vec::new());
        let mut recaps = interval(RECAP_EVERY);
        recaps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                count = taken.recv_many(&mut batch, AT_ONCE) => {
                    if count == 0 {
                        return;
                    }
                    if self.has_spilled.swap(false, SeqCst) {
                        tracing::warn!("more was to be told to other nodes than could be sent: their devices read their rooms anew");
                        sender.skip();
                    }
                    sender.send(&mut batch);
                    self.waiting.fetch_sub(count, SeqCst);
                }
                _ = recaps.tick() => sender.recap(),
            }
        }
    }
}

/// The sending half.
struct Sender {
    lines: BTreeMap<NodeId, Outgoing>,
    /// The newest line.
    newest: u64,
    peers: Arc<dyn Peers>,
}

impl Sender {
    fn send(&mut self, batch: &mut Vec<(To, Item)>) {
        let nodes = self.peers.nodes();
        let me = self.peers.me();
        let others: BTreeSet<NodeId> = nodes.iter().map(|node| node.id).filter(|id| *id != me).collect();
        let hosts = nodes.iter().filter(|node| node.id != me && carries_media(&node.facts));
        let hosts: BTreeSet<NodeId> = hosts.map(|node| node.id).collect();
        self.lines.retain(|node, _| others.contains(node));
        let mut sorted: BTreeMap<NodeId, Vec<Arc<RawValue>>> = BTreeMap::new();
        for (to, item) in batch.drain(..) {
            let item = self.write(&item);
            let one;
            let receivers = match to {
                To::Everybody => &others,
                To::Hosts => &hosts,
                To::Node(node) => {
                    one = BTreeSet::from([node]);
                    if others.contains(&node) { &one } else { continue }
                }
            };
            for node in receivers {
                sorted.entry(*node).or_default().push(Arc::clone(&item));
            }
        }
        for (node, items) in sorted {
            self.post(node, &items);
        }
    }

    /// The item as text. An answer that is too large for the bus is a problem instead; an event that is, cannot be.
    fn write(&self, item: &Item) -> Arc<RawValue> {
        let text = serde_json::value::to_raw_value(item).expect("texts are written to memory");
        if let Item::Answer { ticket, .. } = item
            && text.get().len() > self.limit()
        {
            let problem =
                Problem::new(Code::MediaBusy, "the room is too large to be shown over another node");
            let item = Item::Answer { ticket: *ticket, answer: problem.into() };
            return serde_json::value::to_raw_value(&item).expect("texts are written to memory").into();
        }
        text.into()
    }

    fn post(&mut self, node: NodeId, items: &[Arc<RawValue>]) {
        let mut begun = 0;
        while begun < items.len() {
            let mut size = 0;
            let fits = |item: &&Arc<RawValue>| {
                size += item.get().len() + 1;
                size <= self.limit()
            };
            let count = items[begun..].iter().take_while(fits).count().max(1);
            self.letter(node, &items[begun..begun + count]);
            begun += count;
        }
    }

    fn letter(&mut self, node: NodeId, items: &[Arc<RawValue>]) {
        let newest = &mut self.newest;
        let outgoing = self.lines.entry(node).or_insert_with(|| {
            *newest += 1;
            Outgoing { is_fresh: false, line: *newest, next: 1 }
        });
        let items: Vec<Box<RawValue>> = items.iter().map(|item| RawValue::to_owned(item)).collect();
        let (first, line) = (outgoing.next, outgoing.line);
        outgoing.next += items.len() as u64;
        outgoing.is_fresh = !items.is_empty();
        let letter = Say::Letter(Letter { first, items, line });
        // What is too large, or is not taken, leaves a gap that the other node notices.
        let _ = self.peers.tell(node, Topic::Rooms.wrap(letter.encode()));
    }

    fn recap(&mut self) {
        let fresh = self.lines.iter().filter(|(_, outgoing)| outgoing.is_fresh);
        for node in fresh.map(|(node, _)| *node).collect::<Vec<_>>() {
            self.letter(node, &[]);
        }
    }

    /// Leaves a gap in every line.
    fn skip(&mut self) {
        self.lines.values_mut().for_each(|outgoing| outgoing.next += 1);
    }

    fn limit(&self) -> usize {
        self.peers.max_message().saturating_sub(ENVELOPE)
    }
}

fn carries_media(facts: &[u8]) -> bool {
    match Facts::decode(facts).media.map(|media| media.state) {
        Some(MediaState::Draining | MediaState::Full | MediaState::Serving | MediaState::Unknown) => true,
        Some(MediaState::None) | None => false,
    }
}
