//! Messages over the data channel: the same as over the WebSocket, with the same rules, without its detour.
//!
//! The channel is opened by the client, labelled `messages`, ordered and reliable. Each message is one text:
//!
//! ```json
//! {"to": ["bob"], "kind": "command", "data": "hello"}        to us: `to` empty or absent for everyone else;
//!                                                            `kind` `broadcast` (default) or `command`
//! {"from": "alice", "kind": "command", "data": "hello"}      to the client
//! ```
//!
//! A text of another form is ignored. A message that the room refuses (too large, too fast, a viewer's) is dropped: whoever
//! must know sends it over the WebSocket. Who has no channel open gets the message as `room.message`.
use offhook_types::{Opaque, UserId};
use serde::{Deserialize, Serialize};

use crate::{MessageKind, room::Message};

/// The label of the data channel.
pub(crate) const LABEL: &str = "messages";

/// How much may wait to be sent to one participant, in bytes. More lets one who does not read fill our memory.
pub(crate) const MAX_WAITING: usize = 256 * 1024;

/// The most recipients that a message names.
const MAX_RECIPIENTS: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Incoming<'a> {
    #[serde(default)]
    kind: Word,
    #[serde(borrow, default)]
    to: Vec<std::borrow::Cow<'a, str>>,
    data: String,
}

#[derive(Serialize)]
struct Outgoing<'a> {
    from: &'a str,
    kind: Word,
    data: &'a str,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    #[default]
    Broadcast,
    Command,
}

/// Reads what a client sent.
pub(crate) fn read(text: &[u8]) -> Option<Message> {
    let Incoming { kind, to, data } = serde_json::from_slice(text).ok()?;
    if to.len() > MAX_RECIPIENTS {
        return None;
    }
    let to = to.iter().map(UserId::new).collect::<Result<Vec<_>, _>>().ok()?;
    let kind = match kind {
        Word::Broadcast => MessageKind::Broadcast,
        Word::Command => MessageKind::Command,
    };
    Some(Message { data: Opaque::new(data), kind, to })
}

/// Writes what a client is sent.
pub(crate) fn write(from: &UserId, kind: MessageKind, data: &Opaque) -> String {
    let kind = match kind {
        MessageKind::Broadcast => Word::Broadcast,
        MessageKind::Command => Word::Command,
    };
    let message = Outgoing { from: from.as_str(), kind, data: data.as_str() };
    serde_json::to_string(&message).expect("strings can be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_and_written() {
        let message = read(br#"{"to":["bob"],"data":"a \"word\""}"#).unwrap();
        assert_eq!(
            (message.to.len(), message.data.as_str(), message.kind),
            (1, "a \"word\"", MessageKind::Broadcast)
        );
        let alice = UserId::new("alice").unwrap();
        let written = write(&alice, MessageKind::Command, &message.data);
        assert_eq!(written, r#"{"from":"alice","kind":"command","data":"a \"word\""}"#);
    }

    #[test]
    fn what_is_not_a_message_is_ignored() {
        for text in
            ["", "hello", "{}", r#"{"data":1}"#, r#"{"data":"","to":["a b"]}"#, r#"{"data":"","too":[]}"#]
        {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
        let many = format!(r#"{{"data":"","to":[{}"bob"]}}"#, r#""bob","#.repeat(100));
        assert!(read(many.as_bytes()).is_none());
    }
}
