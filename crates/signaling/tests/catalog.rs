//! The catalog names what the parsers know, no more and no less.
use offhook_signaling::{
    ClientFrame, CloseCode, Code, EventBody, FrameError, Reply, Request, RoomEvent, ServerFrame, catalog,
};

#[test]
fn the_catalog_names_every_type_of_a_client() {
    let mut types = [Request::TYPES, &["heartbeat", "hello"]].concat();
    types.sort_unstable();
    assert_eq!(catalog().requests, types);
}

#[test]
fn the_catalog_names_every_type_of_the_server() {
    let others = ["closing", "heartbeat", "problem", "token_will_expire", "welcome"];
    let mut types = [EventBody::TYPES, Reply::TYPES, RoomEvent::TYPES, &others].concat();
    types.sort_unstable();
    assert_eq!(catalog().events, types);
}

#[test]
fn the_parsers_know_every_type_of_the_catalog_and_no_other() {
    let text = |name: &str| format!("{{\"type\":\"{name}\",\"id\":1,\"offset\":1,\"body\":{{}}}}");
    for name in catalog().events {
        assert!(!matches!(ServerFrame::parse(&text(name)), Err(FrameError::UnknownType { .. })), "{name}");
    }
    for name in catalog().requests {
        let text = text(name).replace("\"offset\":1,", "");
        assert!(
            !matches!(ClientFrame::parse(&text), Err(FrameError::UnknownType { .. } | FrameError::Envelope)),
            "{name}"
        );
        let both_sides = ["heartbeat", "room.offer"].contains(name);
        if !both_sides {
            assert!(matches!(ServerFrame::parse(&text), Err(FrameError::UnknownType { .. })), "{name}");
        }
    }
}

#[test]
fn every_code_is_found_by_its_word() {
    for code in Code::KNOWN {
        assert_eq!(Code::from(code.as_str()), *code);
        assert!((400..600).contains(&code.http_status()), "{}", code.as_str());
    }
    let mut words: Vec<&str> = Code::KNOWN.iter().map(Code::as_str).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Code::KNOWN.len());
}

#[test]
fn every_close_code_is_found_by_its_number_and_its_word() {
    for code in CloseCode::ALL {
        assert_eq!(CloseCode::from_number(code.number()), Some(*code));
        assert_eq!(CloseCode::from(code.as_str()), *code);
        assert!((4000..5000).contains(&code.number()), "RFC 6455 leaves 4000 to 4999 to applications");
    }
    assert!(CloseCode::ALL.is_sorted_by_key(|code| code.number()));
    assert_eq!(CloseCode::from_number(1000), None);
}
