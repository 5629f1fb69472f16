//! What is published: tracks, and the writing of their frames and packets.
use std::time::Instant;

use str0m::{
    format,
    media::{MediaTime, Mid, Pt, Rid},
    rtp::{ExtensionValues, RtpWrite, SeqNo},
};

use super::{
    Endpoint, EndpointError, Mode,
    port::{Codec, Frame, Packet, TrackNo, TrackSpec},
};

/// A track that is published.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) is_wanted: bool,
    /// Its media section, once it has been offered.
    pub(super) mid: Option<Mid>,
    /// What the two sides call its codec; found out at the first write after each negotiation.
    pub(super) payload_type: Option<Pt>,
    /// The number of the next packet, for each encoding.
    sequences: Vec<u64>,
    pub(super) spec: TrackSpec,
}

impl Track {
    pub(super) fn new(spec: TrackSpec, first_sequence: u16) -> Self {
        let encodings = spec.simulcast.len().max(1);
        let sequences = vec![u64::from(first_sequence); encodings];
        Self { is_wanted: true, mid: None, payload_type: None, sequences, spec }
    }

    /// Which encoding a name means.
    fn encoding(&self, rid: Option<&str>) -> Option<usize> {
        match rid {
            None => self.spec.simulcast.is_empty().then_some(0),
            Some(rid) => self.spec.simulcast.iter().position(|known| known == rid),
        }
    }
}

/// Where something is written to.
struct Destination {
    encoding: usize,
    mid: Mid,
    payload_type: Pt,
}

impl Endpoint {
    /// Sends a frame of a track, in this encoding if the track has several.
    ///
    /// # Errors
    /// [`EndpointError::NotConnected`], [`EndpointError::NoTrack`] (also while the track has not been agreed upon),
    /// [`EndpointError::CodecNotAgreed`], [`EndpointError::WrongMode`], [`EndpointError::Refused`]: the frame is dropped.
    pub fn write_frame(
        &mut self,
        now: Instant,
        (track, rid): (TrackNo, Option<&str>),
        frame: Frame,
    ) -> Result<(), EndpointError> {
        let destination = self.destination(Mode::Frames, track, rid)?;
        let frequency = match self.tracks[track.0].spec.codec {
            Codec::Opus => str0m::media::Frequency::FORTY_EIGHT_KHZ,
            Codec::Av1 | Codec::H264 | Codec::Vp8 | Codec::Vp9 => str0m::media::Frequency::NINETY_KHZ,
        };
        let mut writer = self.rtc.writer(destination.mid).ok_or(EndpointError::NoTrack)?;
        if let Some(rid) = rid {
            writer = writer.rid(Rid::from(rid));
        }
        if let Some(level) = frame.audio_level {
            writer = writer.audio_level(level, level > SILENCE);
        }
        let time = MediaTime::new(frame.timestamp, frequency);
        let written = writer.write(destination.payload_type, now, time, frame.payload);
        written.map_err(|error| EndpointError::Refused(error.into()))?;
        self.dirty = Some(now);
        Ok(())
    }

    /// Sends a packet of a track, in this encoding if the track has several. Packets are numbered here.
    ///
    /// # Errors
    /// As [`Self::write_frame`].
    pub fn write_packet(
        &mut self,
        now: Instant,
        (track, rid): (TrackNo, Option<&str>),
        packet: Packet,
    ) -> Result<(), EndpointError> {
        let destination = self.destination(Mode::Packets, track, rid)?;
        let mut api = self.rtc.direct_api();
        let stream =
            api.stream_tx_by_mid(destination.mid, rid.map(Rid::from)).ok_or(EndpointError::NoTrack)?;
        let track = &mut self.tracks[track.0];
        let sequence = &mut track.sequences[destination.encoding];
        let Packet { audio_level, marker, payload, timestamp } = packet;
        let voice_activity = audio_level.map(|level| level > SILENCE);
        let extensions = ExtensionValues { audio_level, voice_activity, ..ExtensionValues::default() };
        let number = SeqNo::from(*sequence);
        let write = RtpWrite::new(destination.payload_type, number, timestamp, now, payload)
            .marker(marker)
            .ext_vals(extensions)
            .nackable(track.spec.source.is_video());
        stream.write_rtp(write);
        *sequence += 1;
        self.dirty = Some(now);
        Ok(())
    }

    /// The track of a media section.
    pub(super) fn track_of(&self, mid: Mid) -> Option<TrackNo> {
        self.tracks.iter().position(|track| track.mid == Some(mid)).map(TrackNo)
    }

    fn destination(
        &mut self,
        mode: Mode,
        track: TrackNo,
        rid: Option<&str>,
    ) -> Result<Destination, EndpointError> {
        if self.config.mode != mode {
            return Err(EndpointError::WrongMode);
        }
        if !self.is_connected() {
            return Err(EndpointError::NotConnected);
        }
        let track = self.tracks.get_mut(track.0).filter(|track| track.is_wanted);
        let track = track.ok_or(EndpointError::NoTrack)?;
        let encoding = track.encoding(rid).ok_or(EndpointError::NoTrack)?;
        let mid = track.mid.ok_or(EndpointError::NoTrack)?;
        let payload_type = match track.payload_type {
            Some(known) => known,
            None => {
                let media = self.rtc.media(mid).ok_or(EndpointError::NoTrack)?;
                let codec = named(track.spec.codec);
                let agreed = |payload_type: &&Pt| {
                    let params = self.rtc.codec_config().params();
                    params.iter().any(|params| params.pt() == **payload_type && params.spec().codec == codec)
                };
                *media.remote_pts().iter().find(agreed).ok_or(EndpointError::CodecNotAgreed)?
            }
        };
        track.payload_type = Some(payload_type);
        Ok(Destination { encoding, mid, payload_type })
    }
}

/// What is not louder is no voice, in dBov.
const SILENCE: i8 = -60;

/// The codec in the library's words.
fn named(codec: Codec) -> format::Codec {
    match codec {
        Codec::Av1 => format::Codec::Av1,
        Codec::H264 => format::Codec::H264,
        Codec::Opus => format::Codec::Opus,
        Codec::Vp8 => format::Codec::Vp8,
        Codec::Vp9 => format::Codec::Vp9,
    }
}
