//! Encoded frames in the order of their time: what is published, over and over.
use std::{fs, io, path::Path, sync::Arc, time::Duration};

use offhook_sfu::endpoint::Codec;

use super::{ivf, ogg, webm};

/// The largest file that is taken into memory, in bytes. More lets longer films play, and lets a wrong file fill the
/// machine.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// Encoded frames of one codec, kept in memory.
#[derive(Debug)]
pub struct Clip {
    codec: Codec,
    frames: Vec<ClipFrame>,
    /// How long it is, in the codec's clock.
    length: u64,
}

/// A frame of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClipFrame {
    /// When it is due, from the beginning of the clip, in the codec's clock.
    pub(crate) at: u64,
    pub(crate) is_keyframe: bool,
    pub(crate) payload: Arc<[u8]>,
}

/// Why a file cannot be published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipError {
    /// It holds no frames that could be sent.
    #[error("the file holds neither VP8 nor Opus")]
    Empty,
    /// It is not what its name says, or damaged.
    #[error("the file is damaged, or not of the kind that its name says")]
    Format(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// It is larger than 256 MiB.
    #[error("the file is larger than 256 MiB")]
    TooLarge,
    /// Its name ends in none of `.ivf`, `.webm`, `.ogg` and `.opus`.
    #[error("the file's name ends in none of .ivf, .webm, .ogg and .opus")]
    UnknownKind,
}

impl Clip {
    /// Reads a file: VP8 in IVF or WebM, Opus in Ogg or WebM. A WebM file may give two clips. Blocks on the disk.
    ///
    /// # Errors
    /// See [`ClipError`].
    pub fn load(path: impl AsRef<Path>) -> Result<Vec<Self>, ClipError> {
        let path = path.as_ref();
        let kind = path.extension().and_then(|kind| kind.to_str()).map(str::to_ascii_lowercase);
        let parse = match kind.as_deref() {
            Some("ivf") => |bytes: &[u8]| Ok(vec![ivf::read(bytes)?]),
            Some("ogg" | "opus") => |bytes: &[u8]| Ok(vec![ogg::read(bytes)?]),
            Some("webm") => webm::read,
            Some(_) | None => return Err(ClipError::UnknownKind),
        };
        if fs::metadata(path)?.len() > MAX_FILE_BYTES {
            return Err(ClipError::TooLarge);
        }
        parse(&fs::read(path)?)
    }

    /// The picture of the test pattern in its three sizes, the smallest first.
    #[must_use]
    pub fn test_pictures() -> [Self; 3] {
        let files: [&[u8]; 3] = [
            include_bytes!("../../assets/q.ivf"),
            include_bytes!("../../assets/h.ivf"),
            include_bytes!("../../assets/f.ivf"),
        ];
        files.map(|file| ivf::read(file).expect("the file is part of this crate"))
    }

    /// The sound of the test pattern: 440 Hz.
    #[must_use]
    pub fn test_tone() -> Self {
        ogg::read(include_bytes!("../../assets/tone.ogg")).expect("the file is part of this crate")
    }

    /// How it is encoded.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// How long it is.
    #[must_use]
    pub fn duration(&self) -> Duration {
        duration(self.codec, self.length)
    }

    /// A clip of these frames, in the order of their time. A last frame lasts as long as the one before.
    pub(crate) fn new(codec: Codec, frames: Vec<ClipFrame>) -> Result<Self, ClipError> {
        let last = frames.last().ok_or(ClipError::Empty)?;
        let before = frames.iter().rev().nth(1).map_or(0, |frame| frame.at);
        let step = last.at.saturating_sub(before).max(1);
        let ordered = frames.is_sorted_by_key(|frame| frame.at);
        if !ordered || !frames.iter().any(|frame| frame.is_keyframe) {
            return Err(ClipError::Format("its frames are in no order that could be played".into()));
        }
        Ok(Self { codec, length: last.at + step, frames })
    }

