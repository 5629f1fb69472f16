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
        while let Some((frame, is_late)) = self.next(now) {
            let to = (self.track, self.rid.as_deref());
            // What was not sent is missing to a decoder.
            self.jump = is_late || endpoint.write_frame(now, to, frame).is_err();
        }
    }

    /// The next frame that is due, and whether it is too late to be sent.
    fn next(&mut self, now: Instant) -> Option<(Frame, bool)> {
        if now < self.due() {
            return None;
        }
        let is_late = now > self.due() + MAX_LATE;
        if std::mem::take(&mut self.jump) {
            self.position = self.clip.keyframe_from(self.position);
        }
        let payload = Arc::clone(&self.clip.frames()[self.position].payload);
        let frame = Frame { audio_level: self.level(&payload), payload, timestamp: self.due };
        self.due += self.clip.step(self.position);
        self.position = (self.position + 1) % self.clip.frames().len();
        Some((frame, is_late))
    }

    fn level(&self, payload: &[u8]) -> Option<i8> {
        let is_sound = self.clip.codec() == Codec::Opus;
        is_sound.then(|| if opus::is_silence(payload) { -127 } else { LEVEL })
    }
}

#[cfg(test)]
mod tests {
    use offhook_sfu::endpoint::{EndpointConfig, TrackSpec};

    use super::*;
    use crate::media::clip::is_vp8_keyframe;

    /// Ticks between two frames of the test pattern.
    const STEP: u64 = 6_000;

    #[test]
    fn a_clip_is_played_over_and_over_without_a_hole() {
        let (mut player, start) = player();

        let frames = due(&mut player, start + Duration::from_secs(10));

        assert_eq!(frames.len(), 151, "ten seconds, and the one that is due at their end");
        assert!(frames.iter().zip(0..).all(|(frame, number)| frame.timestamp == number * STEP));
        let keyframes = frames.iter().enumerate().filter(|(_, frame)| is_vp8_keyframe(&frame.payload));
        assert_eq!(keyframes.map(|(place, _)| place).collect::<Vec<_>>(), [0, 30, 60, 90, 120, 150]);
        assert_eq!(frames[60].payload, frames[0].payload);
    }

    #[test]
    fn who_needs_a_keyframe_gets_one_with_the_next_frame_in_time() {
        let (mut player, start) = player();
        due(&mut player, start + Duration::from_millis(500));

        player.jump(player.track, Some("f"));
        assert!(
            !is_vp8_keyframe(&due(&mut player, start + Duration::from_millis(550))[0].payload),
            "another's wish"
        );
        player.jump(player.track, Some("q"));
        let frames = due(&mut player, start + Duration::from_millis(700));

        assert!(is_vp8_keyframe(&frames[0].payload));
        assert!(!is_vp8_keyframe(&frames[1].payload), "once");
        assert_eq!(frames[1].timestamp - frames[0].timestamp, STEP);
        assert_eq!(frames[1].payload, player.clip.frames()[31].payload, "what follows that keyframe");
    }

    #[test]
    fn what_is_far_too_late_is_left_out() {
        let (mut player, start) = player();
        let now = start + Duration::from_secs(2);
        let late = std::iter::from_fn(|| player.next(now)).map(|(_, is_late)| is_late).collect::<Vec<_>>();
        assert_eq!((late.iter().filter(|late| **late).count(), late.len()), (23, 31));
        assert!(late.is_sorted_by(|before, after| before >= after), "the oldest");
    }

    fn due(player: &mut Player, now: Instant) -> Vec<Frame> {
        std::iter::from_fn(|| player.next(now)).map(|(frame, _)| frame).collect()
    }

    fn player() -> (Player, Instant) {
        offhook_sfu::install_crypto();
        let start = tokio::time::Instant::now().into_std();
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 5000));
        let mut endpoint = Endpoint::new(EndpointConfig::new(vec![address]), start).unwrap();
        let track = endpoint.publish(TrackSpec::camera());
        let [clip, ..] = Clip::test_pictures();
        (Player::new(start, (track, Some("q".into())), Arc::new(clip)), start)
    }
}
