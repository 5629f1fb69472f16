//! The Bus on PostgreSQL's LISTEN and NOTIFY: for a few nodes that have a PostgreSQL anyway, with nothing else to install.
//!
//! All nodes of a cluster listen on one channel, `offhook_<cluster>`. A payload is a message of [`offhook_bus::adapter::wire`] in base64.
//! Two connections a node: one listens, one notifies. What waits goes out in one statement, hence one transaction, and hints for one
//! user that wait together go out as the newest of them.
//!
//! **Limits**, which NATS does not have:
//! - Every node hears every hint: n nodes do n times the work. Some four nodes and a few thousand commits a second are what it is for.
//! - A transaction that notifies holds a lock of its database until it has committed, so that all notifying transactions go one after
//!   the other. Batches keep that to one transaction a node at a time.
//! - A message has at most [`MAX_MESSAGE`] bytes, and one that does not fit into a payload of 7,999 travels in parts, which all nodes read.
//! - Listening needs a connection of its own to the primary. A pooler that lends connections by transaction, or a standby, will not do.
//! - Whoever may connect to the database may notify: its users are trusted as nodes are.
//!
//! The notifying session has `synchronous_commit` off, as nothing that is said here must survive a crash; so it never waits for a disk
//! or a standby. A node's own announcement comes back to it every second, which shows that the whole way is open; after three seconds
//! without it both connections are given up and made anew.
mod carrier;
mod options;
mod outbox;
mod parts;
mod session;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use offhook_bus::{
    AskError, Asking, Bus, Health, Hint, Listener, Node, NodeId, Peers, Responder, TooLarge, Trouble,
    TroubleKind,
    adapter::{Carrier as _, Core, Identity, Target},
};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use carrier::PostgresCarrier;

pub use options::{PostgresBusOptions, StartError};

/// The most bytes of a message, a question or an answer: 22 payloads. More would let one message keep the others waiting.
pub const MAX_MESSAGE: usize = 128 * 1024;

/// How long a goodbye may take to leave.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// One node's end of the bus. When it is dropped, the node falls silent, and the others miss it when its lease ends; after
/// [`PostgresBus::close`] they know at once.
pub struct PostgresBus {
    core: Arc<Core<PostgresCarrier>>,
    announcing: Mutex<JoinSet<()>>,
    sessions: Sessions,
}

impl PostgresBus {
    /// Starts a node, which connects when it can and tries for ever: [`Peers::health`] says how it is. Must be called in a runtime.
    ///
    /// # Errors
    /// The options cannot be used, whatever the server says.
    pub fn start(options: PostgresBusOptions) -> Result<Self, StartError> {
        let (lines, channel, name) = options.into_parts()?;
        let identity = Identity::draw(name);
        let carrier = Arc::new(PostgresCarrier::default());
        let trouble = trouble(TroubleKind::Unreached, "the database has not been reached yet");
        let core = Arc::new(Core::new(identity, carrier, MAX_MESSAGE, trouble));
        let mut announcing = JoinSet::new();
        let running = Arc::clone(&core);
        announcing.spawn(async move { running.run().await });
        let sessions = Sessions(tokio::spawn(session::keep(Arc::clone(&core), lines, channel)));
        Ok(Self { core, announcing: Mutex::new(announcing), sessions })
    }

    /// Sets the listener. The first one stays.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.core.listen(listener);
    }

    /// Says goodbye and stops. From then on nothing is passed on in either direction.
    pub async fn close(&self) {
        // Announcements first, so that none follows the goodbye.
        self.announcing.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        self.core.say_goodbye();
        let outbox = self.core.carrier().outbox();
        outbox.close();
        if self.core.is_connected() {
            // If it does not leave in time, the lease ends.
            let _ = timeout(GOODBYE_WITHIN, outbox.emptied()).await;
        }
        self.sessions.0.abort();
        self.core.away(trouble(TroubleKind::Closed, "the bus is closed"));
    }
}

/// The task that keeps the connections; it ends with the bus.
struct Sessions(JoinHandle<()>);

impl Drop for Sessions {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// On this bus every node hears every hint, so that it need not know who attends whom.
impl Bus for PostgresBus {
    fn publish(&self, hints: &[Hint]) {
        self.core.publish(hints);
    }
}

impl Peers for PostgresBus {
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

    /// The database does not know who listens; so a node that has not been heard of yet is taken for gone.
    fn ask(&self, to: NodeId, question: Vec<u8>, patience: Duration) -> Asking {
        let core = Arc::clone(&self.core);
        Box::pin(async move {
            let is_other = to != core.identity().id;
            if is_other && core.is_connected() && !core.knows(to) {
                return Err(AskError::Gone);
            }
            let send = |_, message| core.carrier().carry(Target::Node(to), message);
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

fn trouble(kind: TroubleKind, advice: &str) -> Trouble {
    Trouble { kind, advice: advice.to_owned() }
}
