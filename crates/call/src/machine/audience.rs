//! Who hears what. One transition brings a user one notice at most, so nothing has to be ordered between two.
use alloc::{sync::Arc, vec::Vec};

use offhook_types::UserId;

use crate::{Audience, Call, Event, InviteeProblem, Notice, Outcome};

impl Call {
    /// Tells a single user on all devices: the ring, or its end.
    pub(crate) fn everywhere(to: &UserId, changed: Arc<[UserId]>, event: Event) -> Notice {
        Notice { audience: Audience::AllDevices, changed, event, to: to.clone() }
    }

    /// Adds `event` for everyone who rings or is in the call and has no notice yet.
    pub(crate) fn tell_rest(&self, notices: &mut Vec<Notice>, changed: &Arc<[UserId]>, event: &Event) {
        let told = notices.len();
        for (user, leg) in &self.legs {
            let Some(audience) = leg.state.audience() else { continue };
            if notices[..told].iter().any(|notice| notice.to == *user) {
                continue;
            }
            notices.push(Notice {
                audience,
                changed: Arc::clone(changed),
                event: event.clone(),
                to: user.clone(),
            });
        }
    }

    /// Counts the change. Nothing else raises `seq`.
    pub(crate) fn conclude(
        &mut self,
        notices: Vec<Notice>,
        problems: Vec<(UserId, InviteeProblem)>,
    ) -> Outcome {
        self.seq = self.seq.next();
        Outcome { notices, problems }
    }
}

/// The list of a single changed user.
pub(crate) fn only(user: &UserId) -> Arc<[UserId]> {
    Arc::from([user.clone()])
}
