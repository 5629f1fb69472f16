//! What a push says (docs/protocol.md, "What a device receives"). It comes from afar: past this file every field has its
//! type, or there is no push.
use std::time::Duration;

use offhook_signaling::{Hidden, MediaKind};
use offhook_types::{CallId, CallSeq, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of the documents that this crate reads.
const VERSION: u64 = 1;

/// The longest document, in bytes: several times what any vendor carries, little enough to be read by a process that was
/// given seconds.
const MAX_BYTES: usize = 32 * 1024;

/// The longest ring: the longest that an invite may ask for. A document that says more is not believed.
const MAX_RING: Duration = Duration::from_secs(600);

/// A push about a call. Texts come from other people. `Debug` keeps the credential to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Push {
    /// How old the ring was when the push was sent.
    pub age: Duration,
    /// The second line to show; empty if there is none.
    pub body: String,
    /// The right to answer: of a ring alone.
    pub(super) credential: Option<Hidden>,
    /// Which call, for whom, and by whom.
    pub invitation: Invitation,
    /// What it tells of.
    pub kind: PushKind,
    /// The first line to show; empty if there is none.
    pub title: String,
    /// Until when it rings, on this device's clock: the shorter of what was left from its receipt and the end that the server
    /// named.
    pub until: Timestamp,
}

/// The call that a push tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Invitation {
    /// The name of at most 20 digits that ZIM-shaped clients know the call by; empty if the push had none.
    #[serde(default)]
    pub alias: String,
    /// The call.
    pub call: CallId,
    /// Who calls.
    pub caller: UserId,
    /// What the caller wants to send.
    pub media: MediaKind,
    /// What the caller sent along for pushes, untouched; empty if nothing.
    #[serde(default)]
    pub payload: String,
    /// The step of the call that the push tells of. A device that has seen a later one passes over it.
    pub seq: CallSeq,
    /// Whom it is for.
    pub to: UserId,
}

/// What a push tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushKind {
    /// The call was missed.
    Missed,
    /// It rings.
    Ring,
    /// It does not ring any more.
    Stop(PushStop),
}

/// Why a call does not ring any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushStop {
    /// Another device of the user accepted.
    AnsweredElsewhere,
    /// The invitation was taken back.
    Canceled,
    /// The call is over, or stopped ringing for a reason of a newer server.
    Ended,
    /// Another device of the user, or the server, rejected.
    RejectedElsewhere,
    /// Nobody answered in time.
    TimedOut,
}

impl PushStop {
    /// Whether the user missed the call, and is to be shown so.
    #[must_use]
    pub fn is_missed(self) -> bool {
        match self {
            Self::AnsweredElsewhere | Self::RejectedElsewhere => false,
            Self::Canceled | Self::Ended | Self::TimedOut => true,
        }
    }
}

/// Why a push is not one that this crate can act upon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// It is Offhook's, but lacks this field, or has something else there. To do: mend the server, or whatever stands between.
    #[error("the push has no usable `{0}`")]
    Malformed(&'static str),
    /// It is of a newer version. To do: update the app.
    #[error("the push is of version {0}, which this build does not read")]
    Newer(u64),
    /// It is none of Offhook's. To do: hand it to whatever else the app gets pushes from.
    #[error("the push is not one of Offhook")]
    NotOurs,
}

impl Push {
    /// Reads a document, or a map of texts as Firebase has it, as JSON; received at this time of the device's clock. Fields
    /// that it does not know are passed over.
    ///
    /// # Errors
    /// [`PushError`].
    pub fn read(payload: &str, received: Timestamp) -> Result<Self, PushError> {
        if payload.len() > MAX_BYTES {
            return Err(PushError::NotOurs);
        }
        let outer: Map<String, Value> = serde_json::from_str(payload).map_err(|_| PushError::NotOurs)?;
        Self::from_fields(&outer, received)
    }

