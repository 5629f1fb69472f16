//! Who lives.
use std::sync::Arc;

use super::{
    Subject,
    stage::{Guest, Roll, couple, until},
};
use crate::{MAX_FACTS, NodeId, Peers as _, TooLarge};

/// Nodes need not be told of each other.
pub async fn nodes_find_each_other<S: Subject>() {
    let subject = S::create().await;
    let ann = Guest::join(&subject, Some("ann")).await;
    let bob = Guest::join(&subject, Some("bob")).await;
    let eve = Guest::join(&subject, None).await;
    let ids = [ann.id(), bob.id(), eve.id()];
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "no two have one id: {ids:?}");
    for node in [&ann, &bob, &eve] {
        until("all know all", || ids.iter().all(|id| node.knows(*id))).await;
        assert_eq!(node.bus.nodes().len(), 3, "and nobody else");
        assert!(node.bus.nodes().is_sorted_by_key(|node| node.id));
    }
    assert_eq!(eve.node(bob.id()).unwrap().name.unwrap().as_str(), "bob");
    assert_eq!(bob.node(eve.id()).unwrap().name, None);
    assert_eq!(ann.bus.health().namesakes, []);
}

/// Facts are what the others learn of a node.
pub async fn facts_can_be_changed_and_are_limited<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    for facts in [b"load 1".to_vec(), b"load 2".to_vec(), vec![0xff; MAX_FACTS], Vec::new()] {
        ann.bus.set_facts(facts.clone()).unwrap();
        until("they are known", || bob.node(ann.id()).is_some_and(|node| *node.facts == *facts)).await;
        assert_eq!(*ann.node(ann.id()).unwrap().facts, *facts, "and to the node itself");
    }
    assert_eq!(ann.bus.set_facts(vec![0; MAX_FACTS + 1]), Err(TooLarge { limit: MAX_FACTS }));
    assert!(ann.node(ann.id()).unwrap().facts.is_empty(), "the earlier ones stay");
}

/// A node that stops in order is gone at once: before one that fell silent at the same time.
pub async fn a_goodbye_is_heard<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let eve = Guest::join(&subject, None).await;
    until("the third is known", || ann.knows(eve.id())).await;
    let roll = Arc::new(Roll::default());
    ann.bus.respond(Arc::clone(&roll) as _);
    let (gone, silent) = (bob.id(), eve.id());
    drop(eve);
    S::goodbye(&bob.bus).await;
    until("both are gone", || ann.bus.nodes().len() == 1).await;
    assert_eq!(roll.calls(), [roll_of(&[ann.id(), silent]), vec![ann.id()]], "each was told of");
    assert!(!ann.knows(gone));
}

fn roll_of(ids: &[NodeId]) -> Vec<NodeId> {
    let mut roll = ids.to_vec();
    roll.sort();
    roll
}

/// A node that is killed says nothing.
pub async fn a_node_that_dies_without_a_word_is_gone_after_its_lease<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let eve = Guest::join(&subject, None).await;
    until("the third is known", || ann.knows(eve.id())).await;
    let gone = bob.id();
    drop(bob);
    assert!(ann.knows(gone), "nobody has said that it is gone");
    until("it is gone", || !ann.knows(gone)).await;
    assert!(ann.knows(eve.id()), "who goes on announcing itself stays");
}

/// Two nodes that are configured alike would be taken for each other by people.
pub async fn two_nodes_of_one_name_are_noticed<S: Subject>() {
    let subject = S::create().await;
    let first = Guest::join(&subject, Some("twin")).await;
    let second = Guest::join(&subject, Some("twin")).await;
    until("both notice", || {
        first.bus.health().namesakes == [second.id()] && second.bus.health().namesakes == [first.id()]
    })
    .await;
    assert_eq!(first.bus.health().counts.name_clashes, 1);
    S::goodbye(&second.bus).await;
    until("the name is its own again", || first.bus.health().namesakes.is_empty()).await;
}
