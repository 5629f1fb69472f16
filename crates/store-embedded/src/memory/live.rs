//! The whole of memory: checks a transition and applies it.
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use offhook_store::{
    CommitError, Committed, Due, EventPage, Guard, Job, JobKey, LiveCalls, LoggedEvent, Remembered,
    StoreError, Transition, User, call::Call, may_follow,
};
use offhook_types::{Account, AppId, CallId, Offset, Timestamp};

use super::{
    Devices, FoldedKey, KeyOf, Keys, Limits, Outbox, UserNumber, Users, recent, recent::Recent, users,
};

pub(crate) struct Memory {
    /// Live calls, and ended ones that are not in the database yet.
    pub(crate) calls: HashMap<CallId, Arc<Call>>,
    deadlines: BTreeSet<Due>,
    pub(crate) devices: Devices,
    pub(crate) keys: Keys,
    pub(crate) outbox: Outbox,
    pub(crate) recent: Recent,
    pub(crate) unfolded: Unfolded,
    pub(crate) users: Users,
    /// How often calls have left memory for the database.
    pub(crate) forgotten: u64,
    /// No call in the database was minted after this.
    pub(crate) newest_folded: Timestamp,
    /// How many users the database knows.
    pub(crate) stored_users: usize,
}

/// What the database does not know yet.
#[derive(Default)]
pub(crate) struct Unfolded {
    /// How much journal it is.
    pub(crate) bytes: u64,
    pub(crate) ended: Vec<Arc<Call>>,
    pub(crate) keys: Vec<FoldedKey>,
    /// Live calls that changed.
    pub(crate) live: HashSet<CallId>,
    /// Keys can be forgotten as of this time.
    pub(crate) trimmed_at: Option<Timestamp>,
    /// Users whose profile changed.
    pub(crate) profiles: Vec<UserNumber>,
    /// Users whose head changed.
    pub(crate) heads: Vec<UserNumber>,
}

/// What stands against a transition.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is refused.
    Because(CommitError),
    /// Memory cannot tell: the call may have ended long ago.
    UnlessInHistory,
}

/// What is known of a call that memory does not hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Past<'a> {
    /// The database has been asked: so it ended, or it never was.
    Read(Option<&'a Call>),
    /// Nobody has looked yet.
    Unread,
}

