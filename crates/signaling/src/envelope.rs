//! One frame: an envelope with a `type`, perhaps an `id` or an `offset`, and a `body`.
use alloc::{
    borrow::Cow,
    format,
    string::{String, ToString},
};
use core::fmt;

use offhook_types::Offset;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    Closing, Event, EventBody, Heartbeat, Hello, Problem, Reply, Request, TokenWillExpire, Welcome,
};

/// The largest frame, in bytes. More lets one client hold more of the server's memory.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// How deep the JSON of a frame may nest. Ours nests six deep.
pub const MAX_DEPTH: usize = 16;

/// Chosen by the client; its reply bears the same. Unique among the requests that wait for a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFrame {
    /// `heartbeat`: it lives.
    Heartbeat(Heartbeat),
    /// `hello`: who it is; the first frame.
    Hello(Hello),
    /// Any other type: what it asks for.
    Request(RequestId, Request),
}

/// What the server sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerFrame {
    /// `closing`: the session ends.
    Closing(Closing),
    /// `call.…`: something happened.
    Event(Event),
    /// `heartbeat`: it lives, and this is the newest event.
    Heartbeat(Heartbeat),
    /// `problem`: a request was not carried out. Without id, the request could not even be read.
    Problem(Option<RequestId>, Problem),
    /// `reply.…`: a request was carried out.
    Reply(RequestId, Reply),
    /// `token_will_expire`: renew it.
    TokenWillExpire(TokenWillExpire),
    /// `welcome`: the answer to hello.
    Welcome(Welcome),
}

/// Why a text is not a frame. Says nothing of the text itself, which may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The envelope is fine, the body breaks the form of its type.
    Body {
        /// The request's id, so that it can be answered.
        id: Option<RequestId>,
        /// What the parser says, free of the body's values.
        reason: String,
    },
    /// Not an envelope: not JSON, not an object, fields missing or of the wrong kind, or nested too deep.
    Envelope,
    /// Larger than [`MAX_FRAME_BYTES`].
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
            Self::Envelope => f.write_str("a frame is a JSON object with a type and a body, nested at most 16 deep"),
            Self::TooLarge => write!(f, "a frame has at most {MAX_FRAME_BYTES} bytes"),
            Self::UnknownType { .. } => f.write_str("no frame of this type is known"),
        }
    }
}

impl core::error::Error for FrameError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
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

