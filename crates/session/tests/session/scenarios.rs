//! Who, when, what: and the whole list of outputs.
use offhook_session::{Config, Input, Output, Session};
use offhook_signaling::{
    CloseCode, Code, FrameError, Problem, Renewed, Reply, Request, RequestId, ServerFrame,
};
use offhook_types::Offset;

use crate::*;

#[test]
fn what_was_missed_is_looked_for_before_anybody_hints_at_it() {
    let mut session = Session::new(Config::default(), s(0));
    session.handle(s(0), hello());
    session.handle(s(0), opened());
    assert_eq!(session.handle(s(0), Input::Written), [Output::Fetch { after: Offset(10) }]);
}

#[test]
fn a_connection_that_says_no_hello_in_time_is_closed() {
    let mut session = Session::new(Config::default(), s(0));
    assert_eq!(session.poll_timeout(), Some(s(10)));
    assert_eq!(session.handle(ms(9_999), Input::Timeout), []);
    assert_eq!(closing(&session.handle(s(10), Input::Timeout)), Some((CloseCode::Unauthenticated, None)));
    assert_eq!(session.poll_timeout(), None);
    assert_eq!(session.handle(s(11), hello()), [], "after the close, silence");
}

#[test]
fn nothing_is_processed_before_hello() {
    let mut session = Session::new(Config::default(), s(0));
    assert_eq!(closing(&session.handle(s(1), ask(1, quit()))), Some((CloseCode::Unauthenticated, None)));
    let mut session = Session::new(Config::default(), s(0));
    let outputs = session.handle(s(1), Input::Frame(Err(FrameError::Envelope)));
    assert_eq!(
        problem(&outputs[0]).map(|(id, problem)| (id, &problem.code)),
        Some((None, &Code::BadRequest))
    );
    assert_eq!(closing(&outputs), Some((CloseCode::BadFrame, None)));
}

#[test]
fn a_refused_token_is_explained_and_closes() {
    for (code, close) in
        [(Code::TokenInvalid, CloseCode::Unauthenticated), (Code::TokenExpired, CloseCode::TokenExpired)]
    {
        let mut session = Session::new(Config::default(), s(0));
        assert!(matches!(session.handle(s(1), hello())[..], [Output::Open(_)]));
        assert!(!session.is_reading(), "nothing is read until it is known who speaks");
        let outputs = session.handle(s(1), Input::Refused(Problem::new(code.clone(), "no")));
        assert_eq!(problem(&outputs[0]).map(|(_, problem)| &problem.code), Some(&code));
        assert_eq!(closing(&outputs), Some((close, None)));
    }
    let mut session = Session::new(Config::default(), s(0));
    session.handle(s(1), hello());
    let outputs = session.handle(s(1), Input::Refused(Problem::new(Code::StoreUnavailable, "later")));
    assert_eq!(closing(&outputs), Some((CloseCode::GoingAway, Some(1000))), "not the client's fault");
}

#[test]
fn own_events_go_before_the_reply() {
    let mut session = live();
    assert_eq!(session.handle(s(1), ask(1, quit())), [Output::Execute(quit())]);
    assert_eq!(session.handle(s(1), Input::Hint(Offset(12))), [], "one thing at a time");
    assert_eq!(session.handle(s(1), Input::Executed(Ok(done()))), [fetch(10)]);
    let outputs = session.handle(s(1), page(vec![event(10, 12)], 12, false));
    assert_eq!(outputs, [sent(event(10, 12)), replied(1, done())]);
    assert_eq!(session.handle(s(1), Input::Written), [], "the hint has been served");
}

#[test]
fn all_pages_of_own_events_go_before_the_reply() {
    let mut session = live();
    session.handle(s(1), ask(1, quit()));
    session.handle(s(1), Input::Executed(Ok(done())));
    let outputs = session.handle(s(1), page(vec![event(0, 11)], 11, true));
    assert_eq!(outputs, [sent(event(10, 11)), fetch(11)]);
    let outputs = session.handle(s(1), page(vec![event(0, 12)], 12, false));
    assert_eq!(outputs, [sent(event(11, 12)), replied(1, done())]);
}

