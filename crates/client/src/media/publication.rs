//! Streams to be published.
use std::{path::Path, sync::Arc};

use offhook_sfu::endpoint::Codec;
use offhook_signaling::TrackSource;
use offhook_types::{Opaque, StreamId};

use super::{Clip, ClipError};

/// A stream to be published.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Publication {
    /// Shown to the others; at most 1 KiB. Default empty.
    pub extra_info: Opaque,
    /// Its name, unique in the room.
    pub stream: StreamId,
    /// Its tracks, one of each source.
    pub tracks: Vec<PublishedTrack>,
}

/// A track to be published.
#[derive(Clone, Debug)]
pub struct PublishedTrack {
    /// Its encodings with their names, the smallest first. A single one bears no name.
    pub(crate) encodings: Vec<(Option<String>, Arc<Clip>)>,
    /// Where it is said to come from.
    pub(crate) source: TrackSource,
}

impl PublishedTrack {
    /// A track with one encoding.
    #[must_use]
    pub fn single(source: TrackSource, clip: Arc<Clip>) -> Self {
        Self { encodings: vec![(None, clip)], source }
    }

    /// A picture in several sizes, named as here, the smallest first.
    #[must_use]
    pub fn simulcast(source: TrackSource, encodings: Vec<(String, Arc<Clip>)>) -> Self {
        let encodings = encodings.into_iter().map(|(rid, clip)| (Some(rid), clip)).collect();
        Self { encodings, source }
    }

    pub(crate) fn codec(&self) -> Option<Codec> {
        self.encodings.first().map(|(_, clip)| clip.codec())
    }
}

impl Publication {
    /// A stream without tracks.
    #[must_use]
    pub fn new(stream: StreamId) -> Self {
        Self { extra_info: Opaque::default(), stream, tracks: Vec::new() }
    }

    /// A moving picture in three sizes (320x180, 640x360 and 1280x720, 15 frames a second) and a tone.
    #[must_use]
    pub fn test_pattern(stream: StreamId) -> Self {
        let names = ["q", "h", "f"].map(str::to_owned);
        let encodings = names.into_iter().zip(Clip::test_pictures().map(Arc::new)).collect();
        let sound = Arc::new(Clip::test_tone());
        let tracks = vec![
            PublishedTrack::simulcast(TrackSource::Camera, encodings),
            PublishedTrack::single(TrackSource::Microphone, sound),
        ];
        Self { tracks, ..Self::new(stream) }
    }

    /// What a file holds, as if from camera and microphone. See [`Clip::load`].
    ///
    /// # Errors
    /// See [`ClipError`].
    pub fn load(stream: StreamId, path: impl AsRef<Path>) -> Result<Self, ClipError> {
        let tracks = Clip::load(path)?.into_iter().map(|clip| {
            let is_sound = clip.codec() == Codec::Opus;
            let source = if is_sound { TrackSource::Microphone } else { TrackSource::Camera };
            PublishedTrack::single(source, Arc::new(clip))
        });
        Ok(Self { tracks: tracks.collect(), ..Self::new(stream) })
    }
}