    pub(super) fn from_fields(outer: &Map<String, Value>, received: Timestamp) -> Result<Self, PushError> {
        let own = own(outer)?;
        let kind = kind(&own)?;
        let invitation = Invitation {
            alias: text(outer, "call_id"),
            call: named(&own, "call")?.parse().map_err(|_| PushError::Malformed("call"))?,
            caller: UserId::new(named(&own, "caller")?).map_err(|_| PushError::Malformed("caller"))?,
            media: match own.get("media").and_then(Value::as_str) {
                Some("audio") => MediaKind::Audio,
                Some(_) | None => MediaKind::Video,
            },
            payload: text(outer, "payload"),
            seq: CallSeq(own.get("seq").and_then(Value::as_u64).ok_or(PushError::Malformed("seq"))?),
            to: UserId::new(named(&own, "to")?).map_err(|_| PushError::Malformed("to"))?,
        };
        let end = Timestamp::from_millis(millis(&own, "ring_until_ms"));
        let left = Duration::from_millis(millis(&own, "remaining_ms"));
        let credential = own.get("credential").and_then(Value::as_str).filter(|text| !text.is_empty());
        Ok(Self {
            age: Duration::from_millis(millis(&own, "age_ms")),
            body: line(outer, "body"),
            credential: credential.filter(|_| kind == PushKind::Ring).map(|text| Hidden(text.into())),
            invitation,
            kind,
            title: line(outer, "title"),
            until: received + left.min(end.since(received)).min(MAX_RING),
        })
    }
}

/// What stands under `offhook`, as fields or as JSON in a text, once its version is ours.
fn own(outer: &Map<String, Value>) -> Result<Map<String, Value>, PushError> {
    let own = match outer.get("offhook") {
        Some(Value::Object(own)) => own.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| PushError::NotOurs)?,
        Some(Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_)) | None => {
            return Err(PushError::NotOurs);
        }
    };
    match own.get("v").and_then(Value::as_u64) {
        Some(VERSION) => Ok(own),
        Some(newer) if newer > VERSION => Err(PushError::Newer(newer)),
        Some(_) | None => Err(PushError::NotOurs),
    }
}

fn kind(own: &Map<String, Value>) -> Result<PushKind, PushError> {
    match named(own, "kind")? {
        "missed" => Ok(PushKind::Missed),
        "ring" => Ok(PushKind::Ring),
        "stop" => Ok(PushKind::Stop(match own.get("reason").and_then(Value::as_str) {
            Some("answered_elsewhere") => PushStop::AnsweredElsewhere,
            Some("canceled") => PushStop::Canceled,
            Some("rejected_elsewhere") => PushStop::RejectedElsewhere,
            Some("timed_out") => PushStop::TimedOut,
            Some(_) | None => PushStop::Ended,
        })),
        _ => Err(PushError::Malformed("kind")),
    }
}

fn named<'a>(own: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, PushError> {
    own.get(name).and_then(Value::as_str).ok_or(PushError::Malformed(name))
}