impl<'a> Envelope<'a> {
    fn parse(text: &'a str) -> Result<Self, FrameError> {
        if text.len() > MAX_FRAME_BYTES {
            return Err(FrameError::TooLarge);
        }
        if nests_too_deep(text) {
            return Err(FrameError::Envelope);
        }
        serde_json::from_str(text).map_err(|_| FrameError::Envelope)
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, FrameError> {
        let text = self.body.map_or("{}", RawValue::get);
        serde_json::from_str(text).map_err(|error| FrameError::Body { id: self.id, reason: shape_of(&error) })
    }

    fn unknown(&self) -> FrameError {
        FrameError::UnknownType { id: self.id }
    }
}

/// What is wrong, without the values that the parser would quote.
fn shape_of(error: &serde_json::Error) -> String {
    let place = format!("line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let known = ["missing field", "unknown field", "duplicate field"];
    match known.iter().find(|word| text.starts_with(**word)) {
        Some(_) => text,
        None => format!("wrong value at {place} of the body"),
    }
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

impl ClientFrame {
    /// Reads a frame of a client.
    ///
    /// # Errors
    /// [`FrameError`]; those with an id can be answered on an open session.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        let envelope = Envelope::parse(text)?;
        let request = match envelope.r#type.as_ref() {
            "heartbeat" => return Ok(Self::Heartbeat(envelope.body()?)),
            "hello" => return Ok(Self::Hello(envelope.body()?)),
            "call.accept" => Request::Accept(envelope.body()?),
            "call.acknowledge" => Request::Acknowledge(envelope.body()?),
            "call.add" => Request::Add(envelope.body()?),
            "call.cancel" => Request::Cancel(envelope.body()?),
            "call.end" => Request::End(envelope.body()?),
            "call.ignore" => Request::Ignore(envelope.body()?),
            "call.invite" => Request::Invite(envelope.body()?),
            "call.join" => Request::Join(envelope.body()?),
            "call.list" => Request::ListCalls(envelope.body()?),
            "call.quit" => Request::Quit(envelope.body()?),
            "call.read" => Request::ReadCall(envelope.body()?),
            "call.reject" => Request::Reject(envelope.body()?),
            "session.logout" => Request::Logout,
            "session.renew_token" => Request::RenewToken(envelope.body()?),
            "user.query" => Request::QueryUsers(envelope.body()?),
            "user.update" => Request::UpdateUser(envelope.body()?),
            _ => return Err(envelope.unknown()),
        };
        let id = envelope.id.ok_or_else(|| FrameError::Body { id: None, reason: "missing field `id`".into() })?;
        Ok(Self::Request(id, request))
    }

    /// Writes the frame.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Heartbeat(body) => write(&Named { r#type: "heartbeat", body }),
            Self::Hello(body) => write(&Named { r#type: "hello", body }),
            Self::Request(id, request) => write(&Identified { id: Some(*id), rest: request }),
        }
    }
}

impl ServerFrame {
    /// Reads a frame of the server.
    ///
    /// # Errors
    /// [`FrameError`]; a client passes over an unknown type.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        let envelope = Envelope::parse(text)?;
        let frame = match envelope.r#type.as_ref() {
            "closing" => Self::Closing(envelope.body()?),
            "heartbeat" => Self::Heartbeat(envelope.body()?),
            "problem" => Self::Problem(envelope.id, envelope.body()?),
            "token_will_expire" => Self::TokenWillExpire(envelope.body()?),
            "welcome" => Self::Welcome(envelope.body()?),
            "call.canceled" => event(&envelope, EventBody::Canceled(envelope.body()?))?,
            "call.changed" => event(&envelope, EventBody::Changed(envelope.body()?))?,
            "call.created" => event(&envelope, EventBody::Created(envelope.body()?))?,
            "call.ended" => event(&envelope, EventBody::Ended(envelope.body()?))?,
            "call.invited" => event(&envelope, EventBody::Invited(envelope.body()?))?,
            "call.merged" => event(&envelope, EventBody::Merged(envelope.body()?))?,
            "call.unanswered" => event(&envelope, EventBody::Unanswered(envelope.body()?))?,
            "reply.call" => reply(&envelope, Reply::Call(envelope.body()?))?,
            "reply.calls" => reply(&envelope, Reply::Calls(envelope.body()?))?,
            "reply.done" => reply(&envelope, Reply::Done)?,
            "reply.invited" => reply(&envelope, Reply::Invited(envelope.body()?))?,
            "reply.token" => reply(&envelope, Reply::Renewed(envelope.body()?))?,
            "reply.users" => reply(&envelope, Reply::Users(envelope.body()?))?,
            _ => return Err(envelope.unknown()),
        };
        Ok(frame)
    }

    /// Writes the frame.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Closing(body) => write(&Named { r#type: "closing", body }),
            Self::Event(Event { after, body, offset }) => {
                let after = (after.next() != *offset).then_some(*after);
                write(&Numbered { offset: *offset, after, rest: body })
            }
            Self::Heartbeat(body) => write(&Named { r#type: "heartbeat", body }),
            Self::Problem(id, body) => write(&Identified { id: *id, rest: &Named { r#type: "problem", body } }),
            Self::Reply(id, reply) => write(&Identified { id: Some(*id), rest: reply }),
            Self::TokenWillExpire(body) => write(&Named { r#type: "token_will_expire", body }),
            Self::Welcome(body) => write(&Named { r#type: "welcome", body }),
        }
    }
}

fn event(envelope: &Envelope<'_>, body: EventBody) -> Result<ServerFrame, FrameError> {
    let offset = envelope.offset.filter(|offset| offset.0 > 0).ok_or(FrameError::Envelope)?;
    let after = envelope.after.unwrap_or(Offset(offset.0 - 1));
    Ok(ServerFrame::Event(Event { after, body, offset }))
}

fn reply(envelope: &Envelope<'_>, reply: Reply) -> Result<ServerFrame, FrameError> {
    Ok(ServerFrame::Reply(envelope.id.ok_or(FrameError::Envelope)?, reply))
}

#[derive(Serialize)]
struct Named<'a, T> {
    r#type: &'static str,
    body: &'a T,
}

#[derive(Serialize)]
struct Identified<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<RequestId>,
    #[serde(flatten)]
    rest: &'a T,
}

#[derive(Serialize)]
struct Numbered<'a, T> {
    offset: Offset,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Offset>,
    #[serde(flatten)]
    rest: &'a T,
}

fn write(frame: &impl Serialize) -> String {
    serde_json::to_string(frame).expect("frames hold text keys and finite numbers only")
}
