//! The store of a node.
use std::{sync::Arc, time::Duration};

use offhook_call::Call;
use offhook_store::{
    CallPage, CommitError, Committed, Device, Devices, Due, EventPage, Job, JobKey, LedgerEntry, LedgerKey,
    LedgerOutcome, LiveCalls, Outbox, Remembered, SealedAddress, Store, StoreError, StoredResource,
    Transition, User, UserChange,
};
use offhook_store_embedded::EmbeddedStore;
use offhook_store_postgres::PostgresStore;
use offhook_types::{Account, AppId, CallId, DeviceId, Epoch, IdempotencyKey, Offset, Timestamp};

/// The store, whichever it is.
#[derive(Debug)]
pub(crate) enum NodeStore {
    Embedded(EmbeddedStore),
    Postgres(PostgresStore),
}

impl Store for NodeStore {
    fn epoch(&self) -> Epoch {
        match self {
            Self::Embedded(store) => store.epoch(),
            Self::Postgres(store) => store.epoch(),
        }
    }

    async fn commit(&self, transition: Transition) -> Result<Committed, CommitError> {
        match self {
            Self::Embedded(store) => store.commit(transition).await,
            Self::Postgres(store) => store.commit(transition).await,
        }
    }

    async fn load(&self, app: AppId, call: CallId) -> Result<Option<Arc<Call>>, StoreError> {
        match self {
            Self::Embedded(store) => store.load(app, call).await,
            Self::Postgres(store) => store.load(app, call).await,
        }
    }

    async fn live(&self, account: &Account) -> Result<LiveCalls, StoreError> {
        match self {
            Self::Embedded(store) => store.live(account).await,
            Self::Postgres(store) => store.live(account).await,
        }
    }

    async fn calls(
        &self,
        account: &Account,
        before: Option<CallId>,
        limit: usize,
    ) -> Result<CallPage, StoreError> {
        match self {
            Self::Embedded(store) => store.calls(account, before, limit).await,
            Self::Postgres(store) => store.calls(account, before, limit).await,
        }
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        match self {
            Self::Embedded(store) => store.due(now, limit).await,
            Self::Postgres(store) => store.due(now, limit).await,
        }
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        match self {
            Self::Embedded(store) => store.next_deadline().await,
            Self::Postgres(store) => store.next_deadline().await,
        }
    }

    fn look_again(&self) -> Option<Duration> {
        match self {
            Self::Embedded(store) => store.look_again(),
            Self::Postgres(store) => store.look_again(),
        }
    }

    async fn waiting_callers(&self) -> Result<Vec<Account>, StoreError> {
        match self {
            Self::Embedded(store) => store.waiting_callers().await,
            Self::Postgres(store) => store.waiting_callers().await,
        }
    }

    async fn events(&self, account: &Account, after: Offset, limit: usize) -> Result<EventPage, StoreError> {
        match self {
            Self::Embedded(store) => store.events(account, after, limit).await,
            Self::Postgres(store) => store.events(account, after, limit).await,
        }
    }

    async fn heads(&self, accounts: &[Account]) -> Result<Vec<Offset>, StoreError> {
        match self {
            Self::Embedded(store) => store.heads(accounts).await,
            Self::Postgres(store) => store.heads(accounts).await,
        }
    }

    async fn remembered(
        &self,
        account: &Account,
        key: &IdempotencyKey,
    ) -> Result<Option<Remembered>, StoreError> {
        match self {
            Self::Embedded(store) => store.remembered(account, key).await,
            Self::Postgres(store) => store.remembered(account, key).await,
        }
    }

    async fn bury(
        &self,
        account: &Account,
        key: &IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<Remembered>, StoreError> {
        match self {
            Self::Embedded(store) => store.bury(account, key, at).await,
            Self::Postgres(store) => store.bury(account, key, at).await,
        }
    }

    async fn users(&self, accounts: &[Account]) -> Result<Vec<Option<Arc<User>>>, StoreError> {
        match self {
            Self::Embedded(store) => store.users(accounts).await,
            Self::Postgres(store) => store.users(accounts).await,
        }
    }

    async fn put_user(
        &self,
        account: &Account,
        change: UserChange,
        at: Timestamp,
    ) -> Result<Arc<User>, StoreError> {
        match self {
            Self::Embedded(store) => store.put_user(account, change, at).await,
            Self::Postgres(store) => store.put_user(account, change, at).await,
        }
    }

    async fn trim(&self, now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.trim(now).await,
            Self::Postgres(store) => store.trim(now).await,
        }
    }

    fn health(&self) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.health(),
            Self::Postgres(store) => store.health(),
        }
    }
}

impl Devices for NodeStore {
    async fn put_device(&self, account: &Account, device: Device) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.put_device(account, device).await,
            Self::Postgres(store) => store.put_device(account, device).await,
        }
    }

    async fn remove_device(&self, account: &Account, device: &DeviceId) -> Result<bool, StoreError> {
        match self {
            Self::Embedded(store) => store.remove_device(account, device).await,
            Self::Postgres(store) => store.remove_device(account, device).await,
        }
    }

    async fn remove_address(
        &self,
        account: &Account,
        digest: [u8; 16],
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Embedded(store) => store.remove_address(account, digest, since).await,
            Self::Postgres(store) => store.remove_address(account, digest, since).await,
        }
    }

    async fn exchange_address(
        &self,
        account: &Account,
        known: &SealedAddress,
        sealed: Vec<u8>,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Embedded(store) => store.exchange_address(account, known, sealed).await,
            Self::Postgres(store) => store.exchange_address(account, known, sealed).await,
        }
    }

    async fn devices(&self, account: &Account) -> Result<Vec<Device>, StoreError> {
        match self {
            Self::Embedded(store) => store.devices(account).await,
            Self::Postgres(store) => store.devices(account).await,
        }
    }

    async fn put_resource(&self, resource: StoredResource) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.put_resource(resource).await,
            Self::Postgres(store) => store.put_resource(resource).await,
        }
    }

    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        match self {
            Self::Embedded(store) => store.resources().await,
            Self::Postgres(store) => store.resources().await,
        }
    }
}

impl Outbox for NodeStore {
    async fn jobs(&self, at: Timestamp) -> Result<Vec<Job>, StoreError> {
        match self {
            Self::Embedded(store) => store.jobs(at).await,
            Self::Postgres(store) => store.jobs(at).await,
        }
    }

    async fn claim(
        &self,
        entries: Vec<LedgerEntry>,
        finished: Option<&JobKey>,
    ) -> Result<Vec<bool>, StoreError> {
        match self {
            Self::Embedded(store) => store.claim(entries, finished).await,
            Self::Postgres(store) => store.claim(entries, finished).await,
        }
    }

    async fn settle(&self, key: &LedgerKey, outcome: LedgerOutcome) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.settle(key, outcome).await,
            Self::Postgres(store) => store.settle(key, outcome).await,
        }
    }

    async fn ledger(&self, app: AppId, call: CallId) -> Result<Vec<LedgerEntry>, StoreError> {
        match self {
            Self::Embedded(store) => store.ledger(app, call).await,
            Self::Postgres(store) => store.ledger(app, call).await,
        }
    }
}
