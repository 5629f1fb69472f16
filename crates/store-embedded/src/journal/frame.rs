//! The frame around each record, and the header of each segment.
//!
//! ```text
//! segment: "OFFHOOKJ" · format u32 · 0 u32 · frames
//! frame:   payload length u32 · CRC-32 u32 of all that follows · synced u32 · payload          (little endian)
//! ```
//!
//! `synced` is a place in the segment up to which everything was on the disk for certain when the frame was written.
//! It tells a record that power took away (nothing after it can claim that it had been synced) from one that was
//! damaged later.
use std::ops::Range;

/// The format of segments that is written, and the newest that can be read.
pub(crate) const FORMAT: u32 = 1;

/// Bytes before the first frame.
pub(crate) const SEGMENT_HEADER: usize = 16;

const FRAME_HEADER: usize = 12;
const MAGIC: &[u8; 8] = b"OFFHOOKJ";

/// Longer than any record can be: a call of hundreds of legs has some 100 KB.
const MAX_PAYLOAD: usize = 64 << 20;

pub(crate) fn segment_header() -> [u8; SEGMENT_HEADER] {
    let mut header = [0; SEGMENT_HEADER];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    header
}

/// The format of a segment, or `None` if this is not the header of one.
pub(crate) fn segment_format(bytes: &[u8]) -> Option<u32> {
    let header = bytes.get(..SEGMENT_HEADER)?;
    (header.starts_with(MAGIC) && number(header, 12) == 0).then(|| number(header, 8))
}

/// Appends a frame to `out`.
pub(crate) fn append(payload: &[u8], synced: u32, out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).expect("a record is far shorter than 4 GiB");
    let start = out.len();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&synced.to_le_bytes());
    out.extend_from_slice(payload);
    let sum = crc32fast::hash(&out[start + 8..]);
    out[start + 4..start + 8].copy_from_slice(&sum.to_le_bytes());
}

/// A frame found in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where the payload stands; its end is the end of the frame.
    pub(crate) payload: Range<usize>,
    /// Up to where the segment was on the disk when the frame was written.
    pub(crate) synced: usize,
}

/// The frame that starts at `at`, if a whole and undamaged one does.
pub(crate) fn find(bytes: &[u8], at: usize) -> Option<Found> {
    let header = bytes.get(at..at + FRAME_HEADER)?;
    let length = number(header, 0) as usize;
    if length > MAX_PAYLOAD {
        return None;
    }
    let payload = at + FRAME_HEADER..at + FRAME_HEADER + length;
    let summed = bytes.get(at + 8..payload.end)?;
    (crc32fast::hash(summed) == number(header, 4))
        .then(|| Found { payload, synced: number(header, 8) as usize })
}

/// Whether a whole frame after `bad` proves that the place `bad` had been on the disk.
pub(crate) fn proves_damage(bytes: &[u8], bad: usize) -> bool {
    let mut at = bad + 1;
    while at + FRAME_HEADER < bytes.len() {
        // Records are JSON objects: most places are ruled out without summing anything.
        let found = (bytes[at + FRAME_HEADER] == b'{').then(|| find(bytes, at)).flatten();
        match found {
            Some(found) if found.synced > bad => return true,
            Some(found) => at = found.payload.end,
            None => at += 1,
        }
    }
    false
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_found_only_whole() {
        let mut bytes = vec![9; 3];
        append(b"{}", 7, &mut bytes);
        let whole = Found { payload: 15..17, synced: 7 };
        assert_eq!(find(&bytes, 3), Some(whole));
        for end in 0..bytes.len() {
            assert_eq!(find(&bytes[..end], 3), None, "cut at {end}");
        }
        for at in 3..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert_eq!(find(&flipped, 3), None, "flipped at {at}");
        }
    }

    #[test]
    fn only_a_later_frame_that_saw_the_place_synced_proves_damage() {
        let mut bytes = vec![0; 30];
        append(b"{1}", 0, &mut bytes);
        assert!(!proves_damage(&bytes, 5));
        append(b"{2}", 6, &mut bytes);
        assert!(proves_damage(&bytes, 5));
        assert!(!proves_damage(&bytes, 6));
    }
}
