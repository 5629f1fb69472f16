//! Outputs, as they stand in a trace. What an event bears of a call is shortened to what the machine adds to the frame.
use offhook_client_core::{ClientError, ConnectionState, Event, Output, RingStopReason, StopReason};
use offhook_signaling::LegView;
use serde_json::{Value, json};

pub(crate) fn to_json(output: &Output) -> Value {
    match output {
        Output::CloseSocket => json!({ "output": "close_socket" }),
        Output::Event(event) => json!({ "output": "event", "event": of_event(event) }),
        Output::NeedToken => json!({ "output": "need_token" }),
        Output::OpenSocket => json!({ "output": "open_socket" }),
        Output::Resolve { handle, result: Ok(reply) } => {
            json!({ "output": "resolve", "handle": handle.0, "reply": reply.type_name() })
        }
        Output::Resolve { handle, result: Err(error) } => {
            json!({ "output": "resolve", "handle": handle.0, "error": of_error(error) })
        }
        Output::Send(frame) => {
            let frame: Value = serde_json::from_str(&frame.to_text()).expect("a frame is JSON");
            json!({ "output": "send", "frame": frame })
        }
    }
}

fn of_event(event: &Event) -> Value {
    match event {
        Event::CallChanged { call, changed } => {
            json!({ "type": "call_changed", "call": call.to_string(), "changed": of_legs(changed) })
        }
        Event::CallCreated(view) => json!({ "type": "call_created", "call": view.call.to_string() }),
        Event::CallEnded { by, call, changed, data, end } => json!({
            "type": "call_ended",
            "by": by.as_ref().map(|by| by.as_str()),
            "call": call.to_string(),
            "cause": end.as_ref().map(|end| end.cause.as_str()),
            "changed": of_legs(changed),
            "data": data.as_str(),
        }),
        Event::Connection(state) => of_connection(state),
        Event::Incoming(view) => {
            json!({ "type": "incoming", "call": view.call.to_string(), "remaining_ms": view.remaining_ms })
        }
        Event::Merged(view) => json!({ "type": "merged", "call": view.call.to_string() }),
        Event::Refused(problem) => json!({ "type": "refused", "code": problem.code.as_str() }),
        Event::RingStopped { by, call, data, reason } => json!({
            "type": "ring_stopped",
            "by": by.as_ref().map(|by| by.as_str()),
            "call": call.to_string(),
            "data": data.as_str(),
            "reason": of_ring(*reason),
        }),
        Event::Room(event) => json!({ "type": event.type_name(), "room": event.room().as_str() }),
        Event::TokenNeeded => json!({ "type": "token_needed" }),
        other => panic!("the traces have no word for {other:?}"),
    }
}

fn of_legs(legs: &[LegView]) -> Vec<Value> {
    legs.iter().map(|leg| json!({ "user": leg.user.as_str(), "status": leg.status.as_str() })).collect()
}

fn of_connection(state: &ConnectionState) -> Value {
    match state {
        ConnectionState::Backoff { retry_in } => {
            json!({ "type": "connection", "state": "backoff", "retry_in_ms": retry_in.as_millis() })
        }
        ConnectionState::Connecting => json!({ "type": "connection", "state": "connecting" }),
        ConnectionState::Disconnected => json!({ "type": "connection", "state": "disconnected" }),
        ConnectionState::Online { resumed, user } => {
            json!({ "type": "connection", "state": "online", "resumed": resumed, "user": user.as_str() })
        }
        ConnectionState::Stopped(reason) => {
            json!({ "type": "connection", "state": "stopped", "reason": of_stop(*reason) })
        }
        other => panic!("the traces have no word for {other:?}"),
    }
}

fn of_stop(reason: StopReason) -> &'static str {
    match reason {
        StopReason::BadFrame => "bad_frame",
        StopReason::KickedOut => "kicked_out",
        StopReason::LoggedOut => "logged_out",
        StopReason::Replaced => "replaced",
        StopReason::Unauthenticated => "unauthenticated",
        other => panic!("the traces have no word for {other:?}"),
    }
}

fn of_ring(reason: RingStopReason) -> &'static str {
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
        other => panic!("the traces have no word for {other:?}"),
    }
}

fn of_error(error: &ClientError) -> Value {
    match error {
        ClientError::Disconnected { maybe_applied } => {
            json!({ "type": "disconnected", "maybe_applied": maybe_applied })
        }
        ClientError::NotConnected => json!({ "type": "not_connected" }),
        ClientError::Problem(problem) => json!({ "type": "problem", "code": problem.code.as_str() }),
        ClientError::TimedOut { maybe_applied } => {
            json!({ "type": "timed_out", "maybe_applied": maybe_applied })
        }
        ClientError::TooManyRequests => json!({ "type": "too_many_requests" }),
        ClientError::Unreadable => json!({ "type": "unreadable" }),
    }
}
