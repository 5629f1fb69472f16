//! What a publisher sends, and what a subscriber reads of it.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use offhook_sfu::endpoint::{Endpoint, Packet, TrackNo, TrackSpec};
use offhook_sfu::{Source, endpoint::Codec};

use crate::clock;

const FRAMES_PER_S: u64 = 25;
const PACKETS_PER_FRAME: usize = 4;
const VIDEO_BYTES: usize = 1150;
const SOUNDS_PER_S: u64 = 50;
const SOUND_BYTES: usize = 80;

/// Every how many frames a keyframe comes unasked.
const KEYFRAME_EVERY: u64 = 100;

/// Where in a payload the time stands: behind the codec's own headers.
const STAMP_AT: usize = 24;

/// The beginning of a VP8 keyframe, 640 by 360 (RFC 6386 9.1).
const KEYFRAME: [u8; 10] = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];

/// Where a publisher is in what it sends.
pub(super) struct Stream {
    camera: TrackNo,
    frames: u64,
    keyframe_wanted: bool,
    microphone: TrackNo,
    next_frame: Instant,
    next_sound: Instant,
    sounds: u64,
}

impl Stream {
    /// Publishes a camera and a microphone with the next offer. Publishers of different numbers send at different
    /// moments, as people do.
    pub(super) fn publish(endpoint: &mut Endpoint, now: Instant, number: u32) -> Self {
        let microphone = endpoint.publish(TrackSpec::microphone());
        let camera = endpoint.publish(TrackSpec::new(Source::Camera, Codec::Vp8));
        let period = 1_000_000 / FRAMES_PER_S;
        let phase = Duration::from_micros(u64::from(number) * 24_723 % period); // The golden section of 40 ms.
        Self {
            camera,
            frames: 0,
            keyframe_wanted: true,
            microphone,
            next_frame: now + phase,
            next_sound: now + phase,
            sounds: 0,
        }
    }

    /// Which of an offer's tracks are what.
    pub(super) fn source_of(&self, track: TrackNo) -> Source {
        if track == self.camera { Source::Camera } else { Source::Microphone }
    }

    /// The other side needs a keyframe.
    pub(super) fn keyframe(&mut self) {
        self.keyframe_wanted = true;
    }

    /// When the next packet is due.
    pub(super) fn due(&self) -> Instant {
        self.next_frame.min(self.next_sound)
    }

    /// Sends what is due; calls `sent` with the time on each packet.
    pub(super) fn send(&mut self, endpoint: &mut Endpoint, now: Instant, mut sent: impl FnMut(Duration)) {
        if self.next_sound <= now {
            self.next_sound += Duration::from_micros(1_000_000 / SOUNDS_PER_S);
            self.sounds += 1;
            let stamp = clock::wall();
            let timestamp = (self.sounds * (48_000 / SOUNDS_PER_S)) as u32;
            let payload = stamped(vec![0xaa; SOUND_BYTES], stamp);
            let packet = Packet { audio_level: Some(-30), marker: false, payload, timestamp };
            if endpoint.write_packet(now, (self.microphone, None), packet).is_ok() {
                sent(stamp);
            }
        }
        if self.next_frame <= now {
            self.next_frame += Duration::from_micros(1_000_000 / FRAMES_PER_S);
            self.send_frame(endpoint, now, sent);
        }
    }

    fn send_frame(&mut self, endpoint: &mut Endpoint, now: Instant, mut sent: impl FnMut(Duration)) {
        let is_key = self.keyframe_wanted || self.frames.is_multiple_of(KEYFRAME_EVERY);
        self.frames += 1;
        let timestamp = (self.frames * (90_000 / FRAMES_PER_S)) as u32;
        for number in 0..PACKETS_PER_FRAME {
            let mut payload = vec![0x55; VIDEO_BYTES];
            payload[0] = if number == 0 { 0x10 } else { 0 }; // RFC 7741 4.2: the start of a partition.
            if number == 0 && is_key {
                payload[1..1 + KEYFRAME.len()].copy_from_slice(&KEYFRAME);
            } else {
                payload[1] = 0x11; // An interframe that is shown (RFC 6386 9.1).
            }
            let stamp = clock::wall();
            let marker = number + 1 == PACKETS_PER_FRAME;
            let packet = Packet { audio_level: None, marker, payload: stamped(payload, stamp), timestamp };
            if endpoint.write_packet(now, (self.camera, None), packet).is_ok() {
                self.keyframe_wanted &= !is_key;
                sent(stamp);
            }
        }
    }
}

fn stamped(mut payload: Vec<u8>, stamp: Duration) -> Arc<[u8]> {
    let nanos = u64::try_from(stamp.as_nanos()).unwrap_or(u64::MAX);
    payload[STAMP_AT..STAMP_AT + 8].copy_from_slice(&nanos.to_be_bytes());
    payload.into()
}

/// When a packet was sent, by what it says.
pub(super) fn stamp_of(payload: &[u8]) -> Option<Duration> {
    let bytes = payload.get(STAMP_AT..)?.first_chunk::<8>()?;
    Some(Duration::from_nanos(u64::from_be_bytes(*bytes)))
}
