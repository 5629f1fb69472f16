//! A participant's own side of a connection: for bots, tests and load.
//!
//! [`Endpoint`] is a machine like [`crate::Sfu`], with the same drain rule: after every call that changes it, call
//! [`Endpoint::poll_output`] until it returns `None`, send each [`EndpointOutput::Transmit`], and then sleep until
//! [`Endpoint::poll_timeout`] or the next datagram. What is written leaves with the next drain.
//!
//! It encodes and decodes nothing. It does not know rooms either: who tells it what to offer and what to answer keeps to
//! the rules of docs/protocol.md, "Rooms".

mod negotiation;
mod port;
mod reception;
mod write;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Reason, Rtc,
    bwe::{Bitrate, BweKind},
    change::SdpPendingOffer,
    channel::ChannelId,
    format,
    media::{KeyframeRequestKind, MediaData, Mid, Rid},
    net::{Protocol, Receive, TcpType},
    rtp::RtpPacket,
};

pub use port::*;
use reception::{Arrival, Receiving};
use write::Track;

use crate::{Datagram, Transmit, Transport};

/// The label of the data channel that carries messages.
const MESSAGES: &str = "messages";

/// So many packets of a picture's successors wait for what is missing of it: a second of 2 Mbit/s. Less gives up before a
/// packet that is sent again can arrive.
const HELD_PACKETS: usize = 256;

/// And at most so long. Longer shows frozen pictures for longer, shorter gives up what has been lost twice.
const HELD_FOR: Duration = Duration::from_millis(800);

/// A participant's own side of a connection. See the module's documentation for the drain rule.
pub struct Endpoint {
    /// The data channel, once it is open.
    channel: Option<ChannelId>,
    config: EndpointConfig,
    deadline: Option<Instant>,
    /// Something was written, which leaves when the library is told the time.
    dirty: Option<Instant>,
    is_closed: bool,
    is_connected: bool,
    is_interrupted: bool,
    outputs: VecDeque<EndpointOutput>,
    pending: Option<SdpPendingOffer>,
    receiving: Vec<Receiving>,
    rtc: Rtc,
    /// Which of `receiving` a synchronization source is. In [`Mode::Packets`] alone.
    sources: BTreeMap<u32, usize>,
    tracks: Vec<Track>,
    traffic: Traffic,
    wants_channel: bool,
}

impl Endpoint {
    /// An endpoint that knows nobody. [`crate::install_crypto`] must have been called in this process.
    ///
    /// # Errors
    /// [`EndpointError::Address`].
    pub fn new(config: EndpointConfig, now: Instant) -> Result<Self, EndpointError> {
        let builder = Rtc::builder()
            .set_rtp_mode(config.mode == Mode::Packets)
            .set_reordering_size_video(HELD_PACKETS)
            .set_reordering_timeout_video(Some(HELD_FOR))
            .enable_opus(true, false)
            .enable_bwe(config.bandwidth.map(Bitrate::bps));
        let mut rtc = builder.build(now);
        for &address in &config.candidates {
            let candidate = match config.transport {
                Transport::Udp => Candidate::builder().udp().host(address).build(),
                Transport::Tcp => Candidate::builder().tcp().host(address).tcptype(TcpType::Active).build(),
                Transport::SslTcp => {
                    Candidate::builder().ssl_tcp().host(address).tcptype(TcpType::Active).build()
                }
            };
            rtc.add_local_candidate(candidate.map_err(|error| EndpointError::Address(error.into()))?);
        }
        Ok(Self {
            channel: None,
            wants_channel: config.messages,
            config,
            deadline: None,
            dirty: Some(now),
            is_closed: false,
            is_connected: false,
            is_interrupted: false,
            outputs: VecDeque::new(),
            pending: None,
            receiving: Vec::new(),
            rtc,
            sources: BTreeMap::new(),
            tracks: Vec::new(),
            traffic: Traffic::default(),
        })
    }

    /// Takes a packet in. What cannot be read, and what comes after the end, is ignored.
    pub fn receive(&mut self, now: Instant, datagram: Datagram<'_>) {
        let Datagram { contents, destination, source, transport } = datagram;
        self.traffic.packets_in += 1;
        self.traffic.bytes_in += contents.len() as u64;
        let protocol = match transport {
            Transport::SslTcp => Protocol::SslTcp,
            Transport::Tcp => Protocol::Tcp,
            Transport::Udp => Protocol::Udp,
        };
        let Ok(received) = Receive::new(protocol, source, destination, contents) else { return };
        self.take(Input::Receive(now, received));
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.dirty = None;
        self.take(Input::Timeout(now));
    }

