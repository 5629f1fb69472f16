//! AV1: the RTP payload format of the Alliance for Open Media for packets, the bitstream specification for what they hold.
use super::{Bits, Glance};
use crate::allocator::Size;

const CONTINUES: u8 = 0x80;
const COUNT: u8 = 0x30;
const NEW_SEQUENCE: u8 = 0x08;
const SEQUENCE_HEADER: u8 = 1;

pub(super) fn glance(payload: &[u8]) -> Glance {
    let Some((&head, rest)) = payload.split_first() else { return Glance::default() };
    let keyframe = head & NEW_SEQUENCE != 0 && head & CONTINUES == 0;
    let size = if keyframe { find_size(head, rest) } else { None };
    Glance { keyframe, size, vp8: None }
}

/// The sequence header is the first unit, but for a temporal delimiter that should not be there.
fn find_size(head: u8, mut rest: &[u8]) -> Option<Size> {
    for index in 1..=2 {
        let length = if (head & COUNT) >> 4 == index { rest.len() } else { leb128(&mut rest)? };
        let unit = rest.get(..length)?;
        rest = &rest[length..];
        let (&kind, mut body) = unit.split_first()?;
        if kind & 0x04 != 0 {
            body = body.get(1..)?;
        }
        if kind & 0x02 != 0 {
            leb128(&mut body)?;
        }
        if kind >> 3 & 0x0f == SEQUENCE_HEADER {
            return size(body);
        }
    }
    None
}

fn leb128(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0_usize;
    for shift in (0..28).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// 5.5.1
fn size(header: &[u8]) -> Option<Size> {
    let mut bits = Bits::new(header);
    bits.skip(4)?;
    if bits.flag()? {
        bits.skip(5)?;
    } else {
        skip_operating_points(&mut bits)?;
    }
    let (width_bits, height_bits) = (bits.number(4)? + 1, bits.number(4)? + 1);
    Some(Size { width: bits.number(width_bits)? + 1, height: bits.number(height_bits)? + 1 })
}

fn skip_operating_points(bits: &mut Bits<'_>) -> Option<()> {
    // Timing is not sent by real-time encoders; who sends it goes without a size.
    if bits.flag()? {
        return None;
    }
    let delayed = bits.flag()?;
    for _ in 0..=bits.number(5)? {
        bits.skip(12)?;
        if bits.number(5)? > 7 {
            bits.skip(1)?;
        }
        if delayed && bits.flag()? {
            bits.skip(4)?;
        }
    }
    Some(())
}
