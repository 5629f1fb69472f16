//! What happens in a room, as the app is told.
use std::sync::Arc;

use offhook_sfu::endpoint::{ReceivedFrame, Reception, Traffic};
use offhook_signaling::{LeaveCause, RoomEvent, RoomView, SentTrack, TrackSource};
use offhook_types::StreamId;

use crate::Error;

/// Something that happened in a room.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RoomUpdate {
    /// The server told something: of members, streams, messages, layers, loudness or quality.
    Event(Box<RoomEvent>),
    /// A frame arrived. Frames are dropped if the app is too slow to take them.
    Frame(RoomFrame),
    /// This device is out of the room. Nothing follows.
    Left(Departure),
    /// The media connection is in another state.
    Media(MediaState),
    /// A text arrived on the media connection.
    Message(String),
    /// The server refused what is published; it is not.
    Refused(Error),
    /// The room as it is: at the beginning, and again after something may have been missed.
    Room(Box<RoomView>),
}

/// A frame that arrived, and whose it is.
#[derive(Clone, Debug)]
pub struct RoomFrame {
    /// The frame.
    pub frame: ReceivedFrame,
    /// Whose.
    pub track: Arc<SentTrack>,
}

/// Where the media connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaState {
    /// Media flows, or can.
    Connected,
    /// Nothing is heard of the server; it may come back.
    Interrupted,
    /// It came back.
    Resumed,
}

/// Why this device is out of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// The client was closed, or its session stopped.
    ClientStopped,
    /// The media connection ended.
    MediaClosed,
    /// The server says so.
    Told(LeaveCause),
}

/// What went to and from a room since this device joined.
#[derive(Clone, Debug, Default)]
pub struct RoomStatistics {
    /// Frames that the app was too slow to take.
    pub dropped_frames: u64,
    /// What is published.
    pub published: Vec<PublishedStatistics>,
    /// What arrived.
    pub received: Vec<ReceivedStatistics>,
    /// Everything on the network.
    pub traffic: Traffic,
}

/// A track that is published.
#[derive(Clone, Debug)]
pub struct PublishedStatistics {
    /// How often the server asked for a keyframe.
    pub keyframe_requests: u64,
    /// Where it comes from.
    pub source: TrackSource,
    /// Its stream.
    pub stream: StreamId,
}

/// A track that arrives.
#[derive(Clone, Debug)]
pub struct ReceivedStatistics {
    /// What has arrived.
    pub reception: Reception,
    /// Whose; `None` for what is no longer sent.
    pub track: Option<Arc<SentTrack>>,
}
