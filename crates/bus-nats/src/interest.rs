//! Which shards this node hears: those of the users who have sessions here.
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::StreamExt as _;
use offhook_bus::{
    Missed,
    adapter::{Core, shard_of},
};
use offhook_types::Account;
use tokio::{
    sync::Notify,
    task::{AbortHandle, JoinSet},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use crate::{carrier::NatsCarrier, subjects::SHARDS};

/// How often shards that nobody attends any more are let go. A user who comes back before that costs the server nothing.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// How long the server may take to confirm what it was sent, until it is asked anew.
const CONFIRM_WITHIN: Duration = Duration::from_secs(2);
/// How long to wait before a server that is away is asked again.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Counts sessions by shard.
#[derive(Debug)]
pub(crate) struct Interest {
    /// Shards that somebody attends and that are not subscribed to.
    fresh: Mutex<BTreeSet<u16>>,
    shards: Box<[Mutex<Shard>]>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Shard {
    sessions: u64,
    /// Whether hints arrive, as far as the server has confirmed it.
    is_heard: bool,
    /// Who came before that.
    waiting: Vec<Account>,
}

impl Interest {
    pub(crate) fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { fresh: Mutex::default(), shards, wake: Notify::new() }
    }

    pub(crate) fn attend(&self, account: &Account) {
        let number = shard_of(account, SHARDS);
        let mut shard = self.shard(number);
        shard.sessions += 1;
        if !shard.is_heard {
            shard.waiting.push(account.clone());
            drop(shard);
            lock(&self.fresh).insert(number);
            self.wake.notify_one();
        }
    }

    pub(crate) fn forsake(&self, account: &Account) {
        let mut shard = self.shard(shard_of(account, SHARDS));
        shard.sessions = shard.sessions.saturating_sub(1);
    }

    /// Shards that somebody waits for. Each is named once for each time that somebody came.
    fn take_fresh(&self) -> BTreeSet<u16> {
        std::mem::take(&mut *lock(&self.fresh))
    }

    /// Hints arrive from now on. Who may have missed some.
    fn is_heard(&self, number: u16) -> Vec<Account> {
        let mut shard = self.shard(number);
        shard.is_heard = true;
        std::mem::take(&mut shard.waiting)
    }

    /// Whether nobody attends the shard. From now on whoever comes must wait.
    fn let_go(&self, number: u16) -> bool {
        let mut shard = self.shard(number);
        let is_idle = shard.sessions == 0;
        shard.is_heard &= !is_idle;
        is_idle
    }

    fn shard(&self, number: u16) -> MutexGuard<'_, Shard> {
        lock(&self.shards[usize::from(number)])
    }
}

/// Subscribes to what is attended, and lets go what is not, for as long as it is polled.
pub(crate) async fn follow(interest: Arc<Interest>, core: Arc<Core<NatsCarrier>>) {
    let mut heard = Heard { core: Arc::clone(&core), subscriptions: HashMap::new(), tasks: JoinSet::new() };
    let mut sweep = interval(SWEEP_EVERY);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = interest.wake.notified() => heard.follow(&interest).await,
            _ = sweep.tick() => heard.sweep(&interest),
        }
    }
}

/// The shards that are subscribed to.
struct Heard {
    core: Arc<Core<NatsCarrier>>,
    subscriptions: HashMap<u16, AbortHandle>,
    tasks: JoinSet<()>,
}

impl Heard {
    async fn follow(&mut self, interest: &Interest) {
        let fresh = interest.take_fresh();
        for shard in &fresh {
            if !self.subscriptions.contains_key(shard) {
                self.subscribe(*shard).await;
            }
        }
        confirm(&self.core).await;
        let missed: Vec<Account> = fresh.iter().flat_map(|shard| interest.is_heard(*shard)).collect();
        if !missed.is_empty() {
            self.core.missed(&Missed::Of(missed));
        }
    }

    async fn subscribe(&mut self, shard: u16) {
        let carrier = self.core.carrier();
        // Fails only if the client has ended, and with it this bus.
        let Ok(mut messages) = carrier.client().subscribe(carrier.subjects().shard(shard)).await else {
            return;
        };
        let core = Arc::clone(&self.core);
        let task = self.tasks.spawn(async move {
            while let Some(message) = messages.next().await {
                core.receive(&message.payload);
            }
        });
        self.subscriptions.insert(shard, task);
    }

    fn sweep(&mut self, interest: &Interest) {
        self.subscriptions.retain(|shard, task| {
            let is_idle = interest.let_go(*shard);
            if is_idle {
                task.abort(); // What it holds is unsubscribed from with it.
            }
            !is_idle
        });
        while self.tasks.try_join_next().is_some() {}
    }
}

/// Waits until the server has taken in all that was sent to it.
async fn confirm(core: &Core<NatsCarrier>) {
    loop {
        if core.is_connected() {
            let number = core.next_number();
            let refusal = core.questions().open(number, core.identity().id);
            if core.carrier().sync(number) && timeout(CONFIRM_WITHIN, refusal).await.is_ok() {
                return;
            }
        }
        sleep(AGAIN_AFTER).await;
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use offhook_types::{AppId, UserId};

    fn zoe() -> Account {
        Account::new(AppId(1), UserId::new("zoe").unwrap())
    }

    #[test]
    fn who_comes_before_hints_arrive_may_have_missed_some() {
        let interest = Interest::new();
        let shard = shard_of(&zoe(), SHARDS);
        interest.attend(&zoe());
        interest.attend(&zoe());
        assert_eq!(interest.take_fresh(), [shard].into());
        assert_eq!(interest.is_heard(shard), [zoe(), zoe()]);
        interest.attend(&zoe());
        assert_eq!(interest.take_fresh(), [].into(), "hints arrive already");
        assert_eq!(interest.is_heard(shard), []);
    }

    #[test]
    fn a_shard_is_let_go_when_its_last_session_is_over() {
        let interest = Interest::new();
        let shard = shard_of(&zoe(), SHARDS);
        interest.attend(&zoe());
        interest.attend(&zoe());
        interest.is_heard(shard);
        interest.forsake(&zoe());
        assert!(!interest.let_go(shard));
        interest.forsake(&zoe());
        interest.forsake(&zoe());
        assert!(interest.let_go(shard), "one too many does no harm");
        interest.take_fresh();
        interest.attend(&zoe());
        assert_eq!(interest.take_fresh(), [shard].into(), "it is subscribed to again");
        assert!(!interest.let_go(shard));
    }
}
