//! A credential that is refused rests, and so does a vendor that is away.
use std::time::Duration;

use offhook_push::testing::{RUNG_AT, order};
use offhook_push::{Kind, Order, Verdict};
use offhook_push_line::Line;
use offhook_testing_vendors::{Apns, Behavior, Reply};

use crate::stage::{Apple, device};

const MINUTE: Duration = Duration::from_mins(1);

async fn ring(line: &Line) -> Verdict {
    let ring = Order { ring_until: RUNG_AT + 60 * MINUTE, ..order(Kind::Ring) };
    line.send(&ring, &device("00ff")).await.expect("can be sent")
}

fn refused() -> Verdict {
    Verdict::CredentialRefused { why: "InvalidProviderToken".into() }
}

#[tokio::test]
async fn a_refused_credential_rests_for_a_minute_and_then_one_push_tries() {
    let apple = Apple::start().await;
    let line = apple.line();
    apple.server.answer_next(Reply::Answer(Apns::refusal(403, "InvalidProviderToken")));
    assert_eq!(ring(&line).await, refused());
    assert_eq!(ring(&line).await, refused());
    assert_eq!(apple.server.count(), 1, "the second was not sent");
    let state = line.state();
    assert_eq!(state.refused.as_deref(), Some("InvalidProviderToken"));
    assert_eq!(state.resting_until, Some(RUNG_AT + MINUTE));
    assert_eq!(state.verdicts["credential_refused"], 2);
    apple.clock.advance(MINUTE);
    assert_eq!(ring(&line).await.as_str(), "accepted");
    assert_eq!(ring(&line).await.as_str(), "accepted");
    assert_eq!((line.state().resting_until, line.state().refused), (None, None));
}

#[tokio::test]
async fn a_vendor_that_is_away_for_long_is_left_alone() {
    let apple = Apple::start().await;
    let line = apple.line();
    for _ in 0..20 {
        apple.server.answer_next(Reply::Answer(Apns::refusal(503, "ServiceUnavailable")));
        assert_eq!(ring(&line).await, Verdict::Unavailable { after: None });
    }
    apple.clock.advance(MINUTE / 2);
    assert_eq!(ring(&line).await, Verdict::Unavailable { after: Some(MINUTE / 2) });
    assert_eq!(apple.server.count(), 20);
}

#[tokio::test]
async fn a_push_that_is_given_up_while_it_tries_lets_another_one_try() {
    let apple = Apple::start().await;
    let line = apple.line();
    apple.server.answer_next(Reply::Answer(Apns::refusal(403, "InvalidProviderToken")));
    ring(&line).await;
    apple.clock.advance(MINUTE);
    apple.server.answer_next(Reply::Behave(Behavior::Stall));
    let (tried, meanwhile) =
        tokio::join!(tokio::time::timeout(Duration::from_millis(200), ring(&line)), ring(&line));
    assert!(tried.is_err(), "it waits for its answer");
    assert_eq!(meanwhile, refused(), "one alone tries");
    assert_eq!(ring(&line).await.as_str(), "accepted");
}

#[tokio::test]
async fn a_server_in_trouble_is_told_from_one_that_refuses() {
    let apple = Apple::start().await;
    for (behavior, expected) in [
        (Behavior::Stall, Verdict::Unknown),
        (Behavior::Reset, Verdict::Unknown),
        (Behavior::Close, Verdict::Unknown),
        (Behavior::GoAway, Verdict::Unknown),
        (Behavior::Refuse, Verdict::Unavailable { after: None }),
    ] {
        apple.server.answer_next(Reply::Behave(behavior));
        assert_eq!(ring(&apple.line()).await, expected, "{behavior:?}");
    }
}
