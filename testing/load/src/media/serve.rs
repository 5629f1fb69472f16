//! `offhook-load media-node`: our rooms in a process of their own, told what to do by lines of JSON.
//!
//! The first line out is `{"ready": true}`. Each line in has an `id` and an `op`; its reply bears the `id` and `ok` or
//! `error`. Offers of a room come as `{"to", "room", "negotiation", "sdp"}`.
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use offhook_media::{Listener, MediaConfig, MediaNode, WorkerStatistics};
use offhook_sfu::{
    Address, Answer, Command, Fact, Join, Limits, OfferedStream, OfferedTrack, Role, RoomEvent, RoomKey,
    Source,
};
use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    sync::mpsc::{UnboundedSender, unbounded_channel},
};

use super::arguments::NodeArguments;

/// Writes down what participants are to be told.
struct Teller(UnboundedSender<Value>);

impl Listener for Teller {
    fn event(&self, to: &Address, event: RoomEvent) {
        if let RoomEvent::Offer { negotiation, sdp, .. } = event {
            let offer = json!({ "to": to.user.as_str(), "room": to.room.room.as_str(), "negotiation": negotiation, "sdp": sdp });
            let _ = self.0.send(offer); // Who reads may be gone.
        }
    }

    fn fact(&self, _fact: Fact) {}
}

/// Serves until its input ends.
pub(crate) async fn serve(arguments: &NodeArguments) -> Result<()> {
    let (said, mut saying) = unbounded_channel();
    let limits =
        Limits { max_members: 2000, connect_timeout: std::time::Duration::ZERO, ..Limits::default() };
    let config = MediaConfig {
        limits,
        max_load: f32::INFINITY,
        udp: vec![(arguments.address, 0).into()],
        workers: arguments.workers,
        ..MediaConfig::default()
    };
    let node = Arc::new(MediaNode::start(config, Arc::new(Teller(said.clone())))?);
    said.send(json!({ "ready": true }))?;
    let writer = tokio::spawn(async move {
        let mut out = tokio::io::stdout();
        while let Some(line) = saying.recv().await {
            let text: Value = line;
            if out.write_all(format!("{text}\n").as_bytes()).await.is_err() || out.flush().await.is_err() {
                return;
            }
        }
    });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let (node, said) = (Arc::clone(&node), said.clone());
        tokio::spawn(async move {
            let _ = said.send(reply(&node, &line).await);
        });
    }
    writer.abort();
    Ok(())
}

async fn reply(node: &MediaNode, line: &str) -> Value {
    let order: Value = serde_json::from_str(line).unwrap_or_default();
    match carry_out(node, &order).await {
        Ok(value) => json!({ "id": order["id"], "ok": value }),
        Err(error) => json!({ "id": order["id"], "error": format!("{error:#}") }),
    }
}

async fn carry_out(node: &MediaNode, order: &Value) -> Result<Value> {
    let text = |name: &str| order[name].as_str().with_context(|| format!("no `{name}`"));
    if order["op"] == "statistics" {
        return Ok(node.statistics().iter().map(statistics).collect());
    }
    let address = Address {
        device: DeviceId::new("load").context("a device")?,
        room: RoomKey { app: AppId(1), room: RoomId::new(text("room")?).context("a room")? },
        user: UserId::new(text("user")?).context("a user")?,
    };
    match text("op")? {
        "join" => {
            let subscribe_all = order["all"] == true;
            let name = Opaque::default();
            node.join(Join { address, max_members: 0, name, role: Role::Member, subscribe_all }).await?;
            Ok(json!(true))
        }
        "offer" => {
            let streams = vec![stream(text("user")?, &order["tracks"])?];
            let command = Command::Offer { sdp: text("sdp")?.to_owned(), streams };
            match node.command(address, command).await? {
                Answer::Description(answer) => Ok(json!(answer.sdp)),
                Answer::Done | Answer::Room(_) => bail!("an offer without an answer"),
            }
        }
        "answer" => {
            let negotiation = u32::try_from(order["negotiation"].as_u64().context("no number")?)?;
            node.command(address, Command::Answer { negotiation, sdp: text("sdp")?.to_owned() }).await?;
            Ok(json!(true))
        }
        other => bail!("no such op: {other}"),
    }
}

fn stream(name: &str, tracks: &Value) -> Result<OfferedStream> {
    let tracks = tracks.as_array().context("no tracks")?.iter().map(|track| {
        let mid = track["mid"].as_str().context("no mid")?.to_owned();
        let source = if track["video"] == true { Source::Camera } else { Source::Microphone };
        Ok(OfferedTrack { mid, muted: false, source })
    });
    let stream = StreamId::new(name).context("a stream")?;
    Ok(OfferedStream { extra_info: Opaque::default(), stream, tracks: tracks.collect::<Result<_>>()? })
}

fn statistics(worker: &WorkerStatistics) -> Value {
    json!({
        "load": worker.load,
        "received": worker.received,
        "sent": worker.sent,
        "send_calls": worker.send_calls,
        "send_dropped": worker.send_dropped,
        "handed_over": worker.handed_over,
        "handover_dropped": worker.handover_dropped,
        "unknown_dropped": worker.unknown_dropped,
        "forwarded": worker.sfu.forwarded_packets,
        "packets_out": worker.sfu.packets_out,
        "rooms": worker.sfu.rooms,
    })
}
