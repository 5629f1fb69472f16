//! The session machine in virtual time: scenarios, and a random walk that holds its invariants.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm, reason = "a test fails by panicking")]

mod scenarios;
mod silence;
mod walk;

use std::time::Duration;

use offhook_session::{Config, Input, Output, Page, Session};
use offhook_signaling::{
    CallReply, ClientFrame, Closing, Event, EventBody, Heartbeat, Hello, ListCalls, Platform, Problem,
    Quality, Quit, ReadRoom, RenewToken, Reply, Request, RequestId, RoomEvent, ServerFrame,
};
use offhook_types::{CallId, DeviceId, Epoch, Offset, Opaque, RoomId, Timestamp, UserId};

pub(crate) fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + millis)
}

pub(crate) fn s(seconds: u64) -> Timestamp {
    ms(seconds * 1000)
}

pub(crate) fn hello() -> Input {
    Input::Frame(Ok(ClientFrame::Hello(Hello {
        app: None,
        device: DeviceId::new("phone").unwrap(),
        name: Opaque::default(),
        platform: Platform::Ios,
        resume: None,
        token: "secret".into(),
        user: None,
    })))
}

/// A session that opens at offset 10 at time 0, with a token of one hour.
pub(crate) fn opened() -> Input {
    Input::Opened {
        epoch: Epoch(1),
        expires: s(3600),
        offset: Offset(10),
        snapshot: None,
        user: UserId::new("alice").unwrap(),
    }
}

pub(crate) fn live() -> Session {
    live_with(Config::default())
}

pub(crate) fn live_with(config: Config) -> Session {
    let mut session = Session::new(config, s(0));
    session.handle(s(0), hello());
    let outputs = session.handle(s(0), opened());
    assert!(matches!(outputs[..], [Output::Send(ServerFrame::Welcome(_))]), "{outputs:?}");
    assert_eq!(session.handle(s(0), Input::Written), [Output::Fetch { after: Offset(10) }]);
    let nothing = Page { events: vec![], more: false, through: Offset(10) };
    assert_eq!(session.handle(s(0), Input::Delivered(nothing)), []);
    session
}

pub(crate) fn ask(id: u64, request: Request) -> Input {
    Input::Frame(Ok(ClientFrame::Request(RequestId(id), request)))
}

/// A request that changes calls, so that events of its own go before its reply.
pub(crate) fn quit() -> Request {
    Request::Quit(Quit { call: CallId::from_parts(ms(0), [0; 10]), data: Opaque::default(), push: None })
}

/// A request that changes nothing.
pub(crate) fn list() -> Request {
    Request::ListCalls(ListCalls { cursor: None, limit: 20 })
}

pub(crate) fn renew() -> Request {
    Request::RenewToken(later())
}

pub(crate) fn later() -> RenewToken {
    RenewToken { token: "later".into() }
}

/// A request about a room, whose reply goes before the events of rooms that come meanwhile.
pub(crate) fn read_room() -> Request {
    Request::ReadRoom(ReadRoom { room: room() })
}

pub(crate) fn room() -> RoomId {
    RoomId::new("r").unwrap()
}

/// An event of a room that bears a number.
pub(crate) fn level(number: u64) -> RoomEvent {
    RoomEvent::Quality(Quality { downlink_bps: number, members: vec![], room: room(), rtt_ms: 0 })
}

pub(crate) fn done() -> Reply {
    Reply::Call(CallReply { call: None, left_out: vec![], room: None })
}

pub(crate) fn event(after: u64, offset: u64) -> Event {
    let call = CallId::from_parts(ms(0), [0; 10]);
    let happening = offhook_signaling::Happening {
        by: None,
        call,
        changed: vec![],
        data: Opaque::default(),
        end: None,
        main_device: None,
        seq: offhook_types::CallSeq(offset),
    };
    Event { after: Offset(after), body: EventBody::Changed(happening), offset: Offset(offset) }
}

pub(crate) fn page(events: Vec<Event>, through: u64, more: bool) -> Input {
    Input::Delivered(Page { events, more, through: Offset(through) })
}

pub(crate) fn heartbeat() -> Input {
    Input::Frame(Ok(ClientFrame::Heartbeat(Heartbeat { offset: Offset(10) })))
}

pub(crate) fn beat(offset: u64) -> Output {
    Output::Send(ServerFrame::Heartbeat(Heartbeat { offset: Offset(offset) }))
}

pub(crate) fn fetch(after: u64) -> Output {
    Output::Fetch { after: Offset(after) }
}

pub(crate) fn sent(event: Event) -> Output {
    Output::Send(ServerFrame::Event(event))
}

pub(crate) fn replied(id: u64, reply: Reply) -> Output {
    Output::Send(ServerFrame::Reply(RequestId(id), reply))
}

/// The code of the close that the outputs end with, and when the client shall come back.
pub(crate) fn closing(outputs: &[Output]) -> Option<(offhook_signaling::CloseCode, Option<u64>)> {
    match outputs {
        [
            ..,
            Output::Send(ServerFrame::Closing(Closing { code, reconnect_in_ms, .. })),
            Output::Close(close),
        ] => {
            assert_eq!(code, close);
            Some((*code, *reconnect_in_ms))
        }
        _ => None,
    }
}

/// The problem that is sent, with its id.
pub(crate) fn problem(output: &Output) -> Option<(Option<RequestId>, &Problem)> {
    match output {
        Output::Send(ServerFrame::Problem(id, problem)) => Some((*id, problem)),
        _ => None,
    }
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
