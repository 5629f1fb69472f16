//! The one table of REST operations, from which both the routes and the OpenAPI document are made.
use offhook_signaling::{
    CallReply, Calls, Invited, PushLedger, PushResource, PushResources, QueryUsers, RegisterDevice,
    RoomToken, UpdateUser, UserView, Users,
};
use offhook_types::UserId;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

use super::body::{
    AcceptCall, AcceptInvitation, CancelCall, EndCall, MintRoomToken, PlaceCall, RejectCall,
    RejectInvitation, RoomState,
};

/// What a back end can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    AcceptCall,
    AcceptInvitation,
    CancelCall,
    CloseRoom,
    EndCall,
    Health,
    ListCalls,
    ListPushResources,
    MintRoomToken,
    OpenApi,
    PlaceCall,
    PutDevice,
    PutPushResource,
    PutUser,
    QueryUsers,
    ReadCall,
    ReadInvitation,
    ReadPushes,
    ReadRoom,
    ReadUser,
    Ready,
    RejectCall,
    RejectInvitation,
    RemoveDevice,
    RemoveMember,
    RemovePushResource,
    RingInvitation,
}

/// What the document says of an operation.
pub(crate) struct Description {
    /// The form of the request's body, if it has one.
    pub(crate) body: Option<SchemaOf>,
    /// Whether the credential of a push opens it, instead of a back end's token.
    pub(crate) by_credential: bool,
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// Beside those in the path.
    pub(crate) parameters: &'static [Parameter],
    /// Statuses of failure beside those that every operation of its kind has.
    pub(crate) problems: &'static [u16],
    /// The status of success and the form of its body.
    pub(crate) reply: (u16, SchemaOf),
    /// The word that a limited token must have in its scope; `None` for what needs no token.
    pub(crate) scope: Option<&'static str>,
    pub(crate) summary: &'static str,
}

pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// A parameter in the query or a header.
pub(crate) struct Parameter {
    pub(crate) description: &'static str,
    pub(crate) name: &'static str,
    pub(crate) place: &'static str,
    pub(crate) required: bool,
    /// Its JSON Schema.
    pub(crate) schema: fn() -> Value,
}

/// The answer of the probes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Status {
    /// Always `ok`.
    pub(crate) status: &'static str,
}

/// A UUID of version 7, as [`offhook_types::CallId`] reads it.
const CALL_ID: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

const IDEMPOTENCY_KEY: Parameter = Parameter {
    description: "The same for every retry, so that a retry places no second call; 1 to 64 graphic ASCII characters.",
    name: "Idempotency-Key",
    place: "header",
    required: false,
    schema: || json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$" }),
};
const USER: Parameter = Parameter {
    description: "As whom the call is read.",
    name: "user",
    place: "query",
    required: true,
    schema: || UserId::json_schema(&mut SchemaGenerator::default()).to_value(),
};
const CURSOR: Parameter = Parameter {
    description: "Where the last page ended; absent for the newest.",
    name: "cursor",
    place: "query",
    required: false,
    schema: || json!({ "type": "string", "pattern": CALL_ID }),
};
const LIMIT: Parameter = Parameter {
    description: "How many; 1 to 100. Default 20.",
    name: "limit",
    place: "query",
    required: false,
    schema: || json!({ "type": "integer", "minimum": 1, "maximum": 100 }),
};

impl Operation {
    pub(crate) const ALL: &[Self] = &[
        Self::AcceptCall,
        Self::AcceptInvitation,
        Self::CancelCall,
        Self::CloseRoom,
        Self::EndCall,
        Self::Health,
        Self::ListCalls,
        Self::ListPushResources,
        Self::MintRoomToken,
        Self::OpenApi,
        Self::PlaceCall,
        Self::PutDevice,
        Self::PutPushResource,
        Self::PutUser,
        Self::QueryUsers,
        Self::ReadCall,
        Self::ReadInvitation,
        Self::ReadPushes,
        Self::ReadRoom,
        Self::ReadUser,
        Self::Ready,
        Self::RejectCall,
        Self::RejectInvitation,
        Self::RemoveDevice,
        Self::RemoveMember,
        Self::RemovePushResource,
        Self::RingInvitation,
    ];

