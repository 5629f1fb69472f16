//! What a machine is told at the start, and what it counts.
use std::{sync::Arc, time::Duration};

use super::Candidate;

/// How much is permitted. The defaults suit calls of ten.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long an empty room is kept. Default 10 s.
    pub empty_room: Duration,
    /// At most so often is a keyframe asked of one encoding. Default 1 s.
    pub keyframe_interval: Duration,
    /// How long a participant whose signaling and media are both gone is waited for. Default 30 s.
    pub lease: Duration,
    /// The largest extra info, in bytes. Default 1,024.
    pub max_extra_info_bytes: usize,
    /// The largest message, in bytes. Default 4,096.
    pub max_message_bytes: usize,
    /// Members of a room. Default 100.
    pub max_members: u32,
    /// The largest session description, in bytes. Default 48 KiB.
    pub max_sdp_bytes: usize,
    /// Media sections of a client's description, beyond those that we offered. Default 12.
    pub max_sections: usize,
    /// Tracks that one user may publish. Default 6.
    pub max_tracks: usize,
    /// What one user may publish, in bits a second; more is dropped. Default 12 Mbit/s.
    pub max_publish_bps: u64,
    /// What one user may ask of a room a second: joins, offers, updates, wishes, messages, removals; in bursts of twice as
    /// many. Default 20.
    pub messages_per_s: u32,
    /// How long a participant is kept of whose signaling and media only one is left. Default 90 s (call-semantics 7).
    pub signaling_lease: Duration,
    /// How long media may take to connect for the first time, from the first offer of either side. Default 30 s. Zero: for
    /// ever. Who has nothing to negotiate, such as a viewer in a room where nobody publishes, has all the time there is.
    pub connect_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            empty_room: Duration::from_secs(10),
            keyframe_interval: Duration::from_secs(1),
            lease: Duration::from_secs(30),
            max_extra_info_bytes: 1024,
            max_message_bytes: 4096,
            max_members: 100,
            max_sdp_bytes: 48 * 1024,
            max_sections: 12,
            max_tracks: 6,
            max_publish_bps: 12_000_000,
            messages_per_s: 20,
            signaling_lease: Duration::from_secs(90),
            connect_timeout: Duration::from_secs(30),
        }
    }
}

/// How a machine is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Our addresses, the preferred first.
    pub candidates: Arc<[Candidate]>,
    /// Whether we are an ICE-lite agent: for servers that clients reach directly. Default yes where an address is announced.
    pub ice_lite: bool,
    /// How much is permitted.
    pub limits: Limits,
    /// For numbers that must not repeat between runs, but need not be secret.
    pub seed: u64,
    /// Which of the node's machines this is; part of every ICE user name, so that [`crate::worker_of`] finds the way.
    pub worker: u16,
}

/// Counters since the start, and gauges of now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Bytes that arrived, of known participants.
    pub bytes_in: u64,
    /// Bytes to send.
    pub bytes_out: u64,
    /// Packets that belong to nobody.
    pub foreign_packets: u64,
    /// RTP packets forwarded.
    pub forwarded_packets: u64,
    /// Keyframes asked of publishers.
    pub keyframe_requests: u64,
    /// Packets that arrived, of known participants.
    pub packets_in: u64,
    /// Packets to send.
    pub packets_out: u64,
    /// Participants now.
    pub participants: u32,
    /// Rooms now.
    pub rooms: u32,
    /// Tracks that are published now.
    pub tracks: u32,
}
