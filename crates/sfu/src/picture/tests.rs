use super::*;

/// What is seen beside the descriptor.
fn seen(codec: Codec, payload: &[u8]) -> (bool, Option<Size>) {
    let seen = glance(codec, payload);
    (seen.keyframe, seen.size)
}

/// Bits written as digits, filled up with zeros.
fn octets(mut bits: String) -> Vec<u8> {
    while !bits.len().is_multiple_of(8) {
        bits.push('0');
    }
    bits.as_bytes().chunks(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | (bit - b'0'))).collect()
}

fn size(width: u32, height: u32) -> Option<Size> {
    Some(Size { width, height })
}

#[test]
fn a_vp8_keyframe_tells_its_size() {
    let payload = [0x90, 0x80, 0x81, 0x23, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 0xff];
    let seen = glance(Codec::Vp8, &payload);
    assert!(seen.keyframe);
    assert_eq!(seen.size, size(640, 360));
    assert_eq!(seen.vp8.and_then(|descriptor| descriptor.picture_id()), Some(0x123));
}

#[test]
fn a_later_vp8_picture_or_partition_is_no_beginning() {
    let inter = [0x10, 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
    assert!(!glance(Codec::Vp8, &inter).keyframe, "the frame tag says predicted");
    let continued = [0x00, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
    assert!(!glance(Codec::Vp8, &continued).keyframe, "not the first packet");
}

#[test]
fn a_vp9_keyframe_tells_its_largest_layer() {
    // Picture id, layers, beginning, structure; two layers with sizes.
    let payload = [0xaa, 0x80, 0x01, 0x00, 0x07, 0x30, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 0x00];
    assert_eq!(seen(Codec::Vp9, &payload), (true, size(640, 360)));
    let upper = [0xa8, 0x80, 0x01, 0x02, 0x07];
    assert!(!glance(Codec::Vp9, &upper).keyframe, "an upper layer of a key picture");
    let predicted = [0xe8, 0x80, 0x01, 0x00, 0x07];
    assert!(!glance(Codec::Vp9, &predicted).keyframe);
}

#[test]
fn an_h264_keyframe_begins_with_its_parameters() {
    // Baseline, 320 × 180 cropped from 192, alone and aggregated behind a delimiter.
    let golomb = |number: u32| {
        let bits = format!("{:b}", number + 1);
        "0".repeat(bits.len() - 1) + &bits
    };
    let mut bits = format!("{:08b}{:08b}{:08b}", 66, 0xc0, 13);
    for number in [0, 0, 2, 1] {
        bits += &golomb(number);
    }
    bits += "0"; // gaps
    bits += &(golomb(19) + &golomb(11));
    bits += "111"; // frames only, direct, cropped
    for number in [0, 0, 0, 6] {
        bits += &golomb(number);
    }
    let mut parameters = vec![0x67];
    parameters.extend(octets(bits));
    assert_eq!(seen(Codec::H264, &parameters), (true, size(320, 180)));
    let length = u8::try_from(parameters.len()).unwrap();
    let mut aggregated = vec![0x18, 0x00, 0x02, 0x09, 0x10, 0x00, length];
    aggregated.extend(parameters);
    assert_eq!(seen(Codec::H264, &aggregated), (true, size(320, 180)));
    assert!(!glance(Codec::H264, &[0x7c, 0x85, 0x88]).keyframe, "a slice whose parameters came before");
    assert!(!glance(Codec::H264, &[0x41, 0x9a]).keyframe);
}

#[test]
fn an_av1_sequence_begins_with_its_header() {
    // N, W = 1; sequence header with a size field: profile 0, one operating point, 10 bits for each side, 640 × 360.
    let mut bits = String::from("000" /* profile */);
    bits += "0"; // still picture
    bits += "0"; // reduced
    bits += "0"; // timing
    bits += "0"; // display delay
    bits += "00000"; // one point
    bits += "000000000000";
    bits += "00101"; // level
    bits += "1001"; // ten bits
    bits += "1000"; // nine bits
    bits += &format!("{:010b}{:09b}", 639, 359);
    let header = octets(bits);
    let mut payload = vec![0x18, 0x0a, u8::try_from(header.len()).unwrap()];
    payload.extend(header);
    assert_eq!(seen(Codec::Av1, &payload), (true, size(640, 360)));
    payload[0] = 0x90;
    assert!(!glance(Codec::Av1, &payload).keyframe, "no new sequence");
}

#[test]
fn nothing_that_a_stranger_sends_breaks_it() {
    let mut state = 7_u32;
    for _ in 0..20_000 {
        let mut bytes = [0_u8; 40];
        for byte in &mut bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = state.to_be_bytes()[0];
        }
        let length = usize::from(bytes[39]) % 40;
        for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1, Codec::Opus] {
            let seen = glance(codec, &bytes[..length]);
            assert!(seen.keyframe || seen.size.is_none(), "only keyframes tell a size");
        }
    }
}
