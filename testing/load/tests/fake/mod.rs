//! A server small enough to be seen through: it speaks the real frames over real WebSockets, verifies tokens, and passes
//! a call's steps on. It stores nothing and knows no refusals but those that a test orders.
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, mpsc},
};

use futures_util::{SinkExt as _, StreamExt as _};
use offhook_auth::{AppSpec, KeyId, KeyRing, KeySpec, Purpose, VerifyingKey, verify_user_token};
use offhook_signaling::{
    CallMode, CallReply, CallStatus, CallView, ClientFrame, Code, Event, EventBody, Happening, Invited,
    LegStatus, LegView, Limits, MediaKind, Problem, Reply, Request, RequestId, SUBPROTOCOL, ServerFrame,
    Welcome,
};
use offhook_types::{AppId, CallId, CallSeq, Epoch, Offset, Opaque, Timestamp, UserId};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request as Upgrade, Response},
        http::HeaderValue,
    },
};

/// The secret of the one key, as bytes.
pub(crate) const SECRET: [u8; 32] = [7; 32];

/// What the server does about accepts.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Manner {
    /// Passes them on.
    Carry,
    /// Closes the connection they came over.
    HangUp,
    /// Says nothing.
    Ignore,
    /// Turns them down.
    Refuse,
}

struct World {
    calls: Mutex<HashMap<CallId, [UserId; 2]>>,
    manner: Manner,
    online: Mutex<HashMap<UserId, UnboundedSender<ServerFrame>>>,
    ring: KeyRing,
}

/// Starts a server in a thread of its own, which ends with the test, and returns where it listens.
pub(crate) fn start(manner: Manner) -> SocketAddr {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            serve(listener, manner).await;
        });
    });
    told.recv().unwrap()
}

async fn serve(listener: TcpListener, manner: Manner) {
    let key = KeySpec::new(KeyId::new("k").unwrap(), Purpose::User, VerifyingKey::hs256(&SECRET).unwrap());
    let ring = KeyRing::new(vec![AppSpec::new(AppId(1), vec![key])]).unwrap();
    let world = Arc::new(World { calls: Mutex::default(), manner, online: Mutex::default(), ring });
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(Arc::clone(&world), stream));
    }
}

/// One connection, from hello to the end.
async fn converse(world: Arc<World>, stream: TcpStream) {
    let mut socket = accept_hdr_async(stream, choose_subprotocol).await.unwrap();
    let Some(ClientFrame::Hello(hello)) = read(&mut socket).await else { panic!("hello comes first") };
    let now =
        Timestamp::from_millis(u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap());
    let grant = verify_user_token(&world.ring, now, &hello.token, hello.app).unwrap();
    let user = grant.account.user;
    let (out, frames) = unbounded_channel();
    out.send(welcome(&user)).unwrap();
    world.online.lock().unwrap().insert(user.clone(), out);
    carry(&world, socket, frames, &user).await;
    world.online.lock().unwrap().remove(&user);
}

async fn carry(
    world: &World,
    mut socket: WebSocketStream<TcpStream>,
    mut frames: UnboundedReceiver<ServerFrame>,
    user: &UserId,
) {
    loop {
        tokio::select! {
            frame = frames.recv() => {
                let Some(frame) = frame else { return };
                if socket.send(Message::text(frame.to_text())).await.is_err() {
                    return;
                }
            }
            frame = read(&mut socket) => match frame {
                Some(ClientFrame::Request(id, request)) => {
                    if !world.handle(user, id, request) {
                        return;
                    }
                }
                Some(ClientFrame::Heartbeat(_)) => {}
                Some(ClientFrame::Hello(_)) | None => return,
            }
        }
    }
}

