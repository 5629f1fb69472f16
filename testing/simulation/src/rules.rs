//! What one version of a call may become, told without the machine: I1, and I5 for the deadlines.
use std::time::Duration;

use offhook_call::{Call, EndReason, Leg, LegState, Mode};
use offhook_types::{Timestamp, UserId};

use crate::ledger::Violation;

/// How late a deadline may be served while nothing disturbs the server.
pub(crate) const LATE: Duration = Duration::from_secs(1);

/// When a version came about.
pub(crate) struct Step {
    /// When it was committed.
    pub(crate) at: Timestamp,
    /// When it was decided; deadlines look at this.
    pub(crate) decided: Timestamp,
    /// Since when nothing keeps the server from its work.
    pub(crate) steady_since: Option<Timestamp>,
}

/// A leg's state, coarsely.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Invited, not answered.
    Rings,
    /// In the call.
    In,
    /// Not in the call.
    Out,
    /// Ended the call.
    Over,
}

/// Holds a version of a call against the one before it.
pub(crate) fn check(before: Option<&Call>, after: &Call, step: &Step) -> Result<(), Violation> {
    let Some(before) = before else {
        return if after.seq.0 == 1 {
            Ok(())
        } else {
            Err(Violation::of("I1", "a call began in the middle"))
        };
    };
    if before.is_over() {
        return Err(Violation::of("I1", format!("{:?} changed after its end", after.id)));
    }
    if before.seq.next() != after.seq || before.caller != after.caller || before.app != after.app {
        return Err(Violation::of("I1", format!("{:?} is no successor of its last version", after.id)));
    }
    for (user, leg) in &before.legs {
        let Some(next) = after.legs.get(user) else {
            return Err(Violation::of("I1", format!("{:?} forgot a party", after.id)));
        };
        check_leg(after, user, leg, next)?;
        check_deadline(after, leg, next, step)?;
    }
    check_age(after, step)
}

/// When the call's first ring ends, without the machine's opinion.
pub(crate) fn earliest_deadline(call: &Call) -> Option<Timestamp> {
    let rings = call.legs.values().filter_map(|leg| leg.state.ring_until());
    rings.min().map(|until| until + call.policy.grace)
}

/// Whether nobody but the caller has been in the call, and the caller is.
pub(crate) fn is_waiting_for_answer(call: &Call) -> bool {
    call.legs.iter().all(|(user, leg)| {
        if *user == call.caller {
            leg.state.is_in_call() && leg.accepted_at.is_none()
        } else {
            leg.accepted_at.is_none()
        }
    })
}

/// I1: an outcome comes once, and stays.
fn check_leg(call: &Call, user: &UserId, before: &Leg, after: &Leg) -> Result<(), Violation> {
    let is_advanced = call.mode == Mode::Advanced;
    let is_caller = *user == call.caller;
    let is_again = after.invited_at > before.invited_at || after.inviter != before.inviter;
    let (was, is) = (&before.state, &after.state);
    let legal = match (kind(was), kind(is)) {
        (Kind::Rings, Kind::Rings) => ring_goes_on(was, is),
        (Kind::Rings, Kind::In) | (Kind::In, Kind::In) if was == is => true,
        (Kind::Rings, Kind::In) => true,
        (Kind::Rings, Kind::Out) => *is != LegState::Quit,
        (Kind::In, Kind::In) => is_advanced,
        (Kind::In, Kind::Out) => is_advanced && *is == LegState::Quit,
        (Kind::Out, Kind::Out) => was == is || (is_advanced && is_again),
        (Kind::Out, Kind::In | Kind::Rings) => is_advanced,
        (Kind::In | Kind::Out | Kind::Rings, Kind::Over) => {
            call.is_over() && (is_caller || (*is == LegState::Ended && kind(was) == Kind::In))
        }
        (Kind::In, Kind::Rings) | (Kind::Over, Kind::In | Kind::Out | Kind::Over | Kind::Rings) => false,
    };
    if legal {
        return Ok(());
    }
    Err(Violation::of("I1", format!("{:?} seq {}: {was:?} became {is:?}", call.id, call.seq)))
}

