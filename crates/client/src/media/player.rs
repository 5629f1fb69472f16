//! Plays clips into an endpoint, over and over, in time.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use offhook_sfu::endpoint::{Codec, Endpoint, Frame, TrackNo};

use super::{
    clip::{Clip, duration},
    opus,
};

/// How far behind its time a player may be before it leaves frames out, so that a process that stood still does not send
/// all of it at once.
const MAX_LATE: Duration = Duration::from_millis(500);

/// How loud sound is said to be, in dBov: that of the test tone. Files are not decoded, so theirs is not known.
const LEVEL: i8 = -21;

/// One encoding of one track.
#[derive(Debug)]
pub(crate) struct Player {
    clip: Arc<Clip>,
    /// When the next frame is due, from the start, in the codec's clock; also its timestamp.
    due: u64,
    /// The next frame is to be a keyframe.
    jump: bool,
    position: usize,
    rid: Option<String>,
    /// When everything that is published together began.
    start: Instant,
    track: TrackNo,
}

impl Player {
    pub(crate) fn new(start: Instant, (track, rid): (TrackNo, Option<String>), clip: Arc<Clip>) -> Self {
        Self { clip, due: 0, jump: true, position: 0, rid, start, track }
    }

    /// When the next frame is due.
    pub(crate) fn due(&self) -> Instant {
        self.start + duration(self.clip.codec(), self.due)
    }

    pub(crate) fn plays(&self, track: TrackNo) -> bool {
        self.track == track
    }

    /// Goes on with a keyframe of the clip, if it is this encoding that needs one.
    pub(crate) fn jump(&mut self, track: TrackNo, rid: Option<&str>) {
        self.jump |= self.track == track && (rid.is_none() || self.rid.as_deref() == rid);
    }

    /// Sends what is due.
    pub(crate) fn play(&mut self, now: Instant, endpoint: &mut Endpoint) {
        while self.due() <= now {
            let is_late = now > self.due() + MAX_LATE;
            if std::mem::take(&mut self.jump) {
                self.position = self.clip.keyframe_from(self.position);
            }
            let payload = Arc::clone(&self.clip.frames()[self.position].payload);
            let frame = Frame { audio_level: self.level(&payload), payload, timestamp: self.due };
            let to = (self.track, self.rid.as_deref());
            // What was not sent is missing to a decoder.
            self.jump = is_late || endpoint.write_frame(now, to, frame).is_err();
            self.due += self.clip.step(self.position);
            self.position = (self.position + 1) % self.clip.frames().len();
        }
    }

    fn level(&self, payload: &[u8]) -> Option<i8> {
        let is_sound = self.clip.codec() == Codec::Opus;
        is_sound.then(|| if opus::is_silence(payload) { -127 } else { LEVEL })
    }
}
