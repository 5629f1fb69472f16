//! The client over real sockets: lost connections, lost and doubled events, silence, an app that is slow.
mod server;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use offhook_client::{
    CallReply, Client, Code, Config, ConnectError, ConnectionState, DeviceId, Error, Event, Invite, Invited,
    LegStatus, Platform, Problem, RingStopReason, StopReason, TokenSource,
};
use offhook_signaling::{CloseCode, Closing, EventBody, Reply, Request, ServerFrame};
use server::{Server, call, changed, leg, next, ringing, user};

fn as_is(_: &mut Config) {}

fn quiet(config: &mut Config) {
    config.acknowledge = false;
}

#[tokio::test]
async fn a_call_is_placed_and_its_reply_comes_back() {
    let server = Server::bind().await;
    let (client, mut events) = server.client("token-1", |config| {
        config.name = "Bob".into();
        config.user = Some(user("bob"));
    });
    let (mut peer, hello) = server.accept().await;
    assert_eq!(hello.user, Some(user("bob")));
    assert_eq!((hello.token.as_str(), hello.name.as_str(), hello.resume), ("token-1", "Bob", None));
    peer.welcome(0, None).await;

    let placing = tokio::spawn(async move { client.invite(Invite::new([user("alice")])).await });
    let (id, request) = peer.request().await;
    let Request::Invite(invite) = request else { panic!("an invite, not {request:?}") };
    assert_eq!(invite.invitees, [user("alice")]);
    assert_eq!(invite.key.expect("every invite has a key").as_str().len(), 32);
    peer.reply(
        id,
        Reply::Invited(Invited { call: ringing(), left_out: Vec::new(), merged: false, room: None }),
    )
    .await;

    assert_eq!(placing.await.expect("no panic").expect("placed").call.call, call());
    assert_eq!(events.next().await, Some(Event::Connection(ConnectionState::Connecting)));
    let online = ConnectionState::Online { resumed: false, user: user("bob") };
    assert_eq!(events.next().await, Some(Event::Connection(online)));
}

#[tokio::test]
async fn a_ring_is_acknowledged_and_a_refusal_bears_the_call() {
    let server = Server::bind().await;
    let (client, mut events) = server.client("token-1", as_is);
    let mut peer = server.welcome().await;
    peer.event(0, 1, EventBody::Invited(ringing())).await;
    let (_, request) = peer.request().await;
    assert_eq!(request.type_name(), "call.acknowledge");
    let Event::Incoming(view) = next(&mut events).await else { panic!("it rings") };

    let accepting = tokio::spawn(async move { (client.accept(view.call).await, client) });
    let (id, _) = peer.request().await;
    let mut late = ringing();
    late.legs = vec![leg("alice", LegStatus::Canceled), leg("bob", LegStatus::BeCanceled)];
    (late.seq, late.remaining_ms) = (late.seq.next(), 0);
    let problem = Problem { call: Some(late), ..Problem::new(Code::Canceled, "too late") };
    peer.send(ServerFrame::Problem(Some(id), problem.clone())).await;

    let (refused, client) = accepting.await.expect("no panic");
    assert_eq!(refused, Err(Error::Problem(Box::new(problem))));
    let Event::RingStopped { reason, .. } = next(&mut events).await else { panic!("the ring stops") };
    assert_eq!(reason, RingStopReason::Canceled, "the refusal told what the event had not yet told");
    assert_eq!(client.known_call(call()).await.expect("open").expect("known").seq.0, 2);
}

#[tokio::test]
async fn a_request_survives_the_loss_of_its_connection() {
    let server = Server::bind().await;
    let (client, _events) = server.client("token-1", as_is);
    let mut peer = server.welcome().await;
    let accepting = tokio::spawn(async move { client.accept(call()).await });
    let (first, request) = peer.request().await;
    drop(peer);

    let (mut peer, offset) = server.resume().await;
    assert_eq!(offset, 0);
    assert_eq!(peer.request().await, (first, request));
    peer.reply(first, Reply::Call(CallReply { call: None, left_out: Vec::new(), room: None })).await;
    assert!(accepting.await.expect("no panic").is_ok());
}

