//! Renumbering: what a subscriber sees of a track is one stream without seams, whatever it is cut together from.
//!
//! A subscription is fed from one encoding of a track at a time, and from none while the track is muted or does not fit.
//! [`Rebase`] keeps the numbers that leave continuous over all that. It knows nothing of codecs but the counters in VP8's
//! payload descriptor (RFC 7741, 4.2), and it does not decide when to switch: that is the forwarder's part, on a keyframe.
use std::{collections::VecDeque, time::Instant};

use str0m::rtp::{Vp8Descriptor, Vp8Patch};

/// The furthest that a source's sequence number may jump and still count as loss. A jump of 2^15 makes receivers lose the
/// rollover counter (RFC 3711, 3.3.1), so more is not only useless (no retransmission reaches back so far) but harmful; less
/// would turn an outage of a second at 3,000 packets into a seam.
const MAX_GAP: u64 = 3000;

/// So many packets of an encoding are kept while its keyframe is awaited: as many as a keyframe of 100 kB. More costs memory
/// for each switch under way, less loses large keyframes whose first packet came late.
const MAX_HELD: usize = 96;

/// A packet as it came from its publisher.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// When it came.
    pub(crate) at: Instant,
    /// Which of the track's encodings it belongs to.
    pub(crate) encoding: u8,
    /// Its sequence number, extended over rollovers.
    pub(crate) seq: u64,
    /// Its timestamp, in ticks of the codec's clock.
    pub(crate) timestamp: u32,
    /// Its payload descriptor, if it is VP8.
    pub(crate) vp8: Option<Vp8Descriptor>,
}

/// The numbers under which it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    /// The sequence number, extended over rollovers. The first of a subscription is below 65,536, as SRTP demands.
    pub(crate) seq: u64,
    /// The timestamp.
    pub(crate) timestamp: u32,
    /// What to change in the payload descriptor.
    pub(crate) vp8: Option<Vp8Patch>,
}

/// The renumbering of one subscription.
///
/// ```text
///            begin                    begin (a switch, or the end of a pause)
/// (nothing) ───────▶ an encoding flows ───────▶ an encoding flows
/// ```
///
/// Gaps in the source stay gaps, so that the receiver asks for what was lost and what arrives late fits in. What is older
/// than the seam is dropped.
#[derive(Debug)]
pub(crate) struct Rebase {
    clock_rate: u32,
    first_seq: u16,
    flow: Option<Flow>,
}

/// The encoding that flows.
#[derive(Clone, Copy, Debug)]
struct Flow {
    encoding: u8,
    /// The source's first and newest numbers since the seam.
    source_first: u64,
    source_newest: u64,
    /// What left for them.
    first: u64,
    newest_timestamp: u32,
    newest_at: Instant,
    timestamp_shift: u32,
    vp8: Vp8Shift,
}

/// What is added to VP8's counters, and what left last.
#[derive(Clone, Copy, Debug, Default)]
struct Vp8Shift {
    picture_id: u16,
    tl0_pic_idx: u8,
    key_idx: u8,
    newest: Vp8Counters,
}

#[derive(Clone, Copy, Debug, Default)]
struct Vp8Counters {
    picture_id: Option<u16>,
    tl0_pic_idx: Option<u8>,
    key_idx: Option<u8>,
}

impl Rebase {
    /// A subscription to a track whose codec's clock ticks so often a second. `first_seq` may be anything; a random one is
    /// better for SRTP's sake, and a small one leaves more time until the first rollover.
    #[must_use]
    pub(crate) fn new(clock_rate: u32, first_seq: u16) -> Self {
        Self { clock_rate, first_seq, flow: None }
    }

    /// The encoding that flows, or flowed last.
    #[cfg(test)]
    pub(crate) fn encoding(&self) -> Option<u8> {
        self.flow.map(|flow| flow.encoding)
    }

    /// Begins anew with this packet: the first of a keyframe of another encoding, or the first after a pause. It follows the
    /// newest packet that left without a gap, and its timestamp is as much later as it came later.
    pub(crate) fn begin(&mut self, packet: &Arrival) -> Departure {
        let (seq, timestamp, vp8) = match &self.flow {
            None => (u64::from(self.first_seq), packet.timestamp, Vp8Shift::default()),
            Some(old) => {
                (old.newest() + 1, old.time_of(packet.at, self.clock_rate), old.vp8.seam(packet.vp8))
            }
        };
        let flow = Flow {
            encoding: packet.encoding,
            source_first: packet.seq,
            source_newest: packet.seq,
            first: seq,
            newest_timestamp: timestamp,
            newest_at: packet.at,
            timestamp_shift: timestamp.wrapping_sub(packet.timestamp),
            vp8,
        };
        let flow = self.flow.insert(flow);
        Departure { seq, timestamp, vp8: flow.vp8.patch(packet.vp8, Newest::Yes) }
    }