fn text(fields: &Map<String, Value>, name: &str) -> String {
    fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A line of the notification; Apple has it in `aps.alert`.
fn line(outer: &Map<String, Value>, name: &str) -> String {
    let alert = outer.get("aps").and_then(|aps| aps.get("alert")).and_then(|alert| alert.get(name));
    outer.get(name).or(alert).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn millis(own: &Map<String, Value>, name: &str) -> u64 {
    own.get(name).and_then(Value::as_u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wake::testing::{CALL, NOW, document};

    #[test]
    fn a_document_and_a_map_of_texts_say_the_same() {
        let own = document("ring", 3);
        let mut flat = own.clone();
        flat["offhook"] = json!(own["offhook"].to_string());
        flat["zego"] = json!(r#"{"version":1}"#);
        let read = Push::read(&own.to_string(), NOW).expect("ours");
        assert_eq!(Push::read(&flat.to_string(), NOW), Ok(read.clone()));
        assert_eq!(read.kind, PushKind::Ring);
        assert_eq!(read.until, NOW + Duration::from_secs(30));
        assert_eq!((read.title.as_str(), read.body.as_str()), ("Alice", "Video call"));
        let Invitation { alias, call, caller, media, payload, seq, to } = read.invitation;
        assert_eq!((alias.as_str(), call.to_string().as_str()), ("18460", CALL));
        assert_eq!((caller.as_str(), to.as_str(), seq.0), ("alice", "bob", 3));
        assert_eq!((media, payload.as_str()), (MediaKind::Video, r#"{"room":1}"#));
    }

    #[test]
    fn the_lines_of_apples_pushes_stand_in_the_alert() {
        let mut document = document("ring", 1);
        let outer = document.as_object_mut().expect("fields");
        outer.remove("title");
        outer.insert("aps".into(), json!({ "alert": { "title": "Alice?" } }));
        assert_eq!(Push::read(&document.to_string(), NOW).expect("ours").title, "Alice?");
    }

    #[test]
    fn it_rings_for_the_shortest_of_what_was_left_the_servers_end_and_the_longest_ring() {
        let end = |own: Value| {
            let mut document = document("ring", 1);
            for (name, value) in own.as_object().expect("fields") {
                document["offhook"][name] = value.clone();
            }
            Push::read(&document.to_string(), NOW).expect("ours").until.since(NOW).as_millis()
        };
        let now = NOW.as_millis();
        for (own, rings) in [
            (json!({ "remaining_ms": 5_000 }), 5_000),
            (json!({ "ring_until_ms": now + 7_000 }), 7_000),
            (json!({ "remaining_ms": u64::MAX, "ring_until_ms": u64::MAX }), 600_000),
            (json!({ "ring_until_ms": now - 60_000 }), 0),
            (json!({ "ring_until_ms": null }), 0),
            (json!({ "remaining_ms": -1 }), 0),
        ] {
            assert_eq!(end(own.clone()), rings, "{own}");
        }
    }

    #[test]
    fn what_is_not_ours_is_told_apart_from_what_is_newer_and_what_is_broken() {
        let with = |name: &str, value: Value| {
            let mut document = document("ring", 1);
            document["offhook"][name] = value;
            document.to_string()
        };
        for (text, error) in [
            (String::new(), PushError::NotOurs),
            ("[]".into(), PushError::NotOurs),
            (r#"{"title":"News"}"#.into(), PushError::NotOurs),
            (r#"{"offhook":"{"}"#.into(), PushError::NotOurs),
            (r#"{"offhook":[]}"#.into(), PushError::NotOurs),
            (with("v", json!("1")), PushError::NotOurs),
            (with("v", json!(0)), PushError::NotOurs),
            (with("v", json!(2)), PushError::Newer(2)),
            (with("kind", json!("hum")), PushError::Malformed("kind")),
            (with("call", json!("../a b")), PushError::Malformed("call")),
            (with("to", json!("")), PushError::Malformed("to")),
            (with("caller", json!(7)), PushError::Malformed("caller")),
            (with("seq", json!(-1)), PushError::Malformed("seq")),
            (with("more", json!("x".repeat(MAX_BYTES))), PushError::NotOurs),
        ] {
            assert_eq!(Push::read(&text, NOW), Err(error), "{:.200}", text);
        }
        assert!(Push::read(&with("of_tomorrow", json!({ "a": [1] })), NOW).is_ok());
    }

    #[test]
    fn only_a_ring_has_a_credential_and_nobody_reads_it_in_a_log() {
        let ring = Push::read(&document("ring", 1).to_string(), NOW).expect("ours");
        assert_eq!(ring.credential, Some(Hidden("secret".into())));
        assert!(!format!("{ring:?}").contains("secret"));
        assert_eq!(Push::read(&document("stop", 1).to_string(), NOW).expect("ours").credential, None);
    }
}
