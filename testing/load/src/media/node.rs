//! Our own node, a process of this tool's.
use std::{
    collections::HashMap,
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, Result, anyhow};
use offhook_sfu::Source;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{
        Mutex as AsyncMutex,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
};

use super::{arguments::Arguments, player::Seat};

/// The process, and who waits for what it says.
pub(super) struct Node {
    child: Child,
    line: Arc<Line>,
}

/// The way to the process.
struct Line {
    input: AsyncMutex<ChildStdin>,
    last_id: AtomicU64,
    /// By user: where their offers go.
    offers: Mutex<HashMap<String, UnboundedSender<Value>>>,
    replies: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
}

impl Node {
    /// Starts the process.
    pub(super) async fn start(arguments: &Arguments) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["media-node", "--address", &arguments.address.to_string()])
            .args(["--workers", &arguments.workers.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the node could not be started")?;
        let input = child.stdin.take().context("the node has an input")?;
        let mut lines = BufReader::new(child.stdout.take().context("the node has an output")?).lines();
        lines.next_line().await?.context("the node did not start")?;
        let line = Arc::new(Line {
            input: AsyncMutex::new(input),
            last_id: AtomicU64::new(0),
            offers: Mutex::default(),
            replies: Mutex::default(),
        });
        tokio::spawn(Arc::clone(&line).listen(lines)); // Ends with the process.
        Ok(Self { child, line })
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// A publisher enters the room and sends.
    pub(super) async fn publish(&self, room: &str, user: &str, seat: &Seat) -> Result<()> {
        self.line.join(room, user, false).await?;
        let offer = seat.offer().await?;
        let tracks: Vec<_> = offer
            .tracks
            .iter()
            .map(|(mid, source)| json!({ "mid": mid, "video": *source == Source::Camera }))
            .collect();
        let order = json!({ "op": "offer", "room": room, "user": user, "sdp": offer.sdp, "tracks": tracks });
        let answer = self.line.ask(order).await?;
        seat.answer(answer.as_str().context("the answer is no text")?.to_owned()).await
    }

    /// A subscriber enters the room and receives whatever is offered, also later.
    pub(super) async fn subscribe(&self, room: &str, user: &str, seat: &Arc<Seat>) -> Result<()> {
        let (sender, offers) = unbounded_channel();
        self.line.offers.lock().unwrap_or_else(PoisonError::into_inner).insert(user.to_owned(), sender);
        self.line.join(room, user, true).await?;
        let (line, seat) = (Arc::clone(&self.line), Arc::clone(seat));
        let names = (room.to_owned(), user.to_owned());
        // Ends with the line.
        tokio::spawn(async move {
            if let Err(error) = line.answer_offers(names, &seat, offers).await {
                eprintln!("a subscriber could not answer an offer: {error:#}");
            }
        });
        Ok(())
    }

    /// What the node's workers count.
    pub(super) async fn statistics(&self) -> Result<Value> {
        self.line.ask(json!({ "op": "statistics" })).await
    }
}

impl Line {
    async fn join(&self, room: &str, user: &str, all: bool) -> Result<()> {
        self.ask(json!({ "op": "join", "room": room, "user": user, "all": all })).await.map(|_| ())
    }

    async fn answer_offers(
        &self,
        (room, user): (String, String),
        seat: &Seat,
        mut offers: UnboundedReceiver<Value>,
    ) -> Result<()> {
        while let Some(offer) = offers.recv().await {
            let sdp = offer["sdp"].as_str().context("an offer without description")?;
            if let Some(answer) = seat.accept(sdp.to_owned()).await? {
                let number = &offer["negotiation"];
                let order = json!({ "op": "answer", "room": room, "user": user, "negotiation": number, "sdp": answer });
                self.ask(order).await?;
            }
        }
        Ok(())
    }

    async fn ask(&self, mut order: Value) -> Result<Value> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let (reply, answer) = oneshot::channel();
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).insert(id, reply);
        order["id"] = json!(id);
        self.input.lock().await.write_all(format!("{order}\n").as_bytes()).await?;
        let mut answer = answer.await.context("the node is gone")?;
        match answer["error"].as_str() {
            Some(error) => Err(anyhow!("the node refused {}: {error}", order["op"])),
            None => Ok(answer["ok"].take()),
        }
    }

    async fn listen(self: Arc<Self>, mut lines: Lines<BufReader<ChildStdout>>) {
        while let Ok(Some(text)) = lines.next_line().await {
            let said: Value = serde_json::from_str(&text).unwrap_or_default();
            if let Some(id) = said["id"].as_u64() {
                let waiting = self.replies.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                waiting.map(|waiting| waiting.send(said));
            } else if let Some(user) = said["to"].as_str() {
                let offers = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
                offers.get(user).map(|offers| offers.send(said.clone()));
            }
        }
        // Who still waits is told by the end of its channel.
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.offers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