#[tokio::test]
async fn an_add_that_may_have_been_applied_is_not_repeated() {
    let server = Server::bind().await;
    let (client, _events) = server.client("token-1", as_is);
    let mut peer = server.welcome().await;
    let adding = tokio::spawn(async move { (client.add(call(), [user("carol")]).await, client) });
    peer.request().await;
    drop(peer);
    let (result, client) = adding.await.expect("no panic");
    assert_eq!(result, Err(Error::Disconnected { maybe_applied: true }));

    let (mut peer, _) = server.resume().await;
    let reading = tokio::spawn(async move { client.call(call()).await });
    let (id, request) = peer.request().await;
    assert_eq!(request.type_name(), "call.read");
    peer.reply(id, Reply::Call(CallReply { call: Some(ringing()), left_out: Vec::new(), room: None })).await;
    assert_eq!(reading.await.expect("no panic"), Ok(ringing()));
}

#[tokio::test]
async fn a_gap_is_healed_before_anything_after_it_is_told() {
    let server = Server::bind().await;
    let (_client, mut events) = server.client("token-1", quiet);
    let mut peer = server.welcome().await;
    peer.event(0, 1, EventBody::Invited(ringing())).await;
    peer.event(2, 3, changed(3, leg("alice", LegStatus::Quit))).await;
    assert_eq!(peer.read().await, None, "the client leaves");

    let (mut peer, offset) = server.resume().await;
    assert_eq!(offset, 1);
    peer.event(1, 2, changed(2, leg("bob", LegStatus::Received))).await;
    peer.event(2, 3, changed(3, leg("alice", LegStatus::Quit))).await;
    assert!(matches!(next(&mut events).await, Event::Incoming(_)));
    for expected in [leg("bob", LegStatus::Received), leg("alice", LegStatus::Quit)] {
        assert_eq!(next(&mut events).await, Event::CallChanged { call: call(), changed: vec![expected] });
    }
}

#[tokio::test]
async fn an_event_that_comes_twice_is_told_once() {
    let server = Server::bind().await;
    let (_client, mut events) = server.client("token-1", quiet);
    let mut peer = server.welcome().await;
    for _ in 0..2 {
        peer.event(0, 1, EventBody::Invited(ringing())).await;
    }
    for _ in 0..2 {
        peer.event(1, 2, changed(2, leg("bob", LegStatus::Received))).await;
    }
    peer.event(2, 3, changed(3, leg("alice", LegStatus::Quit))).await;
    assert!(matches!(next(&mut events).await, Event::Incoming(_)));
    for expected in [leg("bob", LegStatus::Received), leg("alice", LegStatus::Quit)] {
        assert_eq!(next(&mut events).await, Event::CallChanged { call: call(), changed: vec![expected] });
    }
}

#[tokio::test]
async fn a_silent_server_is_left_and_the_session_resumed() {
    let server = Server::bind().await;
    let (client, mut events) = server.client("token-1", quiet);
    let mut peer = server.welcome().await;
    peer.event(0, 1, EventBody::Invited(ringing())).await;
    assert!(matches!(next(&mut events).await, Event::Incoming(_)));

    tokio::time::pause();
    tokio::time::advance(core::time::Duration::from_secs(31)).await;
    tokio::time::resume();
    assert_eq!(peer.read().await, None, "the client leaves");
    let (_peer, offset) = server.resume().await;
    assert_eq!(offset, 1);
    assert_eq!(client.known_calls().await.expect("open").len(), 1);
}

