//! What a session may do, and how long it waits.
use core::time::Duration;

use crate::bucket::Rate;

/// What a session may do, and how long it waits. The defaults are those of docs/protocol.md.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many times the permitted rate of requests, counted over all frames, closes the session. Default 4; less
    /// punishes a client that retries too eagerly, more lets it cost CPU.
    pub abuse_factor: u32,
    /// How often the client is to send a heartbeat. Default 10 s; less costs radio and CPU, more finds losses later.
    pub heartbeat: Duration,
    /// How long a new connection may take to say hello. Default 10 s; more lets silent sockets hold memory.
    pub hello_timeout: Duration,
    /// After how long a silence the client is lost. Default 30 s, three heartbeats.
    pub lost_after: Duration,
    /// How many frames that cannot be read close the session when exceeded. Default 10.
    pub max_malformed: u32,
    /// How many requests may wait for their turn; then reading stops. Default 32.
    pub queue: usize,
    /// How many requests may come at once. Default 40.
    pub request_burst: u32,
    /// How many requests may come each second, on average. Default 20.
    pub requests_per_s: u32,
    /// How long to wait after the store could not tell of events. Default 1 s.
    pub retry_fetch_after: Duration,
    /// How long written frames may wait for the client to take them. Default 10 s; more holds memory for slow readers.
    pub stall_after: Duration,
    /// How long a session outlives its token. Default 30 s.
    pub token_grace: Duration,
    /// How long before its token's end the client is told; a tenth of the token's life if that is shorter. Default 60 s.
    pub warn_before: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            abuse_factor: 4,
            heartbeat: Duration::from_secs(10),
            hello_timeout: Duration::from_secs(10),
            lost_after: Duration::from_secs(30),
            max_malformed: 10,
            queue: 32,
            request_burst: 40,
            requests_per_s: 20,
            retry_fetch_after: Duration::from_secs(1),
            stall_after: Duration::from_secs(10),
            token_grace: Duration::from_secs(30),
            warn_before: Duration::from_secs(60),
        }
    }
}

impl Config {
    /// After how long a silence the client is pinged: a heartbeat, and a quarter of what is left until it is lost. By default
    /// half of that time: a heartbeat may be 5 s late unnoticed, and the answer to a ping has 15 s. Less pings clients that
    /// are only slow, more leaves their networks less time.
    pub(crate) fn ping_after(&self) -> Duration {
        self.heartbeat.saturating_add(self.lost_after.saturating_sub(self.heartbeat) / 4)
    }

    pub(crate) fn request_rate(&self) -> Rate {
        Rate { per_s: self.requests_per_s, burst: self.request_burst }
    }
}
