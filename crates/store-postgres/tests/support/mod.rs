//! What the tests of the store on PostgreSQL share: databases, nodes, chance, and patience.
#![allow(dead_code, reason = "each test file uses a part of it")]
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use offhook_store_postgres::{Options, PostgresStore};
use offhook_testing_services::{Database, PostgresServer};
use tokio::runtime::{Builder, Runtime};

/// How long something asynchronous may take until it is seen.
const PATIENCE: Duration = Duration::from_secs(20);

/// An empty database on the server that all tests share.
pub(crate) fn database() -> Database {
    let server = PostgresServer::for_tests().unwrap_or_else(|error| panic!("a server starts: {error:#}"));
    server.database().unwrap_or_else(|error| panic!("the server makes a database: {error:#}"))
}

/// Where the futures of a test run.
pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// A node on the database.
pub(crate) async fn node(url: &str, number: u64) -> PostgresStore {
    open(&Options::new(url, number)).await
}

pub(crate) async fn open(options: &Options) -> PostgresStore {
    PostgresStore::open(options).await.unwrap_or_else(|error| panic!("the store opens: {error}"))
}

/// How many nodes race.
pub(crate) const NODES: u64 = 4;

/// So many nodes on one database.
pub(crate) async fn nodes(url: &str) -> Vec<Arc<PostgresStore>> {
    let mut nodes = Vec::new();
    for number in 1..=NODES {
        nodes.push(Arc::new(node(url, number).await));
    }
    nodes
}

/// Looks until it is so.
#[expect(clippy::disallowed_methods, reason = "patience with real processes is counted in real time")]
pub(crate) async fn until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !look().await {
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many deadlocks the server has broken in the database. All nodes must be gone: what a session has seen is counted at its
/// end at the latest.
pub(crate) async fn deadlocks(database: &Database) -> u64 {
    let number = |sql: &str| -> u64 {
        let text = database.query(sql).unwrap_or_else(|error| panic!("{error:#}"));
        text.parse().expect("a number")
    };
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    until("all sessions end", async || number(sessions) == 0).await;
    number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
}

/// Chance that comes out the same for the same seed (SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Once in `n` times.
    pub(crate) fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// `count` different ones, in any order.
    pub(crate) fn some_of<T: Copy + PartialEq>(&mut self, of: &[T], count: usize) -> Vec<T> {
        let mut chosen = Vec::new();
        while chosen.len() < count {
            let one = self.one_of(of);
            if !chosen.contains(&one) {
                chosen.push(one);
            }
        }
        chosen
    }
}
