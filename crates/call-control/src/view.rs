//! A call as one of its parties sees it.
use offhook_call::{
    Call, Delivery as Reached, End, EndReason, Leg, LegState, Media, Mode, RejectReason, Usage,
};
use offhook_signaling::{
    CallMode, CallStatus, CallView, Delivery, EndCause, EndView, LegStatus, LegView, MediaKind, MemberUsage,
    RejectCause, UsageView,
};
use offhook_types::{DeviceId, Party, Timestamp, UserId};

/// The whole call, for this party, at this moment.
pub(crate) fn of_call(call: &Call, party: &Party, now: Timestamp) -> CallView {
    let own = call.legs.get(&party.account.user);
    let millis = |duration: core::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    CallView {
        age_ms: millis(now.since(call.created_at)),
        alias: call.id.alias().to_string(),
        call: call.id,
        caller: call.caller.clone(),
        created_at: call.created_at,
        end: call.end.as_ref().map(of_end),
        extended_data: call.extended_data.clone(),
        ignored: own.zip(party.device.as_ref()).is_some_and(|(leg, device)| leg.ignored_on.contains(device)),
        inviter: own.map_or(&call.caller, |leg| &leg.inviter).clone(),
        legs: call.legs.iter().map(|(user, leg)| of_leg(call, (user, leg), party)).collect(),
        main_device: main_device(call, &party.account.user),
        media: match call.media {
            Media::Audio => MediaKind::Audio,
            Media::Video => MediaKind::Video,
        },
        missed: own.is_some_and(|leg| is_missed(call, leg)),
        mode: match call.mode {
            Mode::Advanced => CallMode::Advanced,
            Mode::General => CallMode::General,
        },
        remaining_ms: ring_until(call, &party.account.user).map_or(0, |until| millis(until.since(now))),
        seq: call.seq,
        status: if call.is_over() { CallStatus::Ended } else { CallStatus::Started },
        timeout_ms: millis(call.timeout),
        upgrade_offered: call.upgrade_offered,
        usage: of_usage(call),
        waiting: own.is_some_and(|leg| is_waiting(&leg.state)),
    }
}

fn of_usage(call: &Call) -> Option<UsageView> {
    let millis = |duration: core::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let of_member = |(user, usage): (&UserId, &Usage)| {
        let [audio_ms, sd_ms, hd_ms, full_hd_ms, two_k_ms, four_k_ms] = usage.tiers.map(millis);
        let (received_bytes, sent_bytes) = (usage.received_bytes, usage.sent_bytes);
        MemberUsage {
            audio_ms,
            four_k_ms,
            full_hd_ms,
            hd_ms,
            present_ms: millis(usage.present),
            received_bytes,
            sd_ms,
            sent_bytes,
            two_k_ms,
            user: user.clone(),
        }
    };
    let members: Vec<_> = call.usage.iter().map(of_member).collect();
    (!members.is_empty()).then_some(UsageView { members })
}

/// One party of a call. How far an invitation has got, the caller alone is told.
pub(crate) fn of_leg(call: &Call, (user, leg): (&UserId, &Leg), party: &Party) -> LegView {
    let (status, reason) = match &leg.state {
        LegState::Accepted { .. } => (LegStatus::Accepted, None),
        LegState::BeCanceled => (LegStatus::BeCanceled, None),
        LegState::Canceled => (LegStatus::Canceled, None),
        LegState::Ended => (LegStatus::Ended, None),
        LegState::Inviting { .. } => (LegStatus::Inviting, None),
        LegState::NotYetReceived { .. } => (LegStatus::NotYetReceived, None),
        LegState::Quit => (LegStatus::Quit, None),
        LegState::Received { .. } => (LegStatus::Received, None),
        LegState::Rejected { reason: RejectReason::Busy } => (LegStatus::Rejected, Some(RejectCause::Busy)),
        LegState::Rejected { reason: RejectReason::Declined } => {
            (LegStatus::Rejected, Some(RejectCause::Declined))
        }
        LegState::TimedOut => (LegStatus::TimedOut, None),
    };
    LegView {
        accepted_at: leg.accepted_at,
        data: leg.data.clone(),
        delivery: delivery_of(leg).filter(|_| party.account.user == call.caller),
        left_at: leg.left_at,
        reason,
        status,
        user: user.clone(),
    }
}

