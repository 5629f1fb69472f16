//! What happened, line by line: for a person, or one JSON object each.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK's events may become more; what is new is of no interest here"
)]
use std::{
    io::{self, Write as _},
    time::Duration,
};

use offhook_client::{ConnectionState, Event, Invited, RingStopReason};
use offhook_gateway::{Clock as _, SystemClock};
use offhook_signaling::{CallView, EndView, LegView, RejectCause};
use offhook_types::CallId;
use serde_json::{Map, Value};

/// Prints what one user's device hears and does.
pub(crate) struct Timeline {
    begin: Duration,
    clock: SystemClock,
    is_json: bool,
}

/// One line.
pub(crate) struct Line {
    fields: Map<String, Value>,
    sentence: String,
}

impl Line {
    /// A line about `event`, which says `sentence` to a person.
    pub(crate) fn new(event: &str, sentence: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("event".into(), event.into());
        Self { fields, sentence: sentence.into() }
    }

    /// Adds a field for programs.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// Adds the call that the line is about.
    pub(crate) fn about(self, call: CallId) -> Self {
        self.with("call", call.to_string())
    }
}

impl Timeline {
    /// Begins to count time.
    pub(crate) fn begin(is_json: bool) -> Self {
        let clock = SystemClock::new();
        Self { begin: clock.elapsed(), clock, is_json }
    }

    /// Prints a line. A reader that has gone away ends the program, as a pipe does.
    pub(crate) fn print(&self, line: Line) -> io::Result<()> {
        let at = self.clock.elapsed().saturating_sub(self.begin);
        let mut out = io::stdout().lock();
        if self.is_json {
            let mut fields = line.fields;
            fields.insert("at_ms".into(), u64::try_from(at.as_millis()).unwrap_or(u64::MAX).into());
            writeln!(out, "{}", Value::Object(fields))
        } else {
            writeln!(out, "{:>9.3} s  {}", at.as_secs_f64(), line.sentence)
        }
    }
}

/// What an event of the SDK says; `None` for what is of no interest to a person.
pub(crate) fn line_of(event: &Event) -> Option<Line> {
    Some(match event {
        Event::CallChanged { call, changed } => {
            let sentence = format!("{} {}", short(*call), parties(changed));
            Line::new("changed", sentence).about(*call).with("changed", states(changed))
        }
        Event::CallCreated(view) => {
            let sentence = format!("{} is a call of yours: {}", short(view.call), parties(&view.legs));
            Line::new("created", sentence).about(view.call).with("changed", states(&view.legs))
        }
        Event::CallEnded { by, call, changed, end, .. } => {
            let cause = end.as_ref().map_or("unknown", |end| end.cause.as_str());
            let by = by.as_ref().map(|by| format!(" by {}", by.as_str())).unwrap_or_default();
            let sentence = format!("{} is over{by}: {}", short(*call), in_words(end.as_ref()));
            Line::new("ended", sentence).about(*call).with("cause", cause).with("changed", states(changed))
        }
        Event::Connection(state) => return connection(state),
        Event::Incoming(view) => incoming(view),
        Event::Merged(view) => {
            let sentence = format!("{} is both your calls in one: {}", short(view.call), parties(&view.legs));
            Line::new("merged", sentence).about(view.call)
        }
        Event::Refused(problem) => Line::new("refused", format!("the server refuses: {}", problem.message))
            .with("code", problem.code.as_str()),
        Event::RingStopped { call, reason, .. } => {
            let sentence = format!("{} stops ringing: {}", short(*call), why(*reason));
            Line::new("ring_stopped", sentence).about(*call).with("reason", word(*reason))
        }
        Event::TokenNeeded => Line::new("token_needed", "the token expires and there is no other"),
        _ => return None,
    })
}

