//! Every frame as it stands on the wire: a change here is a change of the protocol.
mod samples;

use std::collections::BTreeMap;

use offhook_signaling::{ClientFrame, FrameError, ServerFrame, catalog};
use samples::{client_frames, server_frames};
use serde_json::Value;

#[test]
fn every_client_frame_is_read_as_it_was_written() {
    for frame in client_frames() {
        assert_eq!(ClientFrame::parse(&frame.to_text()), Ok(frame));
    }
}

#[test]
fn every_server_frame_is_read_as_it_was_written() {
    for frame in server_frames() {
        assert_eq!(ServerFrame::parse(&frame.to_text()), Ok(frame));
    }
}

#[test]
fn every_client_frame_has_its_form() {
    snapshot("client", catalog().requests, client_frames().iter().map(ClientFrame::to_text));
}

#[test]
fn every_server_frame_has_its_form() {
    snapshot("server", catalog().events, server_frames().iter().map(ServerFrame::to_text));
}

#[test]
fn what_a_client_leaves_out_has_its_default() {
    let call = "\"call\":\"019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d\"";
    let bodies = [
        ("call.accept", format!("{{{call}}}")),
        ("call.cancel", format!("{{{call}}}")),
        ("call.cancel", "{\"key\":\"invite-5f0c\"}".into()),
        ("call.end", format!("{{{call}}}")),
        ("call.invite", "{\"invitees\":[\"bob\"]}".into()),
        ("call.join", format!("{{{call}}}")),
        ("call.list", "{}".into()),
        ("call.quit", format!("{{{call}}}")),
        ("call.reject", format!("{{{call}}}")),
        ("room.join", "{\"token\":\"eyJ0\"}".into()),
        ("room.offer", "{\"room\":\"r\",\"sdp\":\"v=0\",\"streams\":[{\"stream\":\"s\",\"tracks\":[{\"mid\":\"0\",\"source\":\"camera\"}]}]}".into()),
        ("room.send", "{\"room\":\"r\",\"data\":\"hello\"}".into()),
        ("room.subscribe", "{\"room\":\"r\",\"wishes\":[{\"stream\":\"s\",\"source\":\"camera\"}]}".into()),
        ("room.update_stream", "{\"room\":\"r\",\"stream\":\"s\"}".into()),
        ("session.logout", "{}".into()),
        ("user.update", "{}".into()),
    ];
    let written = |(name, body): &(&str, String)| {
        let text = format!("{{\"type\":\"{name}\",\"id\":1,\"body\":{body}}}");
        ClientFrame::parse(&text).map(|frame| format!("{text}\n  {}\n", frame.to_text()))
    };
    let lines: Result<String, FrameError> = bodies.iter().map(written).collect();
    insta::assert_snapshot!(lines.expect("minimal frames are frames"));
}

/// Writes one file for each type, with all its samples, and sees to it that no type is without.
fn snapshot(side: &str, types: &[&str], texts: impl Iterator<Item = String>) {
    let mut samples: BTreeMap<String, Vec<Value>> =
        types.iter().map(|name| ((*name).into(), vec![])).collect();
    for text in texts {
        let value: Value = serde_json::from_str(&text).expect("a frame is JSON");
        let name = value["type"].as_str().expect("a frame has a type");
        samples.get_mut(name).expect("the catalog names every type").push(value);
    }
    for (name, values) in samples {
        assert!(!values.is_empty(), "no sample of {name}");
        let texts: Vec<String> = values
            .iter()
            .map(|value| serde_json::to_string_pretty(value).expect("a value is JSON"))
            .collect();
        insta::assert_snapshot!(format!("{side}.{name}"), texts.join("\n"));
    }
}
