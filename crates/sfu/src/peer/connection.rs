//! The WebRTC side of a participant: str0m's machine, and what was negotiated with it.
use std::{
    collections::HashMap,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Input, Output as Polled, Rtc, RtcError,
    bwe::Bitrate,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    channel::ChannelId,
    config::{DtlsCert, DtlsVersion},
    net::{Protocol, Receive, TcpType},
    rtp::Ssrc,
};

use super::{
    PeerId,
    description::{Description, Section, sections_of},
    slots::Slots,
};
use crate::{
    Candidate as Announced, Config, Refusal, Transport,
    allocator::{START_BPS, YOUNG_BPS},
    room::TrackNo,
    ufrag::Ufrag,
};

/// How often str0m tells how packets travel. More often costs time, less makes quality old news.
const STATS_INTERVAL: Duration = Duration::from_secs(2);

/// Packets of a track that are kept for a receiver that asks again: 1.5 seconds of 4 Mbit/s. More costs memory for each
/// subscriber, less loses pictures on long ways.
const SEND_BUFFER: usize = 600;

/// How many addresses one participant is heard from at a time: a few networks, each over UDP and TCP. More lets it fill our
/// memory, less breaks a change of networks.
const MAX_SOCKETS: usize = 16;

/// So many errors of str0m that were not its end are passed over. More keeps a broken connection for longer, less lets bad
/// luck end a good one.
const MAX_HICCUPS: u32 = 100;

/// What every connection of a machine is made of.
#[derive(Debug)]
pub(crate) struct Setup {
    candidates: Vec<Candidate>,
    /// One for all: making one for each costs more than the rest of a join.
    certificate: Option<DtlsCert>,
    ice_lite: bool,
    worker: u16,
}

/// A connection.
pub(crate) struct Connection {
    /// The data channel for messages, once it is open.
    pub(crate) channel: Option<ChannelId>,
    /// Whose it is; `None` before the first description.
    pub(crate) fingerprint: Option<String>,
    hiccups: u32,
    pub(crate) inbound: HashMap<Ssrc, Inbound>,
    /// Whether either side has closed it: whatever str0m says of it from here on, only another one can take its place.
    pub(crate) is_over: bool,
    /// The newest time that str0m was told; it passes over older ones.
    now: Instant,
    pub(crate) pending: Option<Pending>,
    pub(crate) rtc: Rtc,
    /// What was negotiated last, in order.
    pub(crate) sections: Vec<Section>,
    pub(crate) slots: Slots,
    sockets: Vec<(Transport, SocketAddr)>,
    ufrag: Ufrag,
}

/// What a synchronization source carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inbound {
    pub(crate) encoding: u8,
    /// `None` if it carries nothing that is published.
    pub(crate) track: Option<TrackNo>,
}

/// An offer of ours that waits for its answer.
pub(crate) struct Pending {
    pub(crate) changes: SdpPendingOffer,
    pub(crate) made_at: Instant,
    /// Whether the device has let it pass, since it waited for the answer to an offer of its own.
    pub(crate) passed_over: bool,
    pub(crate) sections: Vec<Section>,
}

/// Why a connection cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// str0m has come to an end with it.
    Closed,
    /// str0m panicked: a bug, which must not reach anybody else.
    Panicked,
}

impl Setup {
    pub(crate) fn new(config: &Config) -> Self {
        let certificate = str0m::crypto::from_feature_flags().dtls_provider.generate_certificate();
        let candidates = config.candidates.iter().filter_map(candidate).collect();
        Self { candidates, certificate, ice_lite: config.ice_lite, worker: config.worker }
    }
}

fn candidate(announced: &Announced) -> Option<Candidate> {
    let Announced { address, transport } = *announced;
    let built = match transport {
        Transport::SslTcp => Candidate::builder().ssl_tcp().host(address).tcptype(TcpType::Passive).build(),
        Transport::Tcp => Candidate::builder().tcp().host(address).tcptype(TcpType::Passive).build(),
        Transport::Udp => Candidate::builder().udp().host(address).build(),
    };
    built.inspect_err(|_| tracing::warn!(?transport, "an address of ours cannot be a candidate")).ok()
}

