//! Servers that stand still, die, or are replaced while transitions are committed: what was acknowledged is there.
#![expect(clippy::unwrap_used, reason = "a test fails by it, also in what its tests share")]
mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use offhook_store::{
    CommitError, Guard, Store, StoreError, Transition,
    call::Call,
    suite::world::{APP, account, id, next, rejected, ringing, silent, telling},
};
use offhook_store_postgres::{Options, PostgresStore};
use offhook_testing_services::{PostgresOptions, PostgresServer};
use offhook_types::Offset;
use support::{node, open, runtime, until};
use tokio::task::JoinSet;

const CALLERS: u64 = 8;

/// A node that waits for a second, no more.
fn impatient(url: &str, number: u64) -> Options {
    Options { patience: Duration::from_secs(1), ..Options::new(url, number) }
}

fn is_unavailable<T>(answer: &Result<T, CommitError>) -> bool {
    matches!(answer, Err(CommitError::Store(StoreError::Unavailable(_))))
}

async fn comes_back(store: &PostgresStore, n: u64) {
    until("commits succeed again", async || store.commit(silent(&ringing(n, &["zoe"]))).await.is_ok()).await;
    until("the store is healthy", async || store.health().is_ok()).await;
}

#[test]
fn a_server_that_stands_still_is_unavailable_and_then_goes_on() {
    let server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    runtime().block_on(async {
        let store = Arc::new(open(&impatient(&server.url("postgres"), 1)).await);
        let call = ringing(1, &["alice", "bob"]);
        store.commit(silent(&call)).await.unwrap();
        server.pause().unwrap();
        // Twenty who have to do with one user, and so wait for each other: all are told, not only the first.
        let mut attempts = JoinSet::new();
        for n in 100..120 {
            let store = Arc::clone(&store);
            attempts.spawn(async move { store.commit(silent(&ringing(n, &["alice", "bob"]))).await });
        }
        let told = tokio::time::timeout(Duration::from_secs(8), attempts.join_all()).await;
        let told = told.expect("nobody waits for all the others");
        assert!(told.iter().all(is_unavailable), "{told:?}");
        assert!(store.load(APP, call.id).await.is_err());
        until("health says so", async || store.health().is_err()).await;
        server.resume();
        comes_back(&store, 200).await;
        store.commit(silent(&next(&call))).await.unwrap();
    });
}

#[test]
fn what_a_pause_cut_off_takes_nothing_in_that_comes_after_it() {
    let mut server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let url = server.url("postgres");
    runtime().block_on(async {
        let options = Options { commit_connections: 1, ..impatient(&url, 1) };
        let store = open(&options).await;
        let call = ringing(1, &["alice", "bob"]);
        store.commit(silent(&call)).await.unwrap();
        let guarded = |call: &Call| {
            let guards = vec![Guard { account: account("alice"), revision: call.seq.0 }];
            store.commit(Transition { guards, ..silent(&next(call)) })
        };
        guarded(&call).await.unwrap();
        // It goes by itself: the first thing that the server is asked is to begin a transaction.
        server.pause().unwrap();
        let guarded = guarded(&next(&call)).await;
        assert!(is_unavailable(&guarded), "{guarded:?}");
        server.resume();
        comes_back(&store, 200).await;
        server.kill().unwrap();
        server.start_again().unwrap();
        let other = node(&url, 2).await;
        assert!(other.load(APP, id(200)).await.unwrap().is_some(), "an acknowledged call is there");
    });
}

/// What a caller saw acknowledged: calls, each with the last version that was.
type Acknowledged = Vec<Call>;

/// Begins and ends call after call, and tries each step until it is known to be true, for as long as it is told to.
async fn call_on(store: Arc<PostgresStore>, caller: u64, stop: Arc<AtomicBool>) -> Acknowledged {
    let names = [format!("caller{caller}"), "callee".to_owned()];
    let parties = [&*names[0], &*names[1]];
    let mut acknowledged = Vec::new();
    for round in 0.. {
        let born = ringing(caller * 1_000_000 + round, &parties);
        let over = rejected(&next(&born), 5);
        acknowledged.push(born.clone());
        for step in [born.clone(), next(&born), over] {
            loop {
                if stop.load(Relaxed) {
                    if step == born {
                        acknowledged.pop();
                    }
                    return acknowledged;
                }
                match store.commit(telling(&step, &parties)).await {
                    Ok(_) => break,
                    // The answer to an attempt before this one was lost.
                    Err(CommitError::Conflict(Some(there))) if *there == step => break,
                    Err(CommitError::Store(StoreError::Unavailable(_))) => {}
                    Err(other) => panic!("nothing stands against a caller of their own: {other:?}"),
                }
            }
            *acknowledged.last_mut().expect("the call") = step;
        }
    }
    unreachable!("rounds do not end")
}

/// Callers on several nodes.
struct Load {
    callers: JoinSet<Acknowledged>,
    stop: Arc<AtomicBool>,
}

impl Load {
    fn start(nodes: &[Arc<PostgresStore>]) -> Self {
        let (mut callers, stop) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
        for caller in 1..=CALLERS {
            let node = Arc::clone(&nodes[caller as usize % nodes.len()]);
            callers.spawn(call_on(node, caller, Arc::clone(&stop)));
        }
        Self { callers, stop }
    }

