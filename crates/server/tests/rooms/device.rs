//! A device that speaks the protocol over a real WebSocket and sends real media over UDP.
use std::{net::SocketAddr, process::Stdio, sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use offhook_sfu::{
    Datagram, Transport,
    endpoint::{Endpoint, EndpointConfig, EndpointOutput, Frame, TrackNo, TrackSpec},
};
use serde_json::{Value, json};
use tokio::{
    net::{TcpStream, UdpSocket},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::world::World;

/// How long a test waits for what must come. Only a failure ever takes it.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often the endpoint is looked at, and a frame of sound is sent.
const TICK: Duration = Duration::from_millis(10);

/// A device of a user. Dropped, it dies: without a word over either connection.
pub(crate) struct Device {
    log: watch::Receiver<Log>,
    next_id: u64,
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<()>,
}

/// What the device has seen.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// What came over the WebSocket.
    pub(crate) frames: Vec<Value>,
    /// How many frames of sound came over UDP.
    pub(crate) heard: u64,
    /// Whether media has connected.
    pub(crate) is_connected: bool,
}

enum Order {
    /// Makes an offer for a microphone, under the id of the request.
    Publish {
        id: u64,
        is_deaf: bool,
        room: String,
        stream: String,
    },
    Send(Value),
}

impl Device {
    /// Connects and logs in.
    pub(crate) async fn log_in(world: &World, user: &str, device: &str) -> Self {
        let mut request =
            format!("ws://{}/v1/ws", world.address()).into_client_request().expect("an address");
        request.headers_mut().insert("sec-websocket-protocol", "offhook.v1".parse().expect("a header"));
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("the server listens");
        let body = json!({ "device": device, "platform": "linux", "token": world.token(user).await });
        let hello = json!({ "type": "hello", "body": body });
        socket.send(Message::text(hello.to_string())).await.expect("the socket works");
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let (told, log) = watch::channel(Log::default());
        let (orders, taken) = mpsc::unbounded_channel();
        let body = Body { endpoint: None, offered: None, orders: taken, socket, told, udp };
        let mut device = Self { log, next_id: 1, orders, task: tokio::spawn(body.live()) };
        device.sees("a welcome", |frame| frame["type"] == "welcome").await;
        device
    }

    /// Asks, and gives the answer: a reply or a problem.
    pub(crate) async fn ask(&mut self, kind: &str, body: Value) -> Value {
        let id = self.take_id();
        self.order(Order::Send(json!({ "type": kind, "id": id, "body": body })));
        self.answer(id).await
    }

    /// Asks what must succeed; the body of the reply.
    pub(crate) async fn does(&mut self, kind: &str, body: Value) -> Value {
        let answer = self.ask(kind, body).await;
        assert_ne!(answer["type"], "problem", "{kind}: {answer}");
        answer["body"].clone()
    }

    /// Asks what must not succeed; the code of the problem.
    pub(crate) async fn fails(&mut self, kind: &str, body: Value) -> String {
        let answer = self.ask(kind, body).await;
        assert_eq!(answer["type"], "problem", "{kind}: {answer}");
        answer["body"]["code"].as_str().expect("a code").to_owned()
    }

    /// Publishes a microphone.
    pub(crate) async fn publishes(&mut self, room: &str) {
        let answer = self.offers(room, false).await;
        assert_eq!(answer["type"], "reply.answer", "{answer}");
    }

    /// Offers a microphone. Who is deaf sends no packet and hears none.
    pub(crate) async fn offers(&mut self, room: &str, is_deaf: bool) -> Value {
        let id = self.take_id();
        let stream = format!("stream-{}", rand::random::<u32>());
        self.order(Order::Publish { id, is_deaf, room: room.to_owned(), stream });
        self.answer(id).await
    }

    /// Waits for a frame over the WebSocket, also among those that have come.
    pub(crate) async fn sees(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let waited = timeout(PATIENCE, self.log.wait_for(|log| log.frames.iter().any(&is_it))).await;
        let found = match &waited {
            Ok(Ok(log)) => log.frames.iter().find(|frame| is_it(frame)).cloned(),
            Ok(Err(_)) | Err(_) => None,
        };
        drop(waited);
        found.unwrap_or_else(|| panic!("{what} did not come: {:#?}", self.log.borrow().frames))
    }

    /// Waits to be out of the room, and gives the cause.
    pub(crate) async fn is_out(&mut self, room: &str) -> String {
        let left =
            self.sees("room.left", |frame| frame["type"] == "room.left" && frame["body"]["room"] == room);
        left.await["body"]["cause"].as_str().expect("a cause").to_owned()
    }

    /// Waits until `user` is gone from the room, and gives the cause.
    pub(crate) async fn sees_go(&mut self, user: &str) -> String {
        let is_gone = |frame: &Value| removal(frame, user).is_some();
        let frame = self.sees("the going of a member", is_gone).await;
        removal(&frame, user).expect("just seen").to_owned()
    }

    /// Waits until `user` stands like this in a call.
    pub(crate) async fn sees_leg(&mut self, user: &str, status: &str) {
        let is_it = |leg: &Value| leg["user"] == user && leg["status"] == status;
        let is_told =
            |frame: &Value| frame["body"]["changed"].as_array().is_some_and(|legs| legs.iter().any(is_it));
        self.sees("a change of a leg", is_told).await;
    }

    /// Waits until it has heard this many more frames of sound.
    pub(crate) async fn hears(&mut self, more: u64) {
        assert!(self.can_hear(more).await, "it heard too little: {:#?}", self.log.borrow());
    }

    /// What it has seen.
    pub(crate) fn log(&self) -> watch::Ref<'_, Log> {
        self.log.borrow()
    }

    /// Whether it hears this many more frames of sound.
    pub(crate) async fn can_hear(&mut self, more: u64) -> bool {
        let wanted = self.log.borrow().heard + more;
        let heard = timeout(PATIENCE, self.log.wait_for(|log| log.heard >= wanted)).await;
        matches!(heard, Ok(Ok(_)))
    }

    /// Forgets what has been seen.
    pub(crate) fn forget(&mut self) {
        self.order(Order::Send(Value::Null));
    }

    /// The device dies.
    pub(crate) fn dies(self) {
        drop(self);
    }

    fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    async fn answer(&mut self, id: u64) -> Value {
        self.sees("an answer", |frame| frame["id"] == id).await
    }

    fn order(&self, order: Order) {
        assert!(self.orders.send(order).is_ok(), "the device lives");
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn removal<'a>(frame: &'a Value, user: &str) -> Option<&'a str> {
    let removed = frame["body"]["removed"].as_array().filter(|_| frame["type"] == "room.members")?;
    removed.iter().find(|gone| gone["user"] == user)?["cause"].as_str()
}

