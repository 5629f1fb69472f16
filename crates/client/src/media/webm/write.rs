//! Writing. The file is only ever appended to, so that what was written is good even if its end never comes: the segment
//! has no size, and a cluster is written when it is complete.
use std::{io::Write, sync::Arc};

use crate::media::opus;

/// How much one cluster holds, in milliseconds. More costs memory and what a crash loses, less costs bytes. A block's
/// time within its cluster must fit 16 bits with a sign.
const CLUSTER_MS: u64 = 2_000;

const AUDIO: u32 = 0xe1;
const CHANNELS: u32 = 0x9f;
const CLUSTER: u32 = 0x1f43_b675;
const CODEC_DELAY: u32 = 0x56aa;
const CODEC_ID: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63a2;
const DOC_TYPE: u32 = 0x4282;
const DOC_TYPE_READ_VERSION: u32 = 0x4285;
const DOC_TYPE_VERSION: u32 = 0x4287;
const EBML: u32 = 0x1a45_dfa3;
const FLAG_LACING: u32 = 0x9c;
const INFO: u32 = 0x1549_a966;
const MUXING_APP: u32 = 0x4d80;
const PIXEL_HEIGHT: u32 = 0xba;
const PIXEL_WIDTH: u32 = 0xb0;
const SAMPLING_FREQUENCY: u32 = 0xb5;
const SEEK_PRE_ROLL: u32 = 0x56bb;
const SEGMENT: u32 = 0x1853_8067;
const SIMPLE_BLOCK: u32 = 0xa3;
const TIMESTAMP: u32 = 0xe7;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const TRACK_TYPE: u32 = 0x83;
const TRACK_UID: u32 = 0x73c5;
const VIDEO: u32 = 0xe0;
const WRITING_APP: u32 = 0x5741;

/// A size that is not known.
const UNKNOWN: [u8; 8] = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/// What a track of the file holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Track {
    Opus { channels: u8 },
    Vp8 { height: u16, width: u16 },
}

/// A frame.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// From the beginning of the file, in milliseconds.
    pub(crate) at_ms: u64,
    pub(crate) is_keyframe: bool,
    pub(crate) payload: Arc<[u8]>,
    /// The track, counted from 0.
    pub(crate) track: u8,
}

/// Writes a file.
pub(crate) struct Writer<W: Write> {
    /// The blocks of the cluster that is not written yet, and its time.
    cluster: Option<(u64, Vec<u8>)>,
    to: W,
}

impl<W: Write> Writer<W> {
    /// Writes the head of the file.
    pub(crate) fn new(mut to: W, tracks: &[Track]) -> std::io::Result<Self> {
        let mut head = Vec::new();
        let doc_type =
            [text(DOC_TYPE, "webm"), number(DOC_TYPE_VERSION, 4), number(DOC_TYPE_READ_VERSION, 2)];
        element(&mut head, EBML, &doc_type.concat());
        head.extend(id(SEGMENT));
        head.extend(UNKNOWN);
        let app = "offhook";
        let info = [number(TIMESTAMP_SCALE, 1_000_000), text(MUXING_APP, app), text(WRITING_APP, app)];
        element(&mut head, INFO, &info.concat());
        let entries = tracks.iter().zip(1..).map(|(track, number)| entry(*track, number));
        element(&mut head, TRACKS, &entries.collect::<Vec<_>>().concat());
        to.write_all(&head)?;
        Ok(Self { cluster: None, to })
    }

    /// Writes a frame. Frames come in the order of their time, or nearly so.
    pub(crate) fn write(&mut self, block: &Block) -> std::io::Result<()> {
        let began = self.cluster.as_ref().map(|(began, _)| *began);
        if began.is_some_and(|began| block.at_ms >= began + CLUSTER_MS) {
            self.end_cluster()?;
        }
        let (began, blocks) = self.cluster.get_or_insert_with(|| (block.at_ms, Vec::new()));
        let past = i64::try_from(block.at_ms).unwrap_or(i64::MAX) - i64::try_from(*began).unwrap_or(i64::MAX);
        let Ok(past) = i16::try_from(past) else { return Ok(()) };
        let mut contents = vec![0x80 | (block.track + 1)];
        contents.extend(past.to_be_bytes());
        contents.push(u8::from(block.is_keyframe) << 7);
        contents.extend(&block.payload[..]);
        element(blocks, SIMPLE_BLOCK, &contents);
        Ok(())
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> std::io::Result<W> {
        self.end_cluster()?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn end_cluster(&mut self) -> std::io::Result<()> {
        let Some((began, blocks)) = self.cluster.take() else { return Ok(()) };
        let mut cluster = Vec::new();
        element(&mut cluster, CLUSTER, &[number(TIMESTAMP, began), blocks].concat());
        self.to.write_all(&cluster)
    }
}

fn entry(track: Track, number_of: u64) -> Vec<u8> {
    let (kind, codec, details) = match track {
        Track::Opus { channels } => {
            let delay = u64::from(opus::PRE_SKIP) * 1_000_000_000 / 48_000;
            let mut sound = Vec::new();
            element(&mut sound, SAMPLING_FREQUENCY, &48_000_f64.to_be_bytes());
            sound.extend(number(CHANNELS, channels.into()));
            let mut details = [number(CODEC_DELAY, delay), number(SEEK_PRE_ROLL, 80_000_000)].concat();
            element(&mut details, CODEC_PRIVATE, &opus::head(channels));
            element(&mut details, AUDIO, &sound);
            (2, "A_OPUS", details)
        }
        Track::Vp8 { height, width } => {
            let picture = [number(PIXEL_WIDTH, width.into()), number(PIXEL_HEIGHT, height.into())];
            let mut details = Vec::new();
            element(&mut details, VIDEO, &picture.concat());
            (1, "V_VP8", details)
        }
    };
    let mut entry = Vec::new();
    let names = [number(TRACK_NUMBER, number_of), number(TRACK_UID, number_of), number(TRACK_TYPE, kind)];
    let body = [names.concat(), number(FLAG_LACING, 0), text(CODEC_ID, codec), details];
    element(&mut entry, TRACK_ENTRY, &body.concat());
    entry
}

/// Appends an element. Its size takes eight bytes, which any size fits.
fn element(to: &mut Vec<u8>, name: u32, contents: &[u8]) {
    to.extend(id(name));
    to.extend((contents.len() as u64 | 1 << 56).to_be_bytes());
    to.extend(contents);
}

fn number(name: u32, value: u64) -> Vec<u8> {
    let mut made = Vec::new();
    let bytes = value.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    element(&mut made, name, &bytes[first..]);
    made
}

fn text(name: u32, value: &str) -> Vec<u8> {
    let mut made = Vec::new();
    element(&mut made, name, value.as_bytes());
    made
}

/// An element's id without its leading zeros.
fn id(name: u32) -> Vec<u8> {
    name.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}