#[test]
fn a_request_that_changes_nothing_is_answered_at_once() {
    let mut session = live();
    assert_eq!(session.handle(s(1), ask(1, list())), [Output::Execute(list())]);
    assert_eq!(session.handle(s(1), Input::Executed(Ok(Reply::Done))), [replied(1, Reply::Done)]);
}

#[test]
fn a_failed_request_is_answered_without_events() {
    let mut session = live();
    session.handle(s(1), ask(7, quit()));
    let outputs = session.handle(s(1), Input::Executed(Err(Problem::new(Code::CallNotFound, "no"))));
    assert_eq!(problem(&outputs[0]).map(|(id, _)| id), Some(Some(RequestId(7))));
    assert_eq!(outputs.len(), 1);
}

#[test]
fn requests_are_carried_out_in_turn() {
    let mut session = live();
    assert_eq!(session.handle(s(1), ask(1, list())), [Output::Execute(list())]);
    assert_eq!(session.handle(s(1), ask(2, quit())), []);
    assert_eq!(session.handle(s(1), Input::Executed(Ok(Reply::Done))), [replied(1, Reply::Done)]);
    assert_eq!(session.handle(s(1), Input::Written), [Output::Execute(quit())], "the reply has left");
}

#[test]
fn reading_stops_when_thirty_two_requests_wait() {
    let mut session = live();
    session.handle(s(1), ask(0, list()));
    for id in 1..32 {
        session.handle(s(1), ask(id, list()));
        assert!(session.is_reading(), "{id} wait");
    }
    session.handle(s(1), ask(32, list()));
    assert!(!session.is_reading());
    assert!(session.poll_timeout() > Some(s(60)), "who is not read cannot be lost");
    session.handle(s(50), Input::Executed(Ok(Reply::Done)));
    session.handle(s(50), Input::Written);
    assert!(session.is_reading());
    assert_eq!(session.handle(s(51), Input::Timeout), [], "silence counts from when reading began again");
}

#[test]
fn a_request_beyond_the_burst_is_refused_in_its_turn() {
    let config = Config { request_burst: 2, requests_per_s: 1, ..Config::default() };
    let mut session = Session::new(config, s(0));
    session.handle(s(0), hello());
    session.handle(s(0), opened());
    session.handle(s(0), Input::Written);
    session.handle(s(0), Input::Delivered(Page { events: vec![], more: false, through: Offset(10) }));
    assert_eq!(session.handle(s(1), ask(1, list())), [Output::Execute(list())]);
    session.handle(s(1), ask(2, list()));
    assert_eq!(session.handle(s(1), ask(3, list())), [], "its turn has not come");
    session.handle(s(1), Input::Executed(Ok(Reply::Done)));
    assert_eq!(session.handle(s(1), Input::Written), [Output::Execute(list())]);
    session.handle(s(1), Input::Executed(Ok(Reply::Done)));
    let outputs = session.handle(s(1), Input::Written);
    let (id, problem) = problem(&outputs[0]).unwrap();
    assert_eq!(
        (id, &problem.code, problem.retry_after_ms),
        (Some(RequestId(3)), &Code::RateLimited, Some(1000))
    );
}

#[test]
fn frames_four_times_too_fast_close_the_session() {
    let mut session = live();
    let mut outputs = vec![];
    let mut count = 0;
    while outputs.is_empty() || closing(&outputs).is_none() {
        outputs = session.handle(s(1), Input::Pinged);
        count += 1;
    }
    assert_eq!((count, closing(&outputs)), (161, Some((CloseCode::RateLimited, Some(5000)))));
}

#[test]
fn malformed_frames_are_answered_and_the_eleventh_closes() {
    let mut session = live();
    for count in 1..=10 {
        let error = FrameError::UnknownType { id: Some(RequestId(count)) };
        let outputs = session.handle(s(count), Input::Frame(Err(error)));
        assert_eq!(problem(&outputs[0]).map(|(id, _)| id), Some(Some(RequestId(count))));
        session.handle(s(count), Input::Written);
    }
    let outputs = session.handle(s(11), Input::Frame(Err(FrameError::Envelope)));
    assert_eq!(closing(&outputs), Some((CloseCode::BadFrame, None)));
    assert_eq!(closing(&live().handle(s(1), Input::Unreadable)), Some((CloseCode::BadFrame, None)));
}

