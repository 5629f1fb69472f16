//! What the traces of testing/conformance do not reach: bounds, strangers, secrets, and what is known.
use offhook_client_core::{
    Client, ClientError, Config, ConnectionState, Event, Handle, Input, Output, RingStopReason, Token,
};
use offhook_signaling::{ClientFrame, Ignore, ListCalls, Platform, Request, ServerFrame};
use offhook_types::{CallId, DeviceId, Opaque, Timestamp};
use serde_json::{Value, json};

#[test]
fn calls_that_are_over_are_forgotten_the_oldest_first() {
    let mut client = online();
    for number in 1..=100_u8 {
        let offset = u64::from(number);
        handle(&mut client, 100, frame(&invited(offset, &call(number), 0, "bob")));
    }
    assert_eq!(client.calls().count(), 100, "a call that may still be answered is kept");
    for number in 1..=100_u8 {
        let end = json!({ "at": 1, "cause": "ended" });
        let body = json!({ "call": call(number).to_string(), "seq": 2, "end": end });
        let offset = 100 + u64::from(number);
        handle(&mut client, 200, frame(&json!({ "type": "call.ended", "offset": offset, "body": body })));
    }
    let kept: Vec<CallId> = client.calls().map(|state| state.view().call).collect();
    assert_eq!(kept, (37..=100).map(call).collect::<Vec<_>>());
}

#[test]
fn no_ring_lasts_longer_than_an_invite_may_ask_for() {
    let mut client = online();
    handle(&mut client, 100, frame(&invited(1, &call(1), 86_400_000, "bob")));
    assert_eq!(client.call(call(1)).expect("known").ring_until(), Some(at(600_100)));
}

#[test]
fn requests_that_wait_are_bounded() {
    let mut client = online();
    for number in 0..64 {
        assert_eq!(ask(&mut client, number, list()).len(), 1, "sent");
    }
    let refused = ask(&mut client, 64, list());
    let error = ClientError::TooManyRequests;
    assert_eq!(refused, [Output::Resolve { handle: Handle(64), result: Err(error) }]);
}

#[test]
fn a_silenced_call_is_known_as_silenced_before_the_server_has_heard_of_it() {
    let mut client = online();
    handle(&mut client, 100, frame(&invited(1, &call(1), 9_000, "bob")));
    let ignoring = ask(&mut client, 1, Request::Ignore(Ignore { call: call(1) }));
    let [Output::Event(Event::RingStopped { reason, .. }), Output::Send(_)] = &ignoring[..] else {
        panic!("it stops at once: {ignoring:?}")
    };
    assert_eq!(*reason, RingStopReason::Ignored);
    ask(&mut client, 2, list());
    let page = json!({ "calls": [view(&call(1), 8_000, "bob")] });
    handle(&mut client, 200, frame(&json!({ "type": "reply.calls", "id": 3, "body": page })));
    assert!(client.call(call(1)).expect("known").view().ignored);
}

#[test]
fn a_token_of_another_user_begins_with_nothing_of_the_first() {
    let mut client = online();
    handle(&mut client, 100, frame(&invited(1, &call(1), 9_000, "bob")));
    handle(&mut client, 200, Input::Disconnect);
    handle(&mut client, 300, Input::Connect);
    handle(&mut client, 310, Input::SocketOpened);
    let told = handle(&mut client, 320, frame(&welcome("carol", 10_000)));
    let (by, data, reason) = (None, Opaque::default(), RingStopReason::SessionOver);
    assert!(
        told.contains(&Output::Event(Event::RingStopped { by, call: call(1), data, reason })),
        "{told:?}"
    );
    assert_eq!(client.calls().count(), 0);
}

#[test]
fn a_heartbeat_of_no_time_at_all_does_not_spin_the_client() {
    let mut client = greeting();
    handle(&mut client, 30, frame(&welcome("bob", 0)));
    assert_eq!(client.poll_timeout(), Some(at(1_030)));
}

#[test]
fn a_ring_is_not_acknowledged_if_the_app_does_so_itself() {
    let mut client = Client::new(Config { acknowledge: false, ..config() });
    greet(&mut client);
    handle(&mut client, 30, frame(&welcome("bob", 10_000)));
    let told = handle(&mut client, 100, frame(&invited(1, &call(1), 9_000, "bob")));
    assert!(matches!(&told[..], [Output::Event(Event::Incoming(_))]), "{told:?}");
}

#[test]
fn a_reply_that_cannot_be_read_still_resolves_its_request() {
    let mut client = online();
    ask(&mut client, 7, list());
    let told = handle(&mut client, 200, frame(&json!({ "type": "reply.of_tomorrow", "id": 1, "body": {} })));
    assert_eq!(told, [Output::Resolve { handle: Handle(7), result: Err(ClientError::Unreadable) }]);
}

#[test]
fn words_of_a_socket_that_is_gone_are_not_heard() {
    let mut client = online();
    handle(&mut client, 100, Input::SocketClosed(None));
    for input in [Input::SocketClosed(None), Input::SocketOpened, frame(&welcome("bob", 10_000))] {
        assert_eq!(handle(&mut client, 100, input), []);
    }
}

#[test]
fn a_call_of_which_the_server_does_not_tell_is_read_once() {
    let empty = json!({ "type": "reply.call", "id": 1, "body": {} });
    let body = json!({ "code": "call_not_found", "message": "no", "retryable": false, "zim_code": 1 });
    let refused = json!({ "type": "problem", "id": 1, "body": body });
    let unreadable = json!({ "type": "reply.of_tomorrow", "id": 1, "body": {} });
    for answer in [empty, refused, unreadable] {
        let mut client = online();
        let happening = json!({ "call": call(1).to_string(), "main_device": "phone-1", "seq": 4 });
        let event = json!({ "type": "call.changed", "offset": 1, "body": happening });
        let read = handle(&mut client, 100, frame(&event));
        assert!(matches!(&read[..], [Output::Send(ClientFrame::Request(..))]), "{read:?}");
        assert_eq!(handle(&mut client, 200, frame(&answer)), []);
        assert_eq!(client.poll_timeout(), Some(at(10_030)), "nothing but the heartbeat is due");
    }
}

