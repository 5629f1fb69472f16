//! What waits to be committed.
use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use offhook_store::{CommitError, Committed, StoreError, Transition};
use offhook_types::{Account, CallId};
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, timeout_at},
};

use crate::Options;

/// So many may wait. What comes on top of that is refused: it would wait for longer than its asker has patience.
const LONGEST: usize = 20_000;
/// A group that waits for others to join does not wait for more than these.
const PLENTY: usize = 24;

/// A transition, and who waits for it.
pub(super) struct Work {
    /// How often it has been looked at.
    pub(super) attempts: u32,
    pub(super) kind: Kind,
    reply: oneshot::Sender<Result<Committed, CommitError>>,
    since: Instant,
    pub(super) transition: Transition,
    /// Everybody the transition has to do with: parties, receivers, the guarded.
    pub(super) users: Vec<Account>,
}

/// Which way a transition goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By itself: a step that is guarded.
    Alone,
    /// A call is born.
    Create,
    /// A call is born if its guards hold.
    CreateGuarded,
    /// A live call's next step.
    Step,
    /// By itself: what was used of the media of an ended call.
    Usage,
}

pub(super) struct Queue {
    group: usize,
    linger: Duration,
    more: Notify,
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many lanes have a group under way.
    busy: usize,
    waiting: VecDeque<Work>,
}

/// A group that a lane has taken.
pub(super) struct Group<'a> {
    pub(super) busy: Busy<'a>,
    pub(super) kind: Kind,
    pub(super) work: Vec<Work>,
}

/// While it is there, others know that a statement is under way.
pub(super) struct Busy<'a>(&'a Queue);

impl Work {
    pub(super) fn new(
        transition: Transition,
        reply: oneshot::Sender<Result<Committed, CommitError>>,
    ) -> Self {
        let kind = match (transition.call.seq.0, transition.guards.is_empty()) {
            (0 | 1, true) => Kind::Create,
            (0 | 1, false) => Kind::CreateGuarded,
            (_, true) => Kind::Step,
            (_, false) => Kind::Alone,
        };
        let users = touched(&transition);
        Self { attempts: 0, kind, reply, since: Instant::now(), transition, users }
    }

    pub(super) fn done(self, result: Result<Committed, CommitError>) {
        let _ = self.reply.send(result); // Whoever asked may have gone.
    }
}

/// In the order in which their rows are locked.
fn touched(transition: &Transition) -> Vec<Account> {
    let call = &transition.call;
    let account = |user| Account::new(call.app, user);
    let mut users: Vec<Account> = call.legs.keys().cloned().map(account).collect();
    users.extend(transition.notices.iter().map(|notice| account(notice.to.clone())));
    users.extend(transition.guards.iter().map(|guard| guard.account.clone()));
    users.sort();
    users.dedup();
    users
}

impl Queue {
    pub(super) fn new(options: &Options) -> Self {
        let (group, linger, patience) = (options.group.max(1), options.linger, options.patience);
        Self { group, linger, more: Notify::new(), patience, state: Mutex::default() }
    }

    /// Puts something in line.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if too much waits already.
    pub(super) fn put(&self, work: Work) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.waiting.len() >= LONGEST {
            return Err(StoreError::Unavailable("more waits to be committed than can be in time".into()));
        }
        state.waiting.push_back(work);
        drop(state);
        self.more.notify_one();
        Ok(())
    }

    /// Puts something in line that was there before.
    pub(super) fn put_again(&self, work: Work) {
        self.state().waiting.push_back(work);
        self.more.notify_one();
    }

    /// Puts a group back that is not to be served where it was taken.
    pub(super) fn put_back(&self, group: Vec<Work>) {
        let mut state = self.state();
        for work in group.into_iter().rev() {
            state.waiting.push_front(work);
        }
    }

    /// Tells those who have waited for too long what they have waited for.
    pub(super) fn refuse_late(&self, why: &StoreError) {
        self.state().refuse(Instant::now().checked_sub(self.patience), why);
    }

    /// The next group, once there is one.
    pub(super) async fn take(&self) -> Group<'_> {
        loop {
            let wait_until = match self.look() {
                Look::Group(group) => return group,
                Look::Nothing => None,
                Look::WaitUntil(time) => Some(time),
            };
            match wait_until {
                None => self.more.notified().await,
                Some(time) => {
                    let _ = timeout_at(time, self.more.notified()).await; // Whichever comes first.
                }
            }
        }
    }

    fn look(&self) -> Look<'_> {
        let mut state = self.state();
        let now = Instant::now();
        let why = "the database is too slow for what is to be committed, or does not answer";
        state.refuse(now.checked_sub(self.patience), &StoreError::Unavailable(why.into()));
        let Some(first) = state.waiting.front() else { return Look::Nothing };
        let until = first.since + self.linger;
        if state.busy > 0 && state.waiting.len() < PLENTY && now < until {
            return Look::WaitUntil(until);
        }
        state.busy += 1;
        let (kind, work) = state.pick(self.group);
        let left = !state.waiting.is_empty();
        drop(state);
        if left {
            self.more.notify_one();
        }
        Look::Group(Group { busy: Busy(self), kind, work })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A thread that died while it held the lock left a whole queue behind, or one with a group less.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Look<'a> {
    Group(Group<'a>),
    Nothing,
    WaitUntil(Instant),
}

impl State {
    /// Refuses what came before a time.
    fn refuse(&mut self, time: Option<Instant>, why: &StoreError) {
        let Some(time) = time else { return };
        while let Some(late) = self.waiting.pop_front_if(|first| first.since < time) {
            late.done(Err(why.clone().into()));
        }
    }

    /// The oldest, and what may share its statement.
    fn pick(&mut self, limit: usize) -> (Kind, Vec<Work>) {
        let kind = self.waiting.front().map_or(Kind::Step, |work| work.kind);
        let limit = match kind {
            Kind::Alone | Kind::Usage => 1,
            Kind::Create | Kind::CreateGuarded | Kind::Step => limit,
        };
        let (mut group, mut rest) = (Vec::new(), VecDeque::new());
        let mut calls: HashSet<CallId> = HashSet::new();
        let mut users: HashSet<Account> = HashSet::new();
        while group.len() < limit
            && let Some(work) = self.waiting.pop_front()
        {
            let is_free = !calls.contains(&work.transition.call.id)
                && !work.users.iter().any(|account| users.contains(account));
            // What is passed over bars the way for what came after it, lest it be passed over for ever.
            calls.insert(work.transition.call.id);
            users.extend(work.users.iter().cloned());
            if work.kind == kind && is_free {
                group.push(work);
            } else {
                rest.push_back(work);
            }
        }
        rest.append(&mut self.waiting);
        self.waiting = rest;
        (kind, group)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.state().busy -= 1;
        self.0.more.notify_one();
    }
}
