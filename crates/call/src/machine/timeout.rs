//! What the passing of time does: rings end, checks fall due, calls grow too old.
use alloc::{sync::Arc, vec::Vec};

use offhook_types::{Opaque, Timestamp, UserId};

use super::audience::only;
use crate::leg::LegInput;
use crate::{Call, EndReason, Event, Mode, Notice, Outcome};

impl Call {
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        if self.is_over() {
            return None;
        }
        let grace = self.policy.grace;
        let legs = self.legs.values().filter_map(|leg| leg.state.deadline(grace));
        legs.chain(self.age_limit()).min()
    }

    /// When a call of the advanced mode must end; one of the general mode ends with its rings.
    pub(crate) fn age_limit(&self) -> Option<Timestamp> {
        match self.mode {
            Mode::Advanced => Some(self.created_at + self.policy.max_age),
            Mode::General => None,
        }
    }

    pub(crate) fn pass_time(&mut self, now: Timestamp) -> Outcome {
        if self.next_deadline().is_none_or(|deadline| now < deadline) {
            return Outcome::default();
        }
        let grace = self.policy.grace;
        let mut changed = Vec::new();
        for (user, leg) in &mut self.legs {
            if let Ok(Some(state)) = leg.state.next(now, grace, LegInput::Time) {
                leg.state = state;
                changed.push(user.clone());
            }
        }
        let mut event = self.settle(now);
        if !self.is_over() && self.age_limit().is_some_and(|limit| limit <= now) {
            self.finish(now, EndReason::MaxAge, None);
            event = Event::Ended { by: None, data: Opaque::default() };
        }
        let notices = self.tell_of_time(&changed, &event);
        self.conclude(notices, Vec::new())
    }

    /// One notice a user: `Unanswered` to those whose ring ended, the changes of others to those who are still there.
    fn tell_of_time(&self, changed: &[UserId], event: &Event) -> Vec<Notice> {
        let mut notices = Vec::with_capacity(self.legs.len());
        for user in changed {
            let Some(leg) = self.legs.get(user) else { continue };
            let Some(audience) = leg.state.audience() else {
                notices.push(Self::everywhere(user, only(user), Event::Unanswered));
                continue;
            };
            // The check failed: the user, whose devices have not rung, hears of the others alone.
            let others: Arc<[UserId]> = changed.iter().filter(|other| *other != user).cloned().collect();
            if !others.is_empty() || *event != Event::Changed {
                notices.push(Notice { audience, changed: others, event: event.clone(), to: user.clone() });
            }
        }
        let shared: Arc<[UserId]> = Arc::from(changed);
        for (user, leg) in self.legs.iter().filter(|(user, _)| !changed.contains(user)) {
            let Some(audience) = leg.state.audience() else { continue };
            let to = user.clone();
            notices.push(Notice { audience, changed: Arc::clone(&shared), event: event.clone(), to });
        }
        notices
    }
}
