//! Databases that stop, hang, or end connections.
use offhook_bus::{
    Bus as _, Peers as _,
    suite::run,
    suite::stage::{hint, until, user},
};
use offhook_bus_postgres::PostgresBusOptions;
use offhook_testing_services::{PostgresOptions, PostgresServer};

use super::stage::couple;

fn server() -> PostgresServer {
    PostgresServer::start(&PostgresOptions::default()).unwrap()
}

fn options(server: &PostgresServer) -> PostgresBusOptions {
    PostgresBusOptions::new(server.url("postgres"))
}

#[test]
fn a_database_that_is_killed_and_comes_back_is_found_again() {
    run(async {
        let mut server = server();
        let (ann, bob) = couple(&options(&server)).await;
        server.kill().unwrap();
        ann.until_away().await;
        bob.until_away().await;
        let dropped = ann.health().counts.dropped;
        ann.bus.publish(&[hint("zoe", 2)]);
        assert_eq!(ann.health().counts.dropped, dropped + 1, "it is not kept for later");
        server.start_again().unwrap();
        bob.until_heard(&ann, 3).await;
        until("sessions are told to look", || bob.heard.all_missed() > 0).await;
        assert_eq!(bob.health().counts.reconnects, 1);
        assert!(!bob.heard.heads(&user("zoe")).contains(&2));
    });
}

#[test]
fn a_database_that_hangs_is_noticed_and_nobody_waits_for_it() {
    run(async {
        let server = server();
        let (ann, bob) = couple(&options(&server)).await;
        until("they know each other", || bob.bus.nodes().len() == 2).await;
        server.pause().unwrap();
        // More than the outbox takes: 50,000 users.
        (0..100_000).for_each(|n| ann.bus.publish(&[hint(&format!("user-{n}"), 1)]));
        assert!(ann.health().counts.dropped > 0, "what does not fit is dropped");
        ann.until_away().await;
        bob.until_away().await;
        until("what waited and what was under way is counted, too", || {
            ann.health().counts.dropped >= 100_000
        })
        .await;
        assert_eq!(bob.bus.nodes().len(), 2, "nobody is gone only because nobody can be heard");
        server.resume();
        bob.until_heard(&ann, 4).await;
        until("sessions are told to look", || bob.heard.all_missed() > 0).await;
    });
}

#[test]
fn a_connection_that_the_server_ends_is_made_anew() {
    run(async {
        let server = server();
        let (ann, bob) = couple(&options(&server)).await;
        for (round, purpose) in ["listening", "notifying"].into_iter().enumerate() {
            let reconnects = bob.health().counts.reconnects;
            let end = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'offhook bus, {purpose}'"
            );
            server.address().query("postgres", &end).unwrap();
            until("it is made anew", || bob.health().counts.reconnects > reconnects).await;
            bob.until_heard(&ann, 100 + round as u64).await;
            ann.until_heard(&bob, 200 + round as u64).await;
        }
    });
}

#[test]
fn what_nobody_can_read_is_counted_and_passed_over() {
    run(async {
        let server = server();
        let (ann, bob) = couple(&options(&server)).await;
        let before = bob.health().counts.undecodable;
        // No base64; of another version; nothing at all.
        for payload in ["not base64 !", "Yw", ""] {
            server
                .address()
                .query("postgres", &format!("SELECT pg_notify('offhook_main', '{payload}')"))
                .unwrap();
        }
        until("all are counted", || bob.health().counts.undecodable == before + 3).await;
        bob.until_heard(&ann, 77).await;
    });
}
