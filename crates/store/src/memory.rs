//! The memory model: a slow and obvious store that every adapter is held against.
//!
//! It keeps plain maps under one lock, searches them from end to end, and completes every operation at its first poll,
//! so that a simulator needs no executor. A clone is another handle of the same store: dropping one and going on with
//! another is what a restart is to a durable store.
//!
//! Not for production: nothing is bounded but by [`Store::trim`].

mod devices;
mod fault;
mod outbox;
mod state;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use offhook_call::Call;
use offhook_types::{Account, AppId, CallId, Epoch, IdempotencyKey, Offset, Timestamp};

use self::{fault::FaultPlan, state::State};
use crate::{
    CallPage, CommitError, Committed, Due, EventPage, LiveCalls, Remembered, Store, StoreError, Transition,
    User, UserChange,
};

pub use fault::{Fault, Op};

/// The memory model. A clone is another handle of the same store.
#[derive(Clone)]
pub struct MemoryStore {
    faults: Option<Arc<Mutex<FaultPlan>>>,
    state: Arc<Mutex<State>>,
}

impl MemoryStore {
    /// An empty store of epoch 1.
    #[must_use]
    pub fn new() -> Self {
        Self { faults: None, state: Arc::default() }
    }

    /// An empty store whose operations fail as the plan says. The plan is asked once before each operation.
    #[must_use]
    pub fn with_faults(plan: Box<dyn FnMut(Op) -> Fault + Send>) -> Self {
        Self { faults: Some(Arc::new(Mutex::new(plan))), state: Arc::default() }
    }

    fn run<T, E: From<StoreError>>(
        &self,
        op: Op,
        work: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        match self.fault(op) {
            Fault::FailAfter => {
                work(&mut self.state())?;
                Err(planned().into())
            }
            Fault::FailBefore => Err(planned().into()),
            Fault::None => work(&mut self.state()),
        }
    }

    fn fault(&self, op: Op) -> Fault {
        let Some(plan) = &self.faults else { return Fault::None };
        let mut plan = plan.lock().expect("a fault plan does not panic");
        plan(op)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no operation of the model panics")
    }
}

fn planned() -> StoreError {
    StoreError::Unavailable("the fault plan says so".into())
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn epoch(&self) -> Epoch {
        Epoch(1)
    }

    async fn commit(&self, transition: Transition) -> Result<Committed, CommitError> {
        self.run(Op::Commit, |state| state.commit(transition))
    }

    async fn load(&self, app: AppId, call: CallId) -> Result<Option<Arc<Call>>, StoreError> {
        self.run(Op::Load, |state| Ok(state.load(app, call)))
    }

    async fn live(&self, account: &Account) -> Result<LiveCalls, StoreError> {
        self.run(Op::Live, |state| Ok(state.live(account)))
    }

    async fn calls(
        &self,
        account: &Account,
        before: Option<CallId>,
        limit: usize,
    ) -> Result<CallPage, StoreError> {
        self.run(Op::Calls, |state| Ok(state.calls(account, before, limit)))
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.run(Op::Due, |state| Ok(state.due(now, limit)))
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.state().next_deadline())
    }

    async fn waiting_callers(&self) -> Result<Vec<Account>, StoreError> {
        self.run(Op::WaitingCallers, |state| Ok(state.waiting_callers()))
    }

    async fn events(&self, account: &Account, after: Offset, limit: usize) -> Result<EventPage, StoreError> {
        self.run(Op::Events, |state| Ok(state.events(account, after, limit)))
    }

    async fn heads(&self, accounts: &[Account]) -> Result<Vec<Offset>, StoreError> {
        self.run(Op::Events, |state| Ok(state.heads(accounts)))
    }

    async fn remembered(
        &self,
        account: &Account,
        key: &IdempotencyKey,
    ) -> Result<Option<Remembered>, StoreError> {
        self.run(Op::Remembered, |state| Ok(state.remembered(account, key)))
    }

    async fn bury(
        &self,
        account: &Account,
        key: &IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<Remembered>, StoreError> {
        self.run(Op::Bury, |state| Ok(state.bury(account, key, at)))
    }

    async fn users(&self, accounts: &[Account]) -> Result<Vec<Option<Arc<User>>>, StoreError> {
        self.run(Op::Users, |state| Ok(state.users(accounts)))
    }

    async fn put_user(
        &self,
        account: &Account,
        change: UserChange,
        at: Timestamp,
    ) -> Result<Arc<User>, StoreError> {
        self.run(Op::PutUser, |state| Ok(state.put_user(account, change, at)))
    }

    async fn trim(&self, now: Timestamp) -> Result<(), StoreError> {
        self.run(Op::Trim, |state| {
            state.trim(now);
            Ok(())
        })
    }

    fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
