//! Creating a call, and adding users to one.
use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};

use offhook_types::{CallSeq, Timestamp, UserId};

use crate::leg::LegInput;
use crate::{
    Actor, Call, Delivery, Event, Invitation, Invitee, InviteeProblem, Leg, LegState, Mode, Notice, Outcome,
    Refusal, RejectReason, Standing,
};

/// What becomes of the named users, before anything is done about it.
struct Plan {
    fresh: Vec<(UserId, LegState)>,
    problems: Vec<(UserId, InviteeProblem)>,
}

impl Call {
    pub(crate) fn create(now: Timestamp, invitation: Invitation) -> Result<(Self, Outcome), Refusal> {
        let Invitation { app, caller, extended_data, id, mut invitees, media, mode, policy, timeout } =
            invitation;
        let mut call = Self {
            app,
            caller: caller.user.clone(),
            created_at: now,
            end: None,
            extended_data,
            id,
            legs: BTreeMap::from([(caller.user.clone(), Leg::in_call(now, &caller))]),
            media,
            mode,
            policy,
            seq: CallSeq(0),
            timeout,
            upgrade_offered: false,
            usage: BTreeMap::new(),
        };
        invitees.retain(|invitee| invitee.user != caller.user);
        let Plan { fresh, problems } = call.plan(now, invitees)?;
        let changed =
            core::iter::once(&caller.user).chain(fresh.iter().map(|(user, _)| user)).cloned().collect();
        let created = Notice {
            audience: call.caller_leg().state.audience().expect("the caller is in the call"),
            changed,
            event: Event::Created,
            to: caller.user.clone(),
        };
        let mut notices = Vec::with_capacity(fresh.len() + 1);
        notices.push(created);
        notices.extend(rings(&fresh));
        call.seat(now, &caller.user, fresh);
        call.settle(now);
        let outcome = call.conclude(notices, problems);
        Ok((call, outcome))
    }

    pub(crate) fn add(
        &mut self,
        now: Timestamp,
        actor: &Actor,
        invitees: Vec<Invitee>,
    ) -> Result<Outcome, Refusal> {
        self.check_advanced()?;
        if !self.legs.get(&actor.user).is_some_and(|leg| leg.state.is_in_call()) {
            return Err(Refusal::NotJoined);
        }
        let Plan { fresh, problems } = self.plan(now, invitees)?;
        if fresh.is_empty() {
            return Ok(Outcome { notices: Vec::new(), problems });
        }
        let changed: Arc<[UserId]> = fresh.iter().map(|(user, _)| user).cloned().collect();
        let mut notices = Vec::with_capacity(self.legs.len() + fresh.len());
        notices.extend(rings(&fresh));
        self.seat(now, &actor.user, fresh);
        let event = self.settle(now);
        self.tell_rest(&mut notices, &changed, &event);
        Ok(self.conclude(notices, problems))
    }

    /// Refuses `more` users in a call of the advanced mode if they would be too many at once.
    pub(crate) fn check_room_for(&self, more: usize) -> Result<(), Refusal> {
        let head = self.head();
        let fits = head.in_call + head.ringing + more <= usize::from(self.policy.max_participants);
        if fits { Ok(()) } else { Err(Refusal::TooManyInvitees) }
    }

    fn plan(&self, now: Timestamp, invitees: Vec<Invitee>) -> Result<Plan, Refusal> {
        let invitees = distinct(invitees, self.policy.max_invitees.into())?;
        let mut plan = Plan { fresh: Vec::with_capacity(invitees.len()), problems: Vec::new() };
        for Invitee { standing, user } in invitees {
            if self.legs.get(&user).is_some_and(|leg| leg.state.is_in_call() || leg.state.is_ringing()) {
                plan.problems.push((user, InviteeProblem::AlreadyInCall));
            } else if let Some(state) = self.first_state(now, standing) {
                plan.fresh.push((user, state));
            } else {
                plan.problems.push((user, InviteeProblem::Unregistered));
            }
        }
        let nobody = plan.problems.iter().all(|(_, problem)| *problem == InviteeProblem::Unregistered);
        if plan.fresh.is_empty() && nobody {
            return Err(Refusal::NobodyRegistered);
        }
        if self.mode == Mode::Advanced {
            self.check_room_for(plan.fresh.iter().filter(|(_, state)| state.is_ringing()).count())?;
        }
        Ok(plan)
    }

    /// How a newly invited user's leg begins; `None` for one who is not registered.
    fn first_state(&self, now: Timestamp, standing: Standing) -> Option<LegState> {
        let inviting = |waiting| LegState::Inviting {
            check_at: self.policy.not_received_check.map(|patience| now + patience),
            ring_until: now + self.timeout,
            waiting,
        };
        match standing {
            Standing::Busy => Some(LegState::Rejected { reason: RejectReason::Busy }),
            Standing::Free => Some(inviting(false)),
            Standing::Unregistered => None,
            Standing::Waiting => Some(inviting(true)),
        }
    }

    /// Gives each user a leg; a former member takes the old one up again.
    fn seat(&mut self, now: Timestamp, inviter: &UserId, fresh: Vec<(UserId, LegState)>) {
        let grace = self.policy.grace;
        let wants_delivery = self.policy.tell_delivery;
        let leg_of = |state: LegState| {
            let delivery = (wants_delivery && state.is_ringing()).then_some(Delivery::Queued);
            Leg { delivery, ..Leg::new(now, inviter, state) }
        };
        for (user, first) in fresh {
            let Some(leg) = self.legs.get_mut(&user) else {
                self.legs.insert(user, leg_of(first));
                continue;
            };
            if let Ok(Some(state)) = leg.state.next(now, grace, LegInput::Invite(first)) {
                let (accepted_at, left_at) = (leg.accepted_at, leg.left_at);
                *leg = Leg { accepted_at, left_at, ..leg_of(state) };
            }
        }
    }
}

/// The rings of those who are free.
fn rings(fresh: &[(UserId, LegState)]) -> impl Iterator<Item = Notice> {
    let nobody: Arc<[UserId]> = Arc::from([]);
    fresh
        .iter()
        .filter(|(_, state)| state.is_ringing())
        .map(move |(user, _)| Call::everywhere(user, Arc::clone(&nobody), Event::Invited))
}

/// Each user once, as named first.
fn distinct(invitees: Vec<Invitee>, max: usize) -> Result<Vec<Invitee>, Refusal> {
    if invitees.is_empty() {
        return Err(Refusal::NoInvitees);
    }
    let mut distinct: Vec<Invitee> = Vec::with_capacity(invitees.len().min(max));
    for invitee in invitees {
        if distinct.iter().any(|known| known.user == invitee.user) {
            continue;
        }
        if distinct.len() == max {
            return Err(Refusal::TooManyInvitees);
        }
        distinct.push(invitee);
    }
    Ok(distinct)
}
