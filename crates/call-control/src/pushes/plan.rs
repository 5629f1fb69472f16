//! Which pushes a step of a call asks for. Pure: it compares the call before and after.
use offhook_call::{Call, Leg, LegState};
use offhook_signaling::PushConfig;
use offhook_types::{DeviceId, Timestamp, UserId};

use super::errand::{Errand, Why};

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
        let old = before.and_then(|call| Some((call, call.legs.get(user)?)));
        let rang = old.and_then(|(call, leg)| ring_of(call, leg));
        let rings = ring_of(after, leg);
        let errand = match (rang, rings) {
            (_, Some(ring)) if rang != Some(ring) => Errand::Ring { config: cause.config.clone() },
            (Some(_), None) => Errand::Stop {
                config: cause.config.clone(),
                why: why(&leg.state),
                spared: spared(leg, cause),
            },
            (None | Some(_), None | Some(_)) => return None,
        };
        Some((user.clone(), errand))
    };
    after.legs.iter().filter_map(errand).collect()
}

/// The ring of a leg, named by when it began.
fn ring_of(call: &Call, leg: &Leg) -> Option<Timestamp> {
    (leg.state.is_ringing() && !call.is_over()).then_some(leg.invited_at)
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
fn spared(leg: &Leg, cause: &Cause) -> Option<DeviceId> {
    match &leg.state {
        LegState::Accepted { main_device } => main_device.clone(),
        LegState::Rejected { .. } => cause.device.clone(),
        LegState::BeCanceled
        | LegState::Canceled
        | LegState::Ended
        | LegState::Inviting { .. }
        | LegState::NotYetReceived { .. }
        | LegState::Quit
        | LegState::Received { .. }
        | LegState::TimedOut => None,
    }
}
