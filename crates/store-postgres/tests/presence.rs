//! Who is connected where, as several nodes see it, and when one of them is gone.
#![expect(clippy::unwrap_used, reason = "a test fails by it, also in what its tests share")]
mod support;

use offhook_store::{
    Store,
    presence::Presence,
    suite::{
        pushes::device_id,
        world::{accepted, account, at, ringing, silent},
    },
};
use offhook_store_postgres::{Options, PostgresPresence, PostgresStore};
use offhook_testing_services::{Database, PostgresOptions, PostgresServer};
use offhook_types::{Account, Party};
use support::{database, node, runtime, until};

fn party(name: &str, device: &str) -> Party {
    Party { account: account(name), device: Some(device_id(device)) }
}

async fn presence(url: &str, node: u64) -> PostgresPresence {
    let opened = PostgresPresence::open(&Options::new(url, node)).await;
    opened.unwrap_or_else(|error| panic!("the presence opens: {error}"))
}

/// A store with its tables, and two nodes' presence.
async fn two(url: &str) -> (PostgresStore, PostgresPresence, PostgresPresence) {
    (node(url, 1).await, presence(url, 1).await, presence(url, 2).await)
}

async fn is_here(presence: &PostgresPresence, name: &str) -> bool {
    presence.is_here(&account(name)).await.unwrap()
}

/// Looks until there are strays, and returns them.
async fn strays(presence: &PostgresPresence) -> Vec<Account> {
    let mut found = Vec::new();
    until("strays are found", async || {
        found = presence.strays().await.unwrap();
        !found.is_empty()
    })
    .await;
    found
}

fn rows(database: &Database, table: &str) -> String {
    database.query(&format!("SELECT count(*) FROM offhook.{table}")).unwrap()
}

#[test]
fn a_device_on_one_node_is_seen_from_the_other() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (_store, one, other) = two(&database.url()).await;
        let phone = party("alice", "phone");
        assert!(!other.is_connected(&phone).await.unwrap() && !is_here(&other, "alice").await);
        one.arrive(&phone).await.unwrap();
        for node in [&one, &other] {
            assert!(node.is_connected(&phone).await.unwrap() && is_here(node, "alice").await);
            assert!(!node.is_connected(&party("alice", "tablet")).await.unwrap());
            assert!(!node.is_connected(&Party { device: None, ..phone.clone() }).await.unwrap());
            assert!(!is_here(node, "bob").await);
        }
        other.lend(&account("alice"), at(9)).await.unwrap();
        assert_eq!(other.next_expiry().await.unwrap(), None, "who is here needs no lease");
    });
}

#[test]
fn the_last_device_to_go_leaves_a_lease_and_the_first_to_come_ends_it() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (_store, one, other) = two(&database.url()).await;
        let (phone, tablet) = (party("alice", "phone"), party("alice", "tablet"));
        one.arrive(&phone).await.unwrap();
        other.arrive(&tablet).await.unwrap();
        assert!(!one.depart(&phone, at(5)).await.unwrap(), "the tablet is still there");
        assert_eq!(one.next_expiry().await.unwrap(), None);
        assert!(other.depart(&tablet, at(6)).await.unwrap());
        assert!(is_here(&one, "alice").await && !one.is_connected(&tablet).await.unwrap());
        assert_eq!(one.next_expiry().await.unwrap(), Some(at(6)));
        one.lend(&account("alice"), at(60)).await.unwrap();
        assert_eq!(other.next_expiry().await.unwrap(), Some(at(6)), "a lease is lent once");
        assert_eq!(other.expired(at(5)).await.unwrap(), []);
        one.arrive(&phone).await.unwrap();
        assert_eq!(other.expired(at(99)).await.unwrap(), [], "who came back has no lease to run out");
    });
}

#[test]
fn a_device_that_moved_is_not_taken_away_by_the_node_it_left() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (_store, one, other) = two(&database.url()).await;
        let phone = party("alice", "phone");
        one.arrive(&phone).await.unwrap();
        other.arrive(&phone).await.unwrap();
        assert!(!one.depart(&phone, at(5)).await.unwrap(), "it is connected elsewhere");
        for node in [&one, &other] {
            assert!(node.is_connected(&phone).await.unwrap());
        }
        assert!(other.depart(&phone, at(5)).await.unwrap());
        assert!(!one.is_connected(&phone).await.unwrap() && is_here(&one, "alice").await);
    });
}

#[test]
fn of_two_who_ask_one_gets_each_lease_that_ran_out() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (_store, one, other) = two(&database.url()).await;
        for n in 0..100 {
            one.lend(&account(&format!("user{n}")), at(n)).await.unwrap();
        }
        let (mut mine, theirs) = tokio::join!(one.expired(at(89)), other.expired(at(89)));
        let (mine, theirs) = (mine.as_mut().unwrap(), theirs.unwrap());
        mine.extend(theirs);
        mine.sort();
        mine.dedup();
        let rest = one.expired(at(999)).await.unwrap();
        assert_eq!((mine.len(), rest.len()), (90, 10), "each once");
        assert!(!is_here(&one, "user0").await, "a lease that was taken is over");
    });
}

