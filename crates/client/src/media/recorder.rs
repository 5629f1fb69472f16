//! Records a stream into a file, encoded as it came.
use std::{
    fs::File,
    io::{self, BufWriter},
    path::Path,
    time::{Duration, Instant},
};

use offhook_sfu::endpoint::{Codec, ReceivedFrame};

use super::{
    clip::{clock_rate, duration, vp8_size},
    ogg, opus, webm,
};

/// How long sound waits for a picture before the file begins without one. More loses more of the sound if there never is
/// a picture.
const PICTURE_PATIENCE: Duration = Duration::from_secs(3);

/// The longest hole in the sound that is filled, in samples of 48 kHz: 10 s. What is missing beyond it is left out.
const MAX_FILL: u64 = 480_000;

/// Records what one user sends: Opus into `.ogg` or `.opus`, VP8 and Opus into `.webm`. Other codecs are left out. What
/// has been written is good even if the program is killed; [`Recorder::finish`] writes the rest. Blocks on the disk.
pub struct Recorder {
    file: Recording,
    /// When the file's time began.
    origin: Option<Instant>,
    sound: Option<Place>,
    picture: Option<Place>,
}

/// Why nothing can be recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The file cannot be created.
    #[error("the file cannot be created")]
    Create(#[from] io::Error),
    /// The file's name ends in none of `.ogg`, `.opus` and `.webm`.
    #[error("the file's name ends in none of .ogg, .opus and .webm")]
    UnknownKind,
}

enum Recording {
    Ogg(Option<ogg::Writer<BufWriter<File>>>, Option<File>),
    WebM(Option<webm::Writer<BufWriter<File>>>, Option<File>),
}

/// Where a track is in the file's time.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// When it began.
    began: Duration,
    /// What its first frame's timestamp was.
    first: u64,
}

impl Recorder {
    /// Creates the file, in place of one of the same name.
    ///
    /// # Errors
    /// See [`RecordError`].
    pub fn create(path: impl AsRef<Path>) -> Result<Self, RecordError> {
        let path = path.as_ref();
        let kind = path.extension().and_then(|kind| kind.to_str()).map(str::to_ascii_lowercase);
        let is_webm = match kind.as_deref() {
            Some("ogg" | "opus") => false,
            Some("webm") => true,
            Some(_) | None => return Err(RecordError::UnknownKind),
        };
        let file = Some(File::create(path)?);
        let file = if is_webm { Recording::WebM(None, file) } else { Recording::Ogg(None, file) };
        Ok(Self { file, origin: None, sound: None, picture: None })
    }

