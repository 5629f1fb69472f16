//! A group of transitions as the columns of a statement.
use std::time::Duration;

use offhook_store::{
    Transition,
    call::Call,
    stored::{self, PendingTransition},
};
use offhook_types::{Account, Offset};
use tokio_postgres::types::ToSql;

use crate::convert::{Big, Uuid};

use super::queue::Work;

/// The columns, named as in [`super::sql`].
#[derive(Default)]
pub(super) struct Arguments<'a> {
    home: i64,
    count: i32,
    // One row for each transition.
    id: Vec<Uuid>,
    app: Vec<i64>,
    seq: Vec<i64>,
    at: Vec<i64>,
    slot: Vec<i16>,
    over: Vec<bool>,
    deadline: Vec<Option<i64>>,
    waiting: Vec<Option<&'a str>>,
    body: Vec<Vec<u8>>,
    record: Vec<Option<Vec<u8>>>,
    key_user: Vec<Option<&'a str>>,
    key: Vec<Option<&'a str>>,
    fingerprint: Vec<i64>,
    // One row for each user of each transition, in the order of their accounts.
    user_count: i32,
    user_of: Vec<i32>,
    user_app: Vec<i64>,
    user: Vec<&'a str>,
    user_events: Vec<i32>,
    user_party: Vec<bool>,
    /// How many events come before theirs.
    user_first: Vec<i32>,
    user_guard: Vec<Option<i64>>,
    guarded: bool,
    /// Which notices of the step the events are, user by user.
    event_index: Vec<i16>,
    // One row for each job.
    job_count: i32,
    job_of: Vec<i32>,
    job_user: Vec<&'a str>,
    job_body: Vec<&'a [u8]>,
}

/// In which slot the events of a time are kept.
pub(crate) fn slot(at: i64, retention: Duration) -> i16 {
    i16::try_from(period(at, retention).rem_euclid(3)).expect("0, 1 or 2")
}

/// Which period of retention a time lies in.
pub(crate) fn period(at: i64, retention: Duration) -> i64 {
    at.div_euclid(i64::try_from(retention.as_millis()).unwrap_or(i64::MAX).max(1))
}

impl<'a> Arguments<'a> {
    /// How many of the columns a step has: the rest is keys and guards.
    pub(super) const OF_STEPS: usize = 24;

    /// The group is in the order of the calls' ids.
    pub(super) fn new(group: &'a [Work], (home, retention): (i64, Duration)) -> Self {
        let mut columns = Self { home, ..Self::default() };
        for (work, number) in group.iter().zip(1..) {
            columns.add_transition(&work.transition, retention);
            columns.add_jobs(&work.transition, number);
        }
        let users = group.iter().zip(1..);
        let users = users.flat_map(|(work, number)| work.users.iter().map(move |user| (user, number, work)));
        let mut users: Vec<_> = users.collect();
        users.sort_by_key(|(account, ..)| *account);
        for (account, number, work) in users {
            columns.add_user(account, number, &work.transition);
        }
        columns.count = length(&columns.id);
        columns.user_count = length(&columns.user);
        columns.job_count = length(&columns.job_of);
        columns
    }

    fn add_transition(&mut self, transition: &'a Transition, retention: Duration) {
        let call = &*transition.call;
        let mut body = Vec::with_capacity(512);
        stored::write_call(call, &mut body);
        let at = transition.at.big();
        self.id.push(call.id.into());
        self.app.push(call.app.big());
        self.seq.push(call.seq.big());
        self.at.push(at);
        self.slot.push(slot(at, retention));
        self.over.push(call.is_over());
        self.deadline.push(call.poll_timeout().map(Big::big));
        self.waiting.push(waiting(call));
        self.body.push(body);
        self.record.push(record(transition));
        let key = transition.key.as_ref();
        self.key_user.push(key.map(|key| key.account.user.as_str()));
        self.key.push(key.map(|key| key.key.as_str()));
        self.fingerprint.push(key.map_or(0, |key| key.fingerprint.cast_signed()));
    }

    fn add_jobs(&mut self, transition: &'a Transition, number: i32) {
        for (user, body) in &transition.jobs {
            self.job_of.push(number);
            self.job_user.push(user.as_str());
            self.job_body.push(body.as_str().as_bytes());
        }
    }

    fn add_user(&mut self, account: &'a Account, number: i32, transition: &Transition) {
        let is_here = account.app == transition.call.app;
        let guard = transition.guards.iter().find(|guard| guard.account == *account);
        let first = length(&self.event_index);
        let notices = transition.notices.iter().zip(0..);
        let theirs = notices.filter(|(notice, _)| is_here && notice.to == account.user);
        self.event_index.extend(theirs.map(|(_, index)| index));
        self.user_of.push(number);
        self.user_app.push(account.app.big());
        self.user.push(account.user.as_str());
        self.user_events.push(length(&self.event_index) - first);
        self.user_party.push(is_here && transition.call.legs.contains_key(&account.user));
        self.user_first.push(first);
        self.user_guard.push(guard.map(|guard| guard.revision.cast_signed()));
        self.guarded |= guard.is_some();
    }

    /// As the statements number them, from `$1` on; new calls have all of them, steps only [`Self::OF_STEPS`].
    #[rustfmt::skip]
    pub(super) fn all(&self) -> [&(dyn ToSql + Sync); 29] {
        [
            &self.home, &self.count,
            &self.id, &self.app, &self.seq, &self.at, &self.slot, &self.over, &self.deadline, &self.waiting,
            &self.body, &self.record,
            &self.user_count, &self.user_of, &self.user_app, &self.user, &self.user_events, &self.user_party,
            &self.user_first, &self.event_index,
            &self.job_count, &self.job_of, &self.job_user, &self.job_body,
            &self.key_user, &self.key, &self.fingerprint, &self.user_guard, &self.guarded,
        ]
    }
}

fn length<T>(rows: &[T]) -> i32 {
    i32::try_from(rows.len()).expect("a group is bounded")
}

/// The caller, while nobody else has accepted.
fn waiting(call: &Call) -> Option<&str> {
    let waits = !call.is_over()
        && call.legs.iter().all(|(user, leg)| *user == call.caller || leg.accepted_at.is_none());
    waits.then(|| call.caller.as_str())
}

/// The step for those who are told of it. Their offsets stand with their events: nobody knows them yet.
fn record(transition: &Transition) -> Option<Vec<u8>> {
    let places = vec![Offset(0); transition.notices.len()];
    (!places.is_empty()).then(|| PendingTransition::new(transition).finish(&places))
}
