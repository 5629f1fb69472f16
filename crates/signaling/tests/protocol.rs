//! docs/protocol.md, held against the code: every example is a frame, and every frame has an example.
use std::{collections::BTreeSet, fs, path::Path};

use offhook_signaling::{
    CallMode, CallStatus, ClientFrame, CloseCode, Code, EndCause, Layer, LeaveCause, LeftOutCause, LegStatus,
    MessageKind, Platform, Presence, RoomRole, ServerFrame, TrackSource, catalog,
};
use serde_json::Value;

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    fs::read_to_string(path).expect("the specification is part of the repository")
}

#[test]
fn every_example_is_a_frame_and_every_frame_has_an_example() {
    let document = document();
    let mut shown = BTreeSet::new();
    for line in document.lines().filter(|line| line.starts_with('{')) {
        let value: Value = serde_json::from_str(line).expect("an example is JSON");
        let name = value["type"].as_str().expect("an example has a type").to_owned();
        let written = match (ClientFrame::parse(line), ServerFrame::parse(line)) {
            (Ok(frame), _) => frame.to_text(),
            (Err(_), Ok(frame)) => frame.to_text(),
            (Err(client), Err(server)) => panic!("{name}: {client}; {server}"),
        };
        assert_says_no_more(&value, &serde_json::from_str(&written).expect("a frame is JSON"), &name);
        shown.insert(name);
    }
    let named: BTreeSet<String> =
        catalog().requests.iter().chain(catalog().events).map(|name| (*name).to_owned()).collect();
    assert_eq!(shown, named);
}

/// A server's frame may hold what the parser passes over; an example must not.
fn assert_says_no_more(example: &Value, written: &Value, name: &str) {
    match (example, written) {
        (Value::Object(example), Value::Object(written)) => {
            for (field, value) in example {
                assert_says_no_more(value, &written[field], &format!("{name}.{field}"));
            }
        }
        (Value::Array(example), Value::Array(written)) => {
            assert_eq!(example.len(), written.len(), "{name}");
            example
                .iter()
                .zip(written)
                .for_each(|(example, written)| assert_says_no_more(example, written, name));
        }
        (example, written) => assert_eq!(example, written, "{name}"),
    }
}

#[test]
fn every_word_is_explained() {
    let document = document();
    let words: Vec<&str> = [
        CallMode::KNOWN.iter().map(CallMode::as_str).collect::<Vec<_>>(),
        CallStatus::KNOWN.iter().map(CallStatus::as_str).collect(),
        EndCause::KNOWN.iter().map(EndCause::as_str).collect(),
        Layer::KNOWN.iter().map(Layer::as_str).collect(),
        LeaveCause::KNOWN.iter().map(LeaveCause::as_str).collect(),
        LeftOutCause::KNOWN.iter().map(LeftOutCause::as_str).collect(),
        MessageKind::KNOWN.iter().map(MessageKind::as_str).collect(),
        Platform::KNOWN.iter().map(Platform::as_str).collect(),
        Presence::KNOWN.iter().map(Presence::as_str).collect(),
        RoomRole::KNOWN.iter().map(RoomRole::as_str).collect(),
        TrackSource::KNOWN.iter().map(TrackSource::as_str).collect(),
    ]
    .concat();
    for word in words {
        assert!(document.contains(&format!("`{word}`")), "{word}");
    }
}

#[test]
fn the_tables_show_the_facts_of_the_code() {
    let document = document();
    let row = |start: String| assert!(document.contains(&start), "no row begins with {start}");
    let yes = |is: bool| if is { "yes" } else { "no" };
    for code in Code::KNOWN {
        let (zim, http, retry) = (code.zim_code(), code.http_status(), yes(code.is_retryable()));
        row(format!("| `{}` | {zim} | {http} | {retry} |", code.as_str()));
    }
    for code in CloseCode::ALL {
        row(format!("| `{}` | `{}` | {} |", code.number(), code.as_str(), yes(code.may_reconnect())));
    }
    for status in LegStatus::KNOWN {
        let zim = status.zim_code().expect("ZIM knows every state");
        row(format!("| `{}` | {zim} |", status.as_str()));
    }
}