#[test]
fn a_second_hello_is_refused_and_changes_nothing() {
    let mut session = live();
    let outputs = session.handle(s(1), hello());
    assert_eq!(
        problem(&outputs[0]).map(|(id, problem)| (id, &problem.code)),
        Some((None, &Code::BadRequest))
    );
    assert!(session.is_live());
}

#[test]
fn a_heartbeat_is_answered_with_the_newest_event_of_the_device() {
    let mut session = live();
    assert_eq!(session.handle(s(10), heartbeat()), [fetch(10)], "a lost hint is healed here");
    let outputs = session.handle(s(10), page(vec![event(10, 11)], 13, false));
    assert_eq!(outputs, [sent(event(10, 11)), beat(11)]);
    session.handle(s(10), Input::Written);
    assert_eq!(session.handle(s(20), heartbeat()), [fetch(13)]);
    assert_eq!(session.handle(s(20), page(vec![], 13, false)), [beat(11)]);
}

#[test]
fn the_chain_skips_events_that_were_meant_for_other_devices() {
    let mut session = live();
    assert_eq!(session.handle(s(1), Input::Hint(Offset(13))), [fetch(10)]);
    assert_eq!(session.handle(s(1), page(vec![], 13, false)), []);
    assert_eq!(session.handle(s(2), Input::Hint(Offset(14))), [fetch(13)]);
    assert_eq!(session.handle(s(2), page(vec![event(13, 14)], 14, false)), [sent(event(10, 14))]);
}

#[test]
fn a_hint_during_a_fetch_is_not_lost_and_one_beyond_the_log_is_asked_for_once() {
    let mut session = live();
    assert_eq!(session.handle(s(1), Input::Hint(Offset(11))), [fetch(10)]);
    assert_eq!(session.handle(s(1), Input::Hint(Offset(12))), []);
    assert_eq!(session.handle(s(1), page(vec![event(10, 11)], 11, false)), [sent(event(10, 11))]);
    assert_eq!(session.handle(s(1), Input::Written), [fetch(11)]);
    assert_eq!(session.handle(s(1), page(vec![], 11, false)), [], "there is no event 12");
    assert_eq!(session.handle(s(2), Input::Timeout), []);
}

#[test]
fn an_event_is_never_sent_twice_and_a_store_that_goes_round_in_circles_is_left_alone() {
    let mut session = live();
    session.handle(s(1), Input::Hint(Offset(11)));
    session.handle(s(1), page(vec![event(10, 11)], 11, false));
    session.handle(s(1), Input::Written);
    session.handle(s(2), ask(1, quit()));
    assert_eq!(session.handle(s(2), Input::Executed(Ok(done()))), [fetch(11)]);
    let outputs = session.handle(s(2), page(vec![event(10, 11)], 11, true));
    assert_eq!(outputs, [replied(1, done())], "neither the event nor the question again");
}

#[test]
fn a_store_that_tells_again_ends_the_rest() {
    let mut session = live();
    session.handle(ms(1_000), Input::Hint(Offset(11)));
    session.handle(ms(1_000), Input::FetchFailed);
    assert_eq!(session.handle(ms(1_100), Input::Hint(Offset(12))), [], "it rests");
    assert_eq!(session.handle(ms(1_200), heartbeat()), [fetch(10)]);
    assert_eq!(session.handle(ms(1_200), page(vec![], 12, false)), [beat(10)]);
    session.handle(ms(1_200), Input::Written);
    assert_eq!(session.handle(ms(1_300), Input::Hint(Offset(13))), [fetch(12)]);
}

#[test]
fn a_stall_counts_from_the_first_frame_that_waits() {
    let mut session = live();
    session.handle(s(3535), ask(1, list()));
    session.handle(s(3535), Input::Executed(Ok(Reply::Done)));
    assert_eq!(session.handle(s(3540), Input::Timeout).len(), 1, "the warning joins the reply");
    assert_eq!(session.poll_timeout(), Some(s(3545)));
}

#[test]
fn a_token_that_is_just_over_has_its_whole_grace() {
    let mut session = Session::new(Config::default(), s(3650));
    session.handle(s(3650), hello());
    session.handle(s(3650), opened());
    session.handle(s(3650), Input::Written);
    let outputs = session.handle(s(3650), Input::Timeout);
    assert!(
        matches!(&outputs[..], [Output::Send(ServerFrame::TokenWillExpire(told))] if told.remaining_ms == 0)
    );
    session.handle(s(3650), Input::Written);
    session.handle(s(3670), Input::Pinged);
    assert_eq!(session.handle(s(3679), Input::Timeout), []);
    assert_eq!(closing(&session.handle(s(3680), Input::Timeout)), Some((CloseCode::TokenExpired, None)));
}

