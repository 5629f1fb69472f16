//! The frames that clients and the gateway exchange, version 1 (`offhook.v1`). docs/protocol.md is their specification.
//!
//! One frame is one JSON object in one WebSocket text message: an envelope with a `type`, and a `body` of that type's
//! shape. This crate is the home of serialization; it decides nothing and knows no socket. Enumerations keep values they
//! do not know, so that an older client survives a newer server.
#![no_std]

extern crate alloc;

mod catalog;
mod code;
mod envelope;
mod event;
mod problem;
mod reply;
mod request;
mod session;
mod view;
mod words;

pub use catalog::{Catalog, catalog};
pub use code::{CloseCode, Code};
pub use envelope::{ClientFrame, FrameError, MAX_DEPTH, MAX_FRAME_BYTES, RequestId, ServerFrame};
pub use event::{Event, EventBody, Happening};
pub use problem::Problem;
pub use reply::{CallReply, Calls, Invited, LeftOut, Renewed, Reply, Users};
pub use request::{
    Accept, Acknowledge, Add, Cancel, End, Ignore, Invite, Join, ListCalls, QueryUsers, Quit, ReadCall, Reject,
    RenewToken, Request, UpdateUser,
};
pub use session::{Closing, Heartbeat, Hello, Limits, Resume, Snapshot, TokenWillExpire, Welcome};
pub use view::{CallView, EndView, LegView, UserView};
pub use words::{CallMode, CallStatus, EndCause, LegStatus, LeftOutCause, MediaKind, Platform, RejectCause};

/// The WebSocket subprotocol of these frames.
pub const SUBPROTOCOL: &str = "offhook.v1";