/// What lives in the task.
struct Body {
    endpoint: Option<Media>,
    /// The id of the request with the last offer.
    offered: Option<u64>,
    orders: mpsc::UnboundedReceiver<Order>,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    told: watch::Sender<Log>,
    udp: UdpSocket,
}

struct Media {
    endpoint: Endpoint,
    is_connected: bool,
    is_deaf: bool,
    sent: u64,
    track: TrackNo,
    /// The last offer of the server that is void.
    voided: u64,
}

impl Body {
    async fn live(mut self) {
        let (mut ticks, mut packet) = (interval(TICK), vec![0; 2048]);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                frame = self.socket.next() => match frame {
                    Some(Ok(Message::Text(text))) => self.take(serde_json::from_str(&text).expect("JSON")).await,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                received = self.udp.recv_from(&mut packet) => {
                    if let Ok((length, source)) = received {
                        self.receive(&packet[..length], source);
                    }
                }
                _ = ticks.tick() => self.tick(),
                order = self.orders.recv() => match order {
                    Some(order) => self.carry_out(order).await,
                    None => return,
                },
            }
            self.drain().await;
        }
    }

    async fn carry_out(&mut self, order: Order) {
        match order {
            Order::Send(Value::Null) => self.told.send_modify(|log| log.frames.clear()),
            Order::Send(frame) => self.send(frame).await,
            Order::Publish { id, is_deaf, room, stream } => {
                // A connection has a socket of its own: what a former one still sends is not for it.
                self.udp = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
                let address = self.udp.local_addr().expect("it is bound");
                let mut endpoint =
                    Endpoint::new(EndpointConfig::new(vec![address]), now()).expect("an address");
                let track = endpoint.publish(TrackSpec::microphone());
                let offer = endpoint.offer(now()).expect("there is a track to offer");
                let tracks = json!([{ "mid": offer.tracks[0].1, "source": "microphone" }]);
                let streams = json!([{ "stream": stream, "tracks": tracks }]);
                let body = json!({ "room": room, "sdp": offer.sdp, "streams": streams });
                self.endpoint =
                    Some(Media { endpoint, is_connected: false, is_deaf, sent: 0, track, voided: 0 });
                self.offered = Some(id);
                self.send(json!({ "type": "room.offer", "id": id, "body": body })).await;
            }
        }
    }

    async fn take(&mut self, frame: Value) {
        if let Some(media) = &mut self.endpoint {
            let sdp = frame["body"]["sdp"].as_str().unwrap_or_default();
            if frame["type"] == "reply.answer" && frame["id"].as_u64() == self.offered {
                media.endpoint.accept_answer(now(), sdp).expect("the answer fits");
                media.voided = frame["body"]["voids"].as_u64().unwrap_or(0);
            } else if frame["type"] == "room.offer"
                && frame["body"]["negotiation"].as_u64().is_some_and(|number| number > media.voided)
                && let Ok(answer) = media.endpoint.accept_offer(now(), sdp)
            {
                let (room, negotiation) = (&frame["body"]["room"], &frame["body"]["negotiation"]);
                let body = json!({ "room": room, "negotiation": negotiation, "sdp": answer });
                self.send(json!({ "type": "room.answer", "id": 0, "body": body })).await;
            }
        }
        self.told.send_modify(|log| log.frames.push(frame));
    }

    fn receive(&mut self, contents: &[u8], source: SocketAddr) {
        let destination = self.udp.local_addr().expect("it is bound");
        if let Some(media) = self.endpoint.as_mut().filter(|media| !media.is_deaf) {
            media
                .endpoint
                .receive(now(), Datagram { contents, destination, source, transport: Transport::Udp });
        }
    }

    /// Speaks, and does what is due.
    fn tick(&mut self) {
        let Some(media) = &mut self.endpoint else { return };
        if media.is_connected {
            let silence: Arc<[u8]> = Arc::from([0xfc, 0xff, 0xfe]);
            let frame = Frame { audio_level: Some(-20), payload: silence, timestamp: media.sent * 480 };
            if media.endpoint.write_frame(now(), (media.track, None), frame).is_ok() {
                media.sent += 1;
            }
        }
        if media.endpoint.poll_timeout().is_some_and(|due| due <= now()) {
            media.endpoint.handle_timeout(now());
        }
    }

    async fn drain(&mut self) {
        let Some(media) = &mut self.endpoint else { return };
        let mut heard = 0;
        while let Some(output) = media.endpoint.poll_output() {
            match output {
                EndpointOutput::Connected => {
                    media.is_connected = true;
                    self.told.send_modify(|log| log.is_connected = true);
                }
                EndpointOutput::Frame(_) => heard += 1,
                EndpointOutput::Transmit(transmit) => {
                    if !media.is_deaf {
                        let sent = self.udp.send_to(&transmit.contents, transmit.destination).await;
                        drop(sent); // Packets may be lost.
                    }
                }
                EndpointOutput::Closed
                | EndpointOutput::Estimate(_)
                | EndpointOutput::Interrupted
                | EndpointOutput::KeyframeWanted { .. }
                | EndpointOutput::Message(_)
                | EndpointOutput::MessagesOpen
                | EndpointOutput::Packet(_)
                | EndpointOutput::Resumed => {}
            }
        }
        if heard > 0 {
            self.told.send_modify(|log| log.heard += heard);
        }
    }

    async fn send(&mut self, frame: Value) {
        let _ = self.socket.send(Message::text(frame.to_string())).await; // The log tells what did not come back.
    }
}

#[expect(clippy::disallowed_methods, reason = "the driver of an endpoint in a test")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// Runs the binary with these arguments, and gives what it printed.
pub(crate) async fn printed(arguments: &[&str]) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_offhook"));
    let output = command.env_clear().args(arguments).stdin(Stdio::null()).output().await.expect("it starts");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}
