//! Every row of Apple's table, end to end.
use std::time::Duration;

use futures_util::future::join_all;
use http::{HeaderValue, header};
use offhook_push::testing::{RUNG_AT, order};
use offhook_push::{Environment, Kind, Order, PushId, Verdict};
use offhook_testing_vendors::{Apns, Device, Reply};
use offhook_types::{Opaque, Timestamp};

use crate::stage::{Apple, Clock, config, device};

const MINUTE: Duration = Duration::from_mins(1);

fn accepted() -> Verdict {
    Verdict::Accepted { id: Some(PushId::from_random(1).to_string()) }
}

#[tokio::test]
async fn a_ring_that_is_as_apple_wants_it_is_taken() {
    let apple = Apple::start().await;
    let line = apple.line();
    for kind in [Kind::Ring, Kind::Ring] {
        assert_eq!(line.send(&order(kind), &device("00ff")).await, Ok(accepted()));
    }
    assert_eq!(apple.server.violations(), [""; 0]);
    assert_eq!(apple.server.connections(), 1, "the connection is kept");
    assert_eq!(line.state().verdicts["accepted"], 2);
    assert_eq!(line.state().connections, 1);
    assert_eq!(apple.server.received()[0].uri.path(), "/3/device/00ff");
}

#[tokio::test]
async fn every_answer_of_apples_table_has_its_verdict() {
    let refused = |why: &'static str| Verdict::CredentialRefused { why: why.into() };
    let malformed = |why: &'static str| Verdict::Malformed { why: why.into() };
    let elsewhere = Verdict::WrongEnvironment { other: Environment::Sandbox };
    let rows = [
        (400, "BadCollapseId", malformed("400 BadCollapseId")),
        (400, "BadDeviceToken", elsewhere),
        (400, "BadExpirationDate", malformed("400 BadExpirationDate")),
        (400, "BadMessageId", malformed("400 BadMessageId")),
        (400, "BadPriority", malformed("400 BadPriority")),
        (400, "BadTopic", refused("BadTopic")),
        (400, "DeviceTokenNotForTopic", Verdict::AddressMisfit),
        (400, "DuplicateHeaders", malformed("400 DuplicateHeaders")),
        (400, "IdleTimeout", malformed("400 IdleTimeout")),
        (400, "InvalidPushType", malformed("400 InvalidPushType")),
        (400, "MissingDeviceToken", malformed("400 MissingDeviceToken")),
        (400, "MissingTopic", refused("MissingTopic")),
        (400, "PayloadEmpty", malformed("400 PayloadEmpty")),
        (400, "TopicDisallowed", refused("TopicDisallowed")),
        (403, "BadCertificate", refused("BadCertificate")),
        (403, "BadCertificateEnvironment", refused("BadCertificateEnvironment")),
        (403, "BadEnvironmentKeyIdInToken", refused("BadEnvironmentKeyIdInToken")),
        (403, "ExpiredProviderToken", refused("ExpiredProviderToken")),
        (403, "Forbidden", refused("Forbidden")),
        (403, "InvalidProviderToken", refused("InvalidProviderToken")),
        (403, "MissingProviderToken", refused("MissingProviderToken")),
        (404, "BadPath", malformed("404 BadPath")),
        (405, "MethodNotAllowed", malformed("405 MethodNotAllowed")),
        (410, "ExpiredToken", Verdict::AddressDead { since: None }),
        (410, "Unregistered", Verdict::AddressDead { since: None }),
        (413, "PayloadTooLarge", malformed("413 PayloadTooLarge")),
        (429, "TooManyProviderTokenUpdates", Verdict::Throttled { after: None }),
        (429, "TooManyRequests", Verdict::Throttled { after: None }),
        (500, "InternalServerError", Verdict::Unavailable { after: None }),
        (503, "ServiceUnavailable", Verdict::Unavailable { after: None }),
        (503, "Shutdown", Verdict::Unavailable { after: None }),
    ];
    let apple = Apple::start().await;
    for (status, reason, expected) in rows {
        let sent_before = apple.server.count();
        apple.server.answer_next(Reply::Answer(Apns::refusal(status, reason)));
        // A line for each, since a refused credential rests.
        let verdict = apple.line().send(&order(Kind::Ring), &device("00ff")).await;
        assert_eq!(verdict, Ok(expected), "{status} {reason}");
        assert_eq!(apple.server.count(), sent_before + 1, "{reason} is not tried again in here");
    }
    let mut busy = Apns::refusal(429, "TooManyRequests");
    busy.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
    apple.server.answer_next(Reply::Answer(busy));
    let verdict = apple.line().send(&order(Kind::Ring), &device("00ff")).await;
    assert_eq!(verdict, Ok(Verdict::Throttled { after: Some(Duration::from_secs(7)) }));
}

