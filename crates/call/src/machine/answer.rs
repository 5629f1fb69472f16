//! What an invitee does about a ring, and how parties enter the call.
use alloc::{sync::Arc, vec::Vec};

use offhook_types::{Opaque, Timestamp, UserId};

use super::audience::only;
use crate::leg::LegInput;
use crate::{Actor, Call, Event, JoinPolicy, Leg, Media, Outcome, Refusal, RejectReason};

/// A refused invitation: why, and what goes with it.
pub(crate) struct Rejection {
    pub(crate) data: Opaque,
    pub(crate) reason: RejectReason,
}

impl Call {
    pub(crate) fn accept(&mut self, now: Timestamp, actor: &Actor, data: Opaque) -> Result<Outcome, Refusal> {
        let Some(leg) = self.answer(now, actor, LegInput::Accept(&actor.device))? else {
            return Ok(Outcome::default());
        };
        leg.data = data;
        let event = self.enter(now, &actor.user);
        Ok(self.tell_entry(&actor.user, &event))
    }

    pub(crate) fn accept_merged(
        &mut self,
        now: Timestamp,
        actor: &Actor,
        media: Media,
    ) -> Result<Outcome, Refusal> {
        if self.answer(now, actor, LegInput::Accept(&actor.device))?.is_none() {
            return Ok(Outcome::default());
        }
        self.upgrade_offered = self.media != media;
        self.media = self.media.min(media);
        let event = self.enter(now, &actor.user);
        let mut outcome = self.tell_entry(&actor.user, &event);
        for notice in &mut outcome.notices {
            let of_the_two = notice.to == actor.user || notice.to == self.caller;
            if of_the_two && notice.event == Event::Changed {
                notice.event = Event::Merged;
            }
        }
        Ok(outcome)
    }

    pub(crate) fn reject(
        &mut self,
        now: Timestamp,
        actor: &Actor,
        rejection: Rejection,
    ) -> Result<Outcome, Refusal> {
        let Some(leg) = self.answer(now, actor, LegInput::Reject(rejection.reason))? else {
            return Ok(Outcome::default());
        };
        leg.data = rejection.data;
        let event = self.settle(now);
        let changed = only(&actor.user);
        let mut notices = Vec::with_capacity(self.legs.len());
        notices.push(Self::everywhere(&actor.user, Arc::clone(&changed), Event::Changed));
        self.tell_rest(&mut notices, &changed, &event);
        Ok(self.conclude(notices, Vec::new()))
    }

    pub(crate) fn acknowledge(&mut self, now: Timestamp, actor: &Actor) -> Result<Outcome, Refusal> {
        let grace = self.policy.grace;
        let leg = self.leg_mut(&actor.user)?;
        let next = leg.state.next(now, grace, LegInput::Acknowledge)?;
        let is_open = leg.state.ring_until().is_some_and(|until| now < until + grace);
        let device = actor.device.as_ref().filter(|_| is_open);
        let is_first_of_device = device.is_some_and(|device| leg.rung_on.insert(device.clone()));
        let Some(state) = next else {
            // Nobody hears of a second device, but it need not be woken any more.
            return Ok(if is_first_of_device {
                self.conclude(Vec::new(), Vec::new())
            } else {
                Outcome::default()
            });
        };
        leg.state = state;
        let mut notices = Vec::with_capacity(self.legs.len());
        self.tell_rest(&mut notices, &only(&actor.user), &Event::Changed);
        Ok(self.conclude(notices, Vec::new()))
    }

    pub(crate) fn ignore(&mut self, actor: &Actor) -> Result<Outcome, Refusal> {
        let leg = self.leg_mut(&actor.user)?;
        let Some(device) = actor.device.as_ref().filter(|_| leg.state.is_ringing()) else {
            return Ok(Outcome::default());
        };
        if leg.ignored_on.contains(device) {
            return Ok(Outcome::default());
        }
        leg.ignored_on.insert(device.clone());
        Ok(self.conclude(Vec::new(), Vec::new()))
    }

    pub(crate) fn join(&mut self, now: Timestamp, actor: &Actor, data: Opaque) -> Result<Outcome, Refusal> {
        self.check_advanced()?;
        let Some(leg) = self.legs.get(&actor.user) else { return self.join_uninvited(now, actor, data) };
        let (was_in_call, was_ringing) = (leg.state.is_in_call(), leg.state.is_ringing());
        let Some(state) = leg.state.next(now, self.policy.grace, LegInput::Join(&actor.device))? else {
            return Ok(Outcome::default());
        };
        if !was_in_call && !was_ringing {
            self.check_room_for(1)?;
        }
        let leg = self.leg_mut(&actor.user)?;
        leg.state = state;
        if was_in_call {
            let own = Self::everywhere(&actor.user, only(&actor.user), Event::Changed);
            return Ok(self.conclude(Vec::from([own]), Vec::new()));
        }
        leg.data = data;
        if !was_ringing {
            leg.inviter = actor.user.clone();
            leg.invited_at = now;
        }
        let event = self.enter(now, &actor.user);
        Ok(self.tell_entry(&actor.user, &event))
    }

    fn join_uninvited(&mut self, now: Timestamp, actor: &Actor, data: Opaque) -> Result<Outcome, Refusal> {
        match self.policy.join {
            JoinPolicy::Anyone => self.check_room_for(1)?,
            JoinPolicy::Invited => return Err(Refusal::NotInvited),
        }
        let leg = Leg { data, ..Leg::in_call(now, actor) };
        self.legs.insert(actor.user.clone(), leg);
        let event = self.enter(now, &actor.user);
        Ok(self.tell_entry(&actor.user, &event))
    }

    /// Applies an answer to the actor's leg; `None` if it has been given before. The caller has nothing to answer.
    fn answer(
        &mut self,
        now: Timestamp,
        actor: &Actor,
        input: LegInput<'_>,
    ) -> Result<Option<&mut Leg>, Refusal> {
        let grace = self.policy.grace;
        let is_caller = actor.user == self.caller;
        let leg = self.leg_mut(&actor.user)?;
        if is_caller && leg.state.is_in_call() {
            return Err(Refusal::NotInvited);
        }
        let Some(state) = leg.state.next(now, grace, input)? else { return Ok(None) };
        leg.state = state;
        Ok(Some(leg))
    }

    /// Notes the times of an entry and settles the end. The caller counts from the first entry of another.
    fn enter(&mut self, now: Timestamp, user: &UserId) -> Event {
        let is_caller = *user == self.caller;
        if let Some(leg) = self.legs.get_mut(user) {
            leg.left_at = None;
            if !is_caller {
                leg.accepted_at.get_or_insert(now);
            }
        }
        if !is_caller {
            self.caller_leg_mut().accepted_at.get_or_insert(now);
        }
        self.settle(now)
    }

    /// Tells all devices of the one who entered, so that the others stop ringing, and everyone else in the call.
    fn tell_entry(&mut self, user: &UserId, event: &Event) -> Outcome {
        let changed = only(user);
        let mut notices = Vec::with_capacity(self.legs.len());
        notices.push(Self::everywhere(user, Arc::clone(&changed), event.clone()));
        self.tell_rest(&mut notices, &changed, event);
        self.conclude(notices, Vec::new())
    }
}
