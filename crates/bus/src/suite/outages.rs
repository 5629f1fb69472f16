//! A bus that goes away, and comes back.
use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{
    PATIENCE, Subject,
    stage::{Echo, Guest, couple, hint, until, user},
};
use crate::{AskError, Bus as _, Peers as _, adapter::LEASE};

/// Commits go on without the bus, and so do the sessions beside them.
pub async fn publishing_does_not_wait_for_a_bus_that_is_away<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    bob.attend(&user("zoe"), &ann).await;
    let before = ann.heard.count();
    subject.cut().await;
    // From the very moment of the cut on, also while nobody has noticed it yet.
    (0..100_000).for_each(|head| ann.bus.publish(&[hint("zoe", head)]));
    assert_eq!(ann.heard.count(), before + 100_000, "the node's own sessions are told");
    until("it is noticed", || !ann.is_connected()).await;
    let dropped = ann.bus.health().counts.dropped;
    (0..1_000).for_each(|head| ann.bus.publish(&[hint("zoe", head)]));
    assert_eq!(ann.bus.health().counts.dropped, dropped + 1_000, "what is dropped is counted");
}

/// Sessions are healed, for nobody knows what was lost.
pub async fn after_an_outage_hints_flow_and_what_was_missed_is_told<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    bob.attend(&user("zoe"), &ann).await;
    let told = bob.heard.all_missed();
    subject.cut().await;
    until("it is noticed", || !ann.is_connected() && !bob.is_connected()).await;
    ann.bus.publish(&[hint("zoe", 5)]);
    subject.mend().await;
    until("both are back", || ann.is_connected() && bob.is_connected()).await;
    until("it is told", || bob.heard.all_missed() > told).await;
    assert_eq!(bob.bus.health().counts.reconnects, 1);
    until("hints flow", || {
        ann.bus.publish(&[hint("zoe", 6)]);
        bob.heard.heads(&user("zoe")).contains(&6)
    })
    .await;
}

/// A node may be started before its bus.
pub async fn a_node_that_starts_during_an_outage_is_there_after_it<S: Subject>() {
    let subject = S::create().await;
    subject.cut().await;
    let ann = Guest::start(&subject, None).await;
    let bob = Guest::start(&subject, None).await;
    bob.bus.attend(&user("zoe"));
    bob.bus.respond(Arc::new(Echo::default()));
    assert!(!ann.is_connected(), "it runs, and says that its bus is away");
    subject.mend().await;
    until("both know each other", || ann.knows(bob.id()) && bob.knows(ann.id())).await;
    bob.attend(&user("zoe"), &ann).await;
    assert!(ann.bus.ask(bob.id(), b"?".to_vec(), PATIENCE).await.is_ok());
}

/// Whoever cannot hear must not take the others for dead.
pub async fn an_outage_is_held_against_no_node<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    subject.cut().await;
    until("it is noticed", || !ann.is_connected()).await;
    // Longer than any lease, so that one that ran on would have ended.
    sleep(LEASE + Duration::from_secs(1)).await;
    assert!(ann.knows(bob.id()), "nobody could be heard");
    subject.mend().await;
    until("both are back", || ann.is_connected() && bob.is_connected()).await;
    assert!(ann.knows(bob.id()) && bob.knows(ann.id()));
    drop(bob);
    until("who is silent now is gone", || ann.bus.nodes().len() == 1).await;
}

/// A question that cannot be asked is not waited for.
pub async fn questions_during_an_outage_are_refused<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    subject.cut().await;
    until("it is noticed", || !ann.is_connected()).await;
    assert_eq!(ann.bus.ask(bob.id(), b"?".to_vec(), PATIENCE).await, Err(AskError::Away));
    let dropped = ann.bus.health().counts.dropped_messages;
    ann.bus.tell(bob.id(), b"!".to_vec()).unwrap();
    assert_eq!(ann.bus.health().counts.dropped_messages, dropped + 1);
}
