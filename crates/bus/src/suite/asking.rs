//! Questions and answers between nodes.
use std::{sync::Arc, time::Duration};

use super::{
    PATIENCE, Subject,
    stage::{Echo, Guest, Long, Slow, couple, until},
};
use crate::{AskError, NodeId, Peers as _, TooLarge, adapter::AT_ONCE};

/// A question reaches the node it is for, which hears who asks.
pub async fn a_question_is_answered<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    bob.bus.respond(Arc::new(Echo::default()));
    let answer = ann.bus.ask(bob.id(), b"who?".to_vec(), PATIENCE).await;
    assert_eq!(answer, Ok(Echo::answer(ann.id(), b"who?")));
    assert_eq!(ann.bus.ask(bob.id(), Vec::new(), PATIENCE).await, Ok(Echo::answer(ann.id(), b"")));
}

/// Whoever asks need not know whether the node is another.
pub async fn a_node_answers_its_own_questions<S: Subject>() {
    let subject = S::create().await;
    let ann = Guest::join(&subject, None).await;
    assert_eq!(ann.bus.ask(ann.id(), Vec::new(), PATIENCE).await, Err(AskError::Busy), "by nobody yet");
    ann.bus.respond(Arc::new(Echo::default()));
    let answer = ann.bus.ask(ann.id(), b"me?".to_vec(), PATIENCE).await;
    assert_eq!(answer, Ok(Echo::answer(ann.id(), b"me?")));
}

/// Each asker gets the answer to its own question.
pub async fn questions_at_the_same_time_are_not_mixed_up<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    bob.bus.respond(Arc::new(Echo::default()));
    ann.bus.respond(Arc::new(Echo::default()));
    let mut questions = Vec::new();
    for number in 0..100_u32 {
        let body = number.to_be_bytes().to_vec();
        questions.push((ann.id(), body.clone(), ann.bus.ask(bob.id(), body.clone(), PATIENCE)));
        questions.push((bob.id(), body.clone(), bob.bus.ask(ann.id(), body, PATIENCE)));
    }
    let questions = questions.into_iter().map(|(from, body, answer)| (from, body, tokio::spawn(answer)));
    let questions: Vec<_> = questions.collect();
    for (from, body, answer) in questions.into_iter().rev() {
        assert_eq!(answer.await.unwrap(), Ok(Echo::answer(from, &body)));
    }
}

/// Nobody waits for the patience to end when the node has said goodbye, before the question or after it.
pub async fn a_question_to_a_node_that_is_gone_says_so<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let gone = bob.id();
    bob.bus.respond(Arc::new(Slow::new()));
    let pending = tokio::spawn(ann.bus.ask(gone, b"before".to_vec(), PATIENCE));
    // The next question is answered by nobody either; that it is turned away in time shows that the first has arrived.
    let second = ann.bus.ask(gone, b"then".to_vec(), Duration::from_millis(100)).await;
    assert_eq!(second, Err(AskError::TimedOut));
    S::goodbye(&bob.bus).await;
    assert_eq!(pending.await.unwrap(), Err(AskError::Gone), "it went before it answered");
    until("it is gone", || !ann.knows(gone)).await;
    assert_eq!(ann.bus.ask(gone, b"after".to_vec(), PATIENCE).await, Err(AskError::Gone));
}

/// An id of an earlier life, perhaps read from the store, leads nowhere.
pub async fn a_question_to_a_node_that_nobody_knows_says_so<S: Subject>() {
    let subject = S::create().await;
    let ann = Guest::join(&subject, None).await;
    let nobody = NodeId::new(ann.id().bits() ^ 1);
    assert_eq!(ann.bus.ask(nobody, b"?".to_vec(), PATIENCE).await, Err(AskError::Gone));
}

/// A node that does not answer is not waited for longer than the asker wants.
pub async fn a_question_that_nobody_answers_in_time_ends<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let slow = Arc::new(Slow::new());
    bob.bus.respond(Arc::clone(&slow) as _);
    let answer = ann.bus.ask(bob.id(), b"?".to_vec(), Duration::from_millis(50)).await;
    assert_eq!(answer, Err(AskError::TimedOut));
    slow.allow();
    assert_eq!(ann.bus.ask(bob.id(), b"now".to_vec(), PATIENCE).await, Ok(b"now".to_vec()));
}

/// A node that is only starting has nobody to answer.
pub async fn a_question_to_a_node_with_nobody_to_answer_is_turned_away<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    assert_eq!(ann.bus.ask(bob.id(), b"?".to_vec(), PATIENCE).await, Err(AskError::Busy));
    assert_eq!(bob.bus.health().counts.busy, 1);
}

/// What a node cannot do it turns away at once; what it has begun it finishes.
pub async fn an_overloaded_node_turns_questions_away_and_recovers<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let slow = Arc::new(Slow::new());
    bob.bus.respond(Arc::clone(&slow) as _);
    let ask = || ann.bus.ask(bob.id(), b"?".to_vec(), PATIENCE);
    let begun: Vec<_> = (0..AT_ONCE + 50).map(|_| tokio::spawn(ask())).collect();
    until("it turns some away", || bob.bus.health().counts.busy == 50).await;
    slow.allow();
    let mut turned_away = 0;
    for answer in begun {
        match answer.await.unwrap() {
            Ok(answer) => assert_eq!(answer, b"?"),
            Err(error) => {
                assert_eq!(error, AskError::Busy);
                turned_away += 1;
            }
        }
    }
    assert_eq!(turned_away, 50);
    assert_eq!(ask().await, Ok(b"?".to_vec()), "it has capacity again");
}

/// The limit is known, and holds for all three.
pub async fn what_is_too_large_is_refused<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let limit = ann.bus.max_message();
    bob.bus.respond(Arc::new(Long));
    assert_eq!(ann.bus.tell(bob.id(), vec![0; limit + 1]), Err(TooLarge { limit }));
    assert_eq!(ann.bus.tell_all(vec![0; limit + 1]), Err(TooLarge { limit }));
    let question = ann.bus.ask(bob.id(), vec![0; limit + 1], PATIENCE).await;
    assert_eq!(question, Err(AskError::TooLarge(TooLarge { limit })));
    let just = ann.bus.ask(bob.id(), limit.to_string().into_bytes(), PATIENCE).await;
    assert_eq!(just.map(|answer| answer.len()), Ok(limit), "an answer may be as large as that");
    let beyond = ann.bus.ask(bob.id(), (limit + 1).to_string().into_bytes(), PATIENCE).await;
    assert_eq!(beyond, Err(AskError::AnswerTooLarge));
    let largest = ann.bus.ask(bob.id(), vec![b' '; limit], PATIENCE).await;
    assert_eq!(largest, Ok(Vec::new()), "and so may a question");
}
