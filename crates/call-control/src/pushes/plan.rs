//! Which pushes a step of a call asks for. Pure: it compares the call before and after.
use offhook_call::{Call, Leg, LegState};
use offhook_signaling::PushConfig;
use offhook_types::{DeviceId, Timestamp, UserId};

use super::errand::{Errand, Why};
use crate::view;

/// What caused a step, as far as pushes are concerned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cause {
    /// The device that acted.
    pub(crate) device: Option<DeviceId>,
    /// What was sent along.
    pub(crate) config: Option<Box<PushConfig>>,
}

/// What is to be done for whom. Users whose ring begins come first in no particular order; each user has one errand at
/// most.
pub(super) fn plan(before: Option<&Call>, after: &Call, cause: &Cause) -> Vec<(UserId, Errand)> {
    let errand = |(user, leg): (&UserId, &Leg)| {
        let rang = before.and_then(|call| ring_of(call, user));
        let rings = ring_of(after, user);
        let errand = match (rang, rings) {
            (_, Some(ring)) if rang != Some(ring) => Errand::Ring { config: cause.config.clone() },
            (Some(_), None) => Errand::Stop {
                config: cause.config.clone(),
                why: why(&leg.state),
                spared: spared(after, user, cause),
            },
            (None | Some(_), None | Some(_)) => return None,
        };
        Some((user.clone(), errand))
    };
    after.legs.iter().filter_map(errand).collect()
}

/// The ring of a user, named by when it began.
fn ring_of(call: &Call, user: &UserId) -> Option<Timestamp> {
    view::ring_until(call, user).and(call.legs.get(user)).map(|leg| leg.invited_at)
}

fn why(state: &LegState) -> Why {
    match state {
        LegState::Accepted { .. } => Why::AnsweredElsewhere,
        LegState::BeCanceled | LegState::Canceled => Why::Canceled,
        LegState::Rejected { .. } => Why::RejectedElsewhere,
        LegState::TimedOut => Why::TimedOut,
        LegState::Ended
        | LegState::Inviting { .. }
        | LegState::NotYetReceived { .. }
        | LegState::Quit
        | LegState::Received { .. } => Why::Ended,
    }
}

/// The device of this very user that ended the ring.
fn spared(call: &Call, user: &UserId, cause: &Cause) -> Option<DeviceId> {
    let has_rejected = call.legs.get(user).is_some_and(|leg| why(&leg.state) == Why::RejectedElsewhere);
    if has_rejected { cause.device.clone() } else { view::main_device(call, user) }
}
