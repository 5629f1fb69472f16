//! Frames of clients and the server within messages between nodes: written and read as on a session.
use offhook_signaling::{ClientFrame, Reply, Request, RequestId, RoomEvent, ServerFrame};
use serde::{Deserialize, Deserializer, Serialize as _, Serializer, de, ser};
use serde_json::value::RawValue;

/// Nobody waits for it under this number.
const ID: RequestId = RequestId(0);

fn write<S: Serializer>(text: String, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(text).map_err(ser::Error::custom)?.serialize(serializer)
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<RawValue>, D::Error> {
    Box::<RawValue>::deserialize(deserializer)
}

/// What a client asks for.
pub(super) mod request {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        request: &Request,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        write(ClientFrame::Request(ID, request.clone()).to_text(), serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Request, D::Error> {
        match ClientFrame::parse(read(deserializer)?.get()).map_err(de::Error::custom)? {
            ClientFrame::Request(_, request) => Ok(request),
            ClientFrame::Heartbeat(_) | ClientFrame::Hello(_) => Err(de::Error::custom("no request")),
        }
    }
}

/// What the server answers.
pub(super) mod reply {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        reply: &Reply,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        write(ServerFrame::Reply(ID, reply.clone()).to_text(), serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Box<Reply>, D::Error> {
        match ServerFrame::parse(read(deserializer)?.get()).map_err(de::Error::custom)? {
            ServerFrame::Reply(_, reply) => Ok(Box::new(reply)),
            ServerFrame::Closing(_)
            | ServerFrame::Event(_)
            | ServerFrame::Heartbeat(_)
            | ServerFrame::Problem(..)
            | ServerFrame::Room(_)
            | ServerFrame::TokenWillExpire(_)
            | ServerFrame::Welcome(_) => Err(de::Error::custom("no reply")),
        }
    }
}

/// What happened in a room.
pub(super) mod event {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        event: &RoomEvent,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        write(ServerFrame::Room(event.clone()).to_text(), serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<RoomEvent, D::Error> {
        match ServerFrame::parse(read(deserializer)?.get()).map_err(de::Error::custom)? {
            ServerFrame::Room(event) => Ok(event),
            ServerFrame::Closing(_)
            | ServerFrame::Event(_)
            | ServerFrame::Heartbeat(_)
            | ServerFrame::Problem(..)
            | ServerFrame::Reply(..)
            | ServerFrame::TokenWillExpire(_)
            | ServerFrame::Welcome(_) => Err(de::Error::custom("no event of a room")),
        }
    }
}
