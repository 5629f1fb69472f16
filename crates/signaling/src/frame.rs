//! The frames of either side, read from and written to text.
use alloc::string::String;

use crate::{
    Closing, Event, EventBody, FrameError, Heartbeat, Hello, Problem, Reply, Request, RequestId, RoomEvent,
    TokenWillExpire, Welcome,
    envelope::{Envelope, Head, write},
    session::ClientHeartbeat,
};

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
    /// `room.…`: something happened in a room that this device is in. It stands in no log.
    Room(RoomEvent),
    /// `token_will_expire`: renew it.
    TokenWillExpire(TokenWillExpire),
    /// `welcome`: the answer to hello.
    Welcome(Welcome),
}

impl ClientFrame {
    /// Reads a frame of a client.
    ///
    /// # Errors
    /// [`FrameError`]; those with an id can be answered on an open session.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        let envelope = Envelope::from_client(text)?;
        match envelope.type_name() {
            "heartbeat" => return Ok(Self::Heartbeat(envelope.body::<ClientHeartbeat>()?.into())),
            "hello" => return Ok(Self::Hello(envelope.body()?)),
            _ => {}
        }
        let request = Request::read(&envelope)?.ok_or_else(|| envelope.unknown())?;
        let id = envelope
            .id()
            .ok_or_else(|| FrameError::Body { id: None, reason: "missing field `id`".into() })?;
        Ok(Self::Request(id, request))
    }

    /// Writes the frame.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Heartbeat(body) => write("heartbeat", &Head::default(), Some(body)),
            Self::Hello(body) => write("hello", &Head::default(), Some(body)),
            Self::Request(id, request) => request.write(&Head { id: Some(*id), ..Head::default() }),
        }
    }
}

impl ServerFrame {
    /// Reads a frame of the server.
    ///
    /// # Errors
    /// [`FrameError`]; a client passes over an unknown type.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        let envelope = Envelope::from_server(text)?;
        match envelope.type_name() {
            "closing" => return Ok(Self::Closing(envelope.body()?)),
            "heartbeat" => return Ok(Self::Heartbeat(envelope.body()?)),
            "problem" => return Ok(Self::Problem(envelope.id(), envelope.body()?)),
            "token_will_expire" => return Ok(Self::TokenWillExpire(envelope.body()?)),
            "welcome" => return Ok(Self::Welcome(envelope.body()?)),
            _ => {}
        }
        if let Some(body) = EventBody::read(&envelope)? {
            let (after, offset) = envelope.place()?;
            return Ok(Self::Event(Event { after, body, offset }));
        }
        if let Some(event) = RoomEvent::read(&envelope)? {
            return Ok(Self::Room(event));
        }
        let reply = Reply::read(&envelope)?.ok_or_else(|| envelope.unknown())?;
        Ok(Self::Reply(envelope.id().ok_or(FrameError::Envelope)?, reply))
    }

    /// Writes the frame.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Closing(body) => write("closing", &Head::default(), Some(body)),
            Self::Event(Event { after, body, offset }) => {
                let follows = after.0.checked_add(1) == Some(offset.0);
                body.write(&Head { after: (!follows).then_some(*after), offset: Some(*offset), id: None })
            }
            Self::Heartbeat(body) => write("heartbeat", &Head::default(), Some(body)),
            Self::Problem(id, body) => write("problem", &Head { id: *id, ..Head::default() }, Some(body)),
            Self::Reply(id, reply) => reply.write(&Head { id: Some(*id), ..Head::default() }),
            Self::Room(event) => event.write(&Head::default()),
            Self::TokenWillExpire(body) => write("token_will_expire", &Head::default(), Some(body)),
            Self::Welcome(body) => write("welcome", &Head::default(), Some(body)),
        }
    }
}
