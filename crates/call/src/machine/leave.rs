//! Leaving a call, being lost to it, and ending it for all.
use alloc::{sync::Arc, vec::Vec};

use offhook_types::{Opaque, Timestamp};

use super::audience::only;
use crate::leg::LegInput;
use crate::{Actor, Call, EndReason, Event, LegState, Mode, Notice, Outcome, Refusal};

impl Call {
    pub(crate) fn quit(&mut self, now: Timestamp, actor: &Actor, data: Opaque) -> Result<Outcome, Refusal> {
        self.check_advanced()?;
        let grace = self.policy.grace;
        let leg = self.legs.get_mut(&actor.user).ok_or(Refusal::NotJoined)?;
        let Some(state) = leg.state.next(now, grace, LegInput::Leave)? else { return Ok(Outcome::default()) };
        let audience = leg.state.audience().expect("only a party in the call can leave it");
        leg.state = state;
        leg.data = data;
        leg.left_at = Some(now);
        let event = self.settle(now);
        let changed = only(&actor.user);
        let mut notices = Vec::with_capacity(self.legs.len());
        notices.push(Notice {
            audience,
            changed: Arc::clone(&changed),
            event: Event::Changed,
            to: actor.user.clone(),
        });
        self.tell_rest(&mut notices, &changed, &event);
        Ok(self.conclude(notices, Vec::new()))
    }

    /// Lets a party quit whose media is gone for good. Nothing happens in a call of the general mode, which nobody can
    /// quit, and to a caller for whom nobody has come yet, whose lease decides; nor where the party has moved on to
    /// another device.
    pub(crate) fn lose_participant(&mut self, now: Timestamp, party: &Actor) -> Outcome {
        let waits = party.user == self.caller && !self.was_accepted();
        if self.check_alive(now).is_err() || self.mode == Mode::General || waits {
            return Outcome::default();
        }
        let grace = self.policy.grace;
        let Some(leg) = self.legs.get_mut(&party.user).filter(|leg| is_on(&leg.state, party)) else {
            return Outcome::default();
        };
        let Ok(Some(state)) = leg.state.next(now, grace, LegInput::Leave) else { return Outcome::default() };
        leg.state = state;
        leg.data = Opaque::default();
        leg.left_at = Some(now);
        let event = self.settle(now);
        let changed = only(&party.user);
        let mut notices = Vec::with_capacity(self.legs.len());
        notices.push(Self::everywhere(&party.user, Arc::clone(&changed), Event::Changed));
        self.tell_rest(&mut notices, &changed, &event);
        self.conclude(notices, Vec::new())
    }

    pub(crate) fn end_for_all(
        &mut self,
        now: Timestamp,
        actor: &Actor,
        data: Opaque,
    ) -> Result<Outcome, Refusal> {
        self.check_advanced()?;
        self.end_by(now, actor, data)
    }

    /// Ends the call as a hang-up does, in either mode. Everyone but the actor keeps their state.
    pub(crate) fn end_by(&mut self, now: Timestamp, actor: &Actor, data: Opaque) -> Result<Outcome, Refusal> {
        let grace = self.policy.grace;
        let leg = self.legs.get_mut(&actor.user).ok_or(Refusal::NotJoined)?;
        let Some(state) = leg.state.next(now, grace, LegInput::End)? else { return Ok(Outcome::default()) };
        let audience = leg.state.audience().expect("only a party in the call can end it");
        leg.state = state;
        leg.data = data.clone();
        self.finish(now, EndReason::Ended, Some(actor.user.clone()));
        let event = Event::Ended { by: Some(actor.user.clone()), data };
        let changed = only(&actor.user);
        let mut notices = Vec::with_capacity(self.legs.len());
        notices.push(Notice {
            audience,
            changed: Arc::clone(&changed),
            event: event.clone(),
            to: actor.user.clone(),
        });
        self.tell_rest(&mut notices, &changed, &event);
        Ok(self.conclude(notices, Vec::new()))
    }
}

/// Whether the party is in the call on the named device, or either of the two is not known.
fn is_on(state: &LegState, party: &Actor) -> bool {
    match state {
        LegState::Accepted { main_device } => {
            main_device.is_none() || party.device.is_none() || *main_device == party.device
        }
        LegState::BeCanceled
        | LegState::Canceled
        | LegState::Ended
        | LegState::Inviting { .. }
        | LegState::NotYetReceived { .. }
        | LegState::Quit
        | LegState::Received { .. }
        | LegState::Rejected { .. }
        | LegState::TimedOut => false,
    }
}
