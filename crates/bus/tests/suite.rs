//! The suite holds for the shared half of adapters on a bus without any network, so that a law that fails for an adapter is the
//! adapter's fault.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use offhook_bus::{
    AskError, Asking, Bus, Health, Hint, Listener, Node, NodeId, NodeName, Peers, Responder, TooLarge,
    Trouble, TroubleKind,
    adapter::{Carrier, Core, Identity, Target, shard_of, wire},
    suite::Subject,
};
use offhook_types::Account;
use tokio::{sync::mpsc, task::JoinSet};

const SHARDS: u16 = 64;

/// Carries between nodes of this process.
#[derive(Default)]
struct Exchange {
    is_cut: AtomicBool,
    ends: Mutex<BTreeMap<NodeId, End>>,
}

struct End {
    attended: Arc<Mutex<BTreeMap<u16, u32>>>,
    core: Weak<Core<Wire>>,
    sender: mpsc::UnboundedSender<Vec<u8>>,
}

/// A node's wire to the exchange.
struct Wire {
    exchange: Arc<Exchange>,
    me: NodeId,
}

impl Wire {
    fn send(&self, message: &[u8], wants: impl Fn(NodeId, &End) -> bool) -> bool {
        if self.exchange.is_cut.load(SeqCst) {
            return false;
        }
        let ends = self.exchange.ends.lock().unwrap();
        for (_, end) in ends.iter().filter(|(id, end)| **id != self.me && wants(**id, end)) {
            let _ = end.sender.send(message.to_vec());
        }
        true
    }
}

impl Carrier for Wire {
    fn carry_hints(&self, from: NodeId, hints: &[Hint]) -> usize {
        let carry = |hint: &&Hint| {
            let shard = shard_of(&hint.account, SHARDS);
            let messages = wire::encode_hints(from, [*hint], 1_000);
            self.send(&messages[0].0, |_, end| end.attended.lock().unwrap().contains_key(&shard))
        };
        hints.iter().filter(carry).count()
    }

    fn carry(&self, to: Target, message: Vec<u8>) -> bool {
        self.send(&message, |id, _| match to {
            Target::All | Target::Registry => true,
            Target::Node(node) => node == id,
        })
    }
}

struct ModelBus {
    attended: Arc<Mutex<BTreeMap<u16, u32>>>,
    core: Arc<Core<Wire>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Drop for ModelBus {
    fn drop(&mut self) {
        let carrier = self.core.carrier();
        carrier.exchange.ends.lock().unwrap().remove(&carrier.me);
    }
}

impl Bus for ModelBus {
    fn publish(&self, hints: &[Hint]) {
        self.core.publish(hints);
    }

    fn attend(&self, account: &Account) {
        *self.attended.lock().unwrap().entry(shard_of(account, SHARDS)).or_default() += 1;
    }

    fn forsake(&self, account: &Account) {
        let mut attended = self.attended.lock().unwrap();
        let count = attended.get_mut(&shard_of(account, SHARDS)).unwrap();
        *count -= 1;
        attended.retain(|_, count| *count > 0);
    }
}

impl Peers for ModelBus {
    fn me(&self) -> NodeId {
        self.core.identity().id
    }

    fn nodes(&self) -> Vec<Node> {
        self.core.nodes()
    }

    fn set_facts(&self, facts: Vec<u8>) -> Result<(), TooLarge> {
        self.core.set_facts(facts)
    }

    fn max_message(&self) -> usize {
        self.core.limit()
    }

    fn tell(&self, to: NodeId, message: Vec<u8>) -> Result<(), TooLarge> {
        self.core.tell(Some(to), message)
    }

    fn tell_all(&self, message: Vec<u8>) -> Result<(), TooLarge> {
        self.core.tell(None, message)
    }

    fn ask(&self, to: NodeId, question: Vec<u8>, patience: Duration) -> Asking {
        let core = Arc::clone(&self.core);
        Box::pin(async move {
            let send = |_, message| core.carrier().carry(Target::Node(to), message);
            if to != core.identity().id && core.is_connected() && !core.knows(to) {
                return Err(AskError::Gone);
            }
            core.ask((to, question), patience, send).await
        })
    }

    fn respond(&self, responder: Arc<dyn Responder>) {
        self.core.respond(responder);
    }

    fn health(&self) -> Health {
        self.core.health()
    }
}

struct Model {
    exchange: Arc<Exchange>,
}

impl Model {
    fn standing(&self, core: &Core<Wire>) {
        match self.exchange.is_cut.load(SeqCst) {
            true => core.away(Trouble { kind: TroubleKind::Lost, advice: "the exchange is cut".to_owned() }),
            false => core.connected(),
        }
    }

    fn tell_standing(&self) {
        let cores: Vec<_> = self.exchange.ends.lock().unwrap().values().map(|end| end.core.clone()).collect();
        cores.iter().filter_map(Weak::upgrade).for_each(|core| self.standing(&core));
    }
}

impl Subject for Model {
    type Bus = ModelBus;

    const SHARDS: Option<u16> = Some(SHARDS);

    async fn create() -> Self {
        Self { exchange: Arc::default() }
    }

    async fn open(&self, name: Option<&str>) -> ModelBus {
        let identity = Identity::draw(name.map(|name| NodeName::new(name).unwrap()));
        let wire = Wire { exchange: Arc::clone(&self.exchange), me: identity.id };
        let trouble = Trouble { kind: TroubleKind::Unreached, advice: "it only starts".to_owned() };
        let (me, attended) = (identity.id, Arc::default());
        let core = Arc::new(Core::new(identity, Arc::new(wire), 10_000, trouble));
        let (sender, mut receiver) = mpsc::unbounded_channel::<Vec<u8>>();
        let end = End { attended: Arc::clone(&attended), core: Arc::downgrade(&core), sender };
        self.exchange.ends.lock().unwrap().insert(me, end);
        let mut tasks = JoinSet::new();
        let (hearing, running) = (Arc::clone(&core), Arc::clone(&core));
        tasks.spawn(async move {
            while let Some(bytes) = receiver.recv().await {
                hearing.receive(&bytes);
            }
        });
        tasks.spawn(async move { running.run().await });
        self.standing(&core);
        ModelBus { attended, core, tasks: Mutex::new(tasks) }
    }

    fn listen(bus: &ModelBus, listener: Arc<dyn Listener>) {
        bus.core.listen(listener);
    }

    async fn goodbye(bus: &ModelBus) {
        bus.core.say_goodbye();
        bus.tasks.lock().unwrap().abort_all();
        let carrier = bus.core.carrier();
        carrier.exchange.ends.lock().unwrap().remove(&carrier.me);
    }

    async fn cut(&self) {
        self.exchange.is_cut.store(true, SeqCst);
        self.tell_standing();
    }

    async fn mend(&self) {
        self.exchange.is_cut.store(false, SeqCst);
        self.tell_standing();
    }
}

offhook_bus::bus_suite!(Model);
