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
                    self.lend(&caller, now).await;
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
        self.run_leases(now).await;
        let stuck = !self.run_deadlines(now).await;
        if let Err(error) = self.store.trim(now).await {
            tracing::warn!(%error, "old events and keys could not be trimmed");
        }
        let retry = stuck.then(|| Timestamp::from_millis(now.as_millis() + RETRY_MS));
        let deadline = if stuck { None } else { self.next_deadline(now).await };
        let pushes = self.agenda.next();
        let others = self.store.look_again().map(|interval| now + interval);
        let next = [deadline, pushes, retry, others, self.next_expiry().await].into_iter().flatten().min();
        if let Some(next) = next {
            self.world.wake_at(next);
        }
        next
    }

    /// Takes back the calls of callers who are lost, and gives a lease to those of whom nothing is known.
    async fn run_leases(&self, now: Timestamp) {
        match self.presence.expired(now).await {
            Ok(expired) => {
                for account in expired {
                    self.lose_caller(&account).await;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "lost callers cannot be found; their calls ring on meanwhile")
            }
        }
        match self.presence.strays().await {
            Ok(strays) => {
                for caller in strays {
                    self.lend(&caller, now).await;
                }
            }
            Err(error) => tracing::warn!(%error, "callers of dead nodes cannot be found"),
        }
    }

    async fn lend(&self, caller: &Account, now: Timestamp) {
        let until = now + self.policy(caller.app).caller_lease;
        if let Err(error) = self.presence.lend(caller, until).await {
            tracing::warn!(%error, "a caller gets no lease; their calls ring to their deadline");
        }
    }

    /// Without an answer, it is looked again at the next deadline.
    async fn next_expiry(&self) -> Option<Timestamp> {
        self.presence.next_expiry().await.ok().flatten()
    }

    async fn next_deadline(&self, now: Timestamp) -> Option<Timestamp> {
        match self.store.next_deadline().await {
            Ok(deadline) => deadline,
            Err(error) => {
                tracing::warn!(%error, "the next deadline cannot be read; it is looked for again");
                Some(Timestamp::from_millis(now.as_millis() + RETRY_MS))
            }
        }
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
