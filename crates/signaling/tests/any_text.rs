//! Whatever comes, the parsers answer; and what they take, they write back.
mod samples;

use offhook_signaling::{
    Accept, Cancel, ClientFrame, Event, EventBody, Happening, Invite, LegStatus, LegView, MediaKind, Request,
    RequestId, ServerFrame,
};
use offhook_types::{CallId, CallSeq, DeviceId, IdempotencyKey, Offset, Opaque, Timestamp, UserId};
use proptest::{collection::vec, option, prelude::*, sample::select};
use samples::{client_frames, server_frames};

fn texts() -> Vec<String> {
    let client = client_frames().into_iter().map(|frame| frame.to_text());
    client.chain(server_frames().into_iter().map(|frame| frame.to_text())).collect()
}

/// What both parsers make of a text holds: it panics nowhere, and what is a frame is the same frame when written.
fn check(text: &str) {
    if let Ok(frame) = ClientFrame::parse(text) {
        assert_eq!(ClientFrame::parse(&frame.to_text()), Ok(frame));
    }
    if let Ok(frame) = ServerFrame::parse(text) {
        assert_eq!(ServerFrame::parse(&frame.to_text()), Ok(frame));
    }
}

fn call() -> impl Strategy<Value = CallId> {
    (0..1_u64 << 48, any::<[u8; 10]>())
        .prop_map(|(ms, random)| CallId::from_parts(Timestamp::from_millis(ms), random))
}

fn user() -> impl Strategy<Value = UserId> {
    "[a-zA-Z0-9!#$%&()+:;<=.>?@^_{}|~-]{1,32}"
        .prop_map(|text| UserId::new(text).expect("permitted characters"))
}

fn device() -> impl Strategy<Value = DeviceId> {
    "[!-~]{1,64}".prop_map(|text| DeviceId::new(text).expect("permitted characters"))
}

fn key() -> impl Strategy<Value = IdempotencyKey> {
    "[!-~]{1,64}".prop_map(|text| IdempotencyKey::new(text).expect("permitted characters"))
}

fn opaque() -> impl Strategy<Value = Opaque> {
    any::<String>().prop_map(Opaque::new)
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        (call(), opaque()).prop_map(|(call, data)| Request::Accept(Accept { call, data })),
        (option::of(call()), opaque(), vec(user(), 0..10), option::of(key())).prop_map(
            |(call, data, invitees, key)| Request::Cancel(Cancel { call, data, invitees, key, push: None })
        ),
        (opaque(), vec(user(), 0..10), option::of(key()), "[a-z_]{0,64}", any::<bool>(), any::<u32>())
            .prop_map(|(extended_data, invitees, key, word, not_received_check, timeout_s)| {
                let (media, mode) = (MediaKind::from(word.as_str()), word.as_str().into());
                Request::Invite(Invite {
                    delivery_updates: false,
                    extended_data,
                    invitees,
                    key,
                    media,
                    mode,
                    not_received_check,
                    push: None,
                    timeout_s,
                })
            }),
    ]
}

fn leg() -> impl Strategy<Value = LegView> {
    let time = || option::of(any::<u64>().prop_map(Timestamp::from_millis));
    (time(), opaque(), time(), option::of("[a-z]{0,9}"), select(LegStatus::KNOWN), user()).prop_map(
        |(accepted_at, data, left_at, reason, status, user)| {
            let reason = reason.map(|word| word.as_str().into());
            LegView { accepted_at, data, delivery: None, left_at, reason, status, user }
        },
    )
}

fn happening() -> impl Strategy<Value = Happening> {
    (option::of(user()), call(), vec(leg(), 0..4), opaque(), option::of(device()), any::<u64>()).prop_map(
        |(by, call, changed, data, main_device, seq)| Happening {
            by,
            call,
            changed,
            data,
            end: None,
            main_device,
            seq: CallSeq(seq),
        },
    )
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_brackets_and_quotes_are_answered(text in r#"[\[\]{}",:\\0-9a-z ]{0,200}"#) {
        check(&text);
    }

    #[test]
    fn a_mutilated_frame_is_answered(text in select(texts()), at in any::<prop::sample::Index>(), by in any::<Option<u8>>()) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        match by {
            Some(byte) => bytes[at] = byte,
            None => { bytes.remove(at); }
        }
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_frame_cut_or_joined_to_another_is_answered(
        (left, right) in (select(texts()), select(texts())),
        at in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let (left, right) = (left.as_bytes(), right.as_bytes());
        let bytes = [&left[..at.0.index(left.len())], &right[at.1.index(right.len())..]].concat();
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_request_is_read_as_it_was_written(id in any::<u64>(), request in request()) {
        let frame = ClientFrame::Request(RequestId(id), request);
        prop_assert_eq!(ClientFrame::parse(&frame.to_text()), Ok(frame));
    }

    #[test]
    fn an_event_is_read_as_it_was_written(
        places in any::<(u64, u64)>().prop_filter("two places", |(left, right)| left != right),
        happening in happening(),
    ) {
        let (after, offset) = (Offset(places.0.min(places.1)), Offset(places.0.max(places.1)));
        let frame = ServerFrame::Event(Event { after, body: EventBody::Changed(happening), offset });
        prop_assert_eq!(ServerFrame::parse(&frame.to_text()), Ok(frame));
    }
}