/// A call that the user placed, and who could not be invited.
pub(crate) fn placed(invited: &Invited) -> Line {
    let view = &invited.call;
    let seconds = view.timeout_ms / 1_000;
    let mut sentence = format!("call {} rings for {seconds} s: {}", view.call, parties(&view.legs));
    for left_out in &invited.left_out {
        sentence +=
            &format!("; not {} ({})", left_out.user.as_str(), left_out.cause.as_str().replace('_', " "));
    }
    Line::new("placed", sentence).about(view.call).with("changed", states(&view.legs))
}

fn incoming(view: &CallView) -> Line {
    let seconds = view.remaining_ms / 1_000;
    let (from, media) = (view.inviter.as_str(), view.media.as_str());
    let sentence = format!("call {} rings: {from} calls you ({media}), {seconds} s left", view.call);
    Line::new("incoming", sentence)
        .about(view.call)
        .with("from", from)
        .with("remaining_ms", view.remaining_ms)
        .with("waiting", view.waiting)
}

fn connection(state: &ConnectionState) -> Option<Line> {
    Some(match state {
        ConnectionState::Online { resumed, user } => {
            let how = if *resumed { "back" } else { "online" };
            Line::new("online", format!("{how} as {}", user.as_str())).with("resumed", *resumed)
        }
        ConnectionState::Backoff { retry_in } => {
            let sentence = format!("connection lost; trying again in {:.1} s", retry_in.as_secs_f64());
            Line::new("offline", sentence)
        }
        ConnectionState::Stopped(reason) => Line::new("stopped", format!("the session is over: {reason:?}"))
            .with("reason", format!("{reason:?}")),
        _ => return None,
    })
}

/// The last digits of a call's id: enough to tell the lines of two calls apart. When it rings, the whole id is printed.
fn short(call: CallId) -> String {
    let text = call.to_string();
    format!("call …{}", &text[text.len() - 6..])
}

fn parties(legs: &[LegView]) -> String {
    let one = |leg: &LegView| {
        let reason = match &leg.reason {
            Some(RejectCause::Busy) => " (busy)",
            Some(RejectCause::Declined | RejectCause::Unknown(_)) | None => "",
        };
        format!("{} {}{reason}", leg.user.as_str(), leg.status.as_str().replace('_', " "))
    };
    legs.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn states(legs: &[LegView]) -> Value {
    legs.iter()
        .map(|leg| (leg.user.as_str().to_owned(), Value::from(leg.status.as_str())))
        .collect::<Map<_, _>>()
        .into()
}

fn in_words(end: Option<&EndView>) -> String {
    end.map_or_else(|| "long ago".to_owned(), |end| end.cause.as_str().replace('_', " "))
}

fn why(reason: RingStopReason) -> &'static str {
    match reason {
        RingStopReason::AnsweredElsewhere => "answered on another device",
        RingStopReason::AnsweredHere => "accepted here",
        RingStopReason::Canceled => "the caller took it back",
        RingStopReason::DeclinedElsewhere => "declined on another device",
        RingStopReason::DeclinedHere => "rejected here",
        RingStopReason::Ended => "the call is over",
        RingStopReason::Ignored => "silenced here",
        RingStopReason::SessionOver => "this device is logged out",
        RingStopReason::TimedOut => "its time has passed",
        RingStopReason::Unanswered => "nobody answered",
        _ => "for a reason this version does not know",
    }
}

fn word(reason: RingStopReason) -> &'static str {
    match reason {
        RingStopReason::AnsweredElsewhere => "answered_elsewhere",
        RingStopReason::AnsweredHere => "answered_here",
        RingStopReason::Canceled => "canceled",
        RingStopReason::DeclinedElsewhere => "declined_elsewhere",
        RingStopReason::DeclinedHere => "declined_here",
        RingStopReason::Ended => "ended",
        RingStopReason::Ignored => "ignored",
        RingStopReason::SessionOver => "session_over",
        RingStopReason::TimedOut => "timed_out",
        RingStopReason::Unanswered => "unanswered",
        _ => "unknown",
    }
}
