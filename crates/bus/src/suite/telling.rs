//! Messages that nobody answers.
use std::sync::Arc;

use super::{
    Subject,
    stage::{Echo, Guest, couple, until},
};
use crate::Peers as _;

/// A message is for one node.
pub async fn a_message_reaches_its_node_and_no_other<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let eve = Guest::join(&subject, None).await;
    until("the third is known", || ann.knows(eve.id()) && eve.knows(ann.id())).await;
    let (to_ann, to_bob, to_eve) = <(Arc<Echo>, Arc<Echo>, Arc<Echo>)>::default();
    ann.bus.respond(Arc::clone(&to_ann) as _);
    bob.bus.respond(Arc::clone(&to_bob) as _);
    eve.bus.respond(Arc::clone(&to_eve) as _);
    ann.bus.tell(bob.id(), b"for bob".to_vec()).unwrap();
    ann.bus.tell(eve.id(), b"for eve".to_vec()).unwrap();
    ann.bus.tell(ann.id(), b"for herself".to_vec()).unwrap();
    until("each has its own", || {
        to_bob.messages() == [(ann.id(), b"for bob".to_vec())]
            && to_eve.messages() == [(ann.id(), b"for eve".to_vec())]
    })
    .await;
    assert_eq!(to_ann.messages(), [], "what one tells oneself is dropped");
}

/// A message can be for everybody else.
pub async fn a_message_to_all_reaches_all_others<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let eve = Guest::join(&subject, None).await;
    until("the third is known", || ann.knows(eve.id()) && eve.knows(ann.id())).await;
    let echoes = [&ann, &bob, &eve].map(|node| {
        let echo = Arc::new(Echo::default());
        node.bus.respond(Arc::clone(&echo) as _);
        echo
    });
    ann.bus.tell_all(b"hear".to_vec()).unwrap();
    let expected = [(ann.id(), b"hear".to_vec())];
    until("both have it", || echoes[1].messages() == expected && echoes[2].messages() == expected).await;
    assert_eq!(echoes[0].messages(), [], "but not the one that said it");
}

/// Saying the same twice is saying two things.
pub async fn messages_that_are_equal_arrive_each<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let echo = Arc::new(Echo::default());
    bob.bus.respond(Arc::clone(&echo) as _);
    for _ in 0..20 {
        ann.bus.tell(bob.id(), b"again".to_vec()).unwrap();
    }
    until("all have come", || echo.messages().len() == 20).await;
}
