//! Everything that was ever committed, kept apart from the store, and what must be true of it: I1, I2 and I5.
use std::{collections::BTreeMap, sync::Arc};

use offhook_call::{Audience, Call, End, EndReason, Event};
use offhook_call_control::AppPolicy;
use offhook_store::{Job, JobKey, Transition};
use offhook_types::{Account, CallId, CallSeq, DeviceId, IdempotencyKey, Offset, Timestamp, UserId};

use crate::{attendance::Attendance, pushes::Book, rules};

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Its number.
    pub(crate) invariant: &'static str,
    pub(crate) what: String,
}

impl Violation {
    pub(crate) fn of(invariant: &'static str, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }
}

/// A transition that became true at a time.
pub(crate) struct Commit {
    pub(crate) at: Timestamp,
    pub(crate) transition: Transition,
}

/// One version of a call.
pub(crate) struct Version {
    /// When it was committed.
    pub(crate) at: Timestamp,
    pub(crate) call: Arc<Call>,
}

/// One event of a user's log.
pub(crate) struct Logged {
    pub(crate) at: Timestamp,
    pub(crate) audience: Audience,
    pub(crate) call: CallId,
    pub(crate) changed: Arc<[UserId]>,
    pub(crate) event: Event,
    pub(crate) seq: CallSeq,
}

/// The ledger.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Who was connected when.
    pub(crate) attendance: Attendance,
    /// What was claimed and posted of pushes.
    pub(crate) book: Book,
    calls: BTreeMap<CallId, Vec<Version>>,
    keys: BTreeMap<(Account, IdempotencyKey), CallId>,
    logs: BTreeMap<Account, Vec<Logged>>,
    /// Since when nothing keeps the server from serving deadlines in time; `None` while something does.
    pub(crate) steady_since: Option<Timestamp>,
    violation: Option<Violation>,
}

impl Ledger {
    /// Enters a commit and holds it against what was.
    pub(crate) fn enter(&mut self, commit: Commit) {
        let Commit { at, transition } = commit;
        let Transition { at: decided, call, guards: _, jobs, key, notices } = transition;
        self.book.add_jobs(jobs.into_iter().map(|(user, body)| {
            let key = JobKey { app: call.app, call: call.id, seq: call.seq, user };
            Job { at: decided, body, key }
        }));
        let before = self.calls.get(&call.id).and_then(|versions| versions.last());
        let steps = rules::Step { at, decided, steady_since: self.steady_since };
        let verdict = rules::check(before.map(|version| &*version.call), &call, &steps)
            .and_then(|()| self.check_key(key.as_ref().map(|key| (&key.account, &key.key)), &call))
            .and_then(|()| self.check_caller_lost(&call, decided));
        self.note(verdict);
        if let Some(key) = key {
            self.keys.insert((key.account, key.key), call.id);
        }
        for notice in notices {
            self.logs.entry(Account::new(call.app, notice.to)).or_default().push(Logged {
                at,
                audience: notice.audience,
                call: call.id,
                changed: notice.changed,
                event: notice.event,
                seq: call.seq,
            });
        }
        self.calls.entry(call.id).or_default().push(Version { at, call });
    }

    /// Remembers the first violation.
    pub(crate) fn note(&mut self, verdict: Result<(), Violation>) {
        if let Err(violation) = verdict {
            self.violation.get_or_insert(violation);
        }
    }

    pub(crate) fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    /// All versions of a call; none if it was never committed.
    pub(crate) fn versions(&self, call: CallId) -> &[Version] {
        self.calls.get(&call).map_or(&[], Vec::as_slice)
    }

    /// The call at a version.
    pub(crate) fn at(&self, call: CallId, seq: CallSeq) -> Option<&Version> {
        let index = usize::try_from(seq.0.checked_sub(1)?).ok()?;
        self.versions(call).get(index)
    }

    /// Every call as it is.
    pub(crate) fn latest(&self) -> impl Iterator<Item = &Call> {
        self.calls.values().filter_map(|versions| versions.last()).map(|version| &*version.call)
    }

    /// When anything was committed last.
    pub(crate) fn last_commit(&self) -> Option<Timestamp> {
        self.calls.values().filter_map(|versions| versions.last()).map(|version| version.at).max()
    }

    /// A user's log.
    pub(crate) fn log(&self, account: &Account) -> &[Logged] {
        self.logs.get(account).map_or(&[], Vec::as_slice)
    }

    /// The event at an offset.
    pub(crate) fn event(&self, account: &Account, offset: Offset) -> Option<&Logged> {
        let index = usize::try_from(offset.0.checked_sub(1)?).ok()?;
        self.log(account).get(index)
    }

    /// The newest event of a user that is meant for a device.
    pub(crate) fn newest_for(&self, account: &Account, device: &DeviceId) -> Offset {
        let log = self.log(account);
        let place = log.iter().rposition(|logged| logged.is_meant_for(device));
        Offset(place.map_or(0, |place| place as u64 + 1))
    }

    /// The server has started: callers who wait got a fresh lease, unless it could not find out who they are.
    pub(crate) fn recovered(&mut self, now: Timestamp, policies: &[AppPolicy; 2], is_sure: bool) {
        let callers: Vec<(Account, usize)> = self
            .latest()
            .filter(|call| !call.is_over())
            .map(|call| (Account::new(call.app, call.caller.clone()), usize::from(call.app.0 == 2)))
            .collect();
        for (caller, app) in callers {
            self.attendance.absent(&caller, now + policies[app].caller_lease, is_sure);
        }
    }

    /// I5: what is due is done. `now` is a moment right after the timers ran.
    pub(crate) fn check_overdue(&mut self, now: Timestamp) {
        let Some(since) = self.steady_since else { return };
        let overdue = self.latest().filter(|call| !call.is_over()).find_map(|call| {
            let caller = Account::new(call.app, call.caller.clone());
            if rules::is_waiting_for_answer(call) && self.attendance.is_overdue(&caller, now, since) {
                return Some(format!("{:?} rings on although its caller is lost", call.id));
            }
            let due = rules::earliest_deadline(call)?.max(since) + rules::LATE;
            (due < now).then(|| format!("{:?} has a deadline that was not served", call.id))
        });
        self.note(overdue.map_or(Ok(()), |what| Err(Violation::of("I5", what))));
    }

    /// I2: a key creates one call at most.
    fn check_key(&self, key: Option<(&Account, &IdempotencyKey)>, call: &Call) -> Result<(), Violation> {
        let Some((account, key)) = key else { return Ok(()) };
        match self.keys.get(&(account.clone(), key.clone())) {
            Some(other) => {
                Err(Violation::of("I2", format!("a key was used for {other:?} and for {:?}", call.id)))
            }
            None => Ok(()),
        }
    }

    /// I5: a caller is lost after the lease, not before.
    fn check_caller_lost(&self, call: &Call, decided: Timestamp) -> Result<(), Violation> {
        match &call.end {
            Some(End { reason: EndReason::CallerLost, .. }) => {}
            Some(_) | None => return Ok(()),
        }
        let caller = Account::new(call.app, call.caller.clone());
        if self.attendance.was_lost(&caller, decided) {
            return Ok(());
        }
        Err(Violation::of("I5", format!("{:?} was taken back although its caller was not lost", call.id)))
    }
}

impl Logged {
    /// Whether a device of the user is to hear it.
    pub(crate) fn is_meant_for(&self, device: &DeviceId) -> bool {
        match &self.audience {
            Audience::AllDevices => true,
            Audience::Device(main) => main == device,
        }
    }
}