/// I5: rings, checks and calls end at their deadline; never before it, and not much later.
fn check_deadline(call: &Call, before: &Leg, after: &Leg, step: &Step) -> Result<(), Violation> {
    let Some(ring_until) = before.state.ring_until() else { return Ok(()) };
    let deadline = ring_until + call.policy.grace;
    match &after.state {
        LegState::TimedOut => on_time(call, "a ring ended", deadline, step),
        LegState::NotYetReceived { .. } => match &before.state {
            LegState::Inviting { check_at: Some(check), .. } => on_time(call, "a check failed", *check, step),
            LegState::NotYetReceived { .. } => Ok(()),
            LegState::Inviting { check_at: None, .. }
            | LegState::Accepted { .. }
            | LegState::BeCanceled
            | LegState::Canceled
            | LegState::Ended
            | LegState::Quit
            | LegState::Received { .. }
            | LegState::Rejected { .. }
            | LegState::TimedOut => Err(Violation::of("I5", "a check failed that nobody wanted")),
        },
        LegState::Accepted { .. } if call.mode == Mode::General => answered_in_time(call, deadline, step),
        LegState::Received { .. } if after.state != before.state => answered_in_time(call, deadline, step),
        LegState::Rejected { .. } => answered_in_time(call, deadline, step),
        LegState::Accepted { .. }
        | LegState::BeCanceled
        | LegState::Canceled
        | LegState::Ended
        | LegState::Inviting { .. }
        | LegState::Quit
        | LegState::Received { .. } => Ok(()),
    }
}

fn check_age(call: &Call, step: &Step) -> Result<(), Violation> {
    let Some(end) = call.end.as_ref().filter(|end| end.reason == EndReason::MaxAge) else { return Ok(()) };
    debug_assert!(end.at <= step.at, "an end lies in the past");
    on_time(call, "a call became too old", call.created_at + call.policy.max_age, step)
}

fn answered_in_time(call: &Call, deadline: Timestamp, step: &Step) -> Result<(), Violation> {
    if step.decided < deadline {
        return Ok(());
    }
    Err(Violation::of("I5", format!("{:?} seq {}: an answer after the deadline counted", call.id, call.seq)))
}

fn on_time(call: &Call, what: &str, deadline: Timestamp, step: &Step) -> Result<(), Violation> {
    let told = |how: &str| Violation::of("I5", format!("{:?} seq {}: {what} {how}", call.id, call.seq));
    if step.decided < deadline {
        return Err(told("before its deadline"));
    }
    match step.steady_since {
        Some(since) if step.at > deadline.max(since) + LATE => {
            Err(told(&format!("{} ms late", step.at.since(deadline.max(since)).as_millis())))
        }
        Some(_) | None => Ok(()),
    }
}

/// The states of one ring follow each other, and its end does not move.
fn ring_goes_on(before: &LegState, after: &LegState) -> bool {
    let order = |state: &LegState| match state {
        LegState::Inviting { .. } => 0,
        LegState::NotYetReceived { .. } => 1,
        LegState::Received { .. } => 2,
        LegState::Accepted { .. }
        | LegState::BeCanceled
        | LegState::Canceled
        | LegState::Ended
        | LegState::Quit
        | LegState::Rejected { .. }
        | LegState::TimedOut => 3,
    };
    before.ring_until() == after.ring_until() && order(before) <= order(after)
}

fn kind(state: &LegState) -> Kind {
    match state {
        LegState::Inviting { .. } | LegState::NotYetReceived { .. } | LegState::Received { .. } => {
            Kind::Rings
        }
        LegState::Accepted { .. } => Kind::In,
        LegState::BeCanceled | LegState::Quit | LegState::Rejected { .. } | LegState::TimedOut => Kind::Out,
        LegState::Canceled | LegState::Ended => Kind::Over,
    }
}
