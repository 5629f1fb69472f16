//! What the command line says of rooms.
use std::{net::IpAddr, time::Duration};

use clap::{Args, ValueEnum};

use crate::arguments::seconds;

/// `offhook-load media`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Which server.
    #[arg(long, value_enum)]
    pub(crate) server: Server,
    /// Where Janus listens for WebSockets: `ws://127.0.0.1:8188/`.
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// The server's process, for its CPU and memory. Our own node's is known.
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// The workers of our own node.
    #[arg(long, default_value_t = 1)]
    pub(crate) workers: usize,
    /// The address at which the participants are, and our own node. Janus takes none on loopback.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) address: IpAddr,
    /// How many rooms.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) rooms: u32,
    /// How many in each room send.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) publishers: u32,
    /// How many in each room receive.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) subscribers: u32,
    /// How long to measure, in seconds.
    #[arg(long, default_value = "8", value_parser = seconds)]
    pub(crate) secs: Duration,
    /// How long packets flow before it is measured, in seconds: bandwidth estimates need some to rise.
    #[arg(long, default_value = "5", value_parser = seconds)]
    pub(crate) warm: Duration,
    /// How many threads play the participants.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    pub(crate) threads: u16,
    /// Print one JSON object in one line instead of a text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Server {
    /// Janus's videoroom.
    Janus,
    /// Our own rooms, in a process that this tool starts.
    Node,
}

/// `offhook-load media-node`.
#[derive(Args)]
pub(crate) struct NodeArguments {
    /// The address to bind.
    #[arg(long)]
    pub(crate) address: IpAddr,
    /// How many workers.
    #[arg(long)]
    pub(crate) workers: usize,
}
