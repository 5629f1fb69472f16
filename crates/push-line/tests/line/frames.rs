//! What the absence of an answer proves. Only what the peer certainly did not look at may be sent again.
use std::time::Duration;

use futures_util::future::join_all;
use offhook_push::testing::order;
use offhook_push::{Address, Kind, Token, Unsendable, Verdict};
use offhook_push_line::{Line, LineConfig};
use offhook_testing_vendors::{Act, Wire};

use crate::stage::{config, device, hook_to, line_to};

async fn ring(line: &Line) -> Result<Verdict, Unsendable> {
    line.send(&order(Kind::Ring), &device("00ff")).await
}

const ACCEPTED: Result<Verdict, Unsendable> = Ok(Verdict::Accepted { id: None });

#[tokio::test]
async fn a_push_that_may_have_been_looked_at_is_unknown_and_sent_once() {
    for act in [Act::Close, Act::LeaveWith, Act::Reset, Act::Silence] {
        let wire = Wire::start(&[Act::Answer, act], 100).await.expect("a peer");
        let line = line_to(&wire, config());
        assert_eq!(ring(&line).await, ACCEPTED);
        assert_eq!(ring(&line).await, Ok(Verdict::Unknown), "{act:?}");
        assert_eq!(wire.streams(), 2, "{act:?}");
        assert_eq!(ring(&line).await, ACCEPTED, "{act:?}");
        assert_eq!(wire.connections(), 2, "the next goes over a fresh connection after {act:?}");
    }
}

#[tokio::test]
async fn a_push_that_was_not_looked_at_goes_over_a_fresh_connection_at_once() {
    for act in [Act::LeaveBefore, Act::Refuse] {
        let wire = Wire::start(&[Act::Answer, act], 100).await.expect("a peer");
        let line = line_to(&wire, config());
        assert_eq!(ring(&line).await, ACCEPTED);
        assert_eq!(ring(&line).await, ACCEPTED, "{act:?}");
        assert_eq!((wire.connections(), wire.streams()), (2, 3), "{act:?}");
    }
}

#[tokio::test]
async fn a_push_that_a_fresh_connection_refuses_is_not_tried_over_a_third() {
    for act in [Act::LeaveBefore, Act::Refuse] {
        let wire = Wire::start(&[act], 100).await.expect("a peer");
        let line = line_to(&wire, config());
        assert_eq!(ring(&line).await, Ok(Verdict::Unavailable { after: None }), "{act:?}");
        assert_eq!(wire.streams(), 1);
        assert!(line.state().last_failure.is_some_and(|why| why.contains("before it looked at")));
        assert_eq!(ring(&line).await, ACCEPTED);
        assert_eq!(line.state().last_failure, None);
    }
}

#[tokio::test]
async fn a_connection_that_the_vendor_leaves_is_replaced_without_a_loss() {
    let wire = Wire::start(&[Act::AnswerAndLeave; 5], 100).await.expect("a peer");
    let line = line_to(&wire, config());
    for _ in 0..5 {
        assert_eq!(ring(&line).await, ACCEPTED);
    }
    assert_eq!((wire.connections(), wire.streams()), (5, 5));
}

#[tokio::test]
async fn a_connection_that_answers_no_ping_is_given_up_before_a_push_is_lost_in_it() {
    let wire = Wire::start(&[Act::AnswerAndGoDeaf], 100).await.expect("a peer");
    let hasty = LineConfig {
        connect_timeout: Duration::from_millis(300),
        ping_interval: Duration::from_millis(20),
        ..config()
    };
    let line = line_to(&wire, hasty);
    assert_eq!(ring(&line).await, ACCEPTED);
    while line.state().connections > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(ring(&line).await, ACCEPTED);
    assert_eq!((wire.connections(), wire.streams()), (2, 2));
}

#[tokio::test]
async fn more_connections_are_made_only_when_the_vendor_takes_no_more_over_one() {
    let wire = Wire::start(&[Act::Silence; 2], 2).await.expect("a peer");
    let line = hook_to(&wire, config());
    let to = Address::Webhook { token: Token::new("bob").expect("a token") };
    let ring = order(Kind::Ring);
    let mut verdicts = join_all((0..3).map(|_| line.send(&ring, &to))).await;
    verdicts.sort_by_key(|verdict| *verdict != ACCEPTED);
    assert_eq!(verdicts, [ACCEPTED, Ok(Verdict::Unknown), Ok(Verdict::Unknown)]);
    assert_eq!((wire.connections(), wire.streams()), (2, 3));
    let wire = Wire::start(&[], 2).await.expect("a peer");
    let line = hook_to(&wire, config());
    for _ in 0..10 {
        assert_eq!(line.send(&ring, &to).await, ACCEPTED);
    }
    assert_eq!(wire.connections(), 1);
}

#[tokio::test]
async fn a_first_push_that_gets_no_answer_does_not_hold_the_others_for_long() {
    let wire = Wire::start(&[Act::Silence], 100).await.expect("a peer");
    let line = line_to(&wire, config());
    let (first, second) = tokio::join!(ring(&line), ring(&line));
    let mut verdicts = [first, second];
    verdicts.sort_by_key(|verdict| *verdict != ACCEPTED);
    assert_eq!(verdicts, [ACCEPTED, Ok(Verdict::Unknown)]);
    assert_eq!((wire.connections(), wire.streams()), (2, 2));
}

#[tokio::test]
async fn a_vendor_that_permits_more_only_after_the_first_answer_is_sent_all_over_one_connection() {
    let wire = Wire::start(&[Act::AnswerAndPermit(100)], 1).await.expect("a peer");
    let patient = LineConfig { request_timeout: Duration::from_secs(20), ..config() };
    let line = line_to(&wire, patient);
    let verdicts = join_all((0..50).map(|_| ring(&line))).await;
    assert!(verdicts.iter().all(|verdict| *verdict == ACCEPTED), "{verdicts:?}");
    assert_eq!((wire.connections(), wire.streams()), (1, 50));
}

#[tokio::test]
async fn a_push_for_which_there_never_is_room_was_not_sent() {
    let wire = Wire::start(&[], 0).await.expect("a peer");
    let line = line_to(&wire, config());
    assert_eq!(ring(&line).await, Ok(Verdict::Unavailable { after: None }));
    assert_eq!(wire.streams(), 0);
}

#[tokio::test]
async fn a_push_that_is_given_up_leaves_room_for_others() {
    let wire = Wire::start(&[Act::Silence; 3], 1).await.expect("a peer");
    let line = line_to(&wire, config());
    for _ in 0..3 {
        let soon = tokio::time::timeout(Duration::from_millis(100), ring(&line)).await;
        assert!(soon.is_err(), "it waits");
    }
    assert_eq!(ring(&line).await, ACCEPTED);
    assert_eq!(wire.connections(), 1);
}
