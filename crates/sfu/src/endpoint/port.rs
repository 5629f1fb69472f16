//! What goes into an endpoint and what comes out.
use std::{error::Error, net::SocketAddr, sync::Arc, time::Instant};

use thiserror::Error;

use crate::{Source, Transmit, Transport};

/// How an endpoint is set up.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// What bandwidth estimation begins with, in bits a second; `None` for none, and for no pacing. Default none: what
    /// is written leaves at once.
    pub bandwidth: Option<u64>,
    /// The addresses that its packets leave from. At least one; loopback addresses are welcome.
    pub candidates: Vec<SocketAddr>,
    /// The sequence number of the first packet of each encoding. Default 1. A large one comes to the roll-over soon.
    pub first_sequence: u16,
    /// Whether a data channel for messages is opened with the first offer. Default yes. An endpoint without tracks
    /// cannot make an offer without it.
    pub messages: bool,
    /// What is written and read. Default [`Mode::Frames`].
    pub mode: Mode,
    /// How bytes travel. Over TCP the endpoint is the one that connects, from the addresses in `candidates`.
    pub transport: Transport,
}

impl EndpointConfig {
    /// Frames over UDP from these addresses, with a data channel and without bandwidth estimation.
    #[must_use]
    pub fn new(candidates: Vec<SocketAddr>) -> Self {
        Self {
            bandwidth: None,
            candidates,
            first_sequence: 1,
            messages: true,
            mode: Mode::Frames,
            transport: Transport::Udp,
        }
    }
}

/// What an endpoint writes and reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Whole frames; the endpoint packetizes them, puts them together again, and asks for a keyframe when it needs one.
    Frames,
    /// The payloads of packets, as they are. Cheap: for load, and for tests that look at packets.
    Packets,
}

/// How a track is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// AV1 (AOM).
    Av1,
    /// H.264 (RFC 6184).
    H264,
    /// Opus (RFC 7587).
    Opus,
    /// VP8 (RFC 7741).
    Vp8,
    /// VP9 (RFC 9628).
    Vp9,
}

/// A track to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackSpec {
    /// How it is encoded. The other side must have agreed to it by the time of the first write.
    pub codec: Codec,
    /// The names of its encodings (`rid`), the smallest first, as in `["q", "h", "f"]`; none for a single encoding.
    pub simulcast: Vec<String>,
    /// Where it comes from.
    pub source: Source,
}

impl TrackSpec {
    /// A track with a single encoding.
    #[must_use]
    pub fn new(source: Source, codec: Codec) -> Self {
        Self { codec, simulcast: Vec::new(), source }
    }

    /// A camera in VP8 with three encodings, named as Chromium does: q, h and f.
    #[must_use]
    pub fn camera() -> Self {
        let simulcast = ["q", "h", "f"].map(str::to_owned).to_vec();
        Self { codec: Codec::Vp8, simulcast, source: Source::Camera }
    }

    /// A microphone in Opus.
    #[must_use]
    pub fn microphone() -> Self {
        Self::new(Source::Microphone, Codec::Opus)
    }
}

/// A track that an endpoint publishes, in the order of [`super::Endpoint::publish`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackNo(pub(super) usize);

/// A description of our own, to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The description.
    pub sdp: String,
    /// Every track that is published, with the `a=mid` of its media section.
    pub tracks: Vec<(TrackNo, String)>,
}

/// A frame to send.
#[derive(Clone, Debug)]
pub struct Frame {
    /// How loud it is, in dBov (0 loudest, -127 silence); for audio. Without it nobody is heard to speak.
    pub audio_level: Option<i8>,
    /// The encoded frame.
    pub payload: Arc<[u8]>,
    /// When it was taken, in the codec's clock: 48,000 a second for Opus, 90,000 for pictures. Not cut to 32 bits.
    pub timestamp: u64,
}

/// A packet to send.
#[derive(Clone, Debug)]
pub struct Packet {
    /// How loud it is, as in [`Frame::audio_level`].
    pub audio_level: Option<i8>,
    /// Whether it is the last one of its frame.
    pub marker: bool,
    /// The payload with the codec's own header, without that of RTP.
    pub payload: Arc<[u8]>,
    /// When it was taken, in the codec's clock.
    pub timestamp: u32,
}

/// What comes out of an endpoint.
#[derive(Debug)]
pub enum EndpointOutput {
    /// The connection is over. Nothing follows.
    Closed,
    /// The connection stands: what is written from now on is sent.
    Connected,
    /// What the network towards the other side seems to carry, in bits a second. Only with
    /// [`EndpointConfig::bandwidth`].
    Estimate(u64),
    /// A frame arrived. Only in [`Mode::Frames`].
    Frame(ReceivedFrame),
    /// Nothing has been heard of the other side for tens of seconds. After a minute only a restart of ICE would bring it
    /// back, which this endpoint does not make: who needs it begins a new one.
    Interrupted,
    /// The other side needs a keyframe of this encoding.
    KeyframeWanted {
        /// The encoding; `None` where there is only one.
        rid: Option<String>,
        /// The track.
        track: TrackNo,
    },
    /// A text arrived on the data channel.
    Message(String),
    /// Messages can be sent from now on.
    MessagesOpen,
    /// A packet arrived. Only in [`Mode::Packets`].
    Packet(ReceivedPacket),
    /// The other side is heard again.
    Resumed,
    /// To be sent.
    Transmit(Transmit),
}

