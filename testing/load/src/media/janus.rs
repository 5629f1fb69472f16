//! Janus's videoroom, over its WebSocket (janus.conf.meetecho.com/docs/rest.html and videoroom.html).
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinHandle, time};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{ClientRequestBuilder, Message, http::Uri},
};

use super::{arguments::Arguments, player::Seat};

/// How often, and after what pause, a feed is looked for that has just been published.
const FEED_TRIES: u32 = 40;
const FEED_PAUSE: Duration = Duration::from_millis(50);

/// Sessions that show no life for a minute are ended by Janus.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The server, and the sessions on it.
pub(super) struct Janus {
    sessions: Mutex<Vec<JoinHandle<()>>>,
    uri: Uri,
}

/// One session with one handle of the videoroom's.
struct Session {
    handle: u64,
    id: u64,
    last: u64,
    socket: WebSocketStream<TcpStream>,
}

/// Rooms get numbers that no earlier run has used.
static NEXT_ROOM: AtomicU64 = AtomicU64::new(0);

impl Janus {
    pub(super) fn new(arguments: &Arguments) -> Result<Self> {
        let url = arguments.url.as_deref().context("`--url` says where Janus listens")?;
        Ok(Self { sessions: Mutex::default(), uri: url.parse().context("`--url` is no address")? })
    }

    /// Makes a room that limits nothing; its number.
    pub(super) async fn room(&self) -> Result<u64> {
        let room = u64::from(std::process::id()) * 100_000 + NEXT_ROOM.fetch_add(1, Ordering::Relaxed);
        let mut session = Session::open(&self.uri).await?;
        let body = json!({
            "request": "create", "room": room, "publishers": 1000, "audiocodec": "opus", "videocodec": "vp8",
            "bitrate": 0, "fir_freq": 0,
        });
        session.ask(body, None).await?;
        self.keep(session);
        Ok(room)
    }

    /// A publisher enters the room and sends; its number.
    pub(super) async fn publish(&self, room: u64, seat: &Seat) -> Result<u64> {
        let mut session = Session::open(&self.uri).await?;
        let joined =
            session.ask(json!({ "request": "join", "ptype": "publisher", "room": room }), None).await?;
        let feed = joined["plugindata"]["data"]["id"].as_u64().context("a publisher without number")?;
        let offer = seat.offer().await?.sdp;
        let jsep = json!({ "type": "offer", "sdp": offer });
        let answer = session.ask(json!({ "request": "publish" }), Some(jsep)).await?;
        seat.answer(description(&answer)?).await?;
        self.keep(session);
        Ok(feed)
    }

    /// A subscriber enters the room and receives the feeds.
    pub(super) async fn subscribe(&self, room: u64, feeds: &[u64], seat: &Seat) -> Result<()> {
        let mut session = Session::open(&self.uri).await?;
        let streams: Vec<_> = feeds.iter().map(|feed| json!({ "feed": feed })).collect();
        let join = json!({ "request": "join", "ptype": "subscriber", "room": room, "streams": streams });
        let offered = session.ask_until_found(join).await?;
        let answer = seat.accept(description(&offered)?).await?.context("nothing was offered before")?;
        session.ask(json!({ "request": "start" }), Some(json!({ "type": "answer", "sdp": answer }))).await?;
        self.keep(session);
        Ok(())
    }

    /// Ends the sessions.
    pub(super) fn close(&self) {
        for session in self.sessions.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            session.abort();
        }
    }

    fn keep(&self, session: Session) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(tokio::spawn(session.stay()));
    }
}

fn description(said: &Value) -> Result<String> {
    Ok(said["jsep"]["sdp"].as_str().context("Janus gave no description")?.to_owned())
}

impl Session {
    async fn open(uri: &Uri) -> Result<Self> {
        let host = uri.host().context("`--url` names no host")?;
        let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(8188))).await.context("Janus")?;
        stream.set_nodelay(true)?;
        let request = ClientRequestBuilder::new(uri.clone()).with_sub_protocol("janus-protocol");
        let (socket, _) = client_async(request, stream).await.context("Janus")?;
        let mut session = Self { handle: 0, id: 0, last: 0, socket };
        session.id = number(&session.say(json!({ "janus": "create" })).await?)?;
        let attach = json!({ "janus": "attach", "plugin": "janus.plugin.videoroom" });
        session.handle = number(&session.say(attach).await?)?;
        Ok(session)
    }

    /// Asks the videoroom.
    async fn ask(&mut self, body: Value, jsep: Option<Value>) -> Result<Value> {
        let mut message = json!({ "janus": "message", "body": body, "handle_id": self.handle });
        if let Some(jsep) = jsep {
            message["jsep"] = jsep;
        }
        let said = self.say(message).await?;
        let error = &said["plugindata"]["data"]["error"];
        ensure!(error.is_null(), "Janus: {error}");
        Ok(said)
    }

    /// Asks again while a feed is not found: Janus finishes its part of a publisher's connection after the publisher has.
    async fn ask_until_found(&mut self, body: Value) -> Result<Value> {
        for _ in 0..FEED_TRIES {
            match self.ask(body.clone(), None).await {
                Err(error) if error.to_string().contains("No such feed") => time::sleep(FEED_PAUSE).await,
                said => return said,
            }
        }
        self.ask(body, None).await
    }

    /// Says it, and returns what is said to it in the end: mere receipts are passed over.
    async fn say(&mut self, mut message: Value) -> Result<Value> {
        self.last += 1;
        let transaction = self.last.to_string();
        message["transaction"] = json!(transaction);
        if self.id != 0 {
            message["session_id"] = json!(self.id);
        }
        self.socket.send(Message::text(message.to_string())).await?;
        loop {
            let Some(frame) = self.socket.next().await else { bail!("Janus hung up") };
            let Message::Text(text) = frame? else { continue };
            let said: Value = serde_json::from_str(&text)?;
            if said["transaction"] != transaction.as_str() || said["janus"] == "ack" {
                continue;
            }
            ensure!(said["janus"] != "error", "Janus: {}", said["error"]);
            return Ok(said);
        }
    }

    /// Shows life, and reads what comes.
    async fn stay(mut self) {
        let mut beat = time::interval(KEEP_ALIVE);
        loop {
            tokio::select! {
                said = self.socket.next() => match said {
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                _ = beat.tick() => {
                    self.last += 1;
                    let beat = json!({ "janus": "keepalive", "session_id": self.id, "transaction": self.last.to_string() });
                    if self.socket.send(Message::text(beat.to_string())).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

fn number(said: &Value) -> Result<u64> {
    said["data"]["id"].as_u64().context("Janus gave no number")
}
