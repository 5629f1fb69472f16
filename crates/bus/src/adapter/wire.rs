//! The form of what nodes send each other.
//!
//! A message is a byte for the version (1), a byte for the kind, 8 bytes for the node that sends it, and what the kind says. Numbers
//! have their highest byte first; a text is a byte for its length and its bytes.
//!
//! | kind | follows |
//! |---|---|
//! | 1 hints | for each until the end: app (4 bytes), head (8), user (text) |
//! | 2 here | milliseconds since its start (8), 1 if it is new here else 0 (1), name (text, empty for none), facts until the end |
//! | 3 gone | – |
//! | 4 lapse | – |
//! | 5 tell | to (8, zero for all others), number (8), message until the end |
//! | 6 ask | to (8), number (8), question until the end |
//! | 7 answer | to (8), number (8), verdict (1: 0 answered, 1 busy, 2 too large), answer until the end |
//!
//! Whoever reads another version or kind passes it over, so that nodes of adjacent versions can live in one cluster: a new kind may be
//! sent at any time, a new version only when all nodes read it.
mod reader;

use offhook_types::Account;

use crate::{Hint, NodeId, NodeName, adapter::wire::reader::Reader};

/// The version that is written and read.
pub const VERSION: u8 = 1;

/// The most bytes around the body of [`Content::Tell`], [`Content::Ask`] and [`Content::Answer`].
pub const OVERHEAD: usize = 2 + 8 + 8 + 8 + 1;

/// Something that one node sends to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who sends it.
    pub from: NodeId,
    /// What it says.
    pub content: Content,
}

/// What nodes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The answer to a question.
    Answer {
        /// Whose question.
        to: NodeId,
        /// The question's number.
        number: u64,
        /// What came of it.
        verdict: Verdict,
        /// The answer; empty unless the verdict is [`Verdict::Answered`].
        body: Vec<u8>,
    },
    /// A question.
    Ask {
        /// Who is asked.
        to: NodeId,
        /// The asker's number for it.
        number: u64,
        /// The question.
        body: Vec<u8>,
    },
    /// The sender stops now.
    Gone,
    /// The sender lives.
    Here(Presence),
    /// Logs have grown.
    Hints(Vec<Hint>),
    /// Hints of the sender were lost: whoever hears this looks at the logs.
    Lapse,
    /// A message.
    Tell {
        /// For whom; `None` for every other node.
        to: Option<NodeId>,
        /// The sender's number for it, so that no two messages are equal.
        number: u64,
        /// The message.
        body: Vec<u8>,
    },
}

/// What a node announces of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Milliseconds since it started.
    pub up_for_ms: u64,
    /// Whether it wants the others to announce themselves at once, for it knows nobody yet.
    pub is_new: bool,
    /// What it is called.
    pub name: Option<NodeName>,
    /// Its facts.
    pub facts: Vec<u8>,
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is answered.
    Answered,
    /// There was no capacity to answer it.
    Busy,
    /// The answer was too large for the bus.
    TooLarge,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// They end too early, or say what cannot be.
    #[error("the message is damaged")]
    Damaged,
    /// Of a kind that this version does not know.
    #[error("messages of kind {0} are not known here")]
    UnknownKind(u8),
    /// Of another version.
    #[error("messages of version {0} are not known here")]
    UnknownVersion(u8),
}

const HINTS: u8 = 1;
const HERE: u8 = 2;
const GONE: u8 = 3;
const LAPSE: u8 = 4;
const TELL: u8 = 5;
const ASK: u8 = 6;
const ANSWER: u8 = 7;