/// A frame that arrived.
#[derive(Clone, Debug)]
pub struct ReceivedFrame {
    /// When its first packet arrived.
    pub arrived: Instant,
    /// How loud it is, as in [`Frame::audio_level`], if the sender says so.
    pub audio_level: Option<i8>,
    /// The codec's clock, in ticks a second.
    pub clock_rate: u32,
    /// How it is encoded.
    pub codec: Codec,
    /// Whether everything that a decoder needs for it has arrived. Always so for audio.
    pub decodable: bool,
    /// Whether it can be decoded by itself. Never so for audio.
    pub keyframe: bool,
    /// Its media section.
    pub mid: Arc<str>,
    /// The encoded frame.
    pub payload: Arc<[u8]>,
    /// The encoding, where the sender sends several.
    pub rid: Option<Arc<str>>,
    /// When it was taken, in the codec's clock, with its roll-overs counted.
    pub timestamp: u64,
}

impl ReceivedFrame {
    /// Width and height of the picture, in pixels, as keyframes of VP8 tell them (RFC 6386, 9.1).
    #[must_use]
    pub fn picture_size(&self) -> Option<(u16, u16)> {
        let header = self.payload.get(..10).filter(|_| self.codec == Codec::Vp8 && self.keyframe)?;
        let size = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]) & 0x3fff;
        Some((size(6), size(8)))
    }
}

/// A packet that arrived.
#[derive(Clone, Debug)]
pub struct ReceivedPacket {
    /// How loud it is, as in [`Frame::audio_level`], if the sender says so.
    pub audio_level: Option<i8>,
    /// When it arrived.
    pub arrived: Instant,
    /// How it is encoded; `None` for what this crate does not name.
    pub codec: Option<Codec>,
    /// Whether it is the last one of its frame.
    pub marker: bool,
    /// Its media section.
    pub mid: Arc<str>,
    /// The payload, without the header of RTP.
    pub payload: Arc<[u8]>,
    /// The encoding, where the sender sends several.
    pub rid: Option<Arc<str>>,
    /// Its number, with its roll-overs counted.
    pub sequence: u64,
    /// When it was taken, in the codec's clock.
    pub timestamp: u32,
}

/// What arrived of one media section's encoding, since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reception {
    /// Payload, in bytes.
    pub bytes: u64,
    /// How it is encoded, once something has arrived.
    pub codec: Option<Codec>,
    /// Frames that a decoder could show or play. Counted in [`Mode::Frames`] alone.
    pub decodable_frames: u64,
    /// Whole frames. Counted in [`Mode::Frames`] alone.
    pub frames: u64,
    /// How often something was missing: holes that a listener hears concealed, or a viewer sees.
    pub gaps: u64,
    /// Keyframes that this endpoint has asked for.
    pub keyframe_requests: u64,
    /// Keyframes among the frames. Counted in [`Mode::Frames`] alone.
    pub keyframes: u64,
    /// Packets that never arrived, also not when sent again.
    pub lost: u64,
    /// The media section.
    pub mid: Arc<str>,
    /// Packets.
    pub packets: u64,
    /// The encoding, where the sender sends several.
    pub rid: Option<Arc<str>>,
}

/// What went over the network since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes that arrived, without the headers of IP.
    pub bytes_in: u64,
    /// Bytes to send.
    pub bytes_out: u64,
    /// Packets that arrived.
    pub packets_in: u64,
    /// Packets to send.
    pub packets_out: u64,
}

/// Why an endpoint did not do what it was asked. It is as it was.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// The address cannot be a candidate.
    #[error("the address cannot be used for media")]
    Address(#[source] Cause),
    /// The other side has not agreed to the codec.
    #[error("the other side has not agreed to the codec")]
    CodecNotAgreed,
    /// The description cannot be used.
    #[error("the session description cannot be used")]
    Description(#[source] Cause),
    /// There is no offer of ours that this could answer.
    #[error("there is no offer to be answered")]
    NoOffer,
    /// No such track, encoding or media section.
    #[error("there is no such track or encoding")]
    NoTrack,
    /// The connection does not stand, or the data channel is not open.
    #[error("the connection does not stand")]
    NotConnected,
    /// An offer of ours is unanswered: the other side makes its own again after it.
    #[error("an offer of ours waits for its answer")]
    OfferPending,
    /// The media library refused.
    #[error("the media library refused")]
    Refused(#[source] Cause),
    /// Frames were written in [`Mode::Packets`], or packets in [`Mode::Frames`].
    #[error("this endpoint is in the other mode")]
    WrongMode,
}

/// What the media library said.
pub type Cause = Box<dyn Error + Send + Sync>;