#[test]
fn callers_whose_node_died_are_strays_once() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (store, one, other) = two(&database.url()).await;
        for name in ["alice", "bob", "carol", "dave"] {
            one.arrive(&party(name, "phone")).await.unwrap();
        }
        other.arrive(&party("dave", "tablet")).await.unwrap();
        let answered = ringing(3, &["carol", "bob"]);
        for call in [ringing(1, &["alice", "bob"]), ringing(2, &["dave", "bob"]), answered.clone()] {
            store.commit(silent(&call)).await.unwrap();
        }
        store.commit(silent(&accepted(&answered, "bob", 4))).await.unwrap();
        other.strays().await.unwrap();
        drop(one);
        assert!(is_here(&other, "alice").await, "its lease still runs");
        assert_eq!(strays(&other).await, [account("alice")], "who calls, is unanswered, and is nowhere else");
        assert!(
            !is_here(&other, "alice").await && !is_here(&other, "bob").await && is_here(&other, "dave").await
        );
        other.lend(&account("alice"), at(99)).await.unwrap();
        assert_eq!(other.strays().await.unwrap(), []);
        assert_eq!(rows(&database, "session"), "1", "what it wrote is gone with it");
    });
}

#[test]
fn callers_of_a_node_that_closed_are_strays_at_once() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (store, one, other) = two(&database.url()).await;
        one.arrive(&party("alice", "phone")).await.unwrap();
        store.commit(silent(&ringing(1, &["alice", "bob"]))).await.unwrap();
        assert_eq!(other.strays().await.unwrap(), []);
        one.close().await.unwrap();
        assert!(!is_here(&other, "alice").await);
        assert_eq!(strays(&other).await, [account("alice")]);
        assert_eq!(rows(&database, "node"), "1");
    });
}

#[test]
fn a_node_that_starts_anew_takes_on_nothing_of_the_one_before() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (_store, one, other) = two(&database.url()).await;
        one.arrive(&party("alice", "phone")).await.unwrap();
        drop(one);
        let one = presence(&database.url(), 1).await;
        for node in [&one, &other] {
            assert!(!is_here(node, "alice").await);
        }
    });
}

#[test]
fn a_lease_that_was_taken_down_is_taken_anew_and_everything_told() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let (_store, one, other) = two(&database.url()).await;
        one.arrive(&party("alice", "phone")).await.unwrap();
        one.arrive(&party("bob", "phone")).await.unwrap();
        // As another node does with one that was paused for long. Bob's phone has found another way meanwhile.
        database.query("WITH gone AS (DELETE FROM offhook.session WHERE node = 1) DELETE FROM offhook.node WHERE id = 1").unwrap();
        assert!(!other.is_connected(&party("alice", "phone")).await.unwrap());
        other.arrive(&party("bob", "phone")).await.unwrap();
        other.lend(&account("alice"), at(9)).await.unwrap();
        until("the node tells anew", async || other.is_connected(&party("alice", "phone")).await.unwrap()).await;
        assert_eq!(other.next_expiry().await.unwrap(), None, "who is here needs no lease");
        let holders = "SELECT string_agg(usr || node, ' ' ORDER BY usr) FROM offhook.session";
        assert_eq!(database.query(holders).unwrap(), "alice1 bob2");
    });
}

#[test]
fn after_a_crash_of_the_server_everything_is_told_anew() {
    let mut server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let url = server.url("postgres");
    runtime().block_on(async {
        let (_store, one, other) = two(&url).await;
        one.arrive(&party("alice", "phone")).await.unwrap();
        one.arrive(&party("alice", "tablet")).await.unwrap();
        one.arrive(&party("carol", "phone")).await.unwrap();
        server.kill().unwrap();
        // One comes and two go while nobody can be told.
        assert!(one.arrive(&party("bob", "phone")).await.is_err());
        assert!(one.depart(&party("alice", "tablet"), at(5)).await.is_err());
        assert!(one.depart(&party("carol", "phone"), at(5)).await.is_err());
        server.start_again().unwrap();
        let count = |sql: &str| server.address().query("postgres", sql).unwrap();
        until("the nodes are back", async || count("SELECT count(*) FROM offhook.node") == "2").await;
        until("the phone is back", async || {
            other.is_connected(&party("alice", "phone")).await.is_ok_and(|it| it)
        })
        .await;
        until("who went has a lease", async || other.next_expiry().await.unwrap() == Some(at(5))).await;
        assert_eq!(count("SELECT string_agg(usr || device, ' ') FROM offhook.session"), "alicephone");
        assert!(!is_here(&one, "bob").await, "who was not let in is not here");
        assert_eq!(other.expired(at(99)).await.unwrap(), [account("carol")]);
    });
}

#[test]
fn what_a_pause_kept_from_being_told_is_told_after_it() {
    let server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let url = server.url("postgres");
    runtime().block_on(async {
        let _store = node(&url, 1).await;
        let patience = std::time::Duration::from_millis(300);
        let one = PostgresPresence::open(&Options { patience, ..Options::new(&url, 1) }).await.unwrap();
        one.arrive(&party("alice", "phone")).await.unwrap();
        server.pause().unwrap();
        assert!(one.depart(&party("alice", "phone"), at(5)).await.is_err());
        server.resume();
        let other = presence(&url, 2).await;
        until("the departure is told", async || !other.is_connected(&party("alice", "phone")).await.unwrap())
            .await;
        until("who went has a lease", async || other.next_expiry().await.unwrap() == Some(at(5))).await;
    });
}
