//! The memory model behind the weather: each operation may take a while before and after it is done, and may fail.
use std::{sync::Arc, time::Duration};

use offhook_call::Call;
use offhook_store::{
    CallPage, CommitError, Committed, Device, Devices, Due, EVENT_RETENTION, EventPage, Job, JobKey,
    LedgerEntry, LedgerKey, LedgerOutcome, LiveCalls, Outbox, Remembered, SealedAddress, Store, StoreError,
    StoredResource, Transition, User, UserChange, memory::MemoryStore,
};
use offhook_testing_kit::ready;
use offhook_types::{Account, AppId, CallId, DeviceId, Epoch, IdempotencyKey, Offset, Timestamp};

use crate::stage::Stage;

/// How long a short log keeps events, so that a device that was away for a while needs a snapshot.
const SHORT_LOG: Duration = Duration::from_secs(15);

/// The store of a simulated server. Clones are handles of the same store.
#[derive(Clone)]
pub(crate) struct WatchedStore {
    inner: MemoryStore,
    short_log: bool,
    stage: Arc<Stage>,
}

impl WatchedStore {
    pub(crate) fn new(stage: &Arc<Stage>, short_log: bool) -> Self {
        let planner = Arc::clone(stage);
        let inner = MemoryStore::with_faults(Box::new(move |op| planner.fault(op)));
        Self { inner, short_log, stage: Arc::clone(stage) }
    }

    /// How many jobs nobody has finished.
    pub(crate) fn unfinished(&self, now: Timestamp) -> usize {
        ready(self.inner.jobs(now)).map_or(0, |jobs| jobs.len())
    }

    /// Does the operation in its own time. What is between the two pauses happens at one moment.
    async fn slowly<T>(&self, operation: impl Future<Output = T>) -> T {
        self.stage.pause().await;
        let result = operation.await;
        self.stage.pause().await;
        result
    }
}

impl Store for WatchedStore {
    fn epoch(&self) -> Epoch {
        self.stage.epoch()
    }

    async fn commit(&self, transition: Transition) -> Result<Committed, CommitError> {
        let copy = transition.clone();
        self.stage.pause().await;
        let result = self.inner.commit(transition).await;
        self.stage.committed(copy, &result);
        self.stage.pause().await;
        result
    }

    async fn load(&self, app: AppId, call: CallId) -> Result<Option<Arc<Call>>, StoreError> {
        self.slowly(self.inner.load(app, call)).await
    }

    async fn live(&self, account: &Account) -> Result<LiveCalls, StoreError> {
        self.slowly(self.inner.live(account)).await
    }

    async fn calls(
        &self,
        account: &Account,
        before: Option<CallId>,
        limit: usize,
    ) -> Result<CallPage, StoreError> {
        self.slowly(self.inner.calls(account, before, limit)).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.slowly(self.inner.due(now, limit)).await
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_deadline().await
    }

    async fn waiting_callers(&self) -> Result<Vec<Account>, StoreError> {
        self.slowly(self.inner.waiting_callers()).await
    }

    async fn events(&self, account: &Account, after: Offset, limit: usize) -> Result<EventPage, StoreError> {
        self.slowly(self.inner.events(account, after, limit)).await
    }

    async fn heads(&self, accounts: &[Account]) -> Result<Vec<Offset>, StoreError> {
        self.slowly(self.inner.heads(accounts)).await
    }

    async fn remembered(
        &self,
        account: &Account,
        key: &IdempotencyKey,
    ) -> Result<Option<Remembered>, StoreError> {
        self.slowly(self.inner.remembered(account, key)).await
    }

    async fn bury(
        &self,
        account: &Account,
        key: &IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<Remembered>, StoreError> {
        self.slowly(self.inner.bury(account, key, at)).await
    }

    async fn users(&self, accounts: &[Account]) -> Result<Vec<Option<Arc<User>>>, StoreError> {
        self.slowly(self.inner.users(accounts)).await
    }

    async fn put_user(
        &self,
        account: &Account,
        change: UserChange,
        at: Timestamp,
    ) -> Result<Arc<User>, StoreError> {
        self.slowly(self.inner.put_user(account, change, at)).await
    }

    async fn trim(&self, now: Timestamp) -> Result<(), StoreError> {
        // A later present makes the log shorter. Keys live for a day and do not notice.
        let now = if self.short_log { now + (EVENT_RETENTION - SHORT_LOG) } else { now };
        self.inner.trim(now).await
    }

    fn health(&self) -> Result<(), StoreError> {
        self.inner.health()
    }
}

impl Devices for WatchedStore {
    async fn put_device(&self, account: &Account, device: Device) -> Result<(), StoreError> {
        self.slowly(self.inner.put_device(account, device)).await
    }

    async fn remove_device(&self, account: &Account, device: &DeviceId) -> Result<bool, StoreError> {
        self.slowly(self.inner.remove_device(account, device)).await
    }

    async fn exchange_address(
        &self,
        account: &Account,
        known: &SealedAddress,
        sealed: Vec<u8>,
    ) -> Result<bool, StoreError> {
        self.slowly(self.inner.exchange_address(account, known, sealed)).await
    }

    async fn remove_address(
        &self,
        account: &Account,
        digest: [u8; 16],
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        self.slowly(self.inner.remove_address(account, digest, since)).await
    }

    async fn devices(&self, account: &Account) -> Result<Vec<Device>, StoreError> {
        self.slowly(self.inner.devices(account)).await
    }

    async fn put_resource(&self, resource: StoredResource) -> Result<(), StoreError> {
        self.slowly(self.inner.put_resource(resource)).await
    }

    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        self.slowly(self.inner.resources()).await
    }
}

impl Outbox for WatchedStore {
    async fn jobs(&self, at: Timestamp) -> Result<Vec<Job>, StoreError> {
        self.slowly(self.inner.jobs(at)).await
    }

    async fn claim(
        &self,
        entries: Vec<LedgerEntry>,
        finished: Option<&JobKey>,
    ) -> Result<Vec<bool>, StoreError> {
        let copy = entries.clone();
        self.stage.pause().await;
        let result = self.inner.claim(entries, finished).await;
        self.stage.claimed(copy, &result);
        self.stage.pause().await;
        result
    }

    async fn settle(&self, key: &LedgerKey, outcome: LedgerOutcome) -> Result<(), StoreError> {
        let refused = outcome.refused;
        self.stage.pause().await;
        let result = self.inner.settle(key, outcome).await;
        self.stage.settled(key, refused, &result);
        self.stage.pause().await;
        result
    }

    async fn ledger(&self, app: AppId, call: CallId) -> Result<Vec<LedgerEntry>, StoreError> {
        self.slowly(self.inner.ledger(app, call)).await
    }
}
