//! Pushes for the tests of this module.
use offhook_types::Timestamp;
use serde_json::{Value, json};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_763_700_000_000);
pub(super) const CALL: &str = "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d";

/// Alice calls Bob, and half a minute is left.
pub(super) fn document(kind: &str, seq: u64) -> Value {
    json!({
        "payload": r#"{"room":1}"#,
        "call_id": "18460",
        "zego": { "version": 1, "zpns_request_id": "1" },
        "title": "Alice",
        "body": "Video call",
        "offhook": {
            "v": 1, "kind": kind, "call": CALL, "to": "bob", "caller": "alice", "media": "video", "seq": seq,
            "age_ms": 2_000, "remaining_ms": 30_000, "ring_until_ms": NOW.as_millis() + 30_000,
            "credential": "secret", "reason": "canceled",
        },
    })
}
