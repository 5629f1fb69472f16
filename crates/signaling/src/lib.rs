//! The frames that clients and the gateway exchange, version 1 (`offhook.v1`). docs/protocol.md is their specification.
//!
//! One frame is one JSON object in one WebSocket text message: an envelope with a `type`, and a `body` of that type's
//! shape. This crate is the home of serialization; it decides nothing and knows no socket. Enumerations keep values they
//! do not know, so that an older client survives a newer server.
#![no_std]

extern crate alloc;

mod catalog;
mod close_code;
mod code;
mod envelope;
mod event;
mod frame;
mod problem;
mod push;
mod push_resource;
mod reply;
mod request;
mod room;
#[cfg(feature = "schema")]
mod schema;
mod session;
mod tagged;
#[cfg(feature = "schema")]
mod typescript;
mod view;
mod words;

pub use catalog::{Catalog, catalog};
pub use close_code::CloseCode;
pub use code::Code;
pub use envelope::{FrameError, MAX_DEPTH, MAX_FRAME_BYTES, MAX_SERVER_FRAME_BYTES, RequestId};
pub use event::{Event, EventBody, Happening};
pub use frame::{ClientFrame, ServerFrame};
pub use problem::Problem;
pub use push::{ApnsEnvironment, AskPushKey, DeviceAddress, PushConfig, PushKey, RegisterDevice, VoipConfig};
pub use push_resource::{
    ApnsCertificate, ApnsKey, ApnsResource, ApnsStop, FcmResource, PushLedger, PushResource,
    PushResourceView, PushResources, PushTexts, PushView, WebResource, WebhookResource,
};
pub use reply::{CallReply, Calls, Invited, LeftOut, Renewed, Reply, Users};
pub use request::{
    Accept, Acknowledge, Add, Cancel, End, Ignore, Invite, Join, ListCalls, QueryUsers, Quit, ReadCall,
    Reject, RenewToken, Request, UpdateUser,
};
pub use room::{
    AddCandidate, AnswerMedia, AskRoomToken, Hidden, IceServer, JoinRoom, LayersChanged, LeaveRoom, Levels,
    MAX_SDP_BYTES, MediaAnswer, MemberLevel, MemberQuality, MemberUsage, MemberView, MembersChanged,
    OfferMedia, OfferedStream, OfferedTrack, Quality, ReadRoom, RemoveMember, RemovedMember, RoomEvent,
    RoomLeft, RoomMessage, RoomReset, RoomToken, RoomView, SendMessage, SentTrack, ServerOffer, StreamView,
    StreamsChanged, Subscribe, TrackLayer, TrackMute, TrackView, TrackWish, UpdateStream, UsageView,
};
#[cfg(feature = "schema")]
pub use schema::{schema_document, schema_text};
pub use session::{Closing, Heartbeat, Hello, Limits, Resume, Snapshot, TokenWillExpire, Welcome};
#[cfg(feature = "schema")]
pub use typescript::typescript;
pub use view::{CallView, EndView, LegView, UserView};
pub use words::{
    CallMode, CallStatus, Delivery, EndCause, HandleKind, Layer, LeaveCause, LeftOutCause, LegStatus,
    MAX_WORD_BYTES, MediaKind, MessageKind, Platform, Presence, RejectCause, RoomRole, TrackSource,
};

/// The WebSocket subprotocol of these frames.
pub const SUBPROTOCOL: &str = "offhook.v1";
