//! What the first bytes of a video payload tell: whether a keyframe begins there, and how large its picture is.
//!
//! Only bytes that are in the clear with end-to-end encryption as well are needed: payload descriptors, and the first ten
//! bytes of a VP8 keyframe. Where the size cannot be read, the forwarder goes without it.
use str0m::{format::Codec, rtp::Vp8Descriptor};

use self::bits::Bits;
use crate::allocator::Size;

mod av1;
mod bits;
mod h264;

/// What a payload begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Glance {
    /// Whether a decoder can begin here.
    pub(crate) keyframe: bool,
    /// The size of the picture, if a keyframe tells it.
    pub(crate) size: Option<Size>,
    /// The descriptor, of VP8.
    pub(crate) vp8: Option<Vp8Descriptor>,
}

/// Looks at a payload without its RTP header. Sound always counts as a beginning.
pub(crate) fn glance(codec: Codec, payload: &[u8]) -> Glance {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other codecs are not offered")]
    match codec {
        Codec::Vp8 => vp8(payload),
        Codec::Vp9 => vp9(payload).unwrap_or_default(),
        Codec::H264 => h264::glance(payload),
        Codec::Av1 => av1::glance(payload),
        _ => Glance { keyframe: codec.is_audio(), ..Glance::default() },
    }
}

/// RFC 7741, 4.2; the frame header is RFC 6386, 9.1.
fn vp8(payload: &[u8]) -> Glance {
    let Ok(descriptor) = Vp8Descriptor::parse(payload) else { return Glance::default() };
    let keyframe = descriptor.starts_keyframe(payload);
    let size = if keyframe { vp8_size(payload) } else { None };
    Glance { keyframe, size, vp8: Some(descriptor) }
}

fn vp8_size(payload: &[u8]) -> Option<Size> {
    const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];
    // The descriptor has one to six bytes, the frame tag three.
    let at = (4..=9).find(|&at| payload.get(at..).is_some_and(|rest| rest.starts_with(&START_CODE)))?;
    let side =
        |at: usize| Some(u32::from(u16::from_le_bytes([*payload.get(at)?, *payload.get(at + 1)?]) & 0x3fff));
    Some(Size { width: side(at + 3)?, height: side(at + 5)? })
}

/// RFC 9628, 4.2.
fn vp9(payload: &[u8]) -> Option<Glance> {
    const PICTURE_ID: u8 = 0x80;
    const PREDICTED: u8 = 0x40;
    const LAYERS: u8 = 0x20;
    const FLEXIBLE: u8 = 0x10;
    const BEGINS: u8 = 0x08;
    const STRUCTURE: u8 = 0x02;
    let flags = *payload.first()?;
    let mut at = 1;
    if flags & PICTURE_ID != 0 {
        at += if payload.get(at)? & 0x80 == 0 { 1 } else { 2 };
    }
    let mut spatial = 0;
    if flags & LAYERS != 0 {
        spatial = (payload.get(at)? >> 1) & 7;
        at += if flags & FLEXIBLE == 0 { 2 } else { 1 };
    }
    let keyframe = flags & PREDICTED == 0 && flags & BEGINS != 0 && spatial == 0;
    let size = if keyframe && flags & STRUCTURE != 0 { vp9_size(payload.get(at..)?) } else { None };
    Some(Glance { keyframe, size, vp8: None })
}

/// The largest of the layers that a scalability structure names.
fn vp9_size(structure: &[u8]) -> Option<Size> {
    let head = *structure.first()?;
    if head & 0x10 == 0 {
        return None;
    }
    let last = 1 + 4 * usize::from(head >> 5);
    let side =
        |at: usize| Some(u32::from(u16::from_be_bytes([*structure.get(at)?, *structure.get(at + 1)?])));
    Some(Size { width: side(last)?, height: side(last + 2)? })
}

#[cfg(test)]
mod tests;
