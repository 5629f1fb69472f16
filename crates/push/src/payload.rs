//! What a device receives, in the shapes that apps written for the closed stack read (call-semantics section 6.3), with
//! what a device needs to ring rightly beside it.
//!
//! `call_id` is the number by which the ZIM façade knows the call, and `zego` the mark without which such apps drop a push. Ours
//! stands under `offhook`: who is meant, until when, which step of the call, and with what the ring is answered.
use offhook_types::Timestamp;
use serde_json::{Map, Value, json};

use crate::{Kind, Order};

/// The version of what stands under `offhook`.
const VERSION: u8 = 1;
/// The version of what stands under `zego`.
const ZEGO_VERSION: u8 = 1;

/// The message as one document, as Apple's service and browsers carry it. What the vendor wants beside it is its adapter's.
#[must_use]
pub fn document(now: Timestamp, order: &Order) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("payload".into(), order.payload.as_str().into());
    document.insert("call_id".into(), order.call.alias().to_string().into());
    let mut zego = json!({
        "version": ZEGO_VERSION,
        "zpns_request_id": order.push.to_string(),
        "voip_has_video": order.voip.has_video,
    });
    if !order.voip.handle.is_empty() {
        zego["voip_handle_type"] = order.voip.handle_kind.number().into();
        zego["voip_handle_value"] = order.voip.handle.as_str().into();
    }
    document.insert("zego".into(), zego);
    document.insert("offhook".into(), own(now, order));
    document
}

/// The message as a flat map of texts, as Firebase carries data: what is no text in the document is JSON in a text.
#[must_use]
pub fn data_message(now: Timestamp, order: &Order) -> Map<String, Value> {
    let text = |value: Value| Value::String(value.to_string());
    let mut message = Map::new();
    for (name, line) in
        [("title", &order.text.title), ("body", &order.text.body), ("content", &order.text.body)]
    {
        message.insert(name.into(), line.as_str().into());
    }
    message.insert("payload".into(), order.payload.as_str().into());
    let call_id = order.call.alias().to_string();
    let zego = json!({
        "call_id": call_id.as_str(),
        "version": ZEGO_VERSION,
        "zpns_request_id": order.push.to_string(),
    });
    message.insert("call_id".into(), call_id.into());
    message.insert("zego".into(), text(zego));
    message.insert("offhook".into(), text(own(now, order)));
    message
}

/// Durations beside the absolute end: a push may wait at the vendor for long, and a device's clock may be wrong. A device takes
/// the shorter of both.
fn own(now: Timestamp, order: &Order) -> Value {
    let mut own = json!({
        "v": VERSION,
        "kind": order.kind.as_str(),
        "call": order.call.to_string(),
        "to": order.user.as_str(),
        "caller": order.caller.as_str(),
        "media": if order.voip.has_video { "video" } else { "audio" },
        "seq": order.seq.0,
        "age_ms": millis(order.age(now)),
        "remaining_ms": millis(order.remaining(now)),
        "ring_until_ms": order.ring_until.as_millis(),
    });
    match order.kind {
        Kind::Ring => own["credential"] = order.credential.as_str().into(),
        Kind::Stop(reason) => own["reason"] = reason.as_str().into(),
        Kind::Missed => {}
    }
    own
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        StopReason,
        testing::{RUNG_AT, order},
    };

    #[test]
    fn a_ring_says_until_when_for_whom_and_how_it_is_answered() {
        let document = document(RUNG_AT + Duration::from_secs(2), &order(Kind::Ring));
        let own = &document["offhook"];
        assert_eq!(own["kind"], "ring");
        assert_eq!((&own["to"], &own["caller"]), (&json!("bob"), &json!("alice")));
        assert_eq!(own["media"], "video");
        assert_eq!((&own["age_ms"], &own["remaining_ms"]), (&json!(2_000), &json!(58_000)));
        assert_eq!(own["ring_until_ms"], json!(1_700_000_060_500_u64));
        assert_eq!(own["credential"], "secret");
        assert_eq!(document["payload"], r#"{"call_id":"room"}"#);
        let zego = &document["zego"];
        assert_eq!((&zego["voip_handle_type"], &zego["voip_handle_value"]), (&json!(2), &json!("0123")));
        assert_eq!(zego["voip_has_video"], json!(true));
    }

    #[test]
    fn a_data_message_is_all_text_and_has_what_a_document_has() {
        let message = data_message(RUNG_AT, &order(Kind::Ring));
        assert!(message.values().all(Value::is_string), "{message:?}");
        for (name, value) in [("title", "Alice"), ("body", "Video call"), ("content", "Video call")] {
            assert_eq!(message[name], value);
        }
        let read = |name: &str| -> Value {
            serde_json::from_str(message[name].as_str().expect("text")).expect("JSON")
        };
        assert_eq!(read("offhook"), document(RUNG_AT, &order(Kind::Ring))["offhook"]);
        assert_eq!(read("zego")["call_id"], message["call_id"]);
        assert_eq!(message["call_id"], order(Kind::Ring).call.alias().to_string());
    }

    #[test]
    fn only_a_ring_bears_the_credential() {
        for kind in [Kind::Stop(StopReason::Canceled), Kind::Missed] {
            let order = order(kind);
            let all = format!("{:?} {:?}", document(RUNG_AT, &order), data_message(RUNG_AT, &order));
            assert!(!all.contains("secret"), "{all}");
        }
        let stop = document(RUNG_AT, &order(Kind::Stop(StopReason::TimedOut)));
        assert_eq!(stop["offhook"]["reason"], "timed_out");
    }
}
