//! Servers that stop, hang, or give way to others.
use std::{net::TcpListener, time::Duration};

use offhook_bus::{
    AskError, Bus as _, Peers as _,
    suite::run,
    suite::stage::{hint, until, user},
};
use offhook_bus_nats::NatsOptions;
use offhook_testing_services::{self as services, NatsServer};

use super::stage::{Guest, couple};

fn server() -> NatsServer {
    NatsServer::start(&services::NatsOptions::default()).unwrap()
}

#[test]
fn a_server_that_stops_and_comes_back_is_found_again() {
    run(async {
        let mut server = server();
        let (ann, bob) = couple(&server).await;
        server.stop().unwrap();
        ann.until_away().await;
        bob.until_away().await;
        ann.bus.publish(&[hint("zoe", 2)]);
        assert_eq!(ann.health().counts.dropped, 1, "it is not kept for later");
        server.start_again().unwrap();
        bob.until_heard(&ann, 3).await;
        until("sessions are told to look", || bob.heard.all_missed() > 0).await;
        assert_eq!((ann.health().counts.reconnects, bob.health().counts.reconnects), (1, 1));
        assert!(!bob.heard.heads(&user("zoe")).contains(&2));
    });
}

#[test]
fn a_server_that_is_killed_under_load_is_found_again() {
    run(async {
        let mut server = server();
        let (ann, bob) = couple(&server).await;
        for round in 1..=3_u64 {
            (0..1_000).for_each(|head| ann.bus.publish(&[hint("zoe", head)]));
            server.kill().unwrap();
            (0..1_000).for_each(|head| ann.bus.publish(&[hint("zoe", head)]));
            ann.until_away().await;
            server.start_again().unwrap();
            bob.until_heard(&ann, 10_000 + round).await;
        }
    });
}

#[test]
fn a_server_that_hangs_is_noticed_and_nobody_waits_for_it() {
    run(async {
        let server = server();
        let (ann, bob) = couple(&server).await;
        server.pause().unwrap();
        // More than all that waits on the way can hold: the queue, the client's buffer and the kernel's.
        (0..200_000).for_each(|head| ann.bus.publish(&[hint("zoe", head)]));
        assert!(ann.health().counts.dropped > 0, "what does not fit is dropped");
        ann.until_away().await;
        assert!(bob.bus.nodes().len() == 2, "nobody is gone only because nobody can be heard");
        server.resume();
        bob.until_heard(&ann, 1_000_000).await;
        until("sessions are told to look", || bob.heard.all_missed() > 0).await;
    });
}

#[test]
fn another_server_of_the_cluster_takes_over() {
    run(async {
        let routes = [free_port(), free_port()];
        let clustered = |mine: u16, other: u16| {
            let settings = format!(
                "cluster {{ name: c, listen: \"127.0.0.1:{mine}\", routes: [\"nats://127.0.0.1:{other}\"], no_advertise: true }}"
            );
            NatsServer::start(&services::NatsOptions { settings, ..Default::default() }).unwrap()
        };
        let first = clustered(routes[0], routes[1]);
        let mut second = clustered(routes[1], routes[0]);
        let ann = Guest::join(&first).await;
        let bob = Guest::start(NatsOptions::new([second.url(), first.url()])).await;
        bob.bus.attend(&user("zoe"));
        bob.until_heard(&ann, 1).await;
        until("they know each other", || ann.bus.nodes().len() == 2 && bob.bus.nodes().len() == 2).await;
        second.kill().unwrap();
        bob.until_heard(&ann, 2).await;
        assert!(bob.health().state.is_connected());
    });
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_node_that_was_killed_is_known_to_be_gone_before_its_lease_is() {
    run(async {
        let server = server();
        let (ann, bob) = couple(&server).await;
        until("they know each other", || ann.bus.nodes().len() == 2).await;
        let gone = bob.bus.me();
        drop(bob);
        // The server knows at once that nobody listens there any more; the lease runs on.
        until("the server says so", || {
            // The first may still be taken by what is being dropped, and answered by nobody.
            let asked = ann.bus.ask(gone, b"?".to_vec(), Duration::from_millis(100));
            let answer = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(asked));
            answer == Err(AskError::Gone)
        })
        .await;
        assert_eq!(ann.bus.nodes().len(), 2, "its lease has not ended");
    });
}
