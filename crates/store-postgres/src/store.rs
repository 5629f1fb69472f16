//! The store itself.
use std::{fmt, sync::Arc, time::Duration};

use offhook_store::{
    CallPage, CommitError, Committed, Device, Devices, Due, EventPage, Job, JobKey, LedgerEntry, LedgerKey,
    LedgerOutcome, LiveCalls, Outbox, Remembered, SealedAddress, Store, StoreError, StoredResource,
    Transition, User, UserChange, call::Call,
};
use offhook_types::{Account, AppId, CallId, DeviceId, Epoch, IdempotencyKey, Offset, Timestamp};

use crate::{
    OpenError, Options, commit::Committer, devices, line::Line, migrate, outbox, read, trim::Trimmer, users,
};

/// A node's way to the database. Any number of nodes may have one.
pub struct PostgresStore {
    committer: Committer,
    epoch: Epoch,
    home: i64,
    lines: Vec<Arc<Line>>,
    next_line: std::sync::atomic::AtomicUsize,
    others_after: Duration,
    trimmer: Trimmer,
}

impl PostgresStore {
    /// Connects, makes the tables or brings them up to date, and checks that calls can be kept there.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the way to the database, with the server, or with its tables.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let epoch = migrate::open(options).await?;
        let mut lines = Vec::new();
        for _ in 0..options.read_connections.max(1) {
            lines.push(Arc::new(Line::open(options).await?));
        }
        let committer = Committer::open(options, &lines[0]).await?;
        Ok(Self {
            committer,
            epoch,
            home: options.node.cast_signed(),
            lines,
            next_line: std::sync::atomic::AtomicUsize::new(0),
            others_after: options.others_after,
            trimmer: Trimmer::open(options).await?,
        })
    }

    /// A connection for reading: each in turn, of those that stand.
    fn line(&self) -> &Line {
        let turn = self.next_line.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut in_turn = (0..self.lines.len()).map(|more| &self.lines[(turn + more) % self.lines.len()]);
        in_turn.find(|line| line.standing().is_some()).unwrap_or(&self.lines[turn % self.lines.len()])
    }

    /// Up to when what others have left is ours as well.
    fn others(&self, now: Timestamp) -> Timestamp {
        let grace = u64::try_from(self.others_after.as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_millis(now.as_millis().saturating_sub(grace))
    }
}

impl Store for PostgresStore {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    async fn commit(&self, transition: Transition) -> Result<Committed, CommitError> {
        self.committer.commit(transition).await
    }

    async fn load(&self, app: AppId, call: CallId) -> Result<Option<Arc<Call>>, StoreError> {
        read::load(self.line(), app, call).await
    }

    async fn live(&self, account: &Account) -> Result<LiveCalls, StoreError> {
        read::live(self.line(), account).await
    }

    async fn calls(
        &self,
        account: &Account,
        before: Option<CallId>,
        limit: usize,
    ) -> Result<CallPage, StoreError> {
        read::calls(self.line(), account, (before, limit)).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        read::due(self.line(), (now, self.others(now)), (self.home, limit)).await
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        let grace = i64::try_from(self.others_after.as_millis()).unwrap_or(i64::MAX);
        read::next_deadline(self.line(), (self.home, grace)).await
    }

    fn look_again(&self) -> Option<Duration> {
        Some(self.others_after)
    }

    async fn waiting_callers(&self) -> Result<Vec<Account>, StoreError> {
        read::waiting_callers(self.line()).await
    }

    async fn events(&self, account: &Account, after: Offset, limit: usize) -> Result<EventPage, StoreError> {
        read::events(self.line(), account, (after, limit)).await
    }

    async fn heads(&self, accounts: &[Account]) -> Result<Vec<Offset>, StoreError> {
        read::heads(self.line(), accounts).await
    }

    async fn remembered(
        &self,
        account: &Account,
        key: &IdempotencyKey,
    ) -> Result<Option<Remembered>, StoreError> {
        read::remembered(self.line(), account, key).await
    }

    async fn bury(
        &self,
        account: &Account,
        key: &IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<Remembered>, StoreError> {
        users::bury(self.line(), account, (key, at)).await
    }

    async fn users(&self, accounts: &[Account]) -> Result<Vec<Option<Arc<User>>>, StoreError> {
        read::users(self.line(), accounts).await
    }

    async fn put_user(
        &self,
        account: &Account,
        change: UserChange,
        at: Timestamp,
    ) -> Result<Arc<User>, StoreError> {
        users::put(self.line(), account, (change, at)).await
    }

    async fn trim(&self, now: Timestamp) -> Result<(), StoreError> {
        self.trimmer.trim(now).await
    }

    fn health(&self) -> Result<(), StoreError> {
        self.committer.health()
    }
}

impl Devices for PostgresStore {
    async fn put_device(&self, account: &Account, device: Device) -> Result<(), StoreError> {
        devices::put(self.line(), account, &device).await
    }

    async fn remove_device(&self, account: &Account, device: &DeviceId) -> Result<bool, StoreError> {
        devices::remove(self.line(), account, device).await
    }

    async fn remove_address(
        &self,
        account: &Account,
        digest: [u8; 16],
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        devices::remove_address(self.line(), account, (digest, since)).await
    }

    async fn exchange_address(
        &self,
        account: &Account,
        known: &SealedAddress,
        sealed: Vec<u8>,
    ) -> Result<bool, StoreError> {
        devices::exchange_address(self.line(), account, (known, &sealed)).await
    }

    async fn devices(&self, account: &Account) -> Result<Vec<Device>, StoreError> {
        devices::list(self.line(), account).await
    }

    async fn put_resource(&self, resource: StoredResource) -> Result<(), StoreError> {
        devices::put_resource(self.line(), &resource).await
    }

    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        devices::resources(self.line()).await
    }
}

impl Outbox for PostgresStore {
    async fn jobs(&self, at: Timestamp) -> Result<Vec<Job>, StoreError> {
        outbox::jobs(self.line(), (at, self.others(at)), self.home).await
    }

    async fn claim(
        &self,
        entries: Vec<LedgerEntry>,
        finished: Option<&JobKey>,
    ) -> Result<Vec<bool>, StoreError> {
        outbox::claim(self.line(), &entries, finished).await
    }

    async fn settle(&self, key: &LedgerKey, outcome: LedgerOutcome) -> Result<(), StoreError> {
        outbox::settle(self.line(), key, &outcome).await
    }

    async fn ledger(&self, app: AppId, call: CallId) -> Result<Vec<LedgerEntry>, StoreError> {
        outbox::ledger(self.line(), app, call).await
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
