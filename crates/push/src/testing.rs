//! An order, for the tests of adapters.
use std::time::Duration;

use offhook_types::{AppId, CallId, CallSeq, DeviceId, Opaque, Timestamp, UserId};

use crate::{HandleKind, Kind, Order, PushId, Text, Voip};

/// When the order's ring begins: half a second past a whole one, so that rounding shows.
pub const RUNG_AT: Timestamp = Timestamp::from_millis(1_700_000_000_500);

/// Alice calls Bob for a minute.
///
/// # Panics
/// Never: the ids are good ones.
#[must_use]
pub fn order(kind: Kind) -> Order {
    Order {
        app: AppId(1),
        badge: Some(3),
        call: CallId::from_parts(RUNG_AT, [7; 10]),
        caller: UserId::new("alice").expect("an id"),
        credential: Opaque::new("secret"),
        device: DeviceId::new("phone").expect("an id"),
        kind,
        payload: Opaque::new(r#"{"call_id":"room"}"#),
        push: PushId::from_random(1),
        rung_at: RUNG_AT,
        ring_until: RUNG_AT + Duration::from_mins(1),
        seq: CallSeq(3),
        text: Text { title: "Alice".into(), body: "Video call".into() },
        thread: "alice".into(),
        user: UserId::new("bob").expect("an id"),
        voip: Voip { handle_kind: HandleKind::Phone, handle: "0123".into(), has_video: true },
    }
}