    pub(crate) fn describe(self) -> Description {
        match self {
            Self::AcceptCall => act("acceptCall", "/v1/calls/{id}/accept", schema::<AcceptCall>)
                .saying("Answers a call in a user's name."),
            Self::CancelCall => act("cancelCall", "/v1/calls/{id}/cancel", schema::<CancelCall>)
                .saying("Takes invitations back in a user's name."),
            Self::EndCall => act("endCall", "/v1/calls/{id}/end", schema::<EndCall>)
                .saying("Ends a call of the advanced mode for all, in a user's name."),
            Self::RejectCall => act("rejectCall", "/v1/calls/{id}/reject", schema::<RejectCall>)
                .saying("Declines a call in a user's name."),
            Self::Health => probe("health", "/v1/health", schema::<Status>)
                .saying("Tells that the process lives. Says nothing about what it depends on."),
            Self::OpenApi => {
                probe("openApi", "/v1/openapi.json", schema::<serde_json::Value>).saying("This document.")
            }
            Self::Ready => Description { problems: &[503], ..probe("ready", "/v1/ready", schema::<Status>) }
                .saying("Tells whether requests can be carried out at present."),
            Self::PlaceCall => Description {
                body: Some(schema::<PlaceCall>),
                method: "post",
                parameters: &[IDEMPOTENCY_KEY],
                problems: &[409, 413, 415, 422],
                reply: (201, schema::<Invited>),
                ..read("placeCall", "/v1/calls", schema::<Invited>)
            }
            .saying("Places a call in a user's name."),
            Self::ReadCall => Description {
                parameters: &[USER],
                problems: &[404],
                ..read("readCall", "/v1/calls/{id}", schema::<CallReply>)
            }
            .saying("Reads a call as one of its parties sees it."),
            Self::ListCalls => Description {
                parameters: &[CURSOR, LIMIT],
                problems: &[404],
                ..read("listCalls", "/v1/users/{id}/calls", schema::<Calls>)
            }
            .saying("Lists a user's calls, newest first."),
            Self::PutUser => Description {
                body: Some(schema::<UpdateUser>),
                method: "put",
                problems: &[404, 413, 415],
                scope: Some("users"),
                ..read("putUser", "/v1/users/{id}", schema::<UserView>)
            }
            .saying("Registers a user, or changes the profile; what is absent stays."),
            Self::QueryUsers => Description {
                body: Some(schema::<QueryUsers>),
                method: "post",
                problems: &[404, 413, 415],
                scope: Some("users"),
                ..read("queryUsers", "/v1/users/query", schema::<Users>)
            }
            .saying("Asks about several users."),
            Self::ReadUser => Description {
                problems: &[404],
                scope: Some("users"),
                ..read("readUser", "/v1/users/{id}", schema::<UserView>)
            }
            .saying("Reads a user's profile."),
            Self::CloseRoom => {
                Description { method: "delete", ..room("closeRoom", "/v1/rooms/{room}", schema::<Status>) }
                    .saying("Ends a room for everybody in it.")
            }
            Self::MintRoomToken => Description {
                body: Some(schema::<MintRoomToken>),
                method: "post",
                problems: &[404, 409, 413, 415, 501],
                ..room("mintRoomToken", "/v1/rooms/{room}/tokens", schema::<RoomToken>)
            }
            .saying("Makes the token with which a device of a user enters a room."),
            Self::ReadRoom => room("readRoom", "/v1/rooms/{room}", schema::<RoomState>)
                .saying("Reads who is in a room and what is published there."),
            Self::AcceptInvitation => answer("acceptInvitation", "/v1/invitations/{id}/accept")
                .with_body(schema::<AcceptInvitation>)
                .saying("Answers the ring that a push told of."),
            Self::ReadInvitation => {
                Description { method: "get", ..answer("readInvitation", "/v1/invitations/{id}") }
                    .saying("Reads the call that a push told of.")
            }
            Self::RejectInvitation => answer("rejectInvitation", "/v1/invitations/{id}/reject")
                .with_body(schema::<RejectInvitation>)
                .saying("Declines the ring that a push told of."),
            Self::RingInvitation => answer("ringInvitation", "/v1/invitations/{id}/ringing")
                .saying("Tells that the device of a push rings."),
            Self::PutDevice => Description {
                body: Some(schema::<RegisterDevice>),
                method: "put",
                problems: &[404, 413, 415, 422],
                scope: Some("users"),
                ..read("putDevice", "/v1/users/{id}/devices/{device}", schema::<Status>)
            }
            .saying("Registers where a user's device is woken, in place of what was known of it."),
            Self::RemoveDevice => Description {
                method: "delete",
                problems: &[404, 422],
                scope: Some("users"),
                ..read("removeDevice", "/v1/users/{id}/devices/{device}", schema::<Status>)
            }
            .saying("Forgets where a user's device is woken."),
            Self::ListPushResources => Description {
                problems: &[404],
                scope: Some("pushes"),
                ..read("listPushResources", "/v1/push-resources", schema::<PushResources>)
            }
            .saying("Lists the app's push resources, without their credentials."),
            Self::PutPushResource => Description {
                body: Some(schema::<PushResource>),
                method: "put",
                problems: &[404, 413, 415, 422],
                scope: Some("pushes"),
                ..read("putPushResource", "/v1/push-resources/{name}", schema::<Status>)
            }
            .saying("Keeps a push resource, in place of the one of that name."),
            Self::RemovePushResource => Description {
                method: "delete",
                problems: &[404, 422],
                scope: Some("pushes"),
                ..read("removePushResource", "/v1/push-resources/{name}", schema::<Status>)
            }
            .saying("Forgets a push resource."),
            Self::ReadPushes => Description {
                parameters: &[USER],
                problems: &[404],
                ..read("readPushes", "/v1/calls/{id}/pushes", schema::<PushLedger>)
            }
            .saying("Tells what was sent to which device in a call, and what the vendors said."),
            Self::RemoveMember => Description {
                method: "delete",
                ..room("removeMember", "/v1/rooms/{room}/members/{user}", schema::<Status>)
            }
            .saying("Removes a user from a room; they get no token for it again."),
        }
    }
}

