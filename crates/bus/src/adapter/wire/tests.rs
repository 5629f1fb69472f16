use offhook_types::{AppId, Offset, UserId};
use proptest::prelude::*;

use super::*;

const ANN: NodeId = NodeId::new(0x0102_0304_0506_0708);
const BOB: NodeId = NodeId::new(0xb0b);

fn hint(user: &str, head: u64) -> Hint {
    Hint { head: Offset(head), account: Account::new(AppId(7), UserId::new(user).unwrap()) }
}

fn of_ann(content: Content) -> Message {
    Message { from: ANN, content }
}

fn presence() -> Presence {
    let name = Some(NodeName::new("n1").unwrap());
    Presence { up_for_ms: 5, is_new: true, name, facts: vec![9, 9] }
}

#[test]
fn a_message_has_the_form_that_is_written_down() {
    let hints = of_ann(Content::Hints(vec![hint("zoe", 258)])).encode();
    assert_eq!(
        hints,
        [1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 1, 2, 3, b'z', b'o', b'e']
    );
    let here = of_ann(Content::Here(presence())).encode();
    assert_eq!(here, [1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, b'n', b'1', 9, 9]);
    assert_eq!(of_ann(Content::Gone).encode(), [1, 3, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(of_ann(Content::Lapse).encode(), [1, 4, 1, 2, 3, 4, 5, 6, 7, 8]);
    let answer = of_ann(Content::Answer { to: BOB, number: 3, verdict: Verdict::Busy, body: vec![4] });
    assert_eq!(
        answer.encode(),
        [1, 7, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 11, 11, 0, 0, 0, 0, 0, 0, 0, 3, 1, 4]
    );
}

#[test]
fn the_sender_is_read_without_the_rest() {
    assert_eq!(sender(&of_ann(Content::Lapse).encode()), Some(ANN));
    assert_eq!(sender(&[1, 99, 0, 0, 0, 0, 0, 0, 0, 5, 1]), Some(NodeId::new(5)), "of any kind");
    assert_eq!(sender(&[2, 1, 0, 0, 0, 0, 0, 0, 0, 5]), None);
    assert_eq!(sender(&[1, 1, 0, 0]), None);
}

#[test]
fn every_message_is_read_as_it_was_written() {
    let contents = [
        Content::Answer { to: BOB, number: u64::MAX, verdict: Verdict::Answered, body: b"yes".to_vec() },
        Content::Answer { to: BOB, number: 0, verdict: Verdict::TooLarge, body: Vec::new() },
        Content::Ask { to: BOB, number: 1, body: b"?".to_vec() },
        Content::Gone,
        Content::Here(presence()),
        Content::Here(Presence { name: None, is_new: false, facts: Vec::new(), ..presence() }),
        Content::Hints(vec![hint("ann", 1), hint("bob", u64::MAX)]),
        Content::Lapse,
        Content::Tell { to: None, number: 2, body: Vec::new() },
        Content::Tell { to: Some(BOB), number: 3, body: vec![0; 100] },
    ];
    for content in contents {
        let message = of_ann(content);
        assert_eq!(Message::decode(&message.encode()), Ok(message));
    }
}

#[test]
fn what_a_later_version_says_is_passed_over() {
    assert_eq!(Message::decode(&[2, 1, 0]), Err(Unreadable::UnknownVersion(2)));
    assert_eq!(Message::decode(&[1, 99, 0, 0, 0, 0, 0, 0, 0, 1, 5]), Err(Unreadable::UnknownKind(99)));
    assert_eq!(Message::decode(&[]), Err(Unreadable::Damaged));
}

#[test]
fn hints_are_split_where_they_do_not_fit() {
    let hints: Vec<Hint> = (0..100).map(|n| hint(&format!("user-{n:026}"), n)).collect();
    let messages = encode_hints(ANN, &hints, 200);
    assert!(messages.iter().all(|(bytes, _)| bytes.len() <= 200));
    assert_eq!(messages.iter().map(|(_, count)| count).sum::<usize>(), 100);
    assert_eq!(messages.len(), 25, "four hints of 45 bytes and a head of 10 fit in each");
    let read = messages.iter().flat_map(|(bytes, _)| {
        let Content::Hints(hints) = Message::decode(bytes).unwrap().content else { panic!("not hints") };
        hints
    });
    assert_eq!(read.collect::<Vec<_>>(), hints, "in their order");
    assert_eq!(encode_hints(ANN, [], 200), []);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Message::decode(&bytes);
    }

    #[test]
    fn what_is_read_is_written_the_same_again(
        kind in 0_u8..9,
        bytes in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let bytes = [vec![VERSION, kind], bytes].concat();
        if let Ok(message) = Message::decode(&bytes) {
            prop_assert_eq!(message.encode(), bytes);
        }
    }

    #[test]
    fn a_cut_or_damaged_message_is_read_or_refused(at in 0_usize..60, with in any::<u8>(), cut in 0_usize..60) {
        let mut bytes = of_ann(Content::Hints(vec![hint("ann", 1), hint("bob", 2)])).encode();
        bytes.truncate(bytes.len() - cut.min(bytes.len()));
        if let Some(byte) = bytes.get_mut(at) {
            *byte = with;
        }
        let _ = Message::decode(&bytes);
    }
}
