//! Two endpoints, back to back, in virtual time.
use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::*;
use crate::Source;

/// One way, from either to the other.
const DELAY: Duration = Duration::from_millis(20);

#[test]
fn frames_go_both_ways_after_an_offer_each() {
    let mut pair = Pair::new(config);
    let microphone = pair.sides[0].publish(TrackSpec::microphone());
    let camera = pair.sides[1].publish(TrackSpec::new(Source::Camera, Codec::Vp8));
    pair.negotiate(0);
    pair.run(Duration::from_secs(1));
    pair.negotiate(1);

    for number in 0..50 {
        pair.write(0, (microphone, None), opus(number));
        pair.write(1, (camera, None), vp8(number, number % 25 == 0));
        pair.run(Duration::from_millis(20));
    }
    pair.run(Duration::from_secs(1));

    let heard = pair.frames(1);
    assert_eq!(heard.iter().map(|frame| frame.timestamp).collect::<Vec<_>>(), ticks(50, 960));
    assert!(heard.iter().all(|frame| frame.codec == Codec::Opus && frame.audio_level == Some(-20)));
    assert_eq!(*heard[7].payload, *opus(7).payload);
    let seen = pair.frames(0);
    assert_eq!(seen.iter().map(|frame| frame.timestamp).collect::<Vec<_>>(), ticks(50, 1800));
    assert!(seen.iter().enumerate().all(|(number, frame)| frame.keyframe == (number % 25 == 0)));
    assert!(
        seen.iter().all(|frame| frame.decodable && frame.payload.len() == 3000),
        "three packets make a frame"
    );
    let reception = pair.sides[0].receptions().next().expect("pictures arrived");
    assert_eq!((reception.packets, reception.frames, reception.lost, reception.gaps), (150, 50, 0, 0));
}

#[test]
fn each_encoding_arrives_under_its_own_name() {
    let mut pair = Pair::new(config);
    let camera = pair.sides[0].publish(TrackSpec::camera());
    pair.negotiate(0);
    pair.run(Duration::from_secs(1));

    for number in 0..30 {
        for rid in ["q", "h", "f"] {
            pair.write(0, (camera, Some(rid)), vp8(number, number == 0));
        }
        pair.run(Duration::from_millis(33));
    }

    let mut by_rid = BTreeMap::<String, usize>::new();
    for frame in pair.frames(1) {
        *by_rid.entry(frame.rid.as_deref().expect("three encodings have names").to_owned()).or_default() += 1;
    }
    assert_eq!(by_rid.into_iter().collect::<Vec<_>>(), ["f", "h", "q"].map(|rid| (rid.to_owned(), 30)));
    let refused = pair.sides[0].write_frame(pair.now, (camera, Some("x")), vp8(1, true));
    assert!(matches!(refused, Err(EndpointError::NoTrack)));
}

#[test]
fn a_lost_picture_is_counted_and_a_keyframe_asked_for() {
    let mut pair = Pair::new(config);
    let camera = pair.sides[0].publish(TrackSpec::new(Source::Camera, Codec::Vp8));
    pair.negotiate(0);
    pair.run(Duration::from_secs(1));
    let mut keyframe = true;
    let mut asked = 0;

    for number in 0..250 {
        pair.lossy = (10..160).contains(&number);
        pair.write(0, (camera, None), vp8(number, std::mem::take(&mut keyframe)));
        pair.run(Duration::from_millis(33));
        for output in pair.outputs[0].drain(..) {
            if let EndpointOutput::KeyframeWanted { rid: None, track } = output {
                assert_eq!(track, camera);
                (keyframe, asked) = (true, asked + 1);
            }
        }
    }
    pair.run(Duration::from_secs(2));

    let reception = pair.sides[1].receptions().next().expect("pictures arrived").clone();
    assert!(reception.lost > 0 && reception.gaps > 0, "five seconds without network are past repair");
    assert!(asked > 0 && reception.keyframe_requests > 0, "the viewer asked");
    let frames = pair.frames(1);
    let broken = frames.iter().position(|frame| !frame.decodable).expect("the gap shows");
    let healed = frames[broken..].iter().position(|frame| frame.decodable).expect("the picture came back");
    assert!(frames[broken + healed].keyframe);
    assert!(frames[broken + healed..].iter().all(|frame| frame.decodable));
}