#[test]
fn a_slow_reader_is_sent_nothing_more_and_closed_in_the_end() {
    let mut session = live();
    session.handle(s(1), Input::Hint(Offset(11)));
    session.handle(s(1), page(vec![event(10, 11)], 11, false));
    assert_eq!(session.handle(s(2), Input::Hint(Offset(12))), []);
    assert!(!session.is_reading());
    assert_eq!(session.poll_timeout(), Some(s(11)));
    assert_eq!(closing(&session.handle(s(11), Input::Timeout)), Some((CloseCode::SlowReader, Some(0))));
}

#[test]
fn a_client_whose_log_is_gone_gets_its_reply_and_must_come_back() {
    let mut session = live();
    session.handle(s(1), ask(1, quit()));
    session.handle(s(1), Input::Executed(Ok(done())));
    let outputs = session.handle(s(1), Input::Behind);
    assert_eq!(outputs[0], replied(1, done()));
    assert_eq!(closing(&outputs), Some((CloseCode::SlowReader, Some(0))));
}

#[test]
fn a_store_that_cannot_tell_is_asked_again_after_a_rest() {
    let mut session = live();
    session.handle(s(1), heartbeat());
    assert_eq!(session.handle(s(1), Input::FetchFailed), [beat(10)], "the session itself lives");
    session.handle(s(1), Input::Written);
    assert_eq!(session.poll_timeout(), Some(s(2)));
    assert_eq!(session.handle(ms(1_999), Input::Timeout), []);
    assert_eq!(session.handle(s(2), Input::Timeout), [fetch(10)]);
}

#[test]
fn race_37_a_request_is_carried_out_in_the_grace_of_an_expired_token() {
    let mut session = Session::new(Config::default(), s(0));
    session.handle(s(0), hello());
    let user = UserId::new("alice").unwrap();
    let opened = Input::Opened { epoch: Epoch(1), expires: s(5), offset: Offset(10), snapshot: None, user };
    session.handle(s(0), opened);
    session.handle(s(0), Input::Written);
    session.handle(s(0), Input::Delivered(Page { events: vec![], more: false, through: Offset(10) }));
    session.handle(s(0), Input::Timeout);
    session.handle(s(0), Input::Written);
    let outputs = session.handle(s(20), ask(1, quit()));
    assert_eq!(outputs, [Output::Execute(quit())], "15 s after the token's end, 15 s before the session's");
}

#[test]
fn a_token_is_announced_renewed_and_enforced() {
    let mut session = live();
    session.handle(s(3539), Input::Pinged);
    assert_eq!(session.handle(s(3539), Input::Timeout), []);
    let outputs = session.handle(s(3540), Input::Timeout);
    assert!(
        matches!(&outputs[..], [Output::Send(ServerFrame::TokenWillExpire(told))] if told.remaining_ms == 60_000)
    );
    session.handle(s(3540), Input::Written);
    assert_eq!(session.handle(s(3541), Input::Timeout), [], "told once");

    assert_eq!(session.handle(s(3550), ask(1, renew())), [Output::Renew(later())]);
    let outputs = session.handle(s(3550), Input::Renewed(Ok(s(3600))));
    assert_eq!(
        problem(&outputs[0]).map(|(_, problem)| &problem.code),
        Some(&Code::BadRequest),
        "no later end"
    );
    session.handle(s(3550), Input::Written);
    session.handle(s(3551), ask(2, renew()));
    let renewed = Reply::Renewed(Renewed { expires_in_ms: 100_000 });
    assert_eq!(session.handle(s(3551), Input::Renewed(Ok(s(3651)))), [replied(2, renewed)]);
    session.handle(s(3551), Input::Written);

    session.handle(s(3641), Input::Pinged);
    let outputs = session.handle(s(3641), Input::Timeout);
    assert!(
        matches!(&outputs[..], [Output::Send(ServerFrame::TokenWillExpire(told))] if told.remaining_ms == 10_000)
    );
    session.handle(s(3641), Input::Written);
    session.handle(s(3680), Input::Pinged);
    assert_eq!(session.handle(s(3680), Input::Timeout), [], "the grace");
    assert_eq!(closing(&session.handle(s(3681), Input::Timeout)), Some((CloseCode::TokenExpired, None)));
}

