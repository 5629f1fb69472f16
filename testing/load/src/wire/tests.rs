//! Holds the templates and the ears to what `signaling` reads and writes.
use offhook_signaling::{
    CallReply, CallStatus, CallView, CloseCode, Closing, Code, EndView, Event, EventBody, Happening,
    Heartbeat, Invited, LegStatus, LegView, Problem, Reply,
};
use offhook_types::{CallSeq, Offset};

use super::*;

const CALL: &str = "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d";

#[test]
fn a_filled_template_is_the_request_it_was_made_from() {
    let data = Opaque::default();
    let Texts { accept, acknowledge, end } = Texts::new();
    let requests = [
        (accept.fill(7, CALL), Request::Accept(Accept { call: call(), data: data.clone() })),
        (acknowledge.fill(7, CALL), Request::Acknowledge(Acknowledge { call: call() })),
        (end.fill(7, CALL), Request::End(End { call: call(), data, push: None })),
    ];
    for (text, request) in requests {
        assert_eq!(ClientFrame::parse(&text), Ok(ClientFrame::Request(RequestId(7), request)));
    }
}

#[test]
fn an_invite_bears_its_callee_and_its_data() {
    let text = Template::invite(user("bob"), 200).fill(1, "");
    let Ok(ClientFrame::Request(RequestId(1), Request::Invite(invite))) = ClientFrame::parse(&text) else {
        panic!("{text}");
    };
    assert_eq!(invite.invitees, [user("bob")]);
    assert_eq!((invite.extended_data.len(), invite.mode), (200, CallMode::Advanced));
}

#[test]
fn every_step_of_a_call_is_heard() {
    let changed = |status| EventBody::Changed(happening(status));
    let heard = [
        (event(EventBody::Invited(view())), Heard::Invited { call: CALL }),
        (event(changed(LegStatus::Received)), Heard::Other),
        (event(changed(LegStatus::Accepted)), Heard::Accepted { call: CALL }),
        (event(EventBody::Ended(happening(LegStatus::Ended))), Heard::Ended { call: CALL }),
        (reply(Reply::Done), Heard::Reply { id: 7, call: None }),
        (
            reply(Reply::Call(CallReply { call: Some(view()), left_out: Vec::new(), room: None })),
            Heard::Reply { id: 7, call: None },
        ),
        (
            reply(Reply::Invited(Invited { call: view(), left_out: Vec::new(), merged: false, room: None })),
            Heard::Reply { id: 7, call: Some(CALL) },
        ),
        (ServerFrame::Heartbeat(Heartbeat { offset: Offset(3) }), Heard::Other),
    ];
    for (frame, expected) in heard {
        let text = frame.to_text();
        assert_eq!(Heard::read(&text), Ok(expected), "{text}");
    }
}

#[test]
fn bad_news_is_a_failure_that_tells_its_kind() {
    let problem = ServerFrame::Problem(Some(RequestId(1)), Problem::new(Code::RateLimited, "slower"));
    assert_eq!(Heard::read(&problem.to_text()), Err(Failure::Problem(Code::RateLimited)));
    let closing = Closing { code: CloseCode::GoingAway, message: "bye".into(), reconnect_in_ms: None };
    assert_eq!(
        Heard::read(&ServerFrame::Closing(closing).to_text()),
        Err(Failure::Closing(CloseCode::GoingAway))
    );
    for text in
        ["", "{}", r#"{"id":1,"type":"reply.done"}"#, r#"{"type":"reply.done"}"#, r#"{"type":"call.ended"}"#]
    {
        assert_eq!(Heard::read(text), Err(Failure::Unreadable), "{text}");
    }
}

fn event(body: EventBody) -> ServerFrame {
    ServerFrame::Event(Event { after: Offset(4), body, offset: Offset(9) })
}

fn reply(reply: Reply) -> ServerFrame {
    ServerFrame::Reply(RequestId(7), reply)
}

fn happening(status: LegStatus) -> Happening {
    Happening {
        by: Some(user("alice")),
        call: call(),
        changed: vec![leg("bob", status)],
        data: Opaque::new(r#"{"call":"of the app's own"}"#),
        end: None::<EndView>,
        main_device: None,
        seq: CallSeq(2),
    }
}

fn view() -> CallView {
    CallView {
        age_ms: 0,
        alias: "1".into(),
        call: call(),
        caller: user("alice"),
        created_at: Timestamp::from_millis(1),
        end: None,
        extended_data: Opaque::new(r#"{"call":"of the app's own"}"#),
        ignored: false,
        inviter: user("alice"),
        legs: vec![leg("alice", LegStatus::Accepted), leg("bob", LegStatus::Inviting)],
        main_device: None,
        media: MediaKind::Video,
        missed: false,
        mode: CallMode::Advanced,
        remaining_ms: 60_000,
        seq: CallSeq(1),
        status: CallStatus::Started,
        timeout_ms: 60_000,
        upgrade_offered: false,
        usage: None,
        waiting: false,
    }
}

fn leg(name: &str, status: LegStatus) -> LegView {
    LegView {
        accepted_at: None,
        data: Opaque::default(),
        delivery: None,
        left_at: None,
        reason: None,
        status,
        user: user(name),
    }
}

fn call() -> CallId {
    CALL.parse().unwrap()
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}
