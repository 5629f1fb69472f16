//! JSON Schema of the vocabulary, for the generated types of other languages.
use alloc::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    AppId, CallId, CallSeq, DeviceId, Epoch, IdempotencyKey, Offset, Opaque, RoomId, StreamId, Timestamp,
    UserId,
};

macro_rules! schema {
    ($name:ident, $($schema:tt)*) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ $($schema)* })
            }
        }
    };
}

schema!(AppId, "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32, "description": "The app.");
schema!(CallId, "type": "string", "format": "uuid", "description": "The id of a call: a UUIDv7.");
schema!(CallSeq, "type": "integer", "minimum": 0, "description": "The version of a call, from 1.");
schema!(DeviceId, "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$", "description": "One installation of an app.");
schema!(Epoch, "type": "integer", "minimum": 0, "description": "One life of the event logs.");
schema!(IdempotencyKey, "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$", "description": "The same for every retry.");
schema!(Offset, "type": "integer", "minimum": 0, "description": "A place in the user's event log; the first event is 1.");
schema!(Opaque, "type": "string", "description": "A text of the app's own making; never looked into.");
schema!(RoomId, "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$", "description": "A media room; a call's room bears the call's id.");
schema!(StreamId, "type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[A-Za-z0-9_-]+$", "description": "What a participant publishes together.");
schema!(Timestamp, "type": "integer", "minimum": 0, "description": "Milliseconds since the UNIX epoch, server clock.");
schema!(UserId, "type": "string", "minLength": 1, "maxLength": 32, "pattern": r"^[A-Za-z0-9!#$%&()+\-:;<=.>?@\[\]^_{}|~]+$", "description": "A user of the app.");
