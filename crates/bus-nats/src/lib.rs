//! The Bus on NATS core: hints by shard of users, a registry of nodes, questions from node to node.
//!
//! | subject | carries | heard by |
//! |---|---|---|
//! | `offhook.<cluster>.u.<shard>` | hints for the users of a shard (0 to 4095) | nodes with a session of such a user |
//! | `offhook.<cluster>.n.<node>` | messages, questions and answers for a node | that node |
//! | `offhook.<cluster>.n.<node>.r.<number>` | the server's word that nobody heard a question | that node |
//! | `offhook.<cluster>.all` | messages for all nodes | every node |
//! | `offhook.<cluster>.nodes` | announcements and goodbyes | every node |
//! | `offhook.<cluster>.sync` | nothing; a question to nobody shows that what went before it has arrived | nobody |
//!
//! So a user of the server needs leave to publish and subscribe to `offhook.<cluster>.>` and nothing more. What the messages look like
//! is [`offhook_bus::adapter::wire`]. Nothing is stored (no JetStream), so any NATS server from 2.2 on will do.
//!
//! Nothing waits for the server. While it is away, hints are dropped and counted, and whoever may have missed some is told to look when
//! it is back. What was handed to the client just before a break may still arrive after it: late, which does no harm.
//!
//! `async-nats` reports every attempt to connect in the log, some at ERROR; what an operator should read is reported here, once for each
//! outage. So the server's log filter best holds `async_nats=off`.
mod carrier;
mod interest;
mod options;
mod start;
mod subjects;
mod tls;
mod watch;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use offhook_bus::{
    Asking, Bus, Health, Hint, Listener, Node, NodeId, Peers, Responder, TooLarge,
    adapter::{Core, Target},
};
use offhook_types::Account;
use tokio::{task::JoinSet, time::timeout};

use carrier::NatsCarrier;
use interest::Interest;

pub use options::{Credentials, NatsOptions, StartError};
pub use subjects::SHARDS;

/// The most bytes of a message, a question or an answer. The server's `max_payload` must be a little larger; its default is 1 MiB.
pub const MAX_MESSAGE: usize = 256 * 1024;

/// How long a goodbye may take to leave.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// One node's end of the bus. When it is dropped, the node falls silent, and the others miss it when its lease ends; after
/// [`NatsBus::close`] they know at once.
pub struct NatsBus {
    core: Arc<Core<NatsCarrier>>,
    interest: Arc<Interest>,
    tasks: Mutex<JoinSet<()>>,
}

impl NatsBus {
    /// Starts a node, which connects when it can and tries for ever: [`Peers::health`] says how it is. Must be called in a runtime.
    ///
    /// # Errors
    /// The options cannot be used, whatever the server says.
    pub async fn start(options: NatsOptions) -> Result<Self, StartError> {
        start::start(options).await
    }

    /// Sets the listener. The first one stays.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.core.listen(listener);
    }

    /// Says goodbye and stops. From then on nothing is passed on in either direction.
    pub async fn close(&self) {
        // Announcements first, so that none follows the goodbye.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        self.core.say_goodbye();
        if self.core.is_connected() {
            // If it does not leave in time, the lease ends.
            let _ = timeout(GOODBYE_WITHIN, self.core.carrier().client().flush()).await;
        }
        self.core.away(watch::closed());
    }
}

impl Bus for NatsBus {
    fn publish(&self, hints: &[Hint]) {
        self.core.publish(hints);
    }

    fn attend(&self, account: &Account) {
        self.interest.attend(account);
    }

    fn forsake(&self, account: &Account) {
        self.interest.forsake(account);
    }
}

impl Peers for NatsBus {
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
        MAX_MESSAGE
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
            let send = |number, message| core.carrier().ask(Target::Node(to), number, message);
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