impl Memory {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            calls: HashMap::new(),
            deadlines: BTreeSet::new(),
            devices: Devices::default(),
            keys: Keys::default(),
            outbox: Outbox::default(),
            recent: Recent::new(limits),
            unfolded: Unfolded::default(),
            users: Users::default(),
            forgotten: 0,
            newest_folded: Timestamp::default(),
            stored_users: 0,
        }
    }

    /// Whether nothing stands against the transition.
    pub(crate) fn check(&self, transition: &Transition, past: Past<'_>) -> Result<(), Refused> {
        if let Some(key) = &transition.key
            && let Some(taken) = self.keys.find(&key.account, &key.key)
        {
            return Err(Refused::Because(CommitError::KeyTaken(taken)));
        }
        self.check_version(&transition.call, past)?;
        if transition.guards.iter().any(|guard| !self.holds(guard)) {
            return Err(Refused::Because(CommitError::GuardFailed));
        }
        Ok(())
    }

    /// Whether the call stands at the version before.
    pub(crate) fn check_version(&self, call: &Call, past: Past<'_>) -> Result<(), Refused> {
        let conflict = |stored| Err(Refused::Because(CommitError::Conflict(stored)));
        let visible = |stored: &Call| stored.app == call.app;
        match (self.calls.get(&call.id), past) {
            (Some(stored), _) if may_follow(call, stored) => Ok(()),
            (Some(stored), _) => conflict(visible(stored).then(|| stored.clone())),
            (None, Past::Read(Some(stored))) if may_follow(call, stored) => Ok(()),
            (None, Past::Read(Some(stored))) => conflict(visible(stored).then(|| Arc::new(stored.clone()))),
            (None, Past::Read(None)) if call.seq.0 == 1 => Ok(()),
            (None, Past::Read(None)) => conflict(None),
            (None, Past::Unread) if call.seq.0 == 1 && call.id.created() > self.newest_folded => Ok(()),
            (None, Past::Unread) => Err(Refused::UnlessInHistory),
        }
    }

    fn holds(&self, guard: &Guard) -> bool {
        self.users.of(&guard.account).map_or(0, |entry| entry.revision) == guard.revision
    }

    /// The place that each notice will take in its receiver's log.
    pub(crate) fn offsets(&mut self, transition: &Transition) -> Vec<Offset> {
        let mut offsets = Vec::with_capacity(transition.notices.len());
        for (at, notice) in transition.notices.iter().enumerate() {
            let number = self.users.number(transition.call.app, &notice.to);
            let earlier = transition.notices[..at].iter().filter(|other| other.to == notice.to).count();
            offsets.push(Offset(self.users[number].head.0 + earlier as u64 + 1));
        }
        offsets
    }

    /// Makes a checked transition true, whose record begins at `total`.
    pub(crate) fn apply(&mut self, transition: Transition, offsets: &[Offset], total: u64) -> Committed {
        let Transition { at, call, guards: _, jobs, key, notices } = transition;
        if let Some(key) = key {
            self.remember(at, KeyOf { account: &key.account, key: &key.key }, key.remembers(call.id));
        }
        self.put_call(&call);
        for (user, body) in jobs {
            self.users.number(call.app, &user); // The database knows users by their numbers.
            let key = JobKey { app: call.app, call: call.id, seq: call.seq, user };
            self.outbox.add(Job { at, body, key });
        }
        let mut heads = Vec::with_capacity(notices.len());
        for (notice, &offset) in notices.into_iter().zip(offsets) {
            let number = self.users.number(call.app, &notice.to);
            let entry = &mut self.users[number];
            entry.head = offset;
            if !std::mem::replace(&mut entry.touched, true) {
                self.unfolded.heads.push(number);
            }
            match heads.iter_mut().find(|(user, _)| *user == notice.to) {
                Some((_, head)) => *head = offset,
                None => heads.push((notice.to.clone(), offset)),
            }
            self.recent.push(
                &mut self.users,
                (number, total),
                LoggedEvent { at, call: call.clone(), notice, offset },
            );
        }
        Committed { heads }
    }

    /// Takes up a live call that the database knows.
    pub(crate) fn restore(&mut self, call: &Arc<Call>) {
        self.put_call(call);
        self.unfolded.live.remove(&call.id);
    }

    fn put_call(&mut self, call: &Arc<Call>) {
        let due = |call: &Call| call.poll_timeout().map(|at| Due { at, app: call.app, call: call.id });
        let before = self.calls.insert(call.id, call.clone());
        let (old, new) = (before.as_deref().and_then(due), due(call));
        if old != new {
            old.map(|due| self.deadlines.remove(&due));
            self.deadlines.extend(new);
        }
        for user in call.legs.keys() {
            let number = self.users.number(call.app, user);
            let entry = &mut self.users[number];
            entry.revision += 1;
            if call.is_over() {
                users::remove(&mut entry.live, call.id);
                users::insert(&mut entry.ended, call.id);
            } else {
                users::insert(&mut entry.live, call.id);
            }
        }
        if call.is_over() {
            self.unfolded.live.remove(&call.id);
            self.unfolded.ended.push(call.clone());
        } else {
            self.unfolded.live.insert(call.id);
        }
    }

    pub(crate) fn remember(&mut self, at: Timestamp, key: KeyOf<'_>, remembered: Remembered) {
        self.keys.insert(at, key, remembered);
        let KeyOf { account, key } = key;
        let user = self.users.number(account.app, &account.user);
        self.unfolded.keys.push(FoldedKey { at, key: key.clone(), remembered, user });
    }

    pub(crate) fn put_user(&mut self, account: &Account, user: Arc<User>) {
        let number = self.users.number(account.app, &account.user);
        self.users[number].profile = Some(user);
        self.unfolded.profiles.push(number);
    }

    /// Forgets ended calls that the database knows by now, as they stand.
    pub(crate) fn forget(&mut self, calls: &[Arc<Call>]) {
        self.forgotten += 1;
        for call in calls {
            self.newest_folded = self.newest_folded.max(call.id.created());
            if self.calls.get(&call.id).is_none_or(|newest| newest.seq != call.seq) {
                continue;
            }
            self.calls.remove(&call.id);
            for user in call.legs.keys() {
                if let Some(number) = self.users.find(call.app, user) {
                    users::remove(&mut self.users[number].ended, call.id);
                }
            }
        }
    }

    pub(crate) fn trim(&mut self, now: Timestamp) {
        self.recent.trim(&mut self.users, now);
        self.outbox.trim(now);
        if self.keys.trim(now) {
            self.unfolded.trimmed_at = self.unfolded.trimmed_at.max(Some(now));
        }
    }

    pub(crate) fn load(&self, app: AppId, call: CallId) -> Option<Option<Arc<Call>>> {
        self.calls.get(&call).map(|call| (call.app == app).then(|| call.clone()))
    }

    pub(crate) fn live(&self, account: &Account) -> LiveCalls {
        let Some(entry) = self.users.of(account) else { return LiveCalls::default() };
        let calls = entry.live.iter().filter_map(|id| self.calls.get(id)).cloned().collect();
        LiveCalls { calls, revision: entry.revision }
    }

    /// The calls of the user that are in memory, with the user's number for the database.
    pub(crate) fn calls_of(&self, account: &Account) -> Option<(UserNumber, Vec<Arc<Call>>)> {
        let number = self.users.find(account.app, &account.user)?;
        let entry = &self.users[number];
        let ids = entry.live.iter().chain(&entry.ended);
        Some((number, ids.filter_map(|id| self.calls.get(id)).cloned().collect()))
    }

    pub(crate) fn due(&self, now: Timestamp, limit: usize) -> Vec<Due> {
        self.deadlines.iter().take_while(|due| due.at <= now).take(limit).copied().collect()
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|due| due.at)
    }

    pub(crate) fn waiting_callers(&self) -> Vec<Account> {
        let waits = |call: &&Arc<Call>| {
            !call.is_over()
                && call.legs.iter().all(|(user, leg)| *user == call.caller || leg.accepted_at.is_none())
        };
        let callers = self.calls.values().filter(waits);
        let callers: BTreeSet<_> = callers.map(|call| Account::new(call.app, call.caller.clone())).collect();
        callers.into_iter().collect()
    }

    pub(crate) fn events(&self, account: &Account, after: Offset, limit: usize) -> EventPage {
        let Some(entry) = self.users.of(account) else { return EventPage::default() };
        let floor = entry.events.front().map_or(entry.head, |first| Offset(first.offset.0 - 1));
        let events = recent::after(&entry.events, after).take(limit).cloned().collect();
        EventPage { events, floor, head: entry.head }
    }

    pub(crate) fn heads(&self, accounts: &[Account]) -> Vec<Offset> {
        let head = |account| self.users.of(account).map_or(Offset(0), |entry| entry.head);
        accounts.iter().map(head).collect()
    }

    /// Adds an event of the time before the folded point, while opening.
    pub(crate) fn restore_events(&mut self, transition: Transition, offsets: &[Offset], total: u64) {
        let Transition { at, call, notices, .. } = transition;
        for (notice, &offset) in notices.into_iter().zip(offsets) {
            let number = self.users.number(call.app, &notice.to);
            self.recent.push(
                &mut self.users,
                (number, total),
                LoggedEvent { at, call: call.clone(), notice, offset },
            );
        }
    }

    /// Checks what was replayed: a log must end at its head and have no gap.
    pub(crate) fn check_logs(&mut self) -> Result<(), StoreError> {
        for entry in self.users.iter_mut() {
            let Some((first, last)) = entry.events.front().zip(entry.events.back()) else { continue };
            let count = last.offset.0.wrapping_sub(first.offset.0).wrapping_add(1);
            if last.offset != entry.head || count != entry.events.len() as u64 {
                return Err(StoreError::Damaged(
                    "a user's event log has a gap: restore from a backup".into(),
                ));
            }
        }
        Ok(())
    }
}