impl Message {
    /// The message as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.content.kind()];
        bytes.extend(self.from.bits().to_be_bytes());
        match &self.content {
            Content::Answer { to, number, verdict, body } => {
                bytes.extend([to.bits(), *number].map(u64::to_be_bytes).as_flattened());
                bytes.push(match verdict {
                    Verdict::Answered => 0,
                    Verdict::Busy => 1,
                    Verdict::TooLarge => 2,
                });
                bytes.extend(body);
            }
            Content::Ask { to, number, body } => {
                bytes.extend([to.bits(), *number].map(u64::to_be_bytes).as_flattened());
                bytes.extend(body);
            }
            Content::Gone | Content::Lapse => {}
            Content::Here(presence) => {
                bytes.extend(presence.up_for_ms.to_be_bytes());
                bytes.push(u8::from(presence.is_new));
                push_text(&mut bytes, presence.name.as_ref().map_or("", NodeName::as_str));
                bytes.extend(&presence.facts);
            }
            Content::Hints(hints) => hints.iter().for_each(|hint| push_hint(&mut bytes, hint)),
            Content::Tell { to, number, body } => {
                let to = to.map_or(0, NodeId::bits);
                bytes.extend([to, *number].map(u64::to_be_bytes).as_flattened());
                bytes.extend(body);
            }
        }
        bytes
    }

    /// Reads a message.
    ///
    /// # Errors
    /// Says why it cannot be read. Never panics, whatever the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        if version != VERSION {
            return Err(Unreadable::UnknownVersion(version));
        }
        let kind = reader.byte()?;
        let from = NodeId::new(reader.number()?);
        let content = match kind {
            HINTS => Content::Hints(reader.hints()?),
            HERE => Content::Here(reader.presence()?),
            GONE => reader.end_with(Content::Gone)?,
            LAPSE => reader.end_with(Content::Lapse)?,
            TELL => {
                let to = reader.number()?;
                let to = (to != 0).then(|| NodeId::new(to));
                Content::Tell { to, number: reader.number()?, body: reader.rest() }
            }
            ASK => {
                let to = NodeId::new(reader.number()?);
                Content::Ask { to, number: reader.number()?, body: reader.rest() }
            }
            ANSWER => {
                let (to, number) = (NodeId::new(reader.number()?), reader.number()?);
                Content::Answer { to, number, verdict: reader.verdict()?, body: reader.rest() }
            }
            unknown => return Err(Unreadable::UnknownKind(unknown)),
        };
        Ok(Self { from, content })
    }
}

impl Content {
    fn kind(&self) -> u8 {
        match self {
            Self::Answer { .. } => ANSWER,
            Self::Ask { .. } => ASK,
            Self::Gone => GONE,
            Self::Here(_) => HERE,
            Self::Hints(_) => HINTS,
            Self::Lapse => LAPSE,
            Self::Tell { .. } => TELL,
        }
    }
}

/// Who sends the message, if the bytes begin as one does.
#[must_use]
pub fn sender(bytes: &[u8]) -> Option<NodeId> {
    let (from, _) = bytes.strip_prefix(&[VERSION])?.get(1..)?.split_first_chunk()?;
    Some(NodeId::new(u64::from_be_bytes(*from)))
}

/// Hints in as few messages as fit, each of at most `limit` bytes, which must hold one hint (64 bytes do); and how many are in each.
#[must_use]
pub fn encode_hints<'a>(
    from: NodeId,
    hints: impl IntoIterator<Item = &'a Hint>,
    limit: usize,
) -> Vec<(Vec<u8>, usize)> {
    let empty = || (Message { from, content: Content::Hints(Vec::new()) }.encode(), 0);
    let mut messages: Vec<(Vec<u8>, usize)> = Vec::new();
    for hint in hints {
        let len = 4 + 8 + 1 + hint.account.user.as_str().len();
        if messages.last().is_none_or(|(bytes, _)| bytes.len() + len > limit) {
            messages.push(empty());
        }
        let (bytes, count) = messages.last_mut().expect("there is one, at least the new one");
        push_hint(bytes, hint);
        *count += 1;
    }
    messages
}

fn push_hint(bytes: &mut Vec<u8>, hint: &Hint) {
    let Account { app, user } = &hint.account;
    bytes.extend(app.0.to_be_bytes());
    bytes.extend(hint.head.0.to_be_bytes());
    push_text(bytes, user.as_str());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(u8::try_from(text.len()).expect("names have at most 64 bytes"));
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests;