#[test]
fn a_snapshot_tells_of_a_call_that_may_still_be_answered_and_of_none_that_may_not() {
    for (status, told) in [("inviting", 1), ("rejected", 0)] {
        let mut client = greeting();
        let mut welcome = welcome("bob", 10_000);
        let mut call = view(&call(1), 0, "bob");
        call["legs"][1]["status"] = json!(status);
        welcome["body"]["snapshot"]["calls"] = json!([call]);
        let outputs = handle(&mut client, 30, frame(&welcome));
        let created = |output: &&Output| matches!(output, Output::Event(Event::CallCreated(_)));
        assert_eq!(outputs.iter().filter(created).count(), told, "{outputs:?}");
        assert_eq!(client.calls().count(), told);
    }
}

#[test]
fn a_connect_asks_an_online_client_for_a_token_if_one_is_needed_and_none_is_on_its_way() {
    let warning = json!({ "type": "token_will_expire", "body": { "remaining_ms": 60_000 } });
    for none in [Input::TokenFailed, Input::TokenGone] {
        let mut client = online();
        assert_eq!(handle(&mut client, 40, Input::Connect), [], "no token is needed");
        assert_eq!(handle(&mut client, 50, frame(&warning)), [Output::NeedToken]);
        assert_eq!(handle(&mut client, 60, Input::Connect), [], "the source is asked already");
        assert_eq!(handle(&mut client, 70, none), [Output::Event(Event::TokenNeeded)]);
        assert_eq!(handle(&mut client, 80, Input::Connect), [Output::NeedToken]);
        assert_eq!(client.poll_timeout(), Some(at(10_030)), "nothing but the heartbeat is due");
        let renewal = handle(&mut client, 90, Input::Token(Token("token-2".into())));
        assert!(matches!(&renewal[..], [Output::Send(ClientFrame::Request(..))]), "{renewal:?}");
        assert_eq!(handle(&mut client, 100, Input::Connect), [], "the server is asked already");
        let taken = json!({ "type": "reply.token", "id": 1, "body": { "expires_in_ms": 3_600_000 } });
        handle(&mut client, 110, frame(&taken));
        assert_eq!(handle(&mut client, 120, Input::Connect), [], "the session has its token");
    }
}

#[test]
fn a_token_is_not_shown_by_debug() {
    let mut client = greeting();
    let renewal = handle(&mut client, 30, Input::Token(Token("secret-token".into())));
    handle(&mut client, 40, frame(&welcome("bob", 10_000)));
    let shown = format!("{client:?} {renewal:?} {:?}", Input::Token(Token("secret-token".into())));
    assert!(!shown.contains("secret-token"));
}

fn config() -> Config {
    Config::new(DeviceId::new("phone-1").expect("valid"), Platform::Ios)
}

fn greet(client: &mut Client) {
    handle(client, 0, Input::Connect);
    handle(client, 10, Input::Token(Token("token-1".into())));
    let hello = handle(client, 20, Input::SocketOpened);
    assert!(matches!(&hello[..], [Output::Send(ClientFrame::Hello(_))]), "{hello:?}");
}

fn greeting() -> Client {
    let mut client = Client::new(config());
    greet(&mut client);
    client
}

fn online() -> Client {
    let mut client = greeting();
    let told = handle(&mut client, 30, frame(&welcome("bob", 10_000)));
    assert!(matches!(&told[..], [Output::Event(Event::Connection(ConnectionState::Online { .. }))]));
    client
}

fn handle(client: &mut Client, millis: u64, input: Input) -> Vec<Output> {
    client.handle(at(millis), 0, input)
}

fn ask(client: &mut Client, number: u64, request: Request) -> Vec<Output> {
    handle(client, 100, Input::Request { handle: Handle(number), request })
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn frame(frame: &Value) -> Input {
    Input::Frame(ServerFrame::parse(&frame.to_string()))
}

fn list() -> Request {
    Request::ListCalls(ListCalls { cursor: None, limit: 20 })
}

fn call(number: u8) -> CallId {
    CallId::from_parts(at(u64::from(number)), [number; 10])
}

fn welcome(user: &str, heartbeat_ms: u64) -> Value {
    let limits = json!({ "frame_bytes": 65536, "request_burst": 40, "requests_per_s": 20 });
    json!({ "type": "welcome", "body": {
        "epoch": 1, "heartbeat_ms": heartbeat_ms, "limits": limits, "lost_after_ms": 30_000, "offset": 0,
        "snapshot": { "calls": [] }, "token_expires_in_ms": 3_600_000, "user": user,
    }})
}

fn invited(offset: u64, call: &CallId, remaining_ms: u64, user: &str) -> Value {
    json!({ "type": "call.invited", "offset": offset, "body": view(call, remaining_ms, user) })
}

fn view(call: &CallId, remaining_ms: u64, user: &str) -> Value {
    json!({
        "age_ms": 0, "alias": "1", "call": call.to_string(), "caller": "alice", "created_at": 1, "inviter": "alice",
        "legs": [{ "user": "alice", "status": "accepted" }, { "user": user, "status": "inviting" }],
        "media": "audio", "mode": "general", "remaining_ms": remaining_ms, "seq": 1, "status": "started",
        "timeout_ms": 30_000,
    })
}