/// str0m's word for a transport.
pub(crate) fn protocol(transport: Transport) -> Protocol {
    match transport {
        Transport::SslTcp => Protocol::SslTcp,
        Transport::Tcp => Protocol::Tcp,
        Transport::Udp => Protocol::Udp,
    }
}

/// Our word for one of str0m's.
pub(crate) fn transport(protocol: Protocol) -> Transport {
    match protocol {
        Protocol::SslTcp => Transport::SslTcp,
        // TLS is for relays, which we are not.
        Protocol::Tcp | Protocol::Tls => Transport::Tcp,
        Protocol::Udp => Transport::Udp,
    }
}

impl Connection {
    /// A connection that knows nobody yet.
    pub(crate) fn new(setup: &Setup, peer: PeerId, now: Instant) -> Self {
        let ufrag = Ufrag { worker: setup.worker, peer: peer.0 };
        let mut builder = Rtc::builder()
            .set_rtp_mode(true)
            .set_ice_lite(setup.ice_lite)
            .set_dtls_version(DtlsVersion::Dtls12)
            .set_local_ice_credentials(ufrag.credentials())
            .enable_bwe(Some(Bitrate::bps(START_BPS)))
            .set_stats_interval(Some(STATS_INTERVAL))
            .set_send_buffer_video(SEND_BUFFER);
        if let Some(certificate) = &setup.certificate {
            builder = builder.set_dtls_cert(certificate.clone());
        }
        set_codecs(&mut builder);
        let mut rtc = builder.build(now);
        rtc.bwe().set_desired_bitrate(Bitrate::bps(YOUNG_BPS));
        for candidate in &setup.candidates {
            rtc.add_local_candidate(candidate.clone());
        }
        Self {
            channel: None,
            fingerprint: None,
            hiccups: 0,
            inbound: HashMap::new(),
            is_over: false,
            now,
            pending: None,
            rtc,
            sections: Vec::new(),
            slots: Slots::default(),
            sockets: Vec::new(),
            ufrag,
        }
    }

    /// Takes the other side's offer. An offer of ours that is pending is void.
    ///
    /// # Errors
    /// [`Refusal::BadSdp`]. Where the connection was described before, it may be dead then.
    pub(crate) fn accept_offer(&mut self, description: &Description) -> Result<String, Refusal> {
        let rtc = &mut self.rtc;
        let before = rtc.direct_api().local_ice_credentials();
        let answer = catch_unwind(AssertUnwindSafe(|| {
            let offer = SdpOffer::from_sdp_string(&description.text).ok()?;
            rtc.sdp_api().accept_offer(offer).ok()
        }));
        let answer = answer.unwrap_or_else(|_| self.abandon()).ok_or(Refusal::BadSdp)?;
        let mut text = answer.to_sdp_string();
        // str0m leaves out what it cannot read, and says nothing.
        let answered = sections_of(&text).ok_or(Refusal::BadSdp)?;
        let same = answered.len() == description.sections.len()
            && answered.iter().zip(&description.sections).all(|(ours, theirs)| ours.matches(theirs));
        if !same {
            return Err(Refusal::BadSdp);
        }
        let restarted = self.rtc.direct_api().local_ice_credentials();
        if restarted != before {
            // The other side has restarted ICE, for which str0m makes credentials that do not say whose they are.
            let ours = self.ufrag.credentials();
            text = text.replace(&restarted.ufrag, &ours.ufrag).replace(&restarted.pass, &ours.pass);
            self.rtc.direct_api().set_local_ice_credentials(ours);
        }
        self.pending = None;
        self.inbound.clear();
        self.fingerprint = Some(description.fingerprint.clone());
        self.sections.clone_from(&description.sections);
        Ok(text)
    }

    /// Takes the answer to an offer of ours.
    ///
    /// # Errors
    /// [`Refusal::BadSdp`]; the offer is void then.
    pub(crate) fn accept_answer(
        &mut self,
        pending: Pending,
        description: &Description,
    ) -> Result<(), Refusal> {
        let (rtc, changes) = (&mut self.rtc, pending.changes);
        let done = catch_unwind(AssertUnwindSafe(|| {
            let answer = SdpAnswer::from_sdp_string(&description.text).ok()?;
            rtc.sdp_api().accept_answer(changes, answer).ok()
        }));
        done.unwrap_or_else(|_| self.abandon()).ok_or(Refusal::BadSdp)?;
        self.fingerprint = Some(description.fingerprint.clone());
        self.sections = pending.sections;
        Ok(())
    }