    /// The same, with the length that the frames themselves tell.
    pub(crate) fn with_length(self, length: u64) -> Self {
        Self { length: length.max(self.length), ..self }
    }

    pub(crate) fn frames(&self) -> &[ClipFrame] {
        &self.frames
    }

    /// From this frame to the next, over the end if need be, in the codec's clock.
    pub(crate) fn step(&self, position: usize) -> u64 {
        let next = self.frames.get(position + 1).map_or(self.length, |frame| frame.at);
        next - self.frames[position].at
    }

    /// The first keyframe from this place on, over the end if need be.
    pub(crate) fn keyframe_from(&self, position: usize) -> usize {
        let from_here = self.frames.iter().enumerate().cycle().skip(position).take(self.frames.len());
        from_here.filter(|(_, frame)| frame.is_keyframe).map(|(place, _)| place).next().unwrap_or(0)
    }
}

/// The clock of a codec, in ticks a second.
pub(crate) fn clock_rate(codec: Codec) -> u64 {
    match codec {
        Codec::Opus => 48_000,
        Codec::Av1 | Codec::H264 | Codec::Vp8 | Codec::Vp9 => 90_000,
    }
}

pub(crate) fn duration(codec: Codec, ticks: u64) -> Duration {
    let rate = clock_rate(codec);
    Duration::from_secs(ticks / rate) + Duration::from_nanos(ticks % rate * 1_000_000_000 / rate)
}

/// Whether a VP8 frame can be decoded by itself (RFC 6386, 9.1).
pub(crate) fn is_vp8_keyframe(payload: &[u8]) -> bool {
    payload.first().is_some_and(|first| first & 1 == 0)
}

/// Width and height of a VP8 keyframe (RFC 6386, 9.1).
pub(crate) fn vp8_size(payload: &[u8]) -> Option<(u16, u16)> {
    let header =
        payload.get(..10).filter(|header| is_vp8_keyframe(header) && header[3..6] == [0x9d, 1, 0x2a])?;
    let size = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]) & 0x3fff;
    Some((size(6), size(8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_pattern_is_four_seconds_in_three_sizes_that_fit_each_other() {
        let pictures = Clip::test_pictures();

        let sizes = pictures.each_ref().map(|clip| vp8_size(&clip.frames[0].payload));
        assert_eq!(sizes, [Some((320, 180)), Some((640, 360)), Some((1280, 720))]);
        for clip in &pictures {
            let keyframes = clip.frames.iter().enumerate().filter(|(_, frame)| frame.is_keyframe);
            assert_eq!(keyframes.map(|(place, _)| place).collect::<Vec<_>>(), [0, 30]);
            assert_eq!((clip.frames.len(), clip.duration()), (60, Duration::from_secs(4)));
        }
        let tone = Clip::test_tone();
        assert!(tone.duration().abs_diff(Duration::from_secs(4)) < Duration::from_millis(40));
        assert!(tone.frames.windows(2).all(|pair| pair[1].at - pair[0].at == 960));
    }

    #[test]
    fn a_keyframe_is_found_over_the_end() {
        let [clip, ..] = Clip::test_pictures();
        assert_eq!([0, 1, 30, 31, 59].map(|from| clip.keyframe_from(from)), [0, 30, 30, 0, 0]);
    }

    #[test]
    fn files_that_are_no_media_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, contents: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, contents).unwrap();
            Clip::load(path).map(drop)
        };
        assert!(matches!(file("a.txt", b""), Err(ClipError::UnknownKind)));
        for name in ["a.ivf", "a.ogg", "a.webm"] {
            assert!(file(name, b"").is_err(), "{name}: nothing");
            assert!(file(name, &[7; 500]).is_err(), "{name}: nonsense");
        }
        assert!(matches!(Clip::load(folder.path().join("b.ivf")), Err(ClipError::Read(_))));
        let cut = &include_bytes!("../../assets/q.ivf")[..20_000];
        assert!(
            matches!(file("cut.ivf", cut), Ok(())),
            "what is there of a recording that broke off is played"
        );
    }
}