    async fn end(self) -> Vec<Acknowledged> {
        self.stop.store(true, Relaxed);
        self.callers.join_all().await
    }
}

/// How many events the callee has been told of.
async fn told(store: &PostgresStore) -> u64 {
    let page = store.events(&account("callee"), Offset(u64::MAX), 1).await;
    page.map_or(0, |page| page.head.0)
}

async fn more_is_told(store: &PostgresStore) {
    let before = told(store).await;
    until("transitions are committed", async || told(store).await > before + 200).await;
}

async fn everything_is_there(store: &PostgresStore, acknowledged: &[Acknowledged]) {
    let calls: Vec<&Call> = acknowledged.iter().flatten().collect();
    assert!(calls.len() > 100, "{} calls", calls.len());
    for call in calls {
        let there = store.load(APP, call.id).await.unwrap().expect("an acknowledged call is there");
        assert!(there.seq >= call.seq, "an acknowledged version is there");
    }
    let names = (1..=CALLERS).map(|caller| format!("caller{caller}")).chain(["callee".to_owned()]);
    for name in names {
        let page = store.events(&account(&name), Offset(0), usize::MAX).await.unwrap();
        let offsets = page.events.iter().map(|event| event.offset.0);
        assert!(offsets.eq(1..=page.head.0), "{name}'s log has no gap");
        let mut versions: Vec<_> = page.events.iter().map(|event| (event.call.id, event.call.seq)).collect();
        versions.sort_unstable();
        let told = versions.len();
        versions.dedup();
        assert_eq!(versions.len(), told, "{name} is told each version once");
        let calls = store.calls(&account(&name), None, usize::MAX).await.unwrap().calls;
        let steps: u64 = calls.iter().map(|call| call.seq.0).sum();
        assert_eq!(steps, page.head.0, "{name} is told each version");
    }
}

#[test]
fn a_server_killed_under_load_comes_back_with_all_that_was_acknowledged() {
    let mut server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let url = server.url("postgres");
    runtime().block_on(async {
        let nodes = [Arc::new(node(&url, 1).await), Arc::new(node(&url, 2).await)];
        let load = Load::start(&nodes);
        for _ in 0..3 {
            more_is_told(&nodes[0]).await;
            server.kill().unwrap();
            server.start_again().unwrap();
        }
        more_is_told(&nodes[1]).await;
        let acknowledged = load.end().await;
        everything_is_there(&nodes[0], &acknowledged).await;
    });
}

#[test]
fn sessions_ended_under_load_lose_nothing() {
    let server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    runtime().block_on(async {
        let nodes = [Arc::new(node(&server.url("postgres"), 1).await)];
        let load = Load::start(&nodes);
        for _ in 0..10 {
            more_is_told(&nodes[0]).await;
            let end =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'offhook'";
            server.address().query("postgres", end).unwrap();
        }
        let acknowledged = load.end().await;
        everything_is_there(&nodes[0], &acknowledged).await;
    });
}

#[test]
fn a_standby_that_takes_over_has_all_that_was_acknowledged() {
    let mut primary = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let standby = primary.standby("second").unwrap();
    primary.make_synchronous(&["second"]).unwrap();
    let (login, place) = primary
        .url("postgres")
        .split_once("/postgres")
        .map(|(it, _)| it.to_owned())
        .unwrap()
        .rsplit_once('@')
        .map(|(login, place)| (login.to_owned(), place.to_owned()))
        .unwrap();
    let second = standby.url("postgres").rsplit_once('@').unwrap().1.to_owned();
    let url = format!("{login}@{place},{second}?target_session_attrs=read-write");
    runtime().block_on(async {
        let nodes = [Arc::new(node(&url, 1).await), Arc::new(node(&url, 2).await)];
        let load = Load::start(&nodes);
        more_is_told(&nodes[0]).await;
        primary.kill().unwrap();
        standby.promote().unwrap();
        until("the store reads from the other", async || told(&nodes[0]).await > 0).await;
        more_is_told(&nodes[0]).await;
        let acknowledged = load.end().await;
        everything_is_there(&nodes[1], &acknowledged).await;
    });
}

#[test]
fn commits_that_wait_for_a_standby_do_not_take_up_all_connections() {
    let primary = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let mut standby = primary.standby("second").unwrap();
    let ask = |sql: &str| primary.address().query("postgres", sql).unwrap();
    runtime().block_on(async {
        let options =
            Options { patience: Duration::from_millis(200), ..Options::new(&primary.url("postgres"), 1) };
        let store = open(&options).await;
        primary.make_synchronous(&["second"]).unwrap();
        standby.kill().unwrap();
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'offhook'";
        for n in 1..=20 {
            let answer = store.commit(silent(&ringing(n, &[&format!("caller{n}")]))).await;
            assert!(is_unavailable(&answer), "{answer:?}");
            let count: u32 = ask(sessions).parse().unwrap();
            assert!(count <= 9, "{count} sessions after {n} attempts");
        }
        until("health says why", async || {
            store.health().is_err_and(|error| error.to_string().contains("standby"))
        })
        .await;
        standby.start_again().unwrap();
        comes_back(&store, 200).await;
    });
}
