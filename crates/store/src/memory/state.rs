//! The state of the model and what each operation does to it.
use std::{collections::BTreeMap, sync::Arc};

use offhook_call::Call;
use offhook_types::{Account, AppId, CallId, IdempotencyKey, Offset, Timestamp};

use super::{devices::DeviceState, outbox::OutboxState};
use crate::{
    CallPage, CommitError, Committed, Due, EVENT_RETENTION, EventPage, Job, JobKey, KEY_RETENTION, LiveCalls,
    LoggedEvent, Remembered, Transition, User, UserChange, may_follow,
};

#[derive(Default)]
pub(super) struct State {
    calls: BTreeMap<CallId, Arc<Call>>,
    pub(super) devices: DeviceState,
    keys: BTreeMap<(Account, IdempotencyKey), (Timestamp, Remembered)>,
    logs: BTreeMap<Account, Log>,
    pub(super) outbox: OutboxState,
    revisions: BTreeMap<Account, u64>,
    users: BTreeMap<Account, Arc<User>>,
}

#[derive(Default)]
struct Log {
    events: Vec<LoggedEvent>,
    head: Offset,
}

impl State {
    pub(super) fn commit(&mut self, transition: Transition) -> Result<Committed, CommitError> {
        self.check(&transition)?;
        let Transition { at, call, guards: _, jobs, key, notices } = transition;
        if let Some(key) = key {
            let remembered = key.remembers(call.id);
            self.keys.insert((key.account, key.key), (at, remembered));
        }
        for (user, body) in jobs {
            let key = JobKey { app: call.app, call: call.id, seq: call.seq, user };
            self.outbox.add(Job { at, body, key });
        }
        for user in call.legs.keys() {
            *self.revisions.entry(Account::new(call.app, user.clone())).or_default() += 1;
        }
        let mut heads: Vec<_> = Vec::new();
        for notice in notices {
            let log = self.logs.entry(Account::new(call.app, notice.to.clone())).or_default();
            log.head = log.head.next();
            heads.retain(|(user, _)| *user != notice.to);
            heads.push((notice.to.clone(), log.head));
            log.events.push(LoggedEvent { at, call: call.clone(), notice, offset: log.head });
        }
        self.calls.insert(call.id, call);
        Ok(Committed { heads })
    }

    fn check(&self, transition: &Transition) -> Result<(), CommitError> {
        if let Some(key) = &transition.key
            && let Some(taken) = self.remembered(&key.account, &key.key)
        {
            return Err(CommitError::KeyTaken(taken));
        }
        let call = &transition.call;
        let stored = self.calls.get(&call.id);
        if !stored.map_or(call.seq.0 == 1, |stored| may_follow(call, stored)) {
            return Err(CommitError::Conflict(self.load(call.app, call.id)));
        }
        for guard in &transition.guards {
            if self.revision(&guard.account) != guard.revision {
                return Err(CommitError::GuardFailed);
            }
        }
        Ok(())
    }

    pub(super) fn load(&self, app: AppId, call: CallId) -> Option<Arc<Call>> {
        self.calls.get(&call).filter(|call| call.app == app).cloned()
    }

    pub(super) fn live(&self, account: &Account) -> LiveCalls {
        let calls = self.of(account).filter(|call| !call.is_over()).cloned().collect();
        LiveCalls { calls, revision: self.revision(account) }
    }

    pub(super) fn calls(&self, account: &Account, before: Option<CallId>, limit: usize) -> CallPage {
        let mut calls: Vec<_> = self
            .of(account)
            .rev()
            .filter(|call| before.is_none_or(|before| call.id < before))
            .take(limit.saturating_add(1))
            .cloned()
            .collect();
        let more = calls.len() > limit;
        calls.truncate(limit);
        CallPage { calls, more }
    }

    pub(super) fn due(&self, now: Timestamp, limit: usize) -> Vec<Due> {
        let mut due: Vec<_> = self.deadlines().filter(|due| due.at <= now).collect();
        due.sort_unstable();
        due.truncate(limit);
        due
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines().map(|due| due.at).min()
    }

    pub(super) fn waiting_callers(&self) -> Vec<Account> {
        let mut callers: Vec<_> = self
            .calls
            .values()
            .filter(|call| !call.is_over())
            .filter(|call| {
                call.legs.iter().all(|(user, leg)| *user == call.caller || leg.accepted_at.is_none())
            })
            .map(|call| Account::new(call.app, call.caller.clone()))
            .collect();
        callers.sort_unstable();
        callers.dedup();
        callers
    }

    pub(super) fn events(&self, account: &Account, after: Offset, limit: usize) -> EventPage {
        let Some(log) = self.logs.get(account) else { return EventPage::default() };
        let floor = log.events.first().map_or(log.head, |first| Offset(first.offset.0 - 1));
        let events =
            log.events.iter().filter(|event| event.offset > after.max(floor)).take(limit).cloned().collect();
        EventPage { events, floor, head: log.head }
    }

    pub(super) fn heads(&self, accounts: &[Account]) -> Vec<Offset> {
        let head = |account| self.logs.get(account).map_or(Offset(0), |log| log.head);
        accounts.iter().map(head).collect()
    }

    pub(super) fn remembered(&self, account: &Account, key: &IdempotencyKey) -> Option<Remembered> {
        self.keys.get(&(account.clone(), key.clone())).map(|(_, remembered)| *remembered)
    }

    pub(super) fn bury(
        &mut self,
        account: &Account,
        key: &IdempotencyKey,
        at: Timestamp,
    ) -> Option<Remembered> {
        let taken = self.remembered(account, key);
        if taken.is_none() {
            self.keys.insert((account.clone(), key.clone()), (at, Remembered::Canceled));
        }
        taken
    }

    pub(super) fn users(&self, accounts: &[Account]) -> Vec<Option<Arc<User>>> {
        accounts.iter().map(|account| self.users.get(account).cloned()).collect()
    }

    pub(super) fn put_user(&mut self, account: &Account, change: UserChange, at: Timestamp) -> Arc<User> {
        let stored = self.users.get(account);
        let user =
            stored.map_or_else(|| User { registered_at: at, ..User::default() }, |user| (**user).clone());
        let user = Arc::new(user.changed(change));
        self.users.insert(account.clone(), user.clone());
        user
    }

    pub(super) fn trim(&mut self, now: Timestamp) {
        self.keys.retain(|_, (at, _)| now.since(*at) < KEY_RETENTION);
        self.outbox.trim(now);
        for log in self.logs.values_mut() {
            let old = log.events.iter().take_while(|event| now.since(event.at) >= EVENT_RETENTION).count();
            log.events.drain(..old);
        }
    }

    fn of<'a>(&'a self, account: &'a Account) -> impl DoubleEndedIterator<Item = &'a Arc<Call>> {
        self.calls.values().filter(|call| call.app == account.app && call.legs.contains_key(&account.user))
    }

    fn deadlines(&self) -> impl Iterator<Item = Due> {
        self.calls
            .values()
            .filter_map(|call| Some(Due { at: call.poll_timeout()?, app: call.app, call: call.id }))
    }

    fn revision(&self, account: &Account) -> u64 {
        self.revisions.get(account).copied().unwrap_or_default()
    }
}