#[tokio::test]
async fn a_slow_app_holds_the_reading_back_and_loses_nothing() {
    const EVENTS: u64 = 300;
    let server = Server::bind().await;
    let (client, mut events) = server.client("token-1", |config| {
        quiet(config);
        config.event_buffer = 1;
    });
    let mut peer = server.welcome().await;
    peer.event(0, 1, EventBody::Invited(ringing())).await;
    for offset in 2..=EVENTS {
        let status = if offset % 2 == 0 { LegStatus::Quit } else { LegStatus::Accepted };
        peer.event(offset - 1, offset, changed(offset, leg("alice", status))).await;
    }
    // Nothing was taken, so the first event of all still fills the channel and the next one waits.
    assert_eq!(client.known_calls().await.expect("a full channel stops no answers"), []);

    assert!(matches!(next(&mut events).await, Event::Incoming(_)));
    for offset in 2..=EVENTS {
        let status = if offset % 2 == 0 { LegStatus::Quit } else { LegStatus::Accepted };
        let expected = Event::CallChanged { call: call(), changed: vec![leg("alice", status)] };
        assert_eq!(next(&mut events).await, expected, "event {offset}");
    }
}

#[tokio::test]
async fn a_refused_token_is_asked_for_once_more() {
    let server = Server::bind().await;
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let tokens = TokenSource::ask(move || {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        async move { Ok(format!("token-{number}")) }
    });
    let (_client, mut events) = server.client(tokens, as_is);
    for number in 0..2 {
        let (mut peer, hello) = server.accept().await;
        assert_eq!(hello.token, format!("token-{number}"));
        let closing =
            Closing { code: CloseCode::Unauthenticated, message: "no".into(), reconnect_in_ms: None };
        peer.send(ServerFrame::Closing(closing)).await;
    }
    let stopped = Event::Connection(ConnectionState::Stopped(StopReason::Unauthenticated));
    while events.next().await.expect("the client lives") != stopped {}
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_logout_stops_the_client_until_it_is_told_to_reconnect() {
    let server = Server::bind().await;
    let (client, mut events) = server.client("token-1", as_is);
    let mut peer = server.welcome().await;
    let asking = client.clone();
    let leaving = tokio::spawn(async move { asking.logout().await });
    let (id, _) = peer.request().await;
    peer.reply(id, Reply::Done).await;
    assert_eq!(leaving.await.expect("no panic"), Ok(()));
    let stopped = Event::Connection(ConnectionState::Stopped(StopReason::LoggedOut));
    while events.next().await.expect("the client lives") != stopped {}
    assert_eq!(client.accept(call()).await, Err(Error::NotConnected));

    client.reconnect().await.expect("open");
    server.welcome().await;
}

#[tokio::test]
async fn a_closed_client_says_goodbye_and_its_events_end() {
    let server = Server::bind().await;
    let (client, mut events) = server.client("token-1", as_is);
    let mut peer = server.welcome().await;
    let clone = client.clone();
    client.close().await;
    assert_eq!(peer.read().await, None);
    while events.next().await.is_some() {}
    assert_eq!(clone.accept(call()).await, Err(Error::Closed));
}

#[tokio::test]
async fn a_client_whose_last_end_is_dropped_disconnects() {
    let server = Server::bind().await;
    let (client, events) = server.client("token-1", as_is);
    let mut peer = server.welcome().await;
    drop(events);
    peer.event(0, 1, EventBody::Invited(ringing())).await;
    assert_eq!(peer.request().await.1.type_name(), "call.acknowledge", "it lives on without its events");
    drop(client);
    assert_eq!(peer.read().await, None);
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_refused_at_once() {
    let device = DeviceId::new("phone-1").expect("valid");
    let refused =
        |url: &str| Client::connect(Config::new(url, device.clone(), Platform::Linux, "token")).err();
    assert!(matches!(refused("ws://calls.example.com/v1/ws"), Some(ConnectError::Plaintext)));
    assert!(matches!(refused("https://calls.example.com"), Some(ConnectError::Url)));
    assert!(matches!(refused("not a url"), Some(ConnectError::Url)));
}
