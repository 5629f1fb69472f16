//! What a stranger may send, and what is said of it.
mod samples;

use offhook_signaling::{
    CallMode, ClientFrame, CloseCode, Code, EndCause, FrameError, MAX_DEPTH, MAX_FRAME_BYTES,
    MAX_SERVER_FRAME_BYTES, MAX_WORD_BYTES, Platform, RejectCause, Request, RequestId, ServerFrame,
};
use samples::{client_frames, server_frames};
use serde_json::{Value, json};

const ID: &str = "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d";
const SECRET: &str = "hunter2-hunter2";

fn request(r#type: &str, body: &Value) -> Result<ClientFrame, FrameError> {
    ClientFrame::parse(&json!({ "type": r#type, "id": 7, "body": body }).to_string())
}

fn reason(r#type: &str, body: &Value) -> String {
    match request(r#type, body) {
        Err(FrameError::Body { id: Some(RequestId(7)), reason }) => reason,
        other => panic!("not refused for its body: {other:?}"),
    }
}

#[test]
fn an_unknown_word_is_kept_and_written_back() {
    let body = json!({ "call": ID, "reason": "on_a_plane" });
    let frame = request("call.reject", &body).expect("an unknown word is a word");
    let ClientFrame::Request(_, Request::Reject(reject)) = &frame else { panic!("a reject") };
    assert_eq!(reject.reason, RejectCause::Unknown("on_a_plane".into()));
    assert!(frame.to_text().contains("\"reason\":\"on_a_plane\""));
    assert_eq!(Code::from("brand_new").as_str(), "brand_new");
    assert_eq!(EndCause::from("brand_new").zim_code(), None);
}

#[test]
fn every_known_word_is_found_again() {
    for word in CallMode::KNOWN {
        assert_eq!(CallMode::from(word.as_str()), *word);
    }
    for word in Platform::KNOWN {
        assert_eq!(Platform::from(word.as_str()), *word);
    }
}

#[test]
fn a_word_longer_than_any_of_ours_is_refused() {
    let of = |len: usize| json!({ "call": ID, "reason": "x".repeat(len) });
    assert!(request("call.reject", &of(MAX_WORD_BYTES)).is_ok());
    assert_eq!(
        reason("call.reject", &of(MAX_WORD_BYTES + 1)),
        "wrong value at line 1 column 123 of the body"
    );
}

#[test]
fn an_unknown_close_code_asks_to_come_back() {
    let text = r#"{"type":"closing","body":{"code":"brand_new","message":"a newer reason"}}"#;
    let Ok(ServerFrame::Closing(closing)) = ServerFrame::parse(text) else { panic!("a closing") };
    assert_eq!(closing.code, CloseCode::Unknown);
    assert!(closing.code.may_reconnect());
}

#[test]
fn an_unknown_field_of_a_client_is_refused_by_name() {
    for frame in client_frames() {
        let mut value: Value = serde_json::from_str(&frame.to_text()).expect("a frame is JSON");
        value["body"]["extendedData"] = SECRET.into();
        let Err(FrameError::Body { reason, .. }) = ClientFrame::parse(&value.to_string()) else {
            panic!("{} takes any field", value["type"])
        };
        assert!(reason.starts_with("unknown field `extendedData`"), "{reason}");
        assert!(!reason.contains(SECRET), "{reason}");
    }
}

#[test]
fn an_unknown_field_of_a_clients_envelope_is_refused() {
    for field in ["after", "offset", "session"] {
        let text = json!({ "type": "heartbeat", "body": { "offset": 1 }, field: 1 }).to_string();
        assert_eq!(ClientFrame::parse(&text), Err(FrameError::Envelope), "{field}");
    }
}

#[test]
fn an_unknown_field_of_the_server_is_passed_over() {
    for frame in server_frames() {
        let mut value: Value = serde_json::from_str(&frame.to_text()).expect("a frame is JSON");
        value["brand_new"] = json!([1]);
        value["body"]["brand_new"] = json!({ "more": 1 });
        assert_eq!(ServerFrame::parse(&value.to_string()), Ok(frame));
    }
}

#[test]
fn an_unknown_type_keeps_the_id() {
    assert_eq!(request("call.transfer", &json!({})), Err(FrameError::UnknownType { id: Some(RequestId(7)) }));
    let text = r#"{"type":"call.transferred","offset":3,"body":{}}"#;
    assert_eq!(ServerFrame::parse(text), Err(FrameError::UnknownType { id: None }));
}

#[test]
fn a_request_without_an_id_is_refused_by_the_fields_name() {
    let text = json!({ "type": "call.read", "body": { "call": ID } }).to_string();
    let refusal = FrameError::Body { id: None, reason: "missing field `id`".into() };
    assert_eq!(ClientFrame::parse(&text), Err(refusal));
}

#[test]
fn a_missing_field_is_named() {
    assert_eq!(reason("call.accept", &json!({})), "missing field `call` at line 1 column 2");
    assert_eq!(reason("call.accept", &Value::Null), "missing field `call` at line 1 column 2");
}

#[test]
fn nesting_is_limited_whatever_its_kind() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{{\"type\":\"x\",\"body\":{}1{}}}", open.repeat(depth - 1), close.repeat(depth - 1))
    };
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deepest = ClientFrame::parse(&nested(open, close, MAX_DEPTH));
        assert_eq!(deepest, Err(FrameError::UnknownType { id: None }));
        assert_eq!(ClientFrame::parse(&nested(open, close, MAX_DEPTH + 1)), Err(FrameError::Envelope));
        assert_eq!(ClientFrame::parse(&nested(open, close, 10_000)), Err(FrameError::Envelope));
        assert_eq!(ClientFrame::parse(&open.repeat(10_000)), Err(FrameError::Envelope));
    }
}

#[test]
fn brackets_in_texts_do_not_nest() {
    let brackets = "[{\\\"".repeat(100);
    let text =
        format!("{{\"type\":\"call.end\",\"id\":1,\"body\":{{\"call\":\"{ID}\",\"data\":\"{brackets}\"}}}}");
    assert!(ClientFrame::parse(&text).is_ok());
}

#[test]
fn an_escaped_backslash_does_not_hide_the_end_of_a_text() {
    let brackets = ("[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    let text = format!(r#"{{"type":"\\","body":{}{}}}"#, brackets.0, brackets.1);
    assert_eq!(ClientFrame::parse(&text), Err(FrameError::Envelope));
}

#[test]
fn a_frame_of_a_byte_too_many_is_refused() {
    let padded = |max: usize| {
        let bare = r#"{"type":"heartbeat","body":{"offset":1}}"#;
        format!("{bare}{}", " ".repeat(max - bare.len()))
    };
    assert!(ClientFrame::parse(&padded(MAX_FRAME_BYTES)).is_ok());
    assert_eq!(ClientFrame::parse(&padded(MAX_FRAME_BYTES + 1)), Err(FrameError::TooLarge));
    assert!(ServerFrame::parse(&padded(MAX_SERVER_FRAME_BYTES)).is_ok());
    assert_eq!(ServerFrame::parse(&padded(MAX_SERVER_FRAME_BYTES + 1)), Err(FrameError::TooLarge));
}

#[test]
fn a_wrong_value_is_placed_and_not_quoted() {
    let wrong = [
        ("call.accept", json!({ "call": SECRET })),
        ("call.accept", json!({ "call": ID, "data": { "password": SECRET } })),
        ("call.invite", json!({ "invitees": SECRET })),
        ("call.invite", json!({ "invitees": [format!("{SECRET}/not/an/id")] })),
        ("call.invite", json!({ "invitees": ["bob"], "timeout_s": SECRET })),
        ("call.invite", json!({ "invitees": ["bob"], "key": format!("{SECRET} spaced") })),
        ("hello", json!({ "device": "d", "platform": "web", "token": [SECRET] })),
        ("session.renew_token", json!({ "token": { "token": SECRET } })),
    ];
    for (r#type, body) in wrong {
        let reason = reason(r#type, &body);
        assert!(reason.starts_with("wrong value at line 1 column "), "{reason}");
        assert!(!reason.contains(SECRET), "{reason}");
    }
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in [json!([SECRET]), json!(SECRET), json!(1), json!(true)] {
        assert_eq!(reason("session.renew_token", &body), "the body is not an object");
    }
}

#[test]
fn a_field_named_like_a_frame_is_long_gives_a_short_reason() {
    let body = json!({ "ü".repeat(20_000): 1 });
    assert!(reason("call.list", &body).len() <= 256);
}

#[test]
fn a_field_given_twice_is_refused() {
    let body = format!(r#"{{"type":"call.end","id":7,"body":{{"call":"{ID}","data":"a","data":"b"}}}}"#);
    let refusal = FrameError::Body {
        id: Some(RequestId(7)),
        reason: "duplicate field `data` at line 1 column 64".into(),
    };
    assert_eq!(ClientFrame::parse(&body), Err(refusal));
    for text in [
        r#"{"type":"heartbeat","type":"heartbeat","body":{"offset":1}}"#,
        r#"{"type":"call.list","id":1,"id":2}"#,
        r#"{"type":"call.list","id":1,"body":{},"body":{}}"#,
    ] {
        assert_eq!(ClientFrame::parse(text), Err(FrameError::Envelope), "{text}");
    }
}

#[test]
fn a_number_that_does_not_fit_is_refused() {
    for timeout in ["4294967296", "-1", "1.5", "1e3", "1e999", "99999999999999999999999999"] {
        let text =
            format!(r#"{{"type":"call.invite","id":7,"body":{{"invitees":["bob"],"timeout_s":{timeout}}}}}"#);
        assert!(matches!(ClientFrame::parse(&text), Err(FrameError::Body { id: Some(_), .. })), "{timeout}");
    }
    for id in ["18446744073709551616", "-1", "1.0", "\"1\"", "[]"] {
        let text = format!(r#"{{"type":"call.list","id":{id}}}"#);
        assert_eq!(ClientFrame::parse(&text), Err(FrameError::Envelope), "{id}");
    }
}

#[test]
fn an_event_that_does_not_follow_what_was_before_it_is_refused() {
    let text = |place: &str| format!(r#"{{"type":"call.changed",{place}"body":{{"call":"{ID}","seq":1}}}}"#);
    assert!(ServerFrame::parse(&text(r#""offset":3,"after":1,"#)).is_ok());
    for place in
        ["", r#""offset":0,"#, r#""offset":3,"after":3,"#, r#""offset":3,"after":18446744073709551615,"#]
    {
        assert_eq!(ServerFrame::parse(&text(place)), Err(FrameError::Envelope), "{place}");
    }
}

#[test]
fn what_is_no_object_with_a_type_is_no_frame() {
    for text in [
        "",
        " ",
        "null",
        "1",
        "[]",
        r#"["heartbeat",null,{"offset":1}]"#,
        "{}",
        "\"hello\"",
        "{\"type\":1}",
        "{\"type\":\"hello\"}{}",
        "{'type':1}",
        "\u{0}",
    ] {
        assert_eq!(ClientFrame::parse(text), Err(FrameError::Envelope), "{text}");
        assert_eq!(ServerFrame::parse(text), Err(FrameError::Envelope), "{text}");
    }
}

#[test]
fn no_token_and_no_user_shows_in_debug() {
    for frame in client_frames() {
        let shown = format!("{frame:?}");
        for secret in [
            "04AAAAAGkgfakQ",
            "alice",
            "bob@",
            "Alice",
            "pixel",
            "invite-5f0c",
            "quoted",
            "v=0",
            "eyJ",
            "host",
        ] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    for frame in server_frames() {
        let shown = format!("{frame:?}");
        for secret in
            ["alice@", "bob@", "Alice", "pixel", "Stand-up", "meeting", "v=0", "eyJ", "s3cret", "applause"]
        {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
