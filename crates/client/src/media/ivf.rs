//! IVF: frames of VP8 behind each other, as FFmpeg and libvpx write them.
use super::clip::{Clip, ClipError, ClipFrame, is_vp8_keyframe};
use offhook_sfu::endpoint::Codec;

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 12;

/// Reads a file. What follows a frame that breaks off is left out.
pub(crate) fn read(bytes: &[u8]) -> Result<Clip, ClipError> {
    let damaged = || ClipError::Format("it is no IVF file with VP8".into());
    let header = bytes.get(..HEADER_BYTES).filter(|header| &header[..4] == b"DKIF").ok_or_else(damaged)?;
    let [rate, scale] = [16, 20].map(|at| u64::from(number(header, at)));
    if &header[8..12] != b"VP80" || rate == 0 {
        return Err(damaged());
    }
    let mut rest = &bytes[HEADER_BYTES..];
    let mut frames = Vec::new();
    while let Some(header) = rest.get(..FRAME_HEADER_BYTES) {
        let length = number(header, 0) as usize;
        let time = u64::from(number(header, 4)) | u64::from(number(header, 8)) << 32;
        let Some(payload) = rest.get(FRAME_HEADER_BYTES..FRAME_HEADER_BYTES + length) else { break };
        rest = &rest[FRAME_HEADER_BYTES + length..];
        let at = u128::from(time) * u128::from(scale) * 90_000 / u128::from(rate);
        frames.push(ClipFrame {
            at: u64::try_from(at).map_err(|_| damaged())?,
            is_keyframe: is_vp8_keyframe(payload),
            payload: payload.into(),
        });
    }
    Clip::new(Codec::Vp8, frames)
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes are an array of four"))
}
