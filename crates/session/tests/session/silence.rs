//! Who says nothing: pinged once, and lost in the end.
use offhook_session::{Config, Input, Output};
use offhook_signaling::{CloseCode, Reply};
use offhook_types::Offset;

use crate::*;

#[test]
fn silence_counts_from_when_the_last_frame_has_left() {
    let mut session = live();
    session.handle(s(1), ask(1, list()));
    session.handle(s(1), Input::Executed(Ok(Reply::Done)));
    session.handle(s(9), Input::Written);
    assert_eq!(session.poll_timeout(), Some(s(24)), "nothing was read meanwhile");
    assert_eq!(session.handle(s(24), Input::Timeout), [Output::Ping]);
    assert_eq!(session.poll_timeout(), Some(s(39)));
}

#[test]
fn a_silent_client_is_lost_and_any_frame_is_a_sign_of_life() {
    let mut session = live();
    session.handle(s(20), Input::Pinged);
    assert_eq!(session.handle(s(49), Input::Timeout), [Output::Ping]);
    assert_eq!(session.poll_timeout(), Some(s(50)));
    assert_eq!(closing(&session.handle(s(50), Input::Timeout)), Some((CloseCode::Lost, Some(0))));
}

#[test]
fn a_silent_client_is_pinged_once_after_half_of_the_time_and_lost_when_it_does_not_answer() {
    let mut session = live();
    assert_eq!(session.poll_timeout(), Some(s(15)));
    assert_eq!(session.handle(ms(14_999), Input::Timeout), []);
    assert_eq!(session.handle(s(15), Input::Timeout), [Output::Ping]);
    assert_eq!(session.handle(s(15), Input::Written), [], "what is written is no sign of life");
    assert_eq!(session.poll_timeout(), Some(s(30)));
    assert_eq!(session.handle(ms(29_999), Input::Timeout), []);
    assert_eq!(closing(&session.handle(s(30), Input::Timeout)), Some((CloseCode::Lost, Some(0))));
}

#[test]
fn a_client_that_only_answers_pings_is_never_lost() {
    let mut session = live();
    for turn in 1..=200 {
        assert_eq!(session.poll_timeout(), Some(s(turn * 15)));
        assert_eq!(session.handle(s(turn * 15), Input::Timeout), [Output::Ping]);
        assert_eq!(session.handle(s(turn * 15), Input::Pinged), []);
    }
}

#[test]
fn a_client_that_sends_its_heartbeats_is_never_pinged() {
    let mut session = live();
    for turn in 1..=300 {
        // The network may take its time, too.
        let at = ms(turn * 10_000 + turn % 2 * 4_999);
        assert!(session.poll_timeout() > Some(at));
        assert_eq!(session.handle(at, Input::Timeout), []);
        assert_eq!(session.handle(at, heartbeat()), [fetch(10)]);
        assert_eq!(session.handle(at, page(vec![], 10, false)), [beat(10)]);
        assert_eq!(session.handle(at, Input::Written), []);
    }
}

#[test]
fn heartbeats_that_are_longer_than_half_of_the_time_are_waited_for() {
    let config = Config { heartbeat: SECOND * 20, ..Config::default() };
    let mut session = live_with(config);
    assert_eq!(session.handle(ms(22_499), Input::Timeout), []);
    assert_eq!(session.handle(ms(22_500), Input::Timeout), [Output::Ping]);
}

#[test]
fn nobody_is_pinged_while_the_server_does_not_read() {
    let mut session = live();
    session.handle(s(14), Input::Hint(Offset(11)));
    session.handle(s(14), page(vec![event(10, 11)], 11, false));
    assert_eq!(session.handle(s(20), Input::Timeout), []);
    assert_eq!(session.handle(s(20), Input::Written), [], "these six seconds were not the client's");
    assert_eq!(session.poll_timeout(), Some(s(21)));
    assert_eq!(session.handle(s(21), Input::Timeout), [Output::Ping]);
}

#[test]
fn a_silent_client_is_lost_however_much_it_is_told() {
    let mut session = live();
    let (mut end, mut pings) = (None, 0);
    for step in 1..400 {
        let at = step * 100;
        let mut outputs = session.handle(ms(at), Input::Timeout);
        pings += outputs.iter().filter(|output| **output == Output::Ping).count();
        outputs.extend(session.handle(ms(at), Input::Room(vec![level(step)])));
        // The network takes its time, a millisecond of it.
        outputs.extend(session.handle(ms(at + 1), Input::Written));
        if let Some(close) = outputs.iter().position(|output| matches!(output, Output::Close(_))) {
            end = Some((at, closing(&outputs[..=close])));
            break;
        }
    }
    let (at, close) = end.expect("it is lost");
    assert_eq!(close, Some((CloseCode::Lost, Some(0))));
    assert!((30_000..31_000).contains(&at), "lost after 30 s of silence, not {at}");
    assert_eq!(pings, 1, "one is enough");
}