/// How far the invitation has got, while it rings.
fn delivery_of(leg: &Leg) -> Option<Delivery> {
    let reached = leg.delivery.filter(|_| leg.state.is_ringing())?;
    let rings = match leg.state {
        LegState::Received { .. } => true,
        LegState::Accepted { .. }
        | LegState::BeCanceled
        | LegState::Canceled
        | LegState::Ended
        | LegState::Inviting { .. }
        | LegState::NotYetReceived { .. }
        | LegState::Quit
        | LegState::Rejected { .. }
        | LegState::TimedOut => false,
    };
    Some(match (rings, reached) {
        (true, _) => Delivery::Ringing,
        (false, Reached::Delivered) => Delivery::Delivered,
        (false, Reached::PushAccepted) => Delivery::PushAccepted,
        (false, Reached::Queued) => Delivery::Queued,
    })
}

/// Whether the party was rung and no device of theirs answered.
fn is_missed(call: &Call, leg: &Leg) -> bool {
    match &leg.state {
        LegState::BeCanceled | LegState::TimedOut => true,
        LegState::Inviting { .. } | LegState::NotYetReceived { .. } | LegState::Received { .. } => {
            call.is_over()
        }
        LegState::Accepted { .. }
        | LegState::Canceled
        | LegState::Ended
        | LegState::Quit
        | LegState::Rejected { .. } => false,
    }
}

/// How a call ended.
pub(crate) fn of_end(end: &End) -> EndView {
    let cause = match end.reason {
        EndReason::AllLeft => EndCause::AllLeft,
        EndReason::Answered => EndCause::Answered,
        EndReason::CallerLeft => EndCause::CallerLeft,
        EndReason::CallerLost => EndCause::CallerLost,
        EndReason::Canceled => EndCause::Canceled,
        EndReason::Ended => EndCause::Ended,
        EndReason::LastOneLeft => EndCause::LastOneLeft,
        EndReason::MaxAge => EndCause::MaxAge,
        EndReason::Rejected => EndCause::Rejected,
        EndReason::Unanswered => EndCause::Unanswered,
    };
    EndView { at: end.at, by: end.by.clone(), cause }
}

/// The device on which the user is in the call.
pub(crate) fn main_device(call: &Call, user: &UserId) -> Option<DeviceId> {
    match &call.legs.get(user)?.state {
        LegState::Accepted { main_device } => main_device.clone(),
        LegState::BeCanceled
        | LegState::Canceled
        | LegState::Ended
        | LegState::Inviting { .. }
        | LegState::NotYetReceived { .. }
        | LegState::Quit
        | LegState::Received { .. }
        | LegState::Rejected { .. }
        | LegState::TimedOut => None,
    }
}

/// Until when the user's devices are to ring; `None` if they are not, or the call is over.
pub(crate) fn ring_until(call: &Call, user: &UserId) -> Option<Timestamp> {
    call.legs.get(user)?.state.ring_until().filter(|_| !call.is_over())
}

/// Whether the user is in the call.
pub(crate) fn is_in_call(call: &Call, user: &UserId) -> bool {
    call.legs.get(user).is_some_and(|leg| leg.state.is_in_call())
}

fn is_waiting(state: &LegState) -> bool {
    match state {
        LegState::Inviting { waiting, .. }
        | LegState::NotYetReceived { waiting, .. }
        | LegState::Received { waiting, .. } => *waiting,
        LegState::Accepted { .. }
        | LegState::BeCanceled
        | LegState::Canceled
        | LegState::Ended
        | LegState::Quit
        | LegState::Rejected { .. }
        | LegState::TimedOut => false,
    }
}