    /// Does something with str0m that must not take others down.
    pub(crate) fn guarded(
        &mut self,
        act: impl FnOnce(&mut Rtc) -> Result<(), RtcError>,
    ) -> Result<(), Trouble> {
        let rtc = &mut self.rtc;
        match catch_unwind(AssertUnwindSafe(|| act(rtc))) {
            Ok(Ok(())) => Ok(()),
            // What one packet makes str0m say is for that packet, unless it was the last word.
            Ok(Err(_)) if self.rtc.is_alive() => Ok(()),
            Ok(Err(_)) => Err(Trouble::Closed),
            Err(_) => {
                self.abandon::<()>();
                Err(Trouble::Panicked)
            }
        }
    }

    /// Tells str0m the time, or that none has passed.
    pub(crate) fn tell_time(&mut self, now: Instant) -> Result<(), Trouble> {
        self.now = self.now.max(now);
        let now = self.now;
        self.guarded(|rtc| rtc.handle_input(Input::Timeout(now)))
    }

    /// Gives str0m a packet.
    pub(crate) fn receive(&mut self, now: Instant, received: Receive<'_>) -> Result<(), Trouble> {
        self.now = self.now.max(now);
        let now = self.now;
        self.guarded(|rtc| rtc.handle_input(Input::Receive(now, received)))
    }

    /// The next thing that str0m has to say.
    pub(crate) fn poll(&mut self) -> Result<Polled, Trouble> {
        loop {
            let rtc = &mut self.rtc;
            match catch_unwind(AssertUnwindSafe(|| rtc.poll_output())) {
                Ok(Ok(polled)) => return Ok(polled),
                Ok(Err(_)) if self.rtc.is_alive() && self.hiccups < MAX_HICCUPS => self.hiccups += 1,
                Ok(Err(_)) => {
                    self.abandon::<()>();
                    return Err(Trouble::Closed);
                }
                Err(_) => {
                    self.abandon::<()>();
                    return Err(Trouble::Panicked);
                }
            }
        }
    }

    /// Nothing may be asked of str0m after a panic but to do nothing.
    fn abandon<T>(&mut self) -> Option<T> {
        self.rtc.disconnect();
        None
    }

    /// The addresses that it was heard from.
    pub(crate) fn sockets(&self) -> &[(Transport, SocketAddr)] {
        &self.sockets
    }

    /// Hears from another address. Gives back the one that is forgotten for it.
    pub(crate) fn hear_from(&mut self, socket: (Transport, SocketAddr)) -> Option<(Transport, SocketAddr)> {
        if self.sockets.contains(&socket) {
            return None;
        }
        self.sockets.push(socket);
        (self.sockets.len() > MAX_SOCKETS).then(|| self.sockets.remove(0))
    }
}

/// Opus with in-band error correction and without RED, which would have to be taken apart for those who cannot read it; VP8,
/// VP9 (profile 0), H.264 (constrained baseline, baseline, high) and AV1. Fewer variants than str0m offers by itself: each costs a
/// quarter of a kilobyte in every section of every description.
fn set_codecs(builder: &mut str0m::RtcConfig) {
    let codecs = builder.codec_config();
    codecs.clear();
    codecs.enable_opus(true, false);
    codecs.enable_vp8(true);
    for (pt, resend, profile) in [(108, 109, 0x0042_e01f), (127, 121, 0x0042_001f), (114, 115, 0x0064_001f)] {
        codecs.add_h264(pt.into(), Some(Into::into(resend)), true, profile);
    }
    let vp9 = str0m::format::FormatParams { profile_id: Some(0), ..Default::default() };
    codecs.add_config(
        98.into(),
        Some(99.into()),
        str0m::format::Codec::Vp9,
        str0m::media::Frequency::NINETY_KHZ,
        None,
        vp9,
    );
    codecs.enable_av1(true);
}
