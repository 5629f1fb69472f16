//! The names of everything on the wire, so that docs/protocol.md can be held against them.
use alloc::vec::Vec;

use crate::{CloseCode, Code};

/// The names of everything on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// Types of client frames.
    pub requests: &'static [&'static str],
    /// Types of server frames.
    pub events: &'static [&'static str],
    /// Codes of problems, each with its ZIM code.
    pub codes: Vec<(&'static str, u32)>,
    /// Close codes, each with its word.
    pub close_codes: Vec<(u16, &'static str)>,
}

/// Lists the names of everything on the wire.
#[must_use]
pub fn catalog() -> Catalog {
    Catalog {
        requests: &[
            "call.accept",
            "call.acknowledge",
            "call.add",
            "call.cancel",
            "call.end",
            "call.ignore",
            "call.invite",
            "call.join",
            "call.list",
            "call.quit",
            "call.read",
            "call.reject",
            "device.push_key",
            "device.register",
            "device.unregister",
            "heartbeat",
            "hello",
            "room.answer",
            "room.candidate",
            "room.join",
            "room.leave",
            "room.offer",
            "room.read",
            "room.remove",
            "room.send",
            "room.subscribe",
            "room.token",
            "room.update_stream",
            "session.logout",
            "session.renew_token",
            "user.query",
            "user.update",
        ],
        events: &[
            "call.canceled",
            "call.changed",
            "call.created",
            "call.ended",
            "call.invited",
            "call.merged",
            "call.unanswered",
            "closing",
            "heartbeat",
            "problem",
            "reply.answer",
            "reply.call",
            "reply.calls",
            "reply.done",
            "reply.invited",
            "reply.push_key",
            "reply.room",
            "reply.room_token",
            "reply.token",
            "reply.users",
            "room.layers",
            "room.left",
            "room.levels",
            "room.members",
            "room.message",
            "room.offer",
            "room.quality",
            "room.reset",
            "room.streams",
            "token_will_expire",
            "welcome",
        ],
        codes: Code::KNOWN.iter().map(|code| (code.as_str(), code.zim_code())).collect(),
        close_codes: CloseCode::ALL.iter().map(|code| (code.number(), code.as_str())).collect(),
    }
}