    /// Records a frame. Pictures are left out until the first that can be decoded.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write(&mut self, frame: &ReceivedFrame) -> io::Result<()> {
        let is_sound = match frame.codec {
            Codec::Opus => true,
            Codec::Vp8 if frame.decodable => false,
            Codec::Av1 | Codec::H264 | Codec::Vp8 | Codec::Vp9 => return Ok(()),
        };
        let origin = *self.origin.get_or_insert(frame.arrived);
        let place = if is_sound { &mut self.sound } else { &mut self.picture };
        let began = frame.arrived.saturating_duration_since(origin);
        let place = *place.get_or_insert(Place { began, first: frame.timestamp });
        let past = frame.timestamp.saturating_sub(place.first);
        match &mut self.file {
            Recording::Ogg(..) if !is_sound => Ok(()),
            Recording::Ogg(writer, file) => {
                let channels = if opus::is_stereo(&frame.payload) { 2 } else { 1 };
                if let Some(file) = file.take() {
                    *writer = Some(ogg::Writer::new(BufWriter::new(file), channels)?);
                }
                writer.as_mut().map_or(Ok(()), |writer| write_sound(writer, past, &frame.payload))
            }
            Recording::WebM(writer, file) => {
                if file.is_some() && is_sound && began < PICTURE_PATIENCE {
                    return Ok(());
                }
                if let Some(file) = file.take() {
                    // A picture says its own size; this one only fills the form.
                    let (width, height) =
                        vp8_size(&frame.payload).filter(|_| !is_sound).unwrap_or((640, 360));
                    let tracks = [webm::Track::Vp8 { height, width }, webm::Track::Opus { channels: 2 }];
                    *writer = Some(webm::Writer::new(BufWriter::new(file), &tracks)?);
                }
                let at = place.began + duration(frame.codec, past);
                let block = webm::Block {
                    at_ms: u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
                    is_keyframe: is_sound || frame.keyframe,
                    payload: frame.payload.clone(),
                    track: u8::from(is_sound),
                };
                writer.as_mut().map_or(Ok(()), |writer| writer.write(&block))
            }
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(self) -> io::Result<()> {
        match self.file {
            Recording::Ogg(writer, _) => writer.map_or(Ok(()), |writer| writer.finish().map(drop)),
            Recording::WebM(writer, _) => writer.map_or(Ok(()), |writer| writer.finish().map(drop)),
        }
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// Writes a packet where it belongs. A stream of Opus has no holes, so what is missing is concealed.
fn write_sound<W: io::Write>(writer: &mut ogg::Writer<W>, at: u64, packet: &[u8]) -> io::Result<()> {
    let concealment = opus::concealment(packet);
    let step = opus::samples(&concealment).unwrap_or(clock_rate(Codec::Opus));
    let missing = at.saturating_sub(writer.position()).min(MAX_FILL);
    for _ in 0..missing / step {
        writer.write(&concealment)?;
    }
    writer.write(packet)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::media::Clip;

    #[test]
    fn sound_keeps_its_time_over_a_hole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sound.ogg");
        let mut recorder = Recorder::create(&path).unwrap();
        let start = start();

        for (number, frame) in Clip::test_tone().frames().iter().enumerate() {
            if !(50..75).contains(&number) {
                recorder
                    .write(&received(start, Codec::Opus, (frame.at + 1_000_000, &frame.payload)))
                    .unwrap();
            }
        }
        recorder.finish().unwrap();

        let [copy] = Clip::load(&path).unwrap().try_into().unwrap();
        let original = Clip::test_tone();
        assert_eq!(copy.duration(), original.duration());
        assert_eq!(copy.frames()[49], original.frames()[49]);
        assert!(copy.frames()[50..75].iter().all(|frame| frame.payload.len() == 1), "concealed");
        assert_eq!(copy.frames()[75..], original.frames()[75..]);
    }

    #[test]
    fn a_film_begins_with_its_first_keyframe_and_keeps_sound_and_picture_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.webm");
        let mut recorder = Recorder::create(&path).unwrap();
        let [_, picture, _] = Clip::test_pictures();
        let start = start();
        let mut frames = Vec::new();
        for frame in Clip::test_tone().frames() {
            frames.push(received(start, Codec::Opus, (frame.at, &frame.payload)));
        }
        // The picture comes from its second keyframe on; what is before it cannot be decoded.
        for (number, frame) in picture.frames().iter().enumerate() {
            let mut frame = received(start, Codec::Vp8, (frame.at, &frame.payload));
            frame.decodable = number >= 30;
            frame.keyframe = number % 30 == 0;
            frames.push(frame);
        }
        frames.sort_by_key(|frame| frame.arrived);
        for frame in &frames {
            recorder.write(frame).unwrap();
        }
        recorder.finish().unwrap();

        let [seen, heard] = Clip::load(&path).unwrap().try_into().unwrap();
        assert_eq!(seen.frames().len(), 30);
        assert!(seen.frames()[0].is_keyframe && seen.frames()[0].payload == picture.frames()[30].payload);
        assert_eq!(seen.frames()[0].at, 180_000, "two seconds");
        assert!(heard.frames()[0].at.abs_diff(96_000) <= 960, "the sound from then on");
    }

    #[test]
    fn a_film_without_a_picture_is_its_sound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dark.webm");
        let mut recorder = Recorder::create(&path).unwrap();
        let start = start();
        for frame in Clip::test_tone().frames() {
            recorder.write(&received(start, Codec::Opus, (frame.at, &frame.payload))).unwrap();
        }
        recorder.finish().unwrap();

        let [heard] = Clip::load(&path).unwrap().try_into().unwrap();
        assert_eq!(heard.frames(), &Clip::test_tone().frames()[150..], "what comes after three seconds");
    }

    fn received(start: Instant, codec: Codec, (at, payload): (u64, &Arc<[u8]>)) -> ReceivedFrame {
        ReceivedFrame {
            arrived: start + duration(codec, at % 1_000_000),
            audio_level: None,
            clock_rate: clock_rate(codec) as u32,
            codec,
            decodable: true,
            keyframe: false,
            mid: "0".into(),
            payload: Arc::clone(payload),
            rid: None,
            timestamp: at,
        }
    }

    fn start() -> Instant {
        tokio::time::Instant::now().into_std()
    }
}
