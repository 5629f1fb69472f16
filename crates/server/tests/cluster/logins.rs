//! The login policies hold over all nodes: the newest session stays.
use offhook_client::{ConnectionState, Event, Platform, StopReason};

use crate::world::{Cluster, Person};

async fn is_stopped(person: &mut Person) -> StopReason {
    let stopped = person.until(|event| {
        let Event::Connection(ConnectionState::Stopped(reason)) = event else { return None };
        Some(*reason)
    });
    stopped.await
}

#[tokio::test]
async fn a_device_that_connects_elsewhere_replaces_its_old_connection() {
    let cluster = Cluster::start(2, "login = \"multi\"");
    let mut old = cluster.log_in(0, "bob", "phone").await;
    let new = cluster.log_in(1, "bob", "phone").await;
    assert_eq!(is_stopped(&mut old).await, StopReason::Replaced);
    // The old one's leave takes nothing from the new one.
    let mut alice = cluster.log_in(0, "alice", "phone").await;
    let call = alice.call_bob(60).await;
    new.client.accept(call).await.expect("it is still here");
    crate::sees_bob(&mut alice, offhook_client::LegStatus::Accepted).await;
}

#[tokio::test]
async fn under_single_a_login_on_one_node_kicks_the_other_nodes_out() {
    let cluster = Cluster::start(3, "login = \"single\"");
    let mut phone = cluster.log_in(0, "bob", "phone").await;
    let mut tablet = cluster.log_in(1, "bob", "tablet").await;
    assert_eq!(is_stopped(&mut phone).await, StopReason::KickedOut);
    let _laptop = cluster.log_in(2, "bob", "laptop").await;
    assert_eq!(is_stopped(&mut tablet).await, StopReason::KickedOut);
}

#[tokio::test]
async fn under_dual_a_browser_and_a_phone_stay_on_their_nodes() {
    let cluster = Cluster::start(2, "login = \"dual\"\norigins = [\"*\"]");
    let mut phone = cluster.log_in(0, "bob", "phone").await;
    let mut tab = cluster.log_in_on(1, "bob", ("tab", Platform::Web)).await;
    let _other = cluster.log_in_on(0, "bob", ("other", Platform::Web)).await;
    assert_eq!(is_stopped(&mut tab).await, StopReason::KickedOut);
    let _tablet = cluster.log_in(1, "bob", "tablet").await;
    assert_eq!(is_stopped(&mut phone).await, StopReason::KickedOut);
}
