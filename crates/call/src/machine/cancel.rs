//! Taking invitations back: some, or the whole call; and the loss of the caller, which is the same without a will.
use alloc::{collections::BTreeSet, sync::Arc, vec::Vec};

use offhook_types::{Opaque, Timestamp, UserId};

use super::audience::only;
use crate::leg::LegInput;
use crate::{Actor, Audience, Call, EndReason, Event, InviteeProblem, LateCancel, Notice, Outcome, Refusal};

/// Whose invitation is taken back, everyone's if no user is named, and what goes with it.
pub(crate) struct Recall {
    pub(crate) data: Opaque,
    pub(crate) users: Vec<UserId>,
}

impl Call {
    pub(crate) fn cancel(
        &mut self,
        now: Timestamp,
        actor: &Actor,
        recall: Recall,
    ) -> Result<Outcome, Refusal> {
        self.check_may_recall(&actor.user, &recall.users)?;
        if recall.users.is_empty() && self.was_accepted() {
            return match self.policy.late_cancel {
                LateCancel::End => self.end_by(now, actor, recall.data),
                LateCancel::Refuse => Err(Refusal::AlreadyAccepted),
            };
        }
        let event = Event::Canceled { by: actor.user.clone(), data: recall.data };
        if recall.users.is_empty() {
            let notices = self.recall_whole(now, &event);
            return Ok(self.conclude(notices, Vec::new()));
        }
        let (ringing, problems) = self.sort_for_recall(&recall.users);
        if ringing.is_empty() {
            let all_accepted =
                problems.iter().all(|(_, problem)| *problem == InviteeProblem::AlreadyAccepted);
            let nothing_done = Outcome { notices: Vec::new(), problems };
            return if all_accepted { Err(Refusal::AlreadyAccepted) } else { Ok(nothing_done) };
        }
        let is_whole = !self.was_accepted() && ringing.len() == self.head().ringing;
        let notices =
            if is_whole { self.recall_whole(now, &event) } else { self.recall_some(now, ringing, &event) };
        Ok(self.conclude(notices, problems))
    }

    /// Ends the call for a caller who is gone, unless somebody has been in it or the caller has left before.
    pub(crate) fn lose_caller(&mut self, now: Timestamp) -> Outcome {
        if self.is_over() || self.was_accepted() || !self.caller_leg().state.is_in_call() {
            return Outcome::default();
        }
        let event = Event::Canceled { by: self.caller.clone(), data: Opaque::default() };
        let notices = self.take_back_all(now, &event, Audience::AllDevices);
        self.finish(now, EndReason::CallerLost, None);
        self.conclude(notices, Vec::new())
    }

    /// The caller may take back everything, others in the advanced mode whom they invited themselves.
    fn check_may_recall(&self, actor: &UserId, users: &[UserId]) -> Result<(), Refusal> {
        self.leg(actor)?;
        let invited_by_actor = |user| self.legs.get(user).is_some_and(|leg| leg.inviter == *actor);
        if *actor == self.caller || (!users.is_empty() && users.iter().all(invited_by_actor)) {
            Ok(())
        } else {
            Err(Refusal::NotCaller)
        }
    }

    /// The named users who ring, and why the others cannot be taken back.
    fn sort_for_recall(&self, users: &[UserId]) -> (Vec<UserId>, Vec<(UserId, InviteeProblem)>) {
        let (mut ringing, mut problems) = (Vec::with_capacity(users.len()), Vec::new());
        let mut named = BTreeSet::new();
        for user in users.iter().filter(|user| named.insert(*user)) {
            match self.legs.get(user).map(|leg| &leg.state) {
                Some(state) if state.is_ringing() => ringing.push(user.clone()),
                Some(state) if state.is_in_call() => {
                    problems.push((user.clone(), InviteeProblem::AlreadyAccepted));
                }
                Some(_) | None => problems.push((user.clone(), InviteeProblem::NotRinging)),
            }
        }
        (ringing, problems)
    }

    fn recall_whole(&mut self, now: Timestamp, event: &Event) -> Vec<Notice> {
        let audience = self.caller_leg().state.audience().unwrap_or(Audience::AllDevices);
        let notices = self.take_back_all(now, event, audience);
        self.finish(now, EndReason::Canceled, Some(self.caller.clone()));
        notices
    }

    /// Takes back every open invitation and puts the caller out. The caller hears of everyone on `audience`, each of the
    /// others of the caller and of themself.
    fn take_back_all(&mut self, now: Timestamp, event: &Event, audience: Audience) -> Vec<Notice> {
        let grace = self.policy.grace;
        if let Event::Canceled { data, .. } = event {
            self.caller_leg_mut().data = data.clone();
        }
        let mut changed = Vec::from([self.caller.clone()]);
        let mut notices = Vec::with_capacity(self.legs.len());
        for (user, leg) in &mut self.legs {
            let input = if *user == self.caller { LegInput::GiveUp } else { LegInput::TakeBack };
            let Ok(Some(state)) = leg.state.next(now, grace, input) else { continue };
            leg.state = state;
            if *user != self.caller {
                changed.push(user.clone());
                let both = Arc::from([self.caller.clone(), user.clone()]);
                notices.push(Self::everywhere(user, both, event.clone()));
            }
        }
        let to = self.caller.clone();
        notices.insert(0, Notice { audience, changed: changed.into(), event: Event::Changed, to });
        notices
    }

    fn recall_some(&mut self, now: Timestamp, users: Vec<UserId>, event: &Event) -> Vec<Notice> {
        let grace = self.policy.grace;
        let mut notices = Vec::with_capacity(self.legs.len());
        for user in &users {
            let Some(leg) = self.legs.get_mut(user) else { continue };
            if let Ok(Some(state)) = leg.state.next(now, grace, LegInput::TakeBack) {
                leg.state = state;
                notices.push(Self::everywhere(user, only(user), event.clone()));
            }
        }
        let rest = self.settle(now);
        self.tell_rest(&mut notices, &users.into(), &rest);
        notices
    }
}
