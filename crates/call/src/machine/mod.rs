//! How a call changes: one file per kind of input. The leg's table ([`crate::LegState`]) decides what an input means to
//! the party who acts; these files decide who may act, who hears of it, and whether the call is over.
//!
//! Each change has the same four steps: check everything that can refuse, change the legs, [`Call::settle`] the end,
//! tell everyone once ([`Call::conclude`]).
mod answer;
mod audience;
mod cancel;
mod delivery;
mod invite;
mod leave;
mod timeout;

pub(crate) use answer::Rejection;
pub(crate) use cancel::Recall;
use offhook_types::{Opaque, Timestamp, UserId};

use crate::{Call, End, EndReason, Event, Leg, LegState, Mode, Refusal};

/// How many parties are in the call, and how many may yet come.
pub(crate) struct Head {
    pub(crate) in_call: usize,
    pub(crate) ringing: usize,
}

impl Call {
    /// Refuses whatever comes after the end, and after the age at which the call must end, served or not.
    pub(crate) fn check_alive(&self, now: Timestamp) -> Result<(), Refusal> {
        match &self.end {
            Some(end) => Err(Refusal::CallEnded(end.reason)),
            None if self.age_limit().is_some_and(|limit| limit <= now) => {
                Err(Refusal::CallEnded(EndReason::MaxAge))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn check_advanced(&self) -> Result<(), Refusal> {
        match self.mode {
            Mode::Advanced => Ok(()),
            Mode::General => Err(Refusal::GeneralMode),
        }
    }

    pub(crate) fn leg(&self, user: &UserId) -> Result<&Leg, Refusal> {
        self.legs.get(user).ok_or(Refusal::NotInvited)
    }

    pub(crate) fn leg_mut(&mut self, user: &UserId) -> Result<&mut Leg, Refusal> {
        self.legs.get_mut(user).ok_or(Refusal::NotInvited)
    }

    pub(crate) fn caller_leg(&self) -> &Leg {
        self.legs.get(&self.caller).expect("the caller has a leg from the creation on")
    }

    pub(crate) fn caller_leg_mut(&mut self) -> &mut Leg {
        self.legs.get_mut(&self.caller).expect("the caller has a leg from the creation on")
    }

    /// Whether anyone but the caller has ever been in the call: from then on it cannot be taken back.
    pub(crate) fn was_accepted(&self) -> bool {
        self.caller_leg().accepted_at.is_some()
    }

    pub(crate) fn head(&self) -> Head {
        self.legs.values().fold(Head { in_call: 0, ringing: 0 }, |head, leg| Head {
            in_call: head.in_call + usize::from(leg.state.is_in_call()),
            ringing: head.ringing + usize::from(leg.state.is_ringing()),
        })
    }

    /// Ends the call if its mode or policy says that it is over. Gives back what those who are still there hear of the
    /// change that led here: the change itself, or that a policy ended the call.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Event {
        let Some(reason) = self.end_due() else { return Event::Changed };
        self.finish(now, reason, None);
        match reason {
            EndReason::CallerLeft | EndReason::LastOneLeft => {
                Event::Ended { by: None, data: Opaque::default() }
            }
            EndReason::AllLeft
            | EndReason::Answered
            | EndReason::CallerLost
            | EndReason::Canceled
            | EndReason::Ended
            | EndReason::MaxAge
            | EndReason::Rejected
            | EndReason::Unanswered => Event::Changed,
        }
    }

    pub(crate) fn finish(&mut self, now: Timestamp, reason: EndReason, by: Option<UserId>) {
        self.end = Some(End { at: now, by, reason });
    }

    fn end_due(&self) -> Option<EndReason> {
        let head = self.head();
        match self.mode {
            Mode::General => (head.ringing == 0).then(|| self.general_outcome()),
            Mode::Advanced if head.in_call == 0 && head.ringing == 0 => Some(EndReason::AllLeft),
            Mode::Advanced if self.policy.end.caller_leaves && self.caller_leg().state == LegState::Quit => {
                Some(EndReason::CallerLeft)
            }
            Mode::Advanced if self.policy.end.last_one_left && head.in_call == 1 && head.ringing == 0 => {
                Some(EndReason::LastOneLeft)
            }
            Mode::Advanced => None,
        }
    }

    /// How a call of the general mode ended, in which nobody rings any more.
    fn general_outcome(&self) -> EndReason {
        let invitees =
            || self.legs.iter().filter(|(user, _)| **user != self.caller).map(|(_, leg)| &leg.state);
        if invitees().any(LegState::is_in_call) {
            EndReason::Answered
        } else if invitees().any(LegState::is_rejected) {
            EndReason::Rejected
        } else {
            EndReason::Unanswered
        }
    }
}
