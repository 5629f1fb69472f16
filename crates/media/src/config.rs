//! How a node is set up, and how it fails.
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use offhook_sfu::{Limits, Refusal};
use thiserror::Error;

/// How a [`MediaNode`](crate::MediaNode) is set up.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Addresses that clients are told instead of the bound ones: the public ones behind a one-to-one NAT. With as many
    /// of a family as there are bound addresses of it, they belong together in order; else the first of a family
    /// stands for all. Default none.
    pub announce: Vec<IpAddr>,
    /// Whether we are an ICE-lite agent. Default: where an address is announced, as then clients reach us directly.
    pub ice_lite: Option<bool>,
    /// What rooms may hold and do.
    pub limits: Limits,
    /// Above this share of a core no new room is placed on a worker; with all workers above it, new rooms are refused.
    /// Default 0.6: beyond it, joins starve behind packets. 0 refuses every room.
    pub max_load: f32,
    /// Where to listen for ICE-TCP and its disguise as TLS (`ssltcp`). Port 0 takes a free one. Default none.
    pub tcp: Vec<SocketAddr>,
    /// Where to listen for datagrams. Port 0 takes a free one. `0.0.0.0` and `[::]` announce the addresses of all
    /// interfaces, loopback last. Default `0.0.0.0:0`.
    pub udp: Vec<SocketAddr>,
    /// How many workers; 0 for one per core. Default 0. At most 1,024.
    pub workers: usize,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            announce: Vec::new(),
            ice_lite: None,
            limits: Limits::default(),
            max_load: 0.6,
            tcp: Vec::new(),
            udp: vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))],
            workers: 0,
        }
    }
}

/// Why a node did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MediaError {
    /// A socket could not be opened at the address.
    #[error("cannot listen on {address} ({transport})")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
        /// `udp` or `tcp`.
        transport: &'static str,
    },
    /// The addresses of the machine's interfaces cannot be read.
    #[error("cannot read the addresses of this machine's interfaces")]
    Interfaces(#[source] io::Error),
    /// No UDP address is configured, or none has an address that could be told to clients.
    #[error("there is no address for media that clients could be told")]
    NoAddress,
    /// A thread or its poll could not be made.
    #[error("cannot start a media thread")]
    Thread(#[source] io::Error),
}

/// Why a request was not carried out.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MediaRefusal {
    /// The node has as much to do as it takes: no new rooms, or the worker's queue is full. Another node may serve, or
    /// this one later.
    #[error("this node has as much to do as it takes")]
    Busy,
    /// The room's machine refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The node stops, or the worker of this room failed while it was asked.
    #[error("this node stops")]
    Stopped,
}
