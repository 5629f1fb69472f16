//! Taking part in rooms without a screen: publishes clips, and hands over what arrives, encoded as it came.

mod clip;
mod ivf;
mod ogg;
mod options;
mod opus;
mod player;
mod publication;
mod recorder;
mod room;
mod task;
mod update;
mod webm;

pub use clip::{Clip, ClipError};
pub use options::{JoinError, RoomOptions};
pub use publication::{Publication, PublishedTrack};
pub use recorder::{RecordError, Recorder};
pub use room::{Room, RoomEvents};
pub use update::{
    Departure, MediaState, PublishedStatistics, ReceivedStatistics, RoomFrame, RoomStatistics, RoomUpdate,
};

pub use offhook_sfu::endpoint::{Codec, ReceivedFrame, Reception, Traffic};
