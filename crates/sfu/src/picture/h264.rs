//! H.264: RFC 6184 for packets, ITU-T H.264 for what they hold.
use super::{Bits, Glance};
use crate::allocator::Size;

const SEQUENCE_PARAMETERS: u8 = 7;
const AGGREGATION: u8 = 24;

/// A decoder needs the sequence parameters, so it is these that count as the beginning of a keyframe; every encoder of a
/// browser sends them before each.
pub(super) fn glance(payload: &[u8]) -> Glance {
    let parameters = find_parameters(payload);
    Glance {
        keyframe: parameters.is_some(),
        size: parameters.and_then(|unit| size(&without_escapes(unit))),
        vp8: None,
    }
}

/// The sequence parameters in a packet, without the octet that names them.
fn find_parameters(payload: &[u8]) -> Option<&[u8]> {
    let (&head, mut rest) = payload.split_first()?;
    if head & 0x1f == SEQUENCE_PARAMETERS {
        return Some(rest);
    }
    if head & 0x1f != AGGREGATION {
        return None;
    }
    while let [high, low, following @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let unit = following.get(..length)?;
        let (&head, body) = unit.split_first()?;
        if head & 0x1f == SEQUENCE_PARAMETERS {
            return Some(body);
        }
        rest = &following[length..];
    }
    None
}

/// Takes the octets out that keep start codes from appearing (7.4.1).
fn without_escapes(unit: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(unit.len().min(64));
    for &byte in unit.iter().take(256) {
        if byte != 3 || !clean.ends_with(&[0, 0]) {
            clean.push(byte);
        }
    }
    clean
}

/// 7.3.2.1.1
fn size(parameters: &[u8]) -> Option<Size> {
    let mut bits = Bits::new(parameters);
    let profile = bits.number(8)?;
    bits.skip(16)?;
    bits.golomb()?;
    let mut chroma_format = 1;
    if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(&profile) {
        chroma_format = bits.golomb()?;
        skip_high_profile(&mut bits, chroma_format)?;
    }
    bits.golomb()?;
    skip_order(&mut bits)?;
    bits.golomb()?;
    bits.skip(1)?;
    let width = bits.golomb()?.checked_add(1)?.checked_mul(16)?;
    let height = bits.golomb()?.checked_add(1)?.checked_mul(16)?;
    let frames_only = bits.flag()?;
    let fields = if frames_only { 1 } else { 2 };
    if !frames_only {
        bits.skip(1)?;
    }
    bits.skip(1)?;
    let mut cropped = (0, 0);
    if bits.flag()? {
        let (left, right, top, bottom) = (bits.golomb()?, bits.golomb()?, bits.golomb()?, bits.golomb()?);
        let (across, down) = if chroma_format == 1 { (2, 2) } else { (1, 1) };
        cropped.0 = left.checked_add(right)?.checked_mul(across)?;
        cropped.1 = top.checked_add(bottom)?.checked_mul(down * fields)?;
    }
    let height = height.checked_mul(fields)?;
    Some(Size { width: width.checked_sub(cropped.0)?, height: height.checked_sub(cropped.1)? })
}

fn skip_high_profile(bits: &mut Bits<'_>, chroma_format: u32) -> Option<()> {
    if chroma_format == 3 {
        bits.skip(1)?;
    }
    bits.golomb()?;
    bits.golomb()?;
    bits.skip(1)?;
    // Scaling matrices are not sent by real-time encoders; who sends them goes without a size.
    if bits.flag()? { None } else { Some(()) }
}

fn skip_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.golomb()? {
        0 => bits.golomb().map(|_| ()),
        1 => {
            bits.skip(1)?;
            bits.skip_signed()?;
            bits.skip_signed()?;
            let count = bits.golomb()?;
            (0..count.min(255)).try_for_each(|_| bits.skip_signed())
        }
        _ => Some(()),
    }
}
