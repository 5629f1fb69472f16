//! What a packet of Opus tells without decoding it (RFC 6716, 3).

/// How long a packet sounds, in samples of 48 kHz; `None` if it is malformed.
pub(crate) fn samples(packet: &[u8]) -> Option<u64> {
    let (&toc, rest) = packet.split_first()?;
    let configuration = toc >> 3;
    let frame = match configuration {
        0..=11 => [480, 960, 1920, 2880][usize::from(configuration % 4)],
        12..=15 => [480, 960][usize::from(configuration % 2)],
        _ => [120, 240, 480, 960][usize::from(configuration % 4)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(rest.first()? & 0x3f),
    };
    // 120 ms at most (RFC 6716, 3.2.5, R5).
    Some(frames * frame).filter(|samples| (1..=5_760).contains(samples))
}

/// A packet that makes a decoder conceal as long as `like` sounds: its frame, empty.
pub(crate) fn concealment(like: &[u8]) -> Vec<u8> {
    like.first().map(|toc| toc & !3).into_iter().collect()
}

/// Whether the packet says nothing: discontinuous transmission.
pub(crate) fn is_silence(packet: &[u8]) -> bool {
    packet.len() <= 2
}

/// The header of a stream (RFC 7845, 5.1). `channels` is 1 or 2.
pub(crate) fn head(channels: u8) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(channels);
    head.extend(PRE_SKIP.to_le_bytes());
    head.extend(48_000_u32.to_le_bytes());
    head.extend([0, 0, 0]);
    head
}

/// What a decoder drops at the beginning, in samples of 48 kHz: what it needs to settle.
pub(crate) const PRE_SKIP: u16 = 312;

/// Whether a packet is in stereo.
pub(crate) fn is_stereo(packet: &[u8]) -> bool {
    packet.first().is_some_and(|toc| toc & 4 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_tells_its_length() {
        let hybrid_20_ms = 15 << 3;
        let celt_20_ms = 31 << 3;
        let celt_2_5_ms = 28 << 3;
        let silk_60_ms = 3 << 3;
        assert_eq!(samples(&[hybrid_20_ms, 1]), Some(960));
        assert_eq!(samples(&[celt_20_ms, 1]), Some(960));
        assert_eq!(samples(&[celt_2_5_ms, 1]), Some(120));
        assert_eq!(samples(&[silk_60_ms | 1, 1]), Some(5_760));
        assert_eq!(samples(&[celt_20_ms | 3, 3]), Some(2_880));
        assert_eq!(samples(&[silk_60_ms | 3, 3]), None, "180 ms are too long");
        assert_eq!(samples(&[celt_20_ms | 3]), None);
        assert_eq!(samples(&[]), None);
        assert_eq!(samples(&concealment(&[celt_20_ms | 3, 3, 9])), Some(960));
    }
}
