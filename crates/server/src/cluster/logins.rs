//! Sessions of one user on several nodes: the newest stays where the login policy has no place for all.
//!
//! A node where a session begins learns from the shared presence where else the user is connected, and asks each of those nodes.
//! That node has its own older sessions go, and answers whether the newcomer is the older one. So both of two that begin at the
//! same time come to the same end, whoever asks first. Nobody waits for this to be let in.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use offhook_bus::{Answering, AskError, NodeId};
use offhook_gateway::{Dismissal, Doorkeeper, Newcomer};
use offhook_types::{Account, AppId, DeviceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::{
    NodeBus,
    switchboard::{Subject, Topic},
};

/// How long a node may take to answer before it is asked again.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait before it is asked again.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is asked. A node that does not answer for so long is being given up by the others too.
const TIMES: u32 = 5;

/// Settles with other nodes which sessions stay.
pub(crate) struct Logins {
    bus: Arc<NodeBus>,
    doorkeeper: Doorkeeper,
    /// How many questions nobody answered.
    unsettled: AtomicU64,
}

/// A newcomer as nodes write of them. Fields that a later version adds are passed over by this one.
#[derive(Debug, Deserialize, Serialize)]
struct Question {
    app: AppId,
    browser: bool,
    device: DeviceId,
    since_ms: u64,
    user: UserId,
}

/// What has to become of the newcomer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Kicked,
    Replaced,
    Stays,
}

impl Logins {
    pub(crate) fn new(bus: Arc<NodeBus>, doorkeeper: Doorkeeper) -> Self {
        Self { bus, doorkeeper, unsettled: AtomicU64::new(0) }
    }

    /// How many times it could not be settled whether two sessions may be at the same time.
    pub(crate) fn unsettled(&self) -> u64 {
        self.unsettled.load(Relaxed)
    }

    /// Settles with these nodes, beside whatever else goes on.
    pub(crate) fn settle(self: &Arc<Self>, newcomer: Newcomer, nodes: Vec<u64>) {
        let newcomer = Arc::new(newcomer);
        for node in nodes {
            let (logins, newcomer) = (Arc::clone(self), Arc::clone(&newcomer));
            tokio::spawn(async move { logins.settle_with(&newcomer, NodeId::new(node)).await });
        }
    }

    async fn settle_with(&self, newcomer: &Newcomer, node: NodeId) {
        let question = serde_json::to_vec(&Question::about(newcomer)).unwrap_or_default();
        for _ in 0..TIMES {
            match self.bus.ask(node, Topic::Logins.wrap(question.clone()), PATIENCE).await {
                Ok(answer) => return self.carry_out(newcomer, &answer),
                Err(AskError::Gone) => return, // And its sessions with it.
                Err(AskError::AnswerTooLarge | AskError::TooLarge(_)) => break,
                Err(AskError::Away | AskError::Busy | AskError::TimedOut) => sleep(PAUSE).await,
            }
        }
        self.unsettled.fetch_add(1, Relaxed);
        tracing::warn!(
            user = ?newcomer.account.user, %node,
            "a node does not say whether it has sessions that a new one ends: there may be more than the login policy permits"
        );
    }

    fn carry_out(&self, newcomer: &Newcomer, answer: &[u8]) {
        match serde_json::from_slice(answer) {
            Ok(Verdict::Kicked) => self.doorkeeper.dismiss(newcomer, Dismissal::Kicked),
            Ok(Verdict::Replaced) => self.doorkeeper.dismiss(newcomer, Dismissal::Replaced),
            // A node that does not know the question has no opinion.
            Ok(Verdict::Stays) | Err(_) => {}
        }
    }
}

impl Subject for Logins {
    fn answer(&self, _: NodeId, message: Vec<u8>) -> Answering {
        let verdict = match serde_json::from_slice::<Question>(&message) {
            Ok(question) => Verdict::from(self.doorkeeper.newcomer(&question.newcomer())),
            Err(_) => Verdict::Stays,
        };
        let answer = serde_json::to_vec(&verdict).unwrap_or_default();
        Box::pin(async { answer })
    }
}

impl Question {
    fn about(newcomer: &Newcomer) -> Self {
        Self {
            app: newcomer.account.app,
            browser: newcomer.browser,
            device: newcomer.device.clone(),
            since_ms: newcomer.since.as_millis(),
            user: newcomer.account.user.clone(),
        }
    }

    fn newcomer(self) -> Newcomer {
        Newcomer {
            account: Account::new(self.app, self.user),
            browser: self.browser,
            device: self.device,
            since: Timestamp::from_millis(self.since_ms),
        }
    }
}

impl From<Option<Dismissal>> for Verdict {
    fn from(dismissal: Option<Dismissal>) -> Self {
        match dismissal {
            None => Self::Stays,
            Some(Dismissal::Kicked) => Self::Kicked,
            Some(Dismissal::Replaced) => Self::Replaced,
        }
    }
}
