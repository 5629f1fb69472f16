//! A tiny server that speaks the frames over real sockets, as its test tells it.
use futures_util::{SinkExt, StreamExt};
use offhook_client::{
    CallId, CallMode, CallStatus, CallView, Client, Config, DeviceId, Event, Events, LegStatus, LegView,
    MediaKind, Opaque, Platform, TokenSource, UserId,
};
use offhook_signaling::{
    ClientFrame, Event as LogEvent, EventBody, Happening, Hello, Limits, Reply, Request, RequestId,
    SUBPROTOCOL, ServerFrame, Snapshot, Welcome,
};
use offhook_types::{CallSeq, Epoch, Offset, Timestamp};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request as Upgrade, Response},
    },
};

pub(crate) struct Server {
    listener: TcpListener,
}

impl Server {
    pub(crate) async fn bind() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("loopback") }
    }

    /// A client of this server, not yet accepted.
    pub(crate) fn client(&self, token: impl Into<TokenSource>, change: fn(&mut Config)) -> (Client, Events) {
        let url = format!("ws://{}/v1/ws", self.listener.local_addr().expect("bound"));
        let device = DeviceId::new("phone-1").expect("valid");
        let mut config = Config::new(url, device, Platform::Linux, token);
        change(&mut config);
        Client::connect(config).expect("the URL is fine")
    }

    /// The next connection, and what it said first.
    pub(crate) async fn accept(&self) -> (Peer, Hello) {
        let (stream, _) = self.listener.accept().await.expect("a connection");
        let mut peer = Peer { line: accept_hdr_async(stream, choose).await.expect("a handshake") };
        match peer.read().await {
            Some(ClientFrame::Hello(hello)) => (peer, hello),
            other => panic!("the first frame is hello, not {other:?}"),
        }
    }

    /// The next connection, welcomed with nothing in its log.
    pub(crate) async fn welcome(&self) -> Peer {
        let (mut peer, hello) = self.accept().await;
        assert_eq!(hello.resume, None);
        peer.welcome(0, Some(Snapshot { calls: Vec::new(), ended: Vec::new() })).await;
        peer
    }

    /// The next connection, resumed where it wants.
    pub(crate) async fn resume(&self) -> (Peer, u64) {
        let (mut peer, hello) = self.accept().await;
        let offset = hello.resume.expect("it resumes").offset.0;
        peer.welcome(offset, None).await;
        (peer, offset)
    }
}

fn choose(
    request: &Upgrade,
    mut response: Response,
) -> Result<Response, tokio_tungstenite::tungstenite::handshake::server::ErrorResponse> {
    let wanted = request.headers().get("sec-websocket-protocol").expect("the client names its protocol");
    assert_eq!(wanted, SUBPROTOCOL);
    response.headers_mut().insert("sec-websocket-protocol", wanted.clone());
    Ok(response)
}

/// The server's end of one connection. Dropping it breaks the connection.
pub(crate) struct Peer {
    line: WebSocketStream<TcpStream>,
}

impl Peer {
    /// The next frame that is no heartbeat; `None` at the end.
    pub(crate) async fn read(&mut self) -> Option<ClientFrame> {
        loop {
            match self.line.next().await? {
                Ok(Message::Text(text)) => match ClientFrame::parse(&text).expect("a frame") {
                    ClientFrame::Heartbeat(_) => {}
                    frame @ (ClientFrame::Hello(_) | ClientFrame::Request(..)) => return Some(frame),
                },
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(Message::Binary(_) | Message::Frame(_) | Message::Ping(_) | Message::Pong(_)) => {}
            }
        }
    }

    pub(crate) async fn request(&mut self) -> (RequestId, Request) {
        match self.read().await {
            Some(ClientFrame::Request(id, request)) => (id, request),
            other => panic!("a request was to come, not {other:?}"),
        }
    }

    pub(crate) async fn send(&mut self, frame: ServerFrame) {
        self.line.send(Message::text(frame.to_text())).await.expect("the client is there");
    }

    pub(crate) async fn reply(&mut self, id: RequestId, reply: Reply) {
        self.send(ServerFrame::Reply(id, reply)).await;
    }

    pub(crate) async fn event(&mut self, after: u64, offset: u64, body: EventBody) {
        self.send(ServerFrame::Event(LogEvent { after: Offset(after), body, offset: Offset(offset) })).await;
    }

    pub(crate) async fn welcome(&mut self, offset: u64, snapshot: Option<Snapshot>) {
        let welcome = Welcome {
            epoch: Epoch(1),
            heartbeat_ms: 10_000,
            limits: Limits { frame_bytes: 65_536, request_burst: 40, requests_per_s: 20 },
            lost_after_ms: 30_000,
            offset: Offset(offset),
            snapshot,
            token_expires_in_ms: 3_600_000,
            user: user("bob"),
        };
        self.send(ServerFrame::Welcome(welcome)).await;
    }
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).expect("valid")
}

pub(crate) fn call() -> CallId {
    "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d".parse().expect("valid")
}

pub(crate) fn leg(name: &str, status: LegStatus) -> LegView {
    let data = Opaque::default();
    LegView { accepted_at: None, data, delivery: None, left_at: None, reason: None, status, user: user(name) }
}

/// Alice calls Bob.
pub(crate) fn ringing() -> CallView {
    CallView {
        age_ms: 0,
        alias: "1".into(),
        call: call(),
        caller: user("alice"),
        created_at: Timestamp::from_millis(1_763_700_000_000),
        end: None,
        extended_data: Opaque::default(),
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

/// A leg changed; it is the call's version `seq`.
pub(crate) fn changed(seq: u64, leg: LegView) -> EventBody {
    EventBody::Changed(Happening {
        by: None,
        call: call(),
        changed: vec![leg],
        data: Opaque::default(),
        end: None,
        main_device: None,
        seq: CallSeq(seq),
    })
}

/// The next event that does not speak of the connection.
pub(crate) async fn next(events: &mut Events) -> Event {
    loop {
        let event = events.next().await.expect("the client lives");
        let Event::Connection(_) = event else { return event };
    }
}
