//! How far an invitation has got on its way to an invitee, for callers who want to know.
use alloc::vec::Vec;

use offhook_types::UserId;

use super::audience::only;
use crate::{Call, Delivery, Event, LegState, Notice, Outcome};

impl Call {
    /// Notes that the invitation of a user has got further. The caller alone is told; once a device rings, the leg's own
    /// state says so.
    pub(crate) fn deliver(&mut self, user: &UserId, reached: Delivery) -> Outcome {
        if self.is_over() {
            return Outcome::default();
        }
        let Some(leg) = self.legs.get_mut(user) else { return Outcome::default() };
        let is_on_its_way = match leg.state {
            LegState::Inviting { .. } | LegState::NotYetReceived { .. } => true,
            LegState::Accepted { .. }
            | LegState::BeCanceled
            | LegState::Canceled
            | LegState::Ended
            | LegState::Quit
            | LegState::Received { .. }
            | LegState::Rejected { .. }
            | LegState::TimedOut => false,
        };
        if !is_on_its_way || leg.delivery.is_none_or(|known| known >= reached) {
            return Outcome::default();
        }
        leg.delivery = Some(reached);
        let audience = self.caller_leg().state.audience();
        let told = |audience| Notice {
            audience,
            changed: only(user),
            event: Event::Changed,
            to: self.caller.clone(),
        };
        let notices: Vec<Notice> = audience.map(told).into_iter().collect();
        self.conclude(notices, Vec::new())
    }
}
