//! Rooms under load: publishers send, subscribers receive, and every packet says when it left.
//!
//! One or few threads ([`player`]) play all participants, each an [`Endpoint`](offhook_sfu::endpoint::Endpoint) behind a
//! UDP socket of its own. How they come to be in a room is the business of a [`Stage`]: our own node, a process of this
//! tool's ([`node`]), or Janus's videoroom ([`janus`]). What is sent is the same everywhere: 25 frames a second of four
//! packets of 1,150 bytes, and 50 Opus packets of 80. Publishers receive nothing.
//!
//! A packet's delay is from just before it is sent to its arrival at the subscriber's socket, of which the kernel keeps
//! the time; so the tool's own queue is not in it.
mod arguments;
mod janus;
mod node;
mod player;
mod report;
mod serve;
mod stream;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, TryStreamExt as _, stream as futures};
use serde_json::Value;
use tokio::time;

use self::{
    arguments::Server,
    janus::Janus,
    node::Node,
    player::{Counts, Player, Seat},
    report::{Findings, Report},
};
pub(crate) use self::{
    arguments::{Arguments, NodeArguments},
    serve::serve,
};
use crate::{
    clock,
    process::{self, Cpu, Processes},
    target,
};

/// How many rooms are filled at once. More finds the limits of joining, which is not what is measured here.
const ROOMS_AT_ONCE: usize = 4;

/// How long a participant may take to be connected.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long after the last packet is waited for those still under way.
const LINGER: Duration = Duration::from_millis(1500);

/// Runs `offhook-load media`; whether everybody connected and packets arrived.
pub(crate) async fn run(arguments: &Arguments) -> Result<bool> {
    offhook_sfu::install_crypto();
    let participants = arguments.rooms * (arguments.publishers + arguments.subscribers);
    target::make_room_for(participants * 2)?;
    let stage = Stage::open(arguments).await?;
    let server = stage.pid(arguments).map(Processes::of).transpose()?;
    let memory = || server.as_ref().map(Processes::memory);
    let memory_before = memory();
    let players = (0..arguments.threads).map(|_| Player::start()).collect::<Result<Vec<_>>>()?;
    let house = House { arguments, players: &players, stage: &stage };

    let began = clock::now();
    let rooms: Vec<u32> = futures::iter(0..arguments.rooms)
        .map(|room| house.fill(room))
        .buffer_unordered(ROOMS_AT_ONCE)
        .try_collect()
        .await?;
    let (connected, setup) = (rooms.into_iter().sum(), began.elapsed());
    time::sleep(arguments.warm).await;

    let look = || Look::now(server.as_ref());
    let (before, window) = (look(), clock::wall()..clock::wall() + arguments.secs);
    for player in &players {
        player.measure(window.clone())?;
    }
    time::sleep(arguments.secs).await;
    let (after, memory_after, statistics) = (look(), memory(), stage.statistics().await?);
    time::sleep(LINGER).await;
    let mut counts = Counts::default();
    for player in &players {
        counts.add(&player.counts().await?);
    }
    stage.close();
    let report = Report {
        connected,
        counts,
        elapsed: after.at.saturating_duration_since(before.at),
        machine: after.machine.saturating_sub(before.machine),
        memory: memory_before.zip(memory_after),
        own: after.own.since(before.own),
        participants,
        server: before.server.zip(after.server).map(|(before, after)| after.since(before)),
        setup,
        statistics,
    };
    let findings = Findings::new(arguments, &report);
    println!("{}", if arguments.json { findings.json().to_string() } else { findings.text() });
    Ok(findings.is_clean())
}

/// The CPU of everyone concerned.
struct Look {
    at: Instant,
    machine: Duration,
    own: Cpu,
    server: Option<Cpu>,
}

impl Look {
    fn now(server: Option<&Processes>) -> Self {
        let (own, server) = (Processes::own().cpu(), server.map(Processes::cpu));
        Self { at: clock::now(), machine: process::machine(), own, server }
    }
}

/// Where the rooms are, and who plays in them.
struct House<'a> {
    arguments: &'a Arguments,
    players: &'a [Player],
    stage: &'a Stage,
}

impl House<'_> {
    /// Fills a room: the publishers first, so that all subscribers find them; how many are connected.
    async fn fill(&self, room: u32) -> Result<u32> {
        let size = self.arguments.publishers + self.arguments.subscribers;
        let mut hall = self.stage.room(room).await?;
        for number in 0..self.arguments.publishers {
            let number = room * size + number;
            let seat = self.player(number).seat(self.arguments.address, Some(number)).await?;
            self.stage.publish(&mut hall, number, &seat).await?;
            connected(&seat).await.context("a publisher")?;
        }
        for number in self.arguments.publishers..size {
            let number = room * size + number;
            let seat = Arc::new(self.player(number).seat(self.arguments.address, None).await?);
            self.stage.subscribe(&hall, number, &seat).await?;
            connected(&seat).await.context("a subscriber")?;
        }
        Ok(size)
    }

    fn player(&self, number: u32) -> &Player {
        &self.players[number as usize % self.players.len()]
    }
}

async fn connected(seat: &Seat) -> Result<()> {
    time::timeout(CONNECT_TIMEOUT, seat.connected()).await.context("did not connect in time")?
}

/// Where participants meet.
enum Stage {
    Janus(Janus),
    Node(Node),
}

/// A room on the stage.
struct Hall {
    /// Janus's numbers of the publishers.
    feeds: Vec<u64>,
    name: String,
    /// Janus's number of the room.
    number: u64,
}

impl Stage {
    async fn open(arguments: &Arguments) -> Result<Self> {
        Ok(match arguments.server {
            Server::Janus => Self::Janus(Janus::new(arguments)?),
            Server::Node => Self::Node(Node::start(arguments).await?),
        })
    }

    /// The server's process, if it is known.
    fn pid(&self, arguments: &Arguments) -> Option<u32> {
        match self {
            Self::Janus(_) => arguments.pid,
            Self::Node(node) => node.pid(),
        }
    }

    async fn room(&self, room: u32) -> Result<Hall> {
        let number = match self {
            Self::Janus(janus) => janus.room().await?,
            Self::Node(_) => 0,
        };
        Ok(Hall { feeds: Vec::new(), name: format!("load-{room}"), number })
    }

    async fn publish(&self, hall: &mut Hall, number: u32, seat: &Seat) -> Result<()> {
        match self {
            Self::Janus(janus) => hall.feeds.push(janus.publish(hall.number, seat).await?),
            Self::Node(node) => node.publish(&hall.name, &format!("u{number}"), seat).await?,
        }
        Ok(())
    }

    async fn subscribe(&self, hall: &Hall, number: u32, seat: &Arc<Seat>) -> Result<()> {
        match self {
            Self::Janus(janus) => janus.subscribe(hall.number, &hall.feeds, seat).await,
            Self::Node(node) => node.subscribe(&hall.name, &format!("u{number}"), seat).await,
        }
    }

    /// What the server counts itself; null if it does not tell.
    async fn statistics(&self) -> Result<Value> {
        match self {
            Self::Janus(_) => Ok(Value::Null),
            Self::Node(node) => node.statistics().await,
        }
    }

    /// Ends the sessions; our own node ends when it is dropped.
    fn close(&self) {
        match self {
            Self::Janus(janus) => janus.close(),
            Self::Node(_) => {}
        }
    }
}