impl Description {
    fn with_body(self, body: SchemaOf) -> Self {
        Self { body: Some(body), ..self }
    }

    fn saying(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// An action on a call.
fn act(id: &'static str, path: &'static str, body: SchemaOf) -> Description {
    let problems = &[403, 404, 409, 413, 415, 422];
    Description { body: Some(body), method: "post", problems, ..read(id, path, schema::<CallReply>) }
}

/// Something to look at.
fn read(id: &'static str, path: &'static str, reply: SchemaOf) -> Description {
    Description {
        body: None,
        by_credential: false,
        id,
        method: "get",
        path,
        parameters: &[],
        problems: &[],
        reply: (200, reply),
        scope: Some("calls"),
        summary: "",
    }
}

/// An answer to a ring, by the credential of its push.
fn answer(id: &'static str, path: &'static str) -> Description {
    Description {
        by_credential: true,
        method: "post",
        problems: &[404, 409, 413, 415],
        scope: None,
        ..read(id, path, schema::<CallReply>)
    }
}

/// Something about a room.
fn room(id: &'static str, path: &'static str, reply: SchemaOf) -> Description {
    Description { problems: &[404, 501], scope: Some("rooms"), ..read(id, path, reply) }
}

/// Something to look at without a token.
fn probe(id: &'static str, path: &'static str, reply: SchemaOf) -> Description {
    Description { scope: None, ..read(id, path, reply) }
}
