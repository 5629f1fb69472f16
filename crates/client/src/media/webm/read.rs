//! Reading, by the crate `matroska-demuxer`.
use std::{collections::BTreeMap, io::Cursor};

use matroska_demuxer::{Frame, MatroskaFile};
use offhook_sfu::endpoint::Codec;

use crate::media::{
    clip::{Clip, ClipError, ClipFrame, clock_rate, is_vp8_keyframe},
    opus,
};

/// Reads the first track of VP8 and the first of Opus, the picture first.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Clip>, ClipError> {
    let damaged = |error| ClipError::Format(Box::new(error));
    let mut file = MatroskaFile::open(Cursor::new(bytes)).map_err(damaged)?;
    let scale = file.info().timestamp_scale().get();
    let mut tracks = BTreeMap::new();
    for (codec, name) in [(Codec::Vp8, "V_VP8"), (Codec::Opus, "A_OPUS")] {
        if let Some(track) = file.tracks().iter().find(|track| track.codec_id() == name) {
            tracks.insert(track.track_number().get(), (codec, Vec::new()));
        }
    }
    let mut frame = Frame::default();
    while file.next_frame(&mut frame).map_err(damaged)? {
        if let Some((codec, frames)) = tracks.get_mut(&frame.track) {
            let at = u128::from(frame.timestamp) * u128::from(scale) * u128::from(clock_rate(*codec));
            let at = u64::try_from(at / 1_000_000_000).map_err(|_| ClipError::Format("too long".into()))?;
            take(*codec, frames, (at, std::mem::take(&mut frame.data)));
        }
    }
    let mut clips = Vec::new();
    for (codec, frames) in tracks.into_values().filter(|(_, frames)| !frames.is_empty()) {
        let end = frames.last().map_or(0, |last| last.at + opus::samples(&last.payload).unwrap_or(0));
        let clip = Clip::new(codec, frames)?;
        clips.push(if codec == Codec::Opus { clip.with_length(end) } else { clip });
    }
    clips.sort_by_key(|clip| clip.codec() == Codec::Opus);
    if clips.is_empty() { Err(ClipError::Empty) } else { Ok(clips) }
}

fn take(codec: Codec, frames: &mut Vec<ClipFrame>, (at, payload): (u64, Vec<u8>)) {
    let is_opus = codec == Codec::Opus;
    if is_opus && opus::samples(&payload).is_none() {
        return;
    }
    // The file counts in milliseconds; packets of Opus follow each other without a hole.
    let follows = frames.last().filter(|_| is_opus).and_then(|last: &ClipFrame| {
        let end = last.at + opus::samples(&last.payload)?;
        (at.abs_diff(end) < 960).then_some(end)
    });
    let at = follows.unwrap_or(at);
    frames.push(ClipFrame { at, is_keyframe: is_opus || is_vp8_keyframe(&payload), payload: payload.into() });
}
