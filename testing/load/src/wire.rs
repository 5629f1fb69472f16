//! The frames, as cheap as they can be: requests are written once with gaps, and of what the server sends only the
//! head and the call are looked at. Relies on how `signaling` writes frames; the tests hold both together.
use offhook_signaling::{
    Accept, Acknowledge, CallMode, ClientFrame, End, Invite, MediaKind, Request, RequestId, ServerFrame,
};
use offhook_types::{CallId, Opaque, Timestamp, UserId};

use crate::failure::Failure;

/// How long a call rings, in seconds: longer than any that is worth waiting for.
const RING_SECONDS: u32 = 60;

/// A request with gaps for its id and, if it has one, its call.
pub(crate) struct Template {
    head: String,
    middle: String,
    tail: String,
}

/// What the pairs of a run say, but for the invites.
pub(crate) struct Texts {
    pub(crate) accept: Template,
    pub(crate) acknowledge: Template,
    pub(crate) end: Template,
}

impl Texts {
    pub(crate) fn new() -> Self {
        let (call, data) = (gap(), Opaque::default());
        Self {
            accept: Template::new(Request::Accept(Accept { call, data: data.clone() })),
            acknowledge: Template::new(Request::Acknowledge(Acknowledge { call })),
            end: Template::new(Request::End(End { call, data, push: None })),
        }
    }
}

impl Template {
    /// An invite of the advanced mode to one user.
    pub(crate) fn invite(callee: UserId, data_bytes: usize) -> Self {
        let data: String = ('a'..='z').cycle().take(data_bytes).collect();
        Self::new(Request::Invite(Invite {
            delivery_updates: false,
            extended_data: Opaque::new(data),
            invitees: vec![callee],
            key: None,
            media: MediaKind::Video,
            mode: CallMode::Advanced,
            not_received_check: false,
            push: None,
            timeout_s: RING_SECONDS,
        }))
    }

    fn new(request: Request) -> Self {
        let text = ClientFrame::Request(RequestId(u64::MAX), request).to_text();
        let (head, rest) = text.split_once(&u64::MAX.to_string()).expect("a request bears its id");
        let (middle, tail) = rest.split_once(&gap().to_string()).unwrap_or((rest, ""));
        Self { head: head.to_owned(), middle: middle.to_owned(), tail: tail.to_owned() }
    }

    /// The request with this id; `call` is empty for an invite.
    pub(crate) fn fill(&self, id: u64, call: &str) -> String {
        let id = id.to_string();
        let texts = [&self.head, id.as_str(), &self.middle, call, &self.tail];
        texts.concat()
    }
}

/// An id that no call has, as a mark for where to write one.
fn gap() -> CallId {
    CallId::from_parts(Timestamp::from_millis(0), [0; 10])
}

/// What a frame of the server says, as far as it matters here. The calls are texts, to be sent back as they came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    /// Somebody's state in the call became accepted.
    Accepted { call: &'a str },
    /// The call was ended.
    Ended { call: &'a str },
    /// The receiver is invited.
    Invited { call: &'a str },
    /// Something that no step of a call waits for.
    Other,
    /// A request was carried out; `call` for invites.
    Reply { id: u64, call: Option<&'a str> },
}

impl<'a> Heard<'a> {
    /// Looks at a frame of the server.
    ///
    /// # Errors
    /// A problem and the announced end of the session are failures, as is a text that is no frame.
    pub(crate) fn read(text: &'a str) -> Result<Self, Failure> {
        let rest = text.strip_prefix(r#"{"type":""#).ok_or(Failure::Unreadable)?;
        let (kind, rest) = rest.split_once('"').ok_or(Failure::Unreadable)?;
        match kind {
            "call.changed" if rest.contains(r#""status":"accepted""#) => {
                Ok(Self::Accepted { call: of(rest)? })
            }
            "call.ended" => Ok(Self::Ended { call: of(rest)? }),
            "call.invited" => Ok(Self::Invited { call: of(rest)? }),
            "reply.invited" => Ok(Self::Reply { id: id(rest)?, call: Some(of(rest)?) }),
            "closing" | "problem" => Err(bad_news(text)),
            kind if kind.starts_with("reply.") => Ok(Self::Reply { id: id(rest)?, call: None }),
            _ => Ok(Self::Other),
        }
    }
}

/// The id of the call that a frame speaks of.
fn of(rest: &str) -> Result<&str, Failure> {
    let (_, rest) = rest.split_once(r#""call":""#).ok_or(Failure::Unreadable)?;
    Ok(rest.split_once('"').ok_or(Failure::Unreadable)?.0)
}

/// The id of the request that a frame answers; it stands right behind the type.
fn id(rest: &str) -> Result<u64, Failure> {
    let rest = rest.strip_prefix(r#","id":"#).ok_or(Failure::Unreadable)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().map_err(|_| Failure::Unreadable)
}

/// Reads a frame that ends a call's hopes; rare, so it may cost something.
fn bad_news(text: &str) -> Failure {
    match ServerFrame::parse(text) {
        Ok(ServerFrame::Closing(closing)) => Failure::Closing(closing.code),
        Ok(ServerFrame::Problem(_, problem)) => Failure::Problem(problem.code),
        Ok(
            ServerFrame::Event(_)
            | ServerFrame::Heartbeat(_)
            | ServerFrame::Reply(..)
            | ServerFrame::Room(_)
            | ServerFrame::TokenWillExpire(_)
            | ServerFrame::Welcome(_),
        )
        | Err(_) => Failure::Unreadable,
    }
}

#[cfg(test)]
mod tests;
