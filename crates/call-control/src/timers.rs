//! What time brings: deadlines of calls and leases of callers.
use std::sync::Arc;

use offhook_bus::Bus;
use offhook_call::{Call, Incident, Outcome};
use offhook_store::{CommitError, Due, Store};
use offhook_types::{Account, AppId, CallId, Timestamp};

use crate::{
    CallControl, World,
    control::{ATTEMPTS, Decision},
};

/// How many due calls are handled before the clock is read again.
const BATCH: usize = 256;
/// How long to wait before a deadline is tried again that could not be stored.
const RETRY_MS: u64 = 500;

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Takes up after a restart: callers of unanswered calls get a fresh lease to come back in. Overdue rings are dealt
    /// with by the next [`CallControl::run_due`].
    pub async fn recover(&self) {
        let now = self.world.now();
        match self.store.waiting_callers().await {
            Ok(callers) => {
                for caller in callers {
                    self.leases.lend(&caller, now + self.policy(caller.app).caller_lease);
                }
            }
            Err(error) => {
                tracing::error!(%error, "callers cannot be looked up; lost ones ring to their deadline")
            }
        }
        self.recover_pushes(now);
        self.world.wake_at(now);
    }

    /// Handles everything due by now and says when to be called next; also asks for that through [`World::wake_at`].
    /// Being late is harmless, being called for nothing too; calling it from two places at once as well.
    pub async fn run_due(&self) -> Option<Timestamp> {
        let now = self.world.now();
        // Rings first: somebody waits for them, and a crowd of deadlines may take its time.
        self.run_pushes(now).await;
        for account in self.leases.expire(now) {
            self.lose_caller(&account).await;
        }
        let stuck = !self.run_deadlines(now).await;
        if let Err(error) = self.store.trim(now).await {
            tracing::warn!(%error, "old events and keys could not be trimmed");
        }
        let retry = stuck.then(|| Timestamp::from_millis(now.as_millis() + RETRY_MS));
        let deadline = self.store.next_deadline().filter(|_| !stuck);
        let pushes = self.agenda.next();
        let next = [deadline, pushes, retry, self.leases.next_end()].into_iter().flatten().min();
        if let Some(next) = next {
            self.world.wake_at(next);
        }
        next
    }

    /// Whether everything due could be handled.
    async fn run_deadlines(&self, now: Timestamp) -> bool {
        loop {
            let due = match self.store.due(now, BATCH).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "due calls cannot be read");
                    return false;
                }
            };
            let full = due.len() == BATCH;
            for Due { app, call, .. } in due {
                if !self.befall(app, call, |call, now| call.handle_timeout(now)).await {
                    return false;
                }
            }
            if !full {
                return true;
            }
        }
    }

    async fn lose_caller(&self, account: &Account) {
        let live = match self.store.live(account).await {
            Ok(live) => live,
            Err(error) => {
                tracing::warn!(%error, "a lost caller's calls cannot be read; they ring to their deadline");
                return;
            }
        };
        for call in live.calls.iter().filter(|call| call.caller == account.user) {
            self.befall(call.app, call.id, |call, now| call.handle_incident(now, Incident::CallerLost)).await;
        }
    }

    /// Lets something befall a call, whatever other commits come in between. Returns whether the store went along.
    pub(crate) async fn befall(
        &self,
        app: AppId,
        id: CallId,
        event: impl Fn(&mut Call, Timestamp) -> Outcome + Send + Sync,
    ) -> bool {
        for _ in 0..ATTEMPTS {
            let call: Arc<Call> = match self.store.load(app, id).await {
                Ok(Some(call)) => call,
                Ok(None) => return true,
                Err(error) => {
                    tracing::warn!(%error, "a due call cannot be read");
                    return false;
                }
            };
            let now = self.world.now();
            let mut next = Call::clone(&call);
            let outcome = event(&mut next, now);
            if next.seq == call.seq {
                return true;
            }
            match self.commit(now, Decision::of(call, next, outcome.notices)).await {
                Ok(()) => return true,
                Err(CommitError::Conflict(_) | CommitError::GuardFailed | CommitError::KeyTaken(_)) => {}
                Err(CommitError::Store(error)) => {
                    tracing::warn!(%error, "a timeout cannot be stored; it is tried again");
                    return false;
                }
            }
        }
        false
    }
}