    /// Renumbers a packet of the encoding that flows. `None` if it must be dropped: nothing flows yet, it is of another
    /// encoding, or it is older than the seam.
    pub(crate) fn forward(&mut self, packet: &Arrival) -> Option<Departure> {
        let flow = self.flow.as_mut().filter(|flow| flow.encoding == packet.encoding)?;
        if packet.seq.abs_diff(flow.source_newest) > MAX_GAP {
            return Some(self.begin(packet));
        }
        let seq = flow.first + packet.seq.checked_sub(flow.source_first)?;
        let timestamp = packet.timestamp.wrapping_add(flow.timestamp_shift);
        let newest = if packet.seq > flow.source_newest { Newest::Yes } else { Newest::No };
        match newest {
            Newest::Yes => {
                flow.source_newest = packet.seq;
                flow.newest_timestamp = timestamp;
                flow.newest_at = packet.at;
            }
            Newest::No => {}
        }
        Some(Departure { seq, timestamp, vp8: flow.vp8.patch(packet.vp8, newest) })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Newest {
    No,
    Yes,
}

impl Flow {
    fn newest(&self) -> u64 {
        self.first + (self.source_newest - self.source_first)
    }

    /// The timestamp of a packet that comes now. At least a millisecond later than the newest: two encodings of one picture
    /// may come at once, and receivers take equal timestamps for one frame.
    fn time_of(&self, now: Instant, clock_rate: u32) -> u32 {
        let elapsed = now.saturating_duration_since(self.newest_at);
        let ticks = elapsed.as_micros() * u128::from(clock_rate) / 1_000_000;
        let ticks = ticks.max(u128::from(clock_rate / 1000).max(1));
        #[expect(clippy::cast_possible_truncation, reason = "timestamps go round")]
        self.newest_timestamp.wrapping_add(ticks as u32)
    }
}

impl Vp8Shift {
    /// The shift with which the given picture follows the newest.
    fn seam(&self, picture: Option<Vp8Descriptor>) -> Self {
        let next = |newest: Option<u16>, source: Option<u16>| match (newest, source) {
            (Some(newest), Some(source)) => newest.wrapping_add(1).wrapping_sub(source),
            (None | Some(_), None) | (None, Some(_)) => 0,
        };
        let octet = |newest: Option<u8>, source: Option<u8>| {
            next(newest.map(u16::from), source.map(u16::from)).to_le_bytes()[0]
        };
        Self {
            picture_id: next(self.newest.picture_id, picture.and_then(|p| p.picture_id())),
            tl0_pic_idx: octet(self.newest.tl0_pic_idx, picture.and_then(|p| p.tl0_pic_idx())),
            key_idx: octet(self.newest.key_idx, picture.and_then(|p| p.key_idx())),
            newest: self.newest,
        }
    }

    fn patch(&mut self, picture: Option<Vp8Descriptor>, newest: Newest) -> Option<Vp8Patch> {
        let picture = picture?;
        let counters = Vp8Counters {
            picture_id: picture.picture_id().map(|id| id.wrapping_add(self.picture_id) & 0x7fff),
            tl0_pic_idx: picture.tl0_pic_idx().map(|index| index.wrapping_add(self.tl0_pic_idx)),
            key_idx: picture.key_idx().map(|index| index.wrapping_add(self.key_idx) & 0x1f),
        };
        if newest == Newest::Yes {
            self.newest = counters;
        }
        if self.picture_id == 0 && self.tl0_pic_idx == 0 && self.key_idx == 0 {
            return None;
        }
        // A short picture id has seven bits, which the descriptor tells only by refusing more.
        counters.patch(&picture).or_else(|| counters.with_short_picture_id().patch(&picture))
    }
}

impl Vp8Counters {
    fn with_short_picture_id(self) -> Self {
        Self { picture_id: self.picture_id.map(|id| id & 0x7f), ..self }
    }

    fn patch(&self, picture: &Vp8Descriptor) -> Option<Vp8Patch> {
        let mut patch = picture.patch();
        if let Some(id) = self.picture_id {
            patch = patch.picture_id(id);
        }
        if let Some(index) = self.tl0_pic_idx {
            patch = patch.tl0_pic_idx(index);
        }
        if let Some(index) = self.key_idx {
            patch = patch.key_idx(index);
        }
        patch.build().ok()
    }
}

/// Packets of an encoding whose keyframe is awaited: if the keyframe's first packet was lost or overtaken, the rest of it is
/// here when it comes after all, and the switch need not wait for another keyframe.
#[derive(Debug)]
pub(crate) struct Held<P> {
    packets: VecDeque<(u64, P)>,
}

impl<P> Default for Held<P> {
    fn default() -> Self {
        Self { packets: VecDeque::new() }
    }
}

impl<P> Held<P> {
    /// Keeps a packet under its source's sequence number. The one held longest goes when there are too many.
    pub(crate) fn keep(&mut self, seq: u64, packet: P) {
        if self.packets.len() == MAX_HELD {
            self.packets.pop_front();
        }
        self.packets.push_back((seq, packet));
    }

    /// Empties it. Gives what followed the given number, in order.
    pub(crate) fn take_after(&mut self, seq: u64) -> impl Iterator<Item = P> {
        let mut following: Vec<(u64, P)> = self.packets.drain(..).filter(|held| held.0 > seq).collect();
        following.sort_by_key(|held| held.0);
        following.into_iter().map(|held| held.1)
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) {
        self.packets.clear();
    }
}

#[cfg(test)]
mod tests;
