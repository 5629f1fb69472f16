//! What devices ask of a room, and who they are.
use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};

/// A room of one app.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey {
    /// The tenant.
    pub app: AppId,
    /// The room.
    pub room: RoomId,
}

/// A device that is, or wants to be, in a room. A user is in a room with one device at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The device.
    pub device: DeviceId,
    /// The room.
    pub room: RoomKey,
    /// The user.
    pub user: UserId,
}

/// What somebody may do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What a member may, and remove others.
    Host,
    /// Publish, receive, send messages.
    Member,
    /// Receive only.
    Viewer,
}

/// Where a track comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Picture of a camera.
    Camera,
    /// Sound of a microphone.
    Microphone,
    /// Picture of a screen or window.
    Screen,
    /// Sound that goes with a screen.
    ScreenAudio,
}

impl Source {
    /// Whether it is a picture.
    #[must_use]
    pub fn is_video(self) -> bool {
        match self {
            Self::Camera | Self::Screen => true,
            Self::Microphone | Self::ScreenAudio => false,
        }
    }
}

/// A device wants to enter a room, or to renew its stay there.
#[derive(Clone, Debug)]
pub struct Join {
    /// Who, and where.
    pub address: Address,
    /// How many may be in the room; what the first one says counts. 0 for the limit of [`Limits::max_members`](crate::Limits::max_members).
    pub max_members: u32,
    /// The user's display name.
    pub name: Opaque,
    /// What they may do.
    pub role: Role,
    /// Whether to receive every track unasked.
    pub subscribe_all: bool,
}

/// What a device in a room asks.
#[derive(Clone, Debug)]
pub enum Command {
    /// An ICE candidate of the device; empty for "no more".
    AddCandidate(String),
    /// Answers an offer of ours.
    Answer {
        /// The offer's number.
        negotiation: u32,
        /// The description.
        sdp: String,
    },
    /// Leaves.
    Leave,
    /// The device's own description: what it publishes, whole.
    Offer {
        /// The description.
        sdp: String,
        /// What it publishes; a stream that is not named is no longer published.
        streams: Vec<OfferedStream>,
    },
    /// Reads the room. A pending offer of ours is made again, under a new number.
    Read,
    /// Removes a user; hosts only. The user may not come back.
    Remove(UserId),
    /// A message to others.
    Send {
        /// The text.
        data: Opaque,
        /// What it is for.
        kind: MessageKind,
        /// To whom; empty for everyone else.
        to: Vec<UserId>,
    },
    /// What the device wants to receive. What is not named stays.
    Subscribe(Vec<Wish>),
    /// Changes what the others are told of an own stream.
    UpdateStream {
        /// The new extra info, if it changes.
        extra_info: Option<Opaque>,
        /// Which tracks fall silent (`true`) or speak again.
        muted: Vec<(Source, bool)>,
        /// The stream.
        stream: StreamId,
    },
}

/// A stream in a device's offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedStream {
    /// Shown to the others.
    pub extra_info: Opaque,
    /// Its name, unique in the room.
    pub stream: StreamId,
    /// Its tracks.
    pub tracks: Vec<OfferedTrack>,
}

/// A track in a device's offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedTrack {
    /// The `a=mid` of its media section.
    pub mid: String,
    /// Whether it begins silent.
    pub muted: bool,
    /// Where it comes from.
    pub source: Source,
}

/// What a device wants of one track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The height at which it is shown, in pixels; 0 for as large as there is.
    pub height: u32,
    /// The track.
    pub source: Source,
    /// Its stream.
    pub stream: StreamId,
    /// Whether to receive it at all.
    pub wanted: bool,
    /// The width at which it is shown, in pixels; 0 for as large as there is.
    pub width: u32,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// For people.
    Broadcast,
    /// For apps.
    Command,
}
