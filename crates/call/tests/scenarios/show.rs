//! Calls and outcomes as text. Ids hide themselves in `Debug`, so whole outputs are compared in this form.
use offhook_call::{Audience, Call, Event, LegState, Notice, Outcome};
use offhook_types::{DeviceId, Opaque, UserId};

pub(crate) fn standing_of(call: &Call) -> String {
    let legs: Vec<String> =
        call.legs.iter().map(|(user, leg)| format!("{}={}", user.as_str(), state(&leg.state))).collect();
    let end = call.end.as_ref().map_or_else(
        || "live".to_owned(),
        |end| match &end.by {
            Some(by) => format!("{:?} by {}", end.reason, by.as_str()),
            None => format!("{:?}", end.reason),
        },
    );
    format!("{} | {end}", legs.join(" "))
}

fn state(state: &LegState) -> String {
    match state {
        LegState::Accepted { main_device } => {
            format!("Accepted({})", main_device.as_ref().map_or("-", DeviceId::as_str))
        }
        LegState::BeCanceled => "BeCanceled".into(),
        LegState::Canceled => "Canceled".into(),
        LegState::Ended => "Ended".into(),
        LegState::Inviting { waiting: false, .. } => "Inviting".into(),
        LegState::Inviting { waiting: true, .. } => "Inviting(waiting)".into(),
        LegState::NotYetReceived { .. } => "NotYetReceived".into(),
        LegState::Quit => "Quit".into(),
        LegState::Received { .. } => "Received".into(),
        LegState::Rejected { reason } => format!("Rejected({reason:?})"),
        LegState::TimedOut => "TimedOut".into(),
    }
}

pub(crate) fn notices(notices: &[Notice]) -> Vec<String> {
    notices.iter().map(notice).collect()
}

fn notice(notice: &Notice) -> String {
    let device = match &notice.audience {
        Audience::AllDevices => "all",
        Audience::Device(device) => device.as_str(),
    };
    let event = match &notice.event {
        Event::Canceled { by, data } => format!("Canceled by {}{}", by.as_str(), quoted(data)),
        Event::Changed => "Changed".into(),
        Event::Created => "Created".into(),
        Event::Ended { by, data } => {
            format!("Ended by {}{}", by.as_ref().map_or("policy", UserId::as_str), quoted(data))
        }
        Event::Invited => "Invited".into(),
        Event::Merged => "Merged".into(),
        Event::Unanswered => "Unanswered".into(),
    };
    let changed: Vec<&str> = notice.changed.iter().map(UserId::as_str).collect();
    format!("{}@{device}: {event} [{}]", notice.to.as_str(), changed.join(", "))
}

pub(crate) fn problems(outcome: &Outcome) -> Vec<String> {
    outcome.problems.iter().map(|(user, problem)| format!("{}: {problem:?}", user.as_str())).collect()
}

fn quoted(data: &Opaque) -> String {
    if data.is_empty() { String::new() } else { format!(" '{}'", data.as_str()) }
}
