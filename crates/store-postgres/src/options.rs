//! What an operator may say of the store.
use std::time::Duration;

/// How the store is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// How the database is reached. The statement timeout is set by the store.
    pub database: offhook_postgres_line::Options,
    /// How many connections commit. Default 2. More let commits overlap, and make the groups smaller that share a statement.
    pub commit_connections: usize,
    /// For how long events stay in users' logs at least; at most, twice as long. Default 15 minutes. More lets clients
    /// resume after longer absences, and costs about 2 kB of disk for each call within that time.
    pub event_retention: Duration,
    /// How many transitions share a statement at most. Default 256.
    pub group: usize,
    /// For how long ended calls are kept; `None`, the default, for ever. Whole months are dropped.
    pub history_retention: Option<Duration>,
    /// How long a transition waits for others to share its statement while another statement is under way. Default 300 µs.
    pub linger: Duration,
    /// Which node this is. No two nodes that live at the same time have the same one.
    pub node: u64,
    /// Due calls and jobs of other nodes are taken up so much later, if those did not. Default 500 ms. More spares the nodes each
    /// other's work when they are slow; less is needed because rings of a dead node must end within a second, too.
    pub others_after: Duration,
    /// How long a request waits for its turn, for a lost connection, and for an answer, each. Default 3 s. Then it is told that
    /// the store is unavailable.
    pub patience: Duration,
    /// How many connections read. Default 2.
    pub read_connections: usize,
}

impl Options {
    /// The defaults, for the database at `url` and a node.
    #[must_use]
    pub fn new(url: &str, node: u64) -> Self {
        Self {
            database: offhook_postgres_line::Options::new(url),
            commit_connections: 2,
            event_retention: Duration::from_mins(15),
            group: 256,
            history_retention: None,
            linger: Duration::from_micros(300),
            node,
            others_after: Duration::from_millis(500),
            patience: Duration::from_secs(3),
            read_connections: 2,
        }
    }
}
