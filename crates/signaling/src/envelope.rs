//! What stands around a body: `type`, perhaps `id`, `offset` and `after`. Knows no type of frame.
use alloc::{
    borrow::Cow,
    format,
    string::{String, ToString},
};
use core::fmt;

use offhook_types::Offset;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// The largest frame of a client, in bytes. More lets one client hold more of the server's memory.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// The largest frame of the server, in bytes. A page of 100 calls of 10 parties, every text at its limit and escaped,
/// stays below; more would let a broken server hold more of a client's memory.
pub const MAX_SERVER_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// How deep the JSON of a frame may nest. Ours nests six deep.
pub const MAX_DEPTH: usize = 16;

/// How much of the parser's sentence goes into a [`FrameError`], in bytes: field names may be as long as a frame.
const MAX_REASON_BYTES: usize = 256;

/// Chosen by the client; its reply bears the same. Unique among the requests that wait for a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// Why a text is not a frame. Says nothing of the text's values, which may be secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The envelope is fine, the body breaks the form of its type.
    Body {
        /// The request's id, so that it can be answered.
        id: Option<RequestId>,
        /// What the parser says, free of the body's values.
        reason: String,
    },
    /// Not an envelope: not JSON, not an object, fields missing, unknown or of the wrong kind, or nested too deep.
    Envelope,
    /// Larger than [`MAX_FRAME_BYTES`], or from a server, [`MAX_SERVER_FRAME_BYTES`].
    TooLarge,
    /// No such type.
    UnknownType {
        /// The request's id, so that it can be answered.
        id: Option<RequestId>,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body { reason, .. } => write!(f, "the frame's body has not the form of its type: {reason}"),
            Self::Envelope => {
                write!(f, "a frame is a JSON object with a type and a body, nested at most {MAX_DEPTH} deep")
            }
            Self::TooLarge => write!(f, "a client's frame has at most {MAX_FRAME_BYTES} bytes"),
            Self::UnknownType { .. } => f.write_str("no frame of this type is known"),
        }
    }
}

impl core::error::Error for FrameError {}

/// Who wrote a frame. A client's must say nothing that this version does not know, so that a misspelled field is not
/// silently lost; a server's may, so that an older client survives a newer server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    Client,
    Server,
}

/// A frame whose body has not been read yet.
pub(crate) struct Envelope<'a> {
    after: Option<Offset>,
    author: Author,
    body: Option<&'a RawValue>,
    id: Option<RequestId>,
    offset: Option<Offset>,
    r#type: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FromClient<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    id: Option<RequestId>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct FromServer<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    id: Option<RequestId>,
    #[serde(default)]
    offset: Option<Offset>,
    #[serde(default)]
    after: Option<Offset>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// The body of a frame that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl<'a> Envelope<'a> {
    pub(crate) fn from_client(text: &'a str) -> Result<Self, FrameError> {
        check(text, MAX_FRAME_BYTES)?;
        let FromClient { r#type, id, body } = serde_json::from_str(text).map_err(|_| FrameError::Envelope)?;
        Ok(Self { after: None, author: Author::Client, body, id, offset: None, r#type })
    }

    pub(crate) fn from_server(text: &'a str) -> Result<Self, FrameError> {
        check(text, MAX_SERVER_FRAME_BYTES)?;
        let FromServer { r#type, id, offset, after, body } =
            serde_json::from_str(text).map_err(|_| FrameError::Envelope)?;
        Ok(Self { after, author: Author::Server, body, id, offset, r#type })
    }

    pub(crate) fn type_name(&self) -> &str {
        &self.r#type
    }

    pub(crate) fn id(&self) -> Option<RequestId> {
        self.id
    }

    /// The event's place in the log, and the one before it that was meant for this device.
    pub(crate) fn place(&self) -> Result<(Offset, Offset), FrameError> {
        let offset = self.offset.filter(|offset| offset.0 > 0).ok_or(FrameError::Envelope)?;
        let after = self.after.unwrap_or(Offset(offset.0 - 1));
        if after < offset { Ok((after, offset)) } else { Err(FrameError::Envelope) }
    }

    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, FrameError> {
        let text = self.body.map_or("{}", RawValue::get);
        if !is_object(text) {
            return Err(FrameError::Body { id: self.id, reason: "the body is not an object".into() });
        }
        serde_json::from_str(text).map_err(|error| FrameError::Body { id: self.id, reason: reason(&error) })
    }

    /// Checks that a body which means nothing says nothing.
    pub(crate) fn no_body(&self) -> Result<(), FrameError> {
        match self.author {
            Author::Client => self.body::<Nothing>().map(|Nothing {}| ()),
            Author::Server => Ok(()),
        }
    }

    pub(crate) fn unknown(&self) -> FrameError {
        FrameError::UnknownType { id: self.id }
    }
}

fn check(text: &str, max_bytes: usize) -> Result<(), FrameError> {
    if text.len() > max_bytes {
        return Err(FrameError::TooLarge);
    }
    if is_object(text) && !nests_too_deep(text) { Ok(()) } else { Err(FrameError::Envelope) }
}

/// The parser would also take an array of a structure's fields, in an order that nobody promises.
fn is_object(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}

/// What is wrong and where, without the values that the parser would quote. Names of fields are no values.
fn reason(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if !["missing field", "unknown field", "duplicate field"].iter().any(|start| text.starts_with(start)) {
        return format!("wrong value at line {} column {} of the body", error.line(), error.column());
    }
    text.truncate(text.floor_char_boundary(MAX_REASON_BYTES));
    text
}

/// Counts brackets outside strings, so that no recursion depends on a stranger's text.
fn nests_too_deep(text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if in_string {
            (escaped, in_string) = (!escaped && byte == b'\\', escaped || byte != b'"');
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// What an envelope holds beside type and body.
#[derive(Default)]
pub(crate) struct Head {
    pub(crate) after: Option<Offset>,
    pub(crate) id: Option<RequestId>,
    pub(crate) offset: Option<Offset>,
}

#[derive(Serialize)]
struct Written<'a, T> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<RequestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<Offset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Offset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a T>,
}

/// Writes a frame.
pub(crate) fn write<T: Serialize>(r#type: &'static str, head: &Head, body: Option<&T>) -> String {
    let Head { after, id, offset } = *head;
    serde_json::to_string(&Written { r#type, id, offset, after, body })
        .expect("frames hold text keys and finite numbers only")
}