#[tokio::test]
async fn what_became_of_a_device_is_told() {
    let apple = Apple::start().await;
    let line = apple.line();
    apple.server.device("01", Device::Gone(1_600_000_000_000));
    apple.server.device("02", Device::OfAnotherApp);
    apple.server.device("03", Device::Elsewhere);
    let since = Some(Timestamp::from_millis(1_600_000_000_000));
    for (token, expected) in [
        ("00", accepted()),
        ("01", Verdict::AddressDead { since }),
        ("02", Verdict::AddressMisfit),
        ("03", Verdict::WrongEnvironment { other: Environment::Sandbox }),
    ] {
        assert_eq!(line.send(&order(Kind::Ring), &device(token)).await, Ok(expected), "{token}");
    }
    assert_eq!(line.state().resting_until, None);
}

#[tokio::test]
async fn a_token_that_apple_calls_too_old_is_made_anew_and_the_push_sent_again() {
    let apple = Apple::start().await;
    let ours = Clock::new();
    let line = apple.line_with(config(), &ours);
    let call = Order { ring_until: RUNG_AT + 120 * MINUTE, ..order(Kind::Ring) };
    assert_eq!(line.send(&call, &device("00ff")).await, Ok(accepted()));
    // Our clock stood still for a while.
    apple.clock.advance(65 * MINUTE);
    ours.advance(25 * MINUTE);
    assert_eq!(line.send(&call, &device("00ff")).await, Ok(accepted()));
    let tokens: Vec<_> =
        apple.server.received().iter().map(|it| it.headers[header::AUTHORIZATION].clone()).collect();
    assert_eq!(tokens.len(), 3);
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[1], tokens[2]);
}

#[tokio::test]
async fn a_token_is_made_anew_before_it_is_too_old_and_no_sooner_than_apple_permits() {
    let apple = Apple::start().await;
    let line = apple.line();
    let call = Order { ring_until: RUNG_AT + 1_200 * MINUTE, ..order(Kind::Ring) };
    for _ in 0..40 {
        assert_eq!(line.send(&call, &device("00ff")).await, Ok(accepted()));
        apple.clock.advance(7 * MINUTE);
    }
    assert_eq!((apple.server.count(), apple.server.connections()), (40, 1));
}

#[tokio::test]
async fn a_connection_that_began_with_another_key_is_replaced() {
    let apple = Apple::start().await;
    let line = apple.line();
    apple.server.answer_next(Reply::Answer(Apns::refusal(403, "UnrelatedKeyIdInToken")));
    assert_eq!(line.send(&order(Kind::Ring), &device("00ff")).await, Ok(accepted()));
    assert_eq!((apple.server.connections(), apple.server.count()), (2, 2));
    for _ in 0..2 {
        apple.server.answer_next(Reply::Answer(Apns::refusal(403, "UnrelatedKeyIdInToken")));
    }
    assert_eq!(
        line.send(&order(Kind::Ring), &device("00ff")).await,
        Ok(Verdict::Again),
        "once, not for ever"
    );
}

#[tokio::test]
async fn one_push_goes_alone_until_apple_has_seen_a_good_token() {
    let apple = Apple::start().await;
    let line = apple.line();
    let (ring, to) = (order(Kind::Ring), device("00ff"));
    let verdicts = join_all((0..50).map(|_| line.send(&ring, &to))).await;
    assert!(verdicts.iter().all(|verdict| *verdict == Ok(accepted())), "{verdicts:?}");
    assert_eq!(apple.server.violations(), [""; 0]);
    assert_eq!((apple.server.count(), apple.server.connections()), (50, 1));
}

#[tokio::test]
async fn a_bad_token_keeps_the_others_waiting_for_its_verdict() {
    let apple = Apple::start().await;
    let line = apple.line();
    apple.server.answer_next(Reply::Answer(Apns::refusal(403, "InvalidProviderToken")));
    let (ring, to) = (order(Kind::Ring), device("00ff"));
    let verdicts = join_all((0..2).map(|_| line.send(&ring, &to))).await;
    assert_eq!(verdicts[0], Ok(Verdict::CredentialRefused { why: "InvalidProviderToken".into() }));
    assert_eq!(verdicts[1], Ok(accepted()));
    assert!(apple.server.received().iter().all(|it| it.others == 0));
}

#[tokio::test]
async fn a_long_answer_is_cut_off_and_still_means_what_its_status_says() {
    let apple = Apple::start().await;
    let long = Apns::refusal(400, &"x".repeat(1_000_000));
    apple.server.answer_next(Reply::Answer(long));
    let line = apple.line();
    let verdict = line.send(&order(Kind::Ring), &device("00ff")).await;
    assert_eq!(verdict, Ok(Verdict::Malformed { why: "400 ".into() }));
    assert_eq!(
        line.send(&order(Kind::Ring), &device("00ff")).await,
        Ok(accepted()),
        "on the same connection"
    );
    assert_eq!(apple.server.connections(), 1);
}

#[tokio::test]
async fn what_cannot_be_sent_is_said_before_anything_is_dialed() {
    let apple = Apple::start().await;
    let line = apple.line();
    let heavy = Order { payload: Opaque::new("x".repeat(6_000)), ..order(Kind::Ring) };
    line.send(&heavy, &device("00ff")).await.expect_err("too large");
    line.send(&order(Kind::Missed), &device("00ff")).await.expect_err("not over this channel");
    assert_eq!(apple.server.connections(), 0);
}
