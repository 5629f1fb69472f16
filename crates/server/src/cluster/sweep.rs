//! Hints get lost: the logs of everybody who is here are looked at in turn, and of those whose hints may be missing at once.
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use offhook_bus::{Hint, Listener, Missed};
use offhook_gateway::Hub;
use offhook_store::Store as _;
use offhook_types::Account;
use tokio::{sync::Notify, time::timeout};

use super::NodeStore;

/// In so long everybody's turn comes.
const ROUND: Duration = Duration::from_secs(20);
/// So many are asked for at once.
const CHUNK: usize = 500;
/// The pause after each chunk if hints were missed by all, so that nodes which miss them together do not crowd the store.
const BREATH: Duration = Duration::from_millis(5);

/// Where the bus is heard: hints go to the sessions, and what was missed is remembered.
pub(crate) struct Ears {
    hub: Arc<Hub>,
    missed: Mutex<Pending>,
    news: Notify,
}

#[derive(Default)]
struct Pending {
    all: bool,
    of: HashSet<Account>,
}

impl Ears {
    pub(crate) fn new(hub: Arc<Hub>) -> Self {
        Self { hub, missed: Mutex::default(), news: Notify::new() }
    }

    fn missed_so_far(&self) -> MutexGuard<'_, Pending> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner) // Every change is one step.
    }
}

impl Listener for Ears {
    fn hint(&self, hint: &Hint) {
        self.hub.hint(hint);
    }

    fn missed(&self, whose: &Missed) {
        let mut pending = self.missed_so_far();
        match whose {
            Missed::All => pending.all = true,
            Missed::Of(accounts) => pending.of.extend(accounts.iter().cloned()),
        }
        drop(pending);
        self.news.notify_one();
    }
}

/// Looks at logs for as long as the node lives.
pub(super) async fn sweep(ears: Arc<Ears>, store: Arc<NodeStore>) {
    let shards = ears.hub.shards();
    let pause = ROUND / u32::try_from(shards).unwrap_or(u32::MAX).max(1);
    for shard in (0..shards).cycle() {
        let heard = timeout(pause, ears.news.notified()).await.is_ok();
        if heard {
            catch_up(&ears, &store).await;
        }
        look(&ears, &store, ears.hub.accounts(shard)).await;
    }
}

async fn catch_up(ears: &Ears, store: &NodeStore) {
    let Pending { all, of } = std::mem::take(&mut *ears.missed_so_far());
    if !all {
        return look(ears, store, of.into_iter().collect()).await;
    }
    for shard in 0..ears.hub.shards() {
        look(ears, store, ears.hub.accounts(shard)).await;
        tokio::time::sleep(BREATH).await;
    }
}

async fn look(ears: &Ears, store: &NodeStore, accounts: Vec<Account>) {
    for chunk in accounts.chunks(CHUNK) {
        let heads = match store.heads(chunk).await {
            Ok(heads) => heads,
            Err(error) => {
                tracing::warn!(%error, "logs cannot be looked at; news may be late");
                return;
            }
        };
        for (account, head) in chunk.iter().zip(heads) {
            ears.hub.hint(&Hint { head, account: account.clone() });
        }
    }
}
