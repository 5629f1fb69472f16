//! Several nodes on one database: any serves any user and any call, and one that dies takes nothing with it. The real binary, a real
//! PostgreSQL, a real NATS.
mod bad_days;
mod logins;
#[path = "../bad_input/server.rs"]
#[allow(dead_code, reason = "what only the other tests need")]
mod server;
mod world;

use offhook_client::{Event, LegStatus, RingStopReason};
use serde_json::{Value, json};

use crate::world::{Cluster, Person, until_answered};

/// Bob's ring on this device stops for this reason.
async fn stops_ringing(bob: &mut Person, wanted: RingStopReason) {
    let reason = bob.until(|event| {
        let Event::RingStopped { reason, .. } = event else { return None };
        Some(*reason)
    });
    assert_eq!(reason.await, wanted);
}

/// Somebody sees Bob so in the call.
async fn sees_bob(person: &mut Person, wanted: LegStatus) {
    person
        .until(|event| {
            let (Event::CallChanged { changed, .. } | Event::CallEnded { changed, .. }) = event else {
                return None;
            };
            changed.iter().any(|leg| leg.user.as_str() == "bob" && leg.status == wanted).then_some(())
        })
        .await;
}

async fn call_between(cluster: Cluster) {
    let mut alice = cluster.log_in(0, "alice", "phone").await;
    let mut bob = cluster.log_in(1, "bob", "phone").await;
    let call = alice.call_bob(60).await;
    assert_eq!(bob.until_it_rings().await, call);
    bob.client.accept(call).await.expect("accepted");
    sees_bob(&mut alice, LegStatus::Accepted).await;
    // The back end asks whichever node it likes.
    let (status, view) = cluster.nodes[1].ask("GET", &format!("/v1/calls/{call}?user=alice"), &Value::Null);
    assert_eq!((status, &view["call"]["status"]), (200, &json!("started")), "{view}");
    alice.client.end(call).await.expect("ended");
    bob.until(|event| matches!(event, Event::CallEnded { call: ended, .. } if *ended == call).then_some(()))
        .await;
}

#[tokio::test]
async fn a_call_between_two_nodes_rings_is_accepted_and_ends() {
    call_between(Cluster::start(2, "")).await;
}

#[tokio::test]
async fn the_database_alone_carries_a_call_between_two_nodes() {
    call_between(Cluster::without_nats(2)).await;
}

#[tokio::test]
async fn an_answer_on_one_node_ends_the_ring_on_the_other() {
    let cluster = Cluster::start(2, "login = \"multi\"");
    let alice = cluster.log_in(0, "alice", "phone").await;
    let mut phone = cluster.log_in(0, "bob", "phone").await;
    let mut tablet = cluster.log_in(1, "bob", "tablet").await;
    let call = alice.call_bob(60).await;
    for device in [&mut phone, &mut tablet] {
        assert_eq!(device.until_it_rings().await, call);
    }
    phone.client.accept(call).await.expect("accepted");
    stops_ringing(&mut tablet, RingStopReason::AnsweredElsewhere).await;
}

#[tokio::test]
async fn a_ring_ends_on_time_though_the_node_that_placed_it_is_dead() {
    let mut cluster = Cluster::start(2, "");
    let alice = cluster.log_in(0, "alice", "phone").await;
    let mut bob = cluster.log_in(1, "bob", "phone").await;
    let call = alice.call_bob(2).await;
    assert_eq!(bob.until_it_rings().await, call);
    cluster.nodes[0].kill();
    // By the server's word or by its own clock, whichever comes first; then it is so for everybody.
    bob.until(|event| matches!(event, Event::RingStopped { .. }).then_some(())).await;
    let path = format!("/v1/calls/{call}?user=alice");
    let is_over = |_, view: &Value| view["call"]["legs"][1]["status"] == "timed_out";
    until_answered(&cluster.nodes[1], &path, is_over).await;
}

#[tokio::test]
async fn a_caller_whose_node_died_is_answered_where_they_come_back() {
    let mut cluster = Cluster::start(2, "");
    let alice = cluster.log_in(0, "alice", "phone").await;
    let mut bob = cluster.log_in(1, "bob", "phone").await;
    let call = alice.call_bob(60).await;
    assert_eq!(bob.until_it_rings().await, call);
    cluster.nodes[0].kill();
    drop(alice);
    let mut alice = cluster.log_in(1, "alice", "phone").await;
    bob.client.accept(call).await.expect("accepted");
    sees_bob(&mut alice, LegStatus::Accepted).await;
}

#[tokio::test]
async fn a_node_that_stops_is_not_ready_and_the_call_goes_on_elsewhere() {
    let cluster = Cluster::start(2, "");
    let alice = cluster.log_in(0, "alice", "phone").await;
    let mut bob = cluster.log_in(1, "bob", "phone").await;
    let call = alice.call_bob(60).await;
    assert_eq!(bob.until_it_rings().await, call);
    cluster.nodes[0].terminate();
    let mut alice = cluster.log_in(1, "alice", "phone").await;
    bob.client.accept(call).await.expect("accepted");
    sees_bob(&mut alice, LegStatus::Accepted).await;
}