#[test]
fn a_logout_is_carried_out_answered_and_closes() {
    let mut session = live();
    assert_eq!(session.handle(s(1), ask(1, Request::Logout)), [Output::LogOut]);
    let outputs = session.handle(s(1), Input::Executed(Ok(Reply::Done)));
    assert_eq!(outputs[0], replied(1, Reply::Done));
    assert_eq!(closing(&outputs), Some((CloseCode::LoggedOut, None)));
}

#[test]
fn a_client_that_the_server_keeps_waiting_is_told_to_come_back() {
    let mut session = Session::new(Config::default(), s(0));
    session.handle(s(1), hello());
    assert_eq!(session.poll_timeout(), Some(s(31)));
    assert_eq!(closing(&session.handle(s(31), Input::Timeout)), Some((CloseCode::GoingAway, Some(1000))));
    assert_eq!(session.handle(s(32), opened()), [], "too late");
}

#[test]
fn orders_from_outside_close_at_once() {
    for (order, code) in [
        (Input::Kicked, CloseCode::KickedOut),
        (Input::Replaced, CloseCode::Replaced),
        (Input::Revoked, CloseCode::TokenExpired),
    ] {
        assert_eq!(closing(&live().handle(s(1), order)), Some((code, None)));
    }
}

#[test]
fn a_shutdown_lets_what_has_begun_end_and_nothing_begin() {
    let mut session = live();
    session.handle(s(1), ask(1, quit()));
    session.handle(s(1), ask(2, quit()));
    assert_eq!(session.handle(s(1), Input::Shutdown(SECOND * 7)), []);
    assert!(!session.is_reading());
    assert_eq!(session.handle(s(1), Input::Executed(Ok(done()))), [fetch(10)]);
    let outputs = session.handle(s(1), page(vec![], 10, false));
    assert_eq!(outputs[0], replied(1, done()));
    assert_eq!(closing(&outputs), Some((CloseCode::GoingAway, Some(7000))));
    assert_eq!(
        closing(&live().handle(s(1), Input::Shutdown(SECOND))),
        Some((CloseCode::GoingAway, Some(1000)))
    );
}

#[test]
fn events_of_rooms_go_out_in_order_and_wait_for_a_slow_reader() {
    let mut session = live();
    assert!(session.takes_room_events());
    let told = |number| Output::Send(ServerFrame::Room(level(number)));
    assert_eq!(session.handle(s(1), Input::Room(vec![level(1), level(2)])), [told(1), told(2)]);
    assert!(!session.takes_room_events(), "not before these have left");
    assert!(!session.is_reading(), "nor is anything read meanwhile");
    assert_eq!(closing(&session.handle(s(11), Input::Timeout)), Some((CloseCode::SlowReader, Some(0))));
    assert!(!session.takes_room_events(), "after the close, silence");
    assert_eq!(session.handle(s(11), Input::Room(vec![level(3)])), []);
}

#[test]
fn events_of_rooms_wait_for_the_reply_to_a_request_about_rooms() {
    let mut session = live();
    session.handle(s(1), ask(1, read_room()));
    assert!(!session.takes_room_events(), "the reply shows an older state than they do");
    assert_eq!(session.handle(s(1), Input::Executed(Ok(Reply::Done))), [replied(1, Reply::Done)]);
    session.handle(s(1), Input::Written);
    assert!(session.takes_room_events());
    session.handle(s(2), ask(2, quit()));
    assert!(session.takes_room_events(), "a call that takes long stops no room");
}

#[test]
fn nobody_who_has_not_been_welcomed_hears_of_rooms() {
    let mut session = Session::new(Config::default(), s(0));
    assert!(!session.takes_room_events());
    assert_eq!(session.handle(s(0), Input::Room(vec![level(1)])), []);
    session.handle(s(0), hello());
    assert!(!session.takes_room_events());
    assert_eq!(session.handle(s(0), Input::Room(vec![level(1)])), []);
}
