//! VP8 and Opus in WebM, a subset of Matroska (RFC 9559).
mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::{Block, Track, Writer};

#[cfg(test)]
mod tests {
    use offhook_sfu::endpoint::Codec;

    use super::*;
    use crate::media::clip::{Clip, duration};

    #[test]
    fn what_is_written_is_read_back() {
        let [picture, ..] = Clip::test_pictures();
        let tone = Clip::test_tone();
        let tracks = [Track::Vp8 { height: 180, width: 320 }, Track::Opus { channels: 1 }];
        let mut writer = Writer::new(Vec::new(), &tracks).unwrap();
        let blocks = |clip: &Clip, track| {
            let block = |frame: &crate::media::clip::ClipFrame| Block {
                at_ms: duration(clip.codec(), frame.at).as_millis() as u64,
                is_keyframe: frame.is_keyframe,
                payload: frame.payload.clone(),
                track,
            };
            clip.frames().iter().map(block).collect::<Vec<_>>()
        };
        let mut all = [blocks(&picture, 0), blocks(&tone, 1)].concat();
        all.sort_by_key(|block| block.at_ms);
        for block in &all {
            writer.write(block).unwrap();
        }

        let copies = read(&writer.finish().unwrap()).unwrap();

        let [seen, heard] = copies.as_slice() else { panic!("two tracks") };
        assert_eq!((seen.codec(), heard.codec()), (Codec::Vp8, Codec::Opus));
        let payloads = |clip: &Clip| clip.frames().iter().map(|f| f.payload.clone()).collect::<Vec<_>>();
        assert_eq!(payloads(seen), payloads(&picture));
        assert_eq!(heard.frames(), tone.frames());
        for (copy, original) in seen.frames().iter().zip(picture.frames()) {
            assert!(copy.at.abs_diff(original.at) <= 90, "to the millisecond");
            assert_eq!(copy.is_keyframe, original.is_keyframe);
        }
    }
}