#[test]
fn packets_keep_their_numbers_beyond_the_roll_over() {
    let mut pair = Pair::new(|address| EndpointConfig {
        mode: Mode::Packets,
        first_sequence: 65_500,
        ..config(address)
    });
    let camera = pair.sides[0].publish(TrackSpec::new(Source::Camera, Codec::Vp8));
    pair.negotiate(0);
    pair.run(Duration::from_secs(1));

    for number in 0..100 {
        let packet = Packet {
            audio_level: None,
            marker: true,
            payload: vec![16; 900].into(),
            timestamp: number * 3000,
        };
        pair.sides[0].write_packet(pair.now, (camera, None), packet).unwrap();
        pair.run(Duration::from_millis(10));
    }
    pair.run(DELAY);

    let packets = pair.outputs[1].drain(..).filter_map(|output| {
        let EndpointOutput::Packet(packet) = output else { return None };
        Some((packet.sequence, packet.timestamp, packet.codec))
    });
    let expected = (0..100).map(|number| (65_500 + number, number as u32 * 3000, Some(Codec::Vp8)));
    assert_eq!(packets.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    let frame = pair.sides[0].write_frame(pair.now, (camera, None), vp8(0, true));
    assert!(matches!(frame, Err(EndpointError::WrongMode)));
}

#[test]
fn messages_arrive_in_order() {
    let mut pair = Pair::new(config);
    pair.negotiate(0);
    pair.run(Duration::from_secs(2));

    for text in ["one", "two", "three"] {
        pair.sides[0].send_message(pair.now, text).unwrap();
    }
    pair.sides[1].send_message(pair.now, "back").unwrap();
    pair.run(Duration::from_secs(1));

    assert_eq!(pair.messages(1), ["one", "two", "three"]);
    assert_eq!(pair.messages(0), ["back"]);
}

#[test]
fn an_offer_that_stays_unanswered_is_made_again_with_the_same_sections() {
    let mut pair = Pair::new(config);
    let now = pair.now;
    let microphone = pair.sides[0].publish(TrackSpec::microphone());
    let lost = pair.sides[0].offer(now).expect("a track is new");
    let theirs = pair.sides[1].offer(now).expect("a data channel is new");
    let refused = pair.sides[0].accept_offer(now, &theirs.sdp);
    assert!(matches!(refused, Err(EndpointError::OfferPending)), "theirs gives way");
    let camera = pair.sides[0].publish(TrackSpec::camera());

    let again = pair.sides[0].offer(now).expect("it is unanswered");

    assert_eq!(again.tracks[0], lost.tracks[0]);
    assert_eq!(again.tracks.iter().map(|(track, _)| *track).collect::<Vec<_>>(), [microphone, camera]);
    let answer = Pair::answer(&mut pair.sides[1], now, &again.sdp);
    pair.sides[0].accept_answer(now, &answer).unwrap();
    assert!(matches!(pair.sides[0].accept_answer(now, &answer), Err(EndpointError::NoOffer)));
    pair.run(Duration::from_secs(1));
    pair.write(0, (microphone, None), opus(0));
    pair.run(Duration::from_secs(1));
    assert_eq!(pair.frames(1).len(), 1);
}

#[test]
fn an_offer_that_was_refused_is_withdrawn_and_what_was_agreed_before_stays() {
    let mut pair = Pair::new(config);
    let microphone = pair.sides[0].publish(TrackSpec::microphone());
    pair.negotiate(0);
    pair.run(Duration::from_secs(1));
    pair.sides[0].publish(TrackSpec::camera());
    let refused = pair.sides[0].offer(pair.now).expect("a track is new");
    assert_eq!(refused.tracks.len(), 2);

    pair.sides[0].withdraw_offer();

    let published: Vec<_> = pair.sides[0].published().into_iter().map(|(track, _)| track).collect();
    assert_eq!(published, [microphone]);
    assert_eq!(pair.sides[0].offer(pair.now), None, "there is nothing new to agree on");
    pair.negotiate_new_track(1);
    pair.write(0, (microphone, None), opus(0));
    pair.run(Duration::from_secs(1));
    assert_eq!(pair.frames(1).len(), 1);
}

#[test]
fn a_short_silence_of_the_network_is_borne_and_a_long_one_told() {
    let mut pair = Pair::new(config);
    pair.negotiate(0);
    pair.run(Duration::from_secs(2));

    pair.is_cut = true;
    pair.run(Duration::from_secs(5));
    pair.is_cut = false;
    pair.run(Duration::from_secs(5));
    assert!(pair.told().is_empty());
    pair.sides[0].send_message(pair.now, "still here").unwrap();
    pair.run(Duration::from_secs(5));
    assert_eq!(pair.messages(1), ["still here"]);
    pair.is_cut = true;
    pair.run(Duration::from_secs(60));
    assert_eq!(pair.told(), ["interrupted"]);
}

#[test]
fn a_track_that_is_no_longer_published_falls_silent() {
    let mut pair = Pair::new(config);
    let microphone = pair.sides[0].publish(TrackSpec::microphone());
    pair.negotiate(0);
    pair.run(Duration::from_secs(1));

    pair.sides[0].unpublish(microphone);
    let written = pair.sides[0].write_frame(pair.now, (microphone, None), opus(0));
    assert!(matches!(written, Err(EndpointError::NoTrack)));
    let offer = pair.sides[0].offer(pair.now).expect("a track is gone");
    assert_eq!(offer.tracks, []);
    let answer = Pair::answer(&mut pair.sides[1], pair.now, &offer.sdp);
    pair.sides[0].accept_answer(pair.now, &answer).unwrap();
    assert_eq!(pair.sides[0].offer(pair.now), None, "all is said");
}

#[test]
fn the_end_is_told_once_and_nothing_follows() {
    let mut pair = Pair::new(config);
    pair.negotiate(0);
    pair.run(Duration::from_secs(1));
    assert!(pair.sides[0].is_connected() && pair.sides[1].is_connected());

    pair.sides[0].close(pair.now);
    pair.run(Duration::from_secs(60));

    for (side, outputs) in pair.sides.iter().zip(&pair.outputs) {
        let ends = outputs.iter().filter(|output| matches!(output, EndpointOutput::Closed)).count();
        assert_eq!(ends, 1);
        assert!(!side.is_connected());
        assert_eq!(side.poll_timeout(), None);
    }
}

#[test]
fn nonsense_is_refused_or_ignored() {
    let mut pair = Pair::new(config);
    let now = pair.now;
    assert!(matches!(pair.sides[0].accept_offer(now, "v=0"), Err(EndpointError::Description(_))));
    assert!(matches!(pair.sides[0].accept_answer(now, "nonsense"), Err(EndpointError::Description(_))));
    assert!(matches!(pair.sides[0].send_message(now, "early"), Err(EndpointError::NotConnected)));
    assert!(matches!(pair.sides[0].keyframe_request(now, "0", None), Err(EndpointError::NoTrack)));
    let datagram = Datagram {
        contents: &[22; 40],
        destination: address(0),
        source: address(1),
        transport: Transport::Udp,
    };
    pair.sides[0].receive(now, datagram);
    pair.negotiate(0);
    pair.run(Duration::from_secs(1));
    assert!(pair.sides[0].is_connected());
}

/// Two endpoints and what is under way between them.
struct Pair {
    /// Whether nothing gets through at all.
    is_cut: bool,
    /// Whether packets with media from the first to the second are lost.
    lossy: bool,
    now: Instant,
    /// What came out of each, but for packets.
    outputs: [Vec<EndpointOutput>; 2],
    sides: [Endpoint; 2],
    under_way: VecDeque<(Instant, Transmit)>,
}

impl Pair {
    #[allow(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    fn new(config: impl Fn(SocketAddr) -> EndpointConfig) -> Self {
        crate::install_crypto();
        let now = Instant::now();
        let sides = [0, 1].map(|side| Endpoint::new(config(address(side)), now).unwrap());
        Self {
            is_cut: false,
            lossy: false,
            now,
            outputs: [Vec::new(), Vec::new()],
            sides,
            under_way: VecDeque::new(),
        }
    }

    /// One side offers, the other answers.
    fn negotiate(&mut self, offerer: usize) {
        let offer = self.sides[offerer].offer(self.now).expect("there is something to agree on");
        let answer = Self::answer(&mut self.sides[1 - offerer], self.now, &offer.sdp);
        self.sides[offerer].accept_answer(self.now, &answer).unwrap();
    }

    /// The other side has something to agree on, too.
    fn negotiate_new_track(&mut self, side: usize) {
        self.sides[side].publish(TrackSpec::microphone());
        self.negotiate(side);
    }

    /// The answer of a side that gives way, should it have offered itself.
    fn answer(side: &mut Endpoint, now: Instant, sdp: &str) -> String {
        side.pending = None;
        side.accept_offer(now, sdp).unwrap()
    }

    fn write(&mut self, side: usize, to: (TrackNo, Option<&str>), frame: Frame) {
        self.sides[side].write_frame(self.now, to, frame).unwrap();
    }

    /// Lets time pass, from one thing that happens to the next.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.drain();
            let arrival = self.under_way.front().map(|(at, _)| *at);
            let wakes = self.sides.iter().filter_map(Endpoint::poll_timeout);
            let Some(next) = wakes.chain(arrival).min().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            while let Some((_, transmit)) = self.under_way.pop_front_if(|(at, _)| *at <= self.now) {
                self.deliver(&transmit);
            }
            for side in &mut self.sides {
                if side.poll_timeout().is_some_and(|due| due <= self.now) {
                    side.handle_timeout(self.now);
                }
            }
        }
        self.now = end;
    }

    fn deliver(&mut self, transmit: &Transmit) {
        let Transmit { contents, destination, source, transport } = transmit;
        let to = usize::from(*destination == address(1));
        let is_media = (128..=191).contains(&contents[0]);
        if self.is_cut || self.lossy && to == 1 && is_media {
            return;
        }
        let (destination, source, transport) = (*destination, *source, *transport);
        self.sides[to].receive(self.now, Datagram { contents, destination, source, transport });
    }

    fn drain(&mut self) {
        for (side, outputs) in self.sides.iter_mut().zip(&mut self.outputs) {
            while let Some(output) = side.poll_output() {
                if let EndpointOutput::Transmit(transmit) = output {
                    self.under_way.push_back((self.now + DELAY, transmit));
                } else {
                    outputs.push(output);
                }
            }
        }
    }

    /// What the first was told of the network.
    fn told(&self) -> Vec<&'static str> {
        let told = self.outputs[0].iter().filter_map(|output| match output {
            EndpointOutput::Interrupted => Some("interrupted"),
            EndpointOutput::Resumed => Some("resumed"),
            EndpointOutput::Closed
            | EndpointOutput::Connected
            | EndpointOutput::Estimate(_)
            | EndpointOutput::Frame(_)
            | EndpointOutput::KeyframeWanted { .. }
            | EndpointOutput::Message(_)
            | EndpointOutput::MessagesOpen
            | EndpointOutput::Packet(_)
            | EndpointOutput::Transmit(_) => None,
        });
        told.collect()
    }

    fn frames(&mut self, side: usize) -> Vec<ReceivedFrame> {
        let frame = |output| if let EndpointOutput::Frame(frame) = output { Some(frame) } else { None };
        self.outputs[side].drain(..).filter_map(frame).collect()
    }

    fn messages(&mut self, side: usize) -> Vec<String> {
        let text = |output| if let EndpointOutput::Message(text) = output { Some(text) } else { None };
        self.outputs[side].drain(..).filter_map(text).collect()
    }
}

fn config(address: SocketAddr) -> EndpointConfig {
    EndpointConfig::new(vec![address])
}

fn address(side: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, side + 1], 5000))
}

fn opus(number: u64) -> Frame {
    let payload = [&[0xfc, 0, 0, number as u8][..], &[9; 60]].concat();
    Frame { audio_level: Some(-20), payload: payload.into(), timestamp: number * 960 }
}

/// The header of a VP8 frame tells by its first bit whether it is a keyframe.
fn vp8(number: u64, keyframe: bool) -> Frame {
    let payload =
        [&[u8::from(!keyframe), 0, 0, 0x9d, 1, 0x2a, 64, 1, 180, 0][..], &[number as u8; 2990]].concat();
    Frame { audio_level: None, payload: payload.into(), timestamp: number * 1800 }
}

fn ticks(count: u64, step: u64) -> Vec<u64> {
    (0..count).map(|number| number * step).collect()
}
