//! How a room is joined.
use std::{io, net::IpAddr};

use offhook_sfu::endpoint::EndpointError;
use offhook_signaling::Hidden;
use offhook_types::{CallId, RoomId};

use super::Publication;
use crate::Error;

/// How a room is joined. [`RoomOptions::new`] gives the defaults; the fields may be set afterwards.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RoomOptions {
    /// The address of this machine that media leaves from. Default: the one from which the server is reached.
    pub bind: Option<IpAddr>,
    /// How many may be in the room; 0 for the app's limit. What the first one says counts. Default 0.
    pub max_members: u32,
    /// What to publish from the beginning. Default nothing.
    pub publications: Vec<Publication>,
    /// The room.
    pub room: RoomId,
    /// Whether to receive every stream unasked. Default yes.
    pub subscribe_all: bool,
    /// A room token, as replies about calls bear it; `None` to ask for one.
    pub token: Option<Hidden>,
}

impl RoomOptions {
    /// The defaults.
    #[must_use]
    pub fn new(room: RoomId) -> Self {
        let publications = Vec::new();
        Self { bind: None, max_members: 0, publications, room, subscribe_all: true, token: None }
    }

    /// The defaults for the room of a call.
    #[must_use]
    pub fn of_call(call: CallId) -> Self {
        Self::new(call.into())
    }
}

/// Why a room could not be joined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The media library refused.
    #[error("media cannot be set up")]
    Endpoint(#[from] EndpointError),
    /// The server refused, or could not be reached.
    #[error(transparent)]
    Request(#[from] Error),
    /// No socket for media could be opened.
    #[error("no socket for media can be opened")]
    Socket(#[from] io::Error),
}