    /// When [`Self::handle_timeout`] is to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.dirty.into_iter().chain(self.deadline).min()
    }

    /// What is to be done next; `None` when everything is.
    pub fn poll_output(&mut self) -> Option<EndpointOutput> {
        if self.outputs.is_empty()
            && let Some(written) = self.dirty.take()
        {
            self.take(Input::Timeout(written));
        }
        self.outputs.pop_front()
    }

    /// Whether the connection stands.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.is_connected && !self.is_closed
    }

    /// Asks the other side for a keyframe of what it sends in this section. In [`Mode::Frames`] this is done unasked
    /// when one is needed.
    ///
    /// # Errors
    /// [`EndpointError::NoTrack`] if nothing has arrived there yet.
    pub fn keyframe_request(
        &mut self,
        now: Instant,
        mid: &str,
        rid: Option<&str>,
    ) -> Result<(), EndpointError> {
        if !self.ask_for_keyframe(Mid::from(mid), rid.map(Rid::from)) {
            return Err(EndpointError::NoTrack);
        }
        self.dirty = Some(now);
        Ok(())
    }

    /// Sends a text to the other side, on the data channel.
    ///
    /// # Errors
    /// [`EndpointError::NotConnected`] before [`EndpointOutput::MessagesOpen`], or if too much waits already.
    pub fn send_message(&mut self, now: Instant, text: &str) -> Result<(), EndpointError> {
        let channel = self.channel.and_then(|channel| self.rtc.channel(channel));
        let written = channel.ok_or(EndpointError::NotConnected)?.write(false, text.as_bytes());
        if !written.map_err(|error| EndpointError::Refused(error.into()))? {
            return Err(EndpointError::NotConnected);
        }
        self.dirty = Some(now);
        Ok(())
    }

    /// Tells bandwidth estimation how much there would be to send, in bits a second; it probes that far upwards.
    pub fn desire(&mut self, bandwidth: u64) {
        self.rtc.bwe().set_desired_bitrate(Bitrate::bps(bandwidth));
    }

    /// Ends the connection, and tells the other side.
    pub fn close(&mut self, now: Instant) {
        // An error means that there is nobody to tell.
        drop(self.rtc.close());
        self.dirty = Some(now);
    }

    /// What arrived of each encoding, in the order of its first arrival.
    pub fn receptions(&self) -> impl Iterator<Item = &Reception> {
        self.receiving.iter().map(|receiving| &receiving.reception)
    }

    /// What went over the network.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    fn take(&mut self, input: Input<'_>) {
        if self.is_closed {
            return;
        }
        if let Err(error) = self.rtc.handle_input(input) {
            // One bad packet is the other side's fault and ends nothing.
            tracing::debug!(%error, "the media library refused an input");
        }
        self.drain();
    }

    /// Empties the library, as it demands after every change.
    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Event(event)) => self.event(event),
                Ok(Output::Timeout(deadline)) => {
                    let never = self.rtc.last_timeout_reason() == Reason::NotHappening;
                    self.deadline = (!never).then_some(deadline);
                    break;
                }
                Ok(Output::Transmit(transmit)) => self.transmit(transmit),
                Err(error) => {
                    tracing::debug!(%error, "the media library failed");
                    self.rtc.disconnect();
                    break;
                }
            }
        }
        if !self.rtc.is_alive() && !self.is_closed {
            self.is_closed = true;
            self.deadline = None;
            self.outputs.push_back(EndpointOutput::Closed);
        }
    }

    fn transmit(&mut self, transmit: str0m::net::Transmit) {
        let contents: Vec<u8> = transmit.contents.into();
        self.traffic.packets_out += 1;
        self.traffic.bytes_out += contents.len() as u64;
        self.outputs.push_back(EndpointOutput::Transmit(Transmit {
            contents,
            destination: transmit.destination,
            source: transmit.source,
            transport: self.config.transport,
        }));
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "the library may add events, and most concern servers")]
    fn event(&mut self, event: Event) {
        match event {
            Event::ChannelClose(channel) if self.channel == Some(channel) => self.channel = None,
            Event::ChannelData(data) if self.channel == Some(data.id) => {
                if let Ok(text) = String::from_utf8(data.data) {
                    self.outputs.push_back(EndpointOutput::Message(text));
                }
            }
            Event::ChannelOpen(channel, label) if label == MESSAGES => {
                self.channel = Some(channel);
                self.outputs.push_back(EndpointOutput::MessagesOpen);
            }
            Event::Connected => {
                self.is_connected = true;
                self.outputs.push_back(EndpointOutput::Connected);
            }
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                self.outputs.push_back(EndpointOutput::Estimate(estimate.as_u64()));
            }
            Event::IceConnectionStateChange(state) => self.heard(state),
            Event::KeyframeRequest(request) => self.keyframe_wanted(request.mid, request.rid),
            Event::MediaData(data) => self.frame(data),
            Event::RtpPacket(packet) => self.packet(packet),
            _ => {}
        }
    }

    fn heard(&mut self, state: IceConnectionState) {
        match state {
            IceConnectionState::Checking | IceConnectionState::New => {}
            IceConnectionState::Completed | IceConnectionState::Connected => {
                if std::mem::take(&mut self.is_interrupted) {
                    self.outputs.push_back(EndpointOutput::Resumed);
                }
            }
            IceConnectionState::Disconnected => {
                if self.is_connected && !self.is_interrupted {
                    self.is_interrupted = true;
                    self.outputs.push_back(EndpointOutput::Interrupted);
                }
            }
        }
    }

    fn keyframe_wanted(&mut self, mid: Mid, rid: Option<Rid>) {
        if let Some(track) = self.track_of(mid) {
            let rid = rid.map(|rid| rid.to_string());
            self.outputs.push_back(EndpointOutput::KeyframeWanted { rid, track });
        }
    }

    fn frame(&mut self, data: MediaData) {
        let Some(codec) = named(data.params.spec().codec) else { return };
        let now = data.network_time;
        let keyframe = data.is_keyframe();
        let sequence = (**data.seq_range.start(), **data.seq_range.end());
        let place = self.receiving(data.mid, data.rid);
        let receiving = &mut self.receiving[place];
        receiving.count(Arrival { bytes: data.data.len(), codec: Some(codec), sequence });
        let decodable = receiving.frame(keyframe, data.contiguous);
        let Reception { mid, rid, .. } = &receiving.reception;
        self.outputs.push_back(EndpointOutput::Frame(ReceivedFrame {
            arrived: now,
            audio_level: data.ext_vals.audio_level,
            clock_rate: data.time.denom(),
            codec,
            decodable,
            keyframe,
            mid: Arc::clone(mid),
            payload: data.data,
            rid: rid.clone(),
            timestamp: data.time.numer(),
        }));
        if receiving.ask(now) && self.ask_for_keyframe(data.mid, data.rid) {
            self.dirty = Some(now);
        }
    }

    fn packet(&mut self, packet: RtpPacket) {
        // An empty one only probes the network.
        if packet.payload.is_empty() {
            return;
        }
        let Some(place) = self.source(*packet.header.ssrc) else { return };
        let kind = packet.header.payload_type;
        let params = self.rtc.codec_config().params().iter().find(|params| params.pt() == kind);
        let codec = params.and_then(|params| named(params.spec().codec));
        let sequence = *packet.seq_no;
        let receiving = &mut self.receiving[place];
        receiving.count(Arrival { bytes: packet.payload.len(), codec, sequence: (sequence, sequence) });
        let Reception { mid, rid, .. } = &receiving.reception;
        self.outputs.push_back(EndpointOutput::Packet(ReceivedPacket {
            arrived: packet.timestamp,
            audio_level: packet.header.ext_vals.audio_level,
            codec,
            marker: packet.header.marker,
            mid: Arc::clone(mid),
            payload: packet.payload,
            rid: rid.clone(),
            sequence,
            timestamp: packet.header.timestamp,
        }));
    }

    /// Where the encoding of a synchronization source is counted.
    fn source(&mut self, source: u32) -> Option<usize> {
        if let Some(&place) = self.sources.get(&source) {
            return Some(place);
        }
        let mut api = self.rtc.direct_api();
        let stream = api.stream_rx(&source.into())?;
        let (mid, rid) = (stream.mid(), stream.rid());
        let place = self.receiving(mid, rid);
        self.sources.insert(source, place);
        Some(place)
    }

    /// Where an encoding is counted.
    fn receiving(&mut self, mid: Mid, rid: Option<Rid>) -> usize {
        let known = self.receiving.iter().position(|receiving| {
            let reception = &receiving.reception;
            *reception.mid == *mid && reception.rid.as_deref() == rid.as_deref()
        });
        known.unwrap_or_else(|| {
            self.receiving.push(Receiving::new((*mid).into(), rid.as_deref().map(Arc::from)));
            self.receiving.len() - 1
        })
    }

    fn ask_for_keyframe(&mut self, mid: Mid, rid: Option<Rid>) -> bool {
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_rx_by_mid(mid, rid) else { return false };
        stream.request_keyframe(KeyframeRequestKind::Pli);
        true
    }
}

/// The codec in our words.
#[allow(clippy::wildcard_enum_match_arm, reason = "the library names more codecs than are used here")]
fn named(codec: format::Codec) -> Option<Codec> {
    match codec {
        format::Codec::Av1 => Some(Codec::Av1),
        format::Codec::H264 => Some(Codec::H264),
        format::Codec::Opus => Some(Codec::Opus),
        format::Codec::Vp8 => Some(Codec::Vp8),
        format::Codec::Vp9 => Some(Codec::Vp9),
        _ => None,
    }
}
