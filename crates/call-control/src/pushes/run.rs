//! Doing what is due.
use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use offhook_bus::Bus;
use offhook_call::Call;
use offhook_push::{Address, Kind, Order};
use offhook_store::{CommitError, Device, Job, LedgerEntry, LedgerKey, SealedAddress, Store, StoreError};
use offhook_types::{Account, DeviceId, Opaque, Party, Timestamp, UserId};

use super::{Cause, Parcel, agenda::Due, errand::Errand, plan::plan};
use crate::{CallControl, World, view};

/// How many things are done at once. More asks more of the store at a time, less makes a crowd of rings wait.
const BATCH: usize = 64;
/// How long to wait before something is tried again that the store could not do.
const RETRY: Duration = Duration::from_millis(500);
/// How often it is looked for what other nodes have left undone.
const SWEEP: Duration = Duration::from_secs(5);
/// So old is what they have left undone: longer than a job waits for devices to speak for themselves.
const LEFT_ALONE_MS: u64 = 10_000;

/// A push that is ready but for its entry in the ledger.
pub(super) struct Ready {
    pub(super) address: Address,
    pub(super) entry: LedgerEntry,
    pub(super) order: Order,
    pub(super) resource: Arc<offhook_push::Resource>,
}

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// What a step leaves to be done; only for users with devices that can be woken.
    pub(crate) async fn jobs_of(
        &self,
        before: Option<&Call>,
        after: &Call,
        cause: &Cause,
    ) -> Result<Vec<(UserId, Opaque)>, CommitError> {
        let mut jobs = Vec::new();
        if !self.pushes.is_on(after.app) {
            return Ok(jobs);
        }
        for (user, errand) in plan(before, after, cause) {
            if self.is_wanted(after, &errand)
                && !self.store.devices(&Account::new(after.app, user.clone())).await?.is_empty()
            {
                jobs.push((user, errand.write()));
            }
        }
        Ok(jobs)
    }

    /// Whether the app wakes devices for invitations whose callers say nothing of pushes.
    fn is_wanted(&self, call: &Call, errand: &Errand) -> bool {
        match errand {
            Errand::Ring { config: None } => self.policy(call.app).push_always,
            Errand::Ring { config: Some(_) } | Errand::Stop { .. } => true,
        }
    }

    /// Takes up the jobs that a former life of the server left undone.
    pub(crate) fn recover_pushes(&self, now: Timestamp) {
        self.agenda.put(now, Due::Search);
        if self.store.look_again().is_some() {
            self.agenda.put(now + SWEEP, Due::Sweep);
        }
        self.world.wake_at(now);
    }

    async fn search(&self, now: Timestamp) -> Result<(), StoreError> {
        self.take_up(now, self.store.jobs(now).await?);
        Ok(())
    }

    /// Takes up what is older than whoever left it needs to see to it, and looks again later.
    async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let old = Timestamp::from_millis(now.as_millis().saturating_sub(LEFT_ALONE_MS));
        self.take_up(now, self.store.jobs(old).await?);
        self.agenda.put(now + SWEEP, Due::Sweep);
        self.world.wake_at(now + SWEEP);
        Ok(())
    }

    /// Does what is due by now.
    pub(crate) async fn run_pushes(&self, now: Timestamp) {
        loop {
            let dues = self.agenda.take(now, BATCH);
            if dues.is_empty() {
                return;
            }
            join_all(dues.into_iter().map(|due| self.carry_out_due(now, due))).await;
        }
    }

    /// Takes up what a step has left.
    pub(crate) fn take_up(&self, now: Timestamp, jobs: Vec<Job>) {
        if !jobs.is_empty() {
            jobs.into_iter().for_each(|job| self.agenda.put(now, Due::Job(job)));
            self.world.wake_at(now);
        }
    }

    /// A store that broke off may have committed the jobs nevertheless.
    pub(crate) fn look_for_jobs_after(&self, now: Timestamp, (jobs, error): (&[Job], &CommitError)) {
        match error {
            CommitError::Store(_) if !jobs.is_empty() => {
                self.agenda.put(now + RETRY, Due::Search);
                self.world.wake_at(now + RETRY);
            }
            CommitError::Store(_)
            | CommitError::Conflict(_)
            | CommitError::GuardFailed
            | CommitError::KeyTaken(_) => {}
        }
    }

    async fn carry_out_due(&self, now: Timestamp, due: Due) {
        let done = match &due {
            Due::Job(job) => self.begin(now, job, true).await,
            Due::Rest(job) => self.begin(now, job, false).await,
            Due::Again(parcel) => self.post_if_it_rings(now, parcel).await,
            Due::Search => self.search(now).await,
            Due::Sweep => self.sweep(now).await,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "a push could not be entered into the ledger; it is tried again");
            self.agenda.put(now + RETRY, due);
        }
    }

    /// Does what can be done of a job, and comes back for the rest.
    async fn begin(&self, now: Timestamp, job: &Job, is_first: bool) -> Result<(), StoreError> {
        let rest = match Errand::read(&job.body) {
            Some(Errand::Ring { config }) => self.ring(now, job, (config.as_deref(), is_first)).await?,
            Some(Errand::Stop { config, why, spared }) => {
                let stop = super::stop::Stop { config: config.as_deref(), why, spared: spared.as_ref() };
                self.stop(now, job, (&stop, is_first)).await?
            }
            None => {
                tracing::warn!("a job that this version cannot read is dropped");
                self.store.claim(Vec::new(), Some(&job.key)).await?;
                None
            }
        };
        if let Some(at) = rest {
            self.agenda.put(at, Due::Rest(job.clone()));
            self.world.wake_at(at);
        }
        Ok(())
    }

    /// Claims pushes and hands over those that nobody has claimed before.
    pub(super) async fn claim_and_post(
        &self,
        ready: Vec<Ready>,
        finished: Option<&Job>,
    ) -> Result<(), StoreError> {
        if ready.is_empty() && finished.is_none() {
            return Ok(());
        }
        let entries = ready.iter().map(|push| push.entry.clone()).collect();
        let new = self.store.claim(entries, finished.map(|job| &job.key)).await?;
        for (push, is_new) in ready.into_iter().zip(new) {
            if is_new {
                let parcel = Parcel {
                    address: push.address,
                    attempt: 1,
                    claimed_at: push.entry.at,
                    digest: push.entry.digest,
                    entry: push.entry.key,
                    order: push.order,
                    resource: push.resource,
                    is_corrected: false,
                };
                if let Err(error) = self.post_if_it_rings(parcel.claimed_at, &parcel).await {
                    tracing::warn!(%error, "a call could not be looked at before its push; it is tried again");
                    self.put_off(parcel);
                }
            }
        }
        Ok(())
    }

    /// What is claimed is nobody else's to send: it waits until the store answers.
    fn put_off(&self, parcel: Parcel) {
        let at = self.world.now() + RETRY;
        self.agenda.put(at, Due::Again(Box::new(parcel)));
        self.world.wake_at(at);
    }

    /// Sends a push that stands in the ledger; one that wakes only while its ring still goes on. A ring that ended before
    /// its push was claimed has left a stop that knows nothing of the push, so nobody would end what it begins.
    async fn post_if_it_rings(&self, now: Timestamp, parcel: &Parcel) -> Result<(), StoreError> {
        if parcel.order.kind == Kind::Ring {
            let LedgerKey { app, call, user, .. } = &parcel.entry;
            let call = self.store.load(*app, *call).await?;
            if !call.is_some_and(|call| goes_on(&call, user, (parcel.order.rung_at, now))) {
                return self.settle_as(parcel, now, ("over", true)).await;
            }
        }
        self.pushes.post(parcel.clone());
        Ok(())
    }

    /// Opens the addresses of a device, each with the form in which it is kept. What cannot be opened is passed over.
    pub(super) fn addresses<'a>(
        &self,
        account: &Account,
        device: &'a Device,
    ) -> Vec<(Address, &'a SealedAddress)> {
        let open = |sealed: &'a SealedAddress| {
            let address = super::devices::open(self.pushes.sealer(), account.app, sealed);
            if address.is_none() {
                tracing::error!("an address cannot be opened: was the installation's secret exchanged?");
            }
            Some((address?, sealed))
        };
        device.addresses.iter().filter_map(open).collect()
    }

    /// Whether the device has a live connection, as far as is known.
    pub(super) async fn is_connected(
        &self,
        account: &Account,
        device: &DeviceId,
    ) -> Result<bool, StoreError> {
        let party = Party { account: account.clone(), device: Some(device.clone()) };
        self.presence.is_connected(&party).await
    }

    /// The caller's name to show: their own, or their id.
    pub(super) async fn caller_name(&self, call: &Call) -> Result<Opaque, StoreError> {
        let account = Account::new(call.app, call.caller.clone());
        let known = self.store.users(std::slice::from_ref(&account)).await?.pop().flatten();
        let name = known.map(|user| user.name.clone()).filter(|name| !name.is_empty());
        Ok(name.unwrap_or_else(|| Opaque::new(call.caller.as_str())))
    }
}

/// Whether the ring that began then still goes on.
fn goes_on(call: &Call, user: &UserId, (began, now): (Timestamp, Timestamp)) -> bool {
    let is_same = call.legs.get(user).is_some_and(|leg| leg.invited_at == began);
    is_same && view::ring_until(call, user).is_some_and(|until| now < until)
}
