//! Frames of the server.
use offhook_signaling::{
    CallReply, Calls, CloseCode, Closing, Code, Event, EventBody, Heartbeat, Invited, LeftOut, LeftOutCause,
    Limits, Problem, PushKey, Renewed, Reply, RequestId, ServerFrame, Snapshot, TokenWillExpire, Users,
    Welcome,
};
use offhook_types::{Epoch, Offset};

use super::{
    room_events, room_replies, room_token, user,
    views::{bare_user, call_view, full_call, full_happening, full_user, happening},
};

/// A full and a minimal frame of every type.
pub(crate) fn server_frames() -> Vec<ServerFrame> {
    let mut frames = session_frames();
    frames.extend((0..).zip(event_bodies()).map(|(step, body)| {
        // Events of other devices stand between the odd ones.
        let offset = Offset(42 + step);
        ServerFrame::Event(Event { after: Offset(offset.0 - 1 - step % 2 * 3), body, offset })
    }));
    let replies = replies().into_iter().chain(room_replies());
    frames.extend((1..).zip(replies).map(|(id, reply)| ServerFrame::Reply(RequestId(id), reply)));
    frames.extend(room_events().into_iter().map(ServerFrame::Room));
    frames
}

fn session_frames() -> Vec<ServerFrame> {
    let problem = Problem::new(Code::CallEnded, "the call is over");
    vec![
        ServerFrame::Closing(Closing {
            code: CloseCode::GoingAway,
            message: "the server restarts".into(),
            reconnect_in_ms: Some(1_500),
        }),
        ServerFrame::Closing(Closing {
            code: CloseCode::KickedOut,
            message: "another device logged in".into(),
            reconnect_in_ms: None,
        }),
        ServerFrame::Heartbeat(Heartbeat { offset: Offset(41) }),
        ServerFrame::Problem(
            Some(RequestId(9)),
            Problem { call: Some(full_call()), retry_after_ms: Some(250), ..problem.clone() },
        ),
        ServerFrame::Problem(None, problem),
        ServerFrame::TokenWillExpire(TokenWillExpire { remaining_ms: 30_000 }),
        ServerFrame::Welcome(welcome(Some(Snapshot { calls: vec![call_view()], ended: vec![full_call()] }))),
        ServerFrame::Welcome(welcome(Some(Snapshot { calls: vec![], ended: vec![] }))),
        ServerFrame::Welcome(welcome(None)),
    ]
}

fn welcome(snapshot: Option<Snapshot>) -> Welcome {
    Welcome {
        epoch: Epoch(3),
        heartbeat_ms: 10_000,
        limits: Limits { frame_bytes: 65_536, request_burst: 40, requests_per_s: 20 },
        lost_after_ms: 30_000,
        offset: Offset(41),
        snapshot,
        token_expires_in_ms: 3_600_000,
        user: user("alice@example"),
    }
}

fn event_bodies() -> Vec<EventBody> {
    vec![
        EventBody::Canceled(full_happening()),
        EventBody::Canceled(happening()),
        EventBody::Changed(full_happening()),
        EventBody::Changed(happening()),
        EventBody::Created(full_call()),
        EventBody::Created(call_view()),
        EventBody::Ended(full_happening()),
        EventBody::Ended(happening()),
        EventBody::Invited(full_call()),
        EventBody::Invited(call_view()),
        EventBody::Merged(full_call()),
        EventBody::Merged(call_view()),
        EventBody::Unanswered(full_happening()),
        EventBody::Unanswered(happening()),
    ]
}

fn replies() -> Vec<Reply> {
    let left_out = vec![
        LeftOut { cause: LeftOutCause::Unregistered, user: user("nobody@example") },
        LeftOut { cause: LeftOutCause::AlreadyAccepted, user: user("carol@example") },
    ];
    vec![
        Reply::Call(CallReply {
            call: Some(full_call()),
            left_out: left_out.clone(),
            room: Some(room_token()),
        }),
        Reply::Call(CallReply { call: None, left_out: vec![], room: None }),
        Reply::Calls(Calls { calls: vec![call_view(), full_call()], next: Some("1846".into()) }),
        Reply::Calls(Calls { calls: vec![], next: None }),
        Reply::Done,
        Reply::PushKey(PushKey { key: Some("BCVxsr7N_eNgVRqvHtD0zTZsEc6".into()) }),
        Reply::PushKey(PushKey { key: None }),
        Reply::Invited(Invited { call: call_view(), left_out, merged: true, room: Some(room_token()) }),
        Reply::Invited(Invited { call: call_view(), left_out: vec![], merged: false, room: None }),
        Reply::Renewed(Renewed { expires_in_ms: 3_600_000 }),
        Reply::Users(Users { unknown: vec![user("nobody@example")], users: vec![full_user(), bare_user()] }),
        Reply::Users(Users { unknown: vec![], users: vec![] }),
    ]
}