impl World {
    /// Carries a request out; whether the connection goes on.
    fn handle(&self, user: &UserId, id: RequestId, request: Request) -> bool {
        let reply = |reply| self.tell(user, ServerFrame::Reply(id, reply));
        match request {
            Request::Invite(invite) => {
                let call = self.place(user, &invite.invitees[0]);
                let view = view(call, user, &invite.invitees[0]);
                self.tell(&invite.invitees[0], event(EventBody::Invited(view.clone())));
                reply(Reply::Invited(Invited {
                    call: view,
                    left_out: Vec::new(),
                    merged: false,
                    room: None,
                }));
            }
            Request::Accept(_) if self.manner == Manner::HangUp => return false,
            Request::Accept(_) if self.manner == Manner::Ignore => {}
            Request::Accept(_) if self.manner == Manner::Refuse => {
                self.tell(user, ServerFrame::Problem(Some(id), Problem::new(Code::RingOver, "too late")));
            }
            Request::Accept(accept) => {
                self.tell_both(
                    accept.call,
                    &EventBody::Changed(happening(accept.call, user, LegStatus::Accepted)),
                );
                reply(Reply::Call(CallReply { call: None, left_out: Vec::new(), room: None }));
            }
            Request::Acknowledge(acknowledge) => {
                let call = acknowledge.call;
                self.tell_both(call, &EventBody::Changed(happening(call, user, LegStatus::Received)));
                reply(Reply::Done);
            }
            Request::End(end) => {
                self.tell_both(end.call, &EventBody::Ended(happening(end.call, user, LegStatus::Ended)));
                reply(Reply::Done);
            }
            Request::Add(_)
            | Request::AddCandidate(_)
            | Request::AnswerMedia(_)
            | Request::AskPushKey(_)
            | Request::RegisterDevice(_)
            | Request::UnregisterDevice
            | Request::AskRoomToken(_)
            | Request::Cancel(_)
            | Request::Ignore(_)
            | Request::Join(_)
            | Request::JoinRoom(_)
            | Request::LeaveRoom(_)
            | Request::ListCalls(_)
            | Request::Logout
            | Request::OfferMedia(_)
            | Request::QueryUsers(_)
            | Request::Quit(_)
            | Request::ReadCall(_)
            | Request::ReadRoom(_)
            | Request::Reject(_)
            | Request::RemoveMember(_)
            | Request::RenewToken(_)
            | Request::SendMessage(_)
            | Request::Subscribe(_)
            | Request::UpdateStream(_)
            | Request::UpdateUser(_) => panic!("the tool sends no such request"),
        }
        true
    }

    fn place(&self, caller: &UserId, callee: &UserId) -> CallId {
        let mut calls = self.calls.lock().unwrap();
        let mut random = [0; 10];
        random[2..].copy_from_slice(&u64::try_from(calls.len()).unwrap().to_be_bytes());
        let call = CallId::from_parts(Timestamp::from_millis(1), random);
        calls.insert(call, [caller.clone(), callee.clone()]);
        call
    }

    fn tell(&self, user: &UserId, frame: ServerFrame) {
        if let Some(out) = self.online.lock().unwrap().get(user) {
            let _ = out.send(frame);
        }
    }

    fn tell_both(&self, call: CallId, body: &EventBody) {
        let parties = self.calls.lock().unwrap()[&call].clone();
        for user in &parties {
            self.tell(user, event(body.clone()));
        }
    }
}

async fn read(socket: &mut WebSocketStream<TcpStream>) -> Option<ClientFrame> {
    let Some(Ok(Message::Text(text))) = socket.next().await else { return None };
    Some(ClientFrame::parse(&text).unwrap())
}

fn choose_subprotocol(upgrade: &Upgrade, mut response: Response) -> Result<Response, ErrorResponse> {
    assert_eq!(upgrade.uri().path(), "/v1/ws");
    response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

fn welcome(user: &UserId) -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        epoch: Epoch(1),
        heartbeat_ms: 50,
        limits: Limits { frame_bytes: 65_536, request_burst: 1, requests_per_s: 1 },
        lost_after_ms: 30_000,
        offset: Offset(0),
        snapshot: None,
        token_expires_in_ms: 1,
        user: user.clone(),
    })
}

fn event(body: EventBody) -> ServerFrame {
    ServerFrame::Event(Event { after: Offset(0), body, offset: Offset(1) })
}

fn happening(call: CallId, user: &UserId, status: LegStatus) -> Happening {
    Happening {
        by: None,
        call,
        changed: vec![leg(user, status)],
        data: Opaque::default(),
        end: None,
        main_device: None,
        seq: CallSeq(2),
    }
}

fn view(call: CallId, caller: &UserId, callee: &UserId) -> CallView {
    CallView {
        age_ms: 0,
        alias: "1".into(),
        call,
        caller: caller.clone(),
        created_at: Timestamp::from_millis(1),
        end: None,
        extended_data: Opaque::default(),
        ignored: false,
        inviter: caller.clone(),
        legs: vec![leg(caller, LegStatus::Accepted), leg(callee, LegStatus::Inviting)],
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

fn leg(user: &UserId, status: LegStatus) -> LegView {
    LegView {
        accepted_at: None,
        data: Opaque::default(),
        delivery: None,
        left_at: None,
        reason: None,
        status,
        user: user.clone(),
    }
}
