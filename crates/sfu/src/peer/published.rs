//! A track that a participant sends us.
use std::time::{Duration, Instant};

use str0m::{format::PayloadParams, rtp::Ssrc};

use super::PeerId;
use crate::{
    Layer, Source,
    allocator::{Meter, Offer, Size},
    keyframes::Keyframes,
};

/// Names of three encodings by rising size, as clients give them.
const KNOWN_RIDS: [[&str; 3]; 3] = [["q", "h", "f"], ["l", "m", "h"], ["low", "mid", "high"]];

/// What a picture of unknown size is taken to be, by how many encodings are above it. Cameras send 720p where they can.
const GUESSED: [Size; 3] =
    [Size { width: 1280, height: 720 }, Size { width: 640, height: 360 }, Size { width: 320, height: 180 }];

/// A track that a participant sends us.
#[derive(Debug)]
pub(crate) struct Published {
    /// By rising size; a track without simulcast has one.
    pub(crate) encodings: Vec<Encoding>,
    pub(crate) keyframes: Keyframes,
    pub(crate) mid: String,
    pub(crate) muted: bool,
    pub(crate) source: Source,
    /// Who gets it.
    pub(crate) subscribers: Vec<PeerId>,
}

/// One encoding of a track.
#[derive(Debug, Default)]
pub(crate) struct Encoding {
    /// Its rate when it was last looked at, in bits a second; 0 if it does not arrive.
    pub(crate) bps: u64,
    pub(crate) meter: Meter,
    /// What its payload type meant when the last packet came.
    pub(crate) params: Option<PayloadParams>,
    pub(crate) rid: Option<String>,
    /// As a keyframe told it.
    pub(crate) size: Option<Size>,
    pub(crate) ssrc: Option<Ssrc>,
}

impl Published {
    pub(crate) fn new(mid: String, source: Source, rids: &[String], keyframe_interval: Duration) -> Self {
        let keyframes = Keyframes::new(keyframe_interval);
        Self { encodings: encodings(rids), keyframes, mid, muted: false, source, subscribers: Vec::new() }
    }

    /// The number of the encoding of this name.
    pub(crate) fn encoding_of(&self, rid: Option<&str>) -> Option<u8> {
        let at = self.encodings.iter().position(|encoding| encoding.rid.as_deref() == rid)?;
        u8::try_from(at).ok()
    }

    pub(crate) fn encoding_mut(&mut self, number: u8) -> Option<&mut Encoding> {
        self.encodings.get_mut(usize::from(number))
    }

    /// Looks at the meters, and gives back whether another encoding arrives than before.
    pub(crate) fn measure(&mut self, now: Instant) -> bool {
        let mut changed = false;
        let guesses: Vec<u64> =
            (0_u8..).take(self.encodings.len()).map(|number| self.guess_bps(number)).collect();
        for (encoding, guess) in self.encodings.iter_mut().zip(guesses) {
            let bps = match encoding.meter.bps(now) {
                0 => 0,
                bps if encoding.meter.is_new(now) => bps.max(guess),
                bps => bps,
            };
            changed |= (bps == 0) != (encoding.bps == 0);
            encoding.bps = bps;
        }
        changed
    }

    /// Nobody can wait for a keyframe of what does not arrive.
    pub(crate) fn forgo_keyframes(&mut self) {
        for (encoding, number) in self.encodings.iter().zip(0_u8..) {
            if encoding.bps == 0 {
                self.keyframes.cancel(number);
            }
        }
    }

    /// Whether any of its encodings arrives.
    pub(crate) fn arrives(&self) -> bool {
        self.encodings.iter().any(|encoding| encoding.bps > 0)
    }

    /// What can be chosen from.
    pub(crate) fn offers(&self) -> Vec<Offer> {
        let arriving = self.encodings.iter().zip(0_u8..).filter(|(encoding, _)| encoding.bps > 0);
        arriving
            .map(|(encoding, number)| Offer { bps: encoding.bps, encoding: number, size: self.size(number) })
            .collect()
    }

    /// How large the picture of an encoding is, or is taken to be.
    pub(crate) fn size(&self, number: u8) -> Size {
        if !self.source.is_video() {
            return Size::default();
        }
        let told = self.encodings.get(usize::from(number)).and_then(|encoding| encoding.size);
        let above = self.encodings.len().saturating_sub(usize::from(number) + 1);
        told.unwrap_or(GUESSED[above.min(GUESSED.len() - 1)])
    }

    /// What an encoding is taken to cost at least while it is new: two bits a second for each pixel, as cameras do. The
    /// smallest is passed on unseen, so that its first keyframe is.
    fn guess_bps(&self, number: u8) -> u64 {
        if number == 0 {
            return 0;
        }
        let Size { width, height } = self.size(number);
        u64::from(width) * u64::from(height) * 2
    }

    /// What an encoding is called.
    pub(crate) fn layer(&self, number: u8) -> Layer {
        let last = self.encodings.len().saturating_sub(1);
        match usize::from(number) {
            number if number >= last => Layer::High,
            0 => Layer::Low,
            _ => Layer::Medium,
        }
    }

    /// The publisher's description names its encodings anew.
    pub(crate) fn match_rids(&mut self, rids: &[String]) {
        let known = self.encodings.iter().filter_map(|encoding| encoding.rid.as_ref());
        if !known.eq(in_order(rids).iter()) {
            self.encodings = encodings(rids);
        }
    }

    /// The publisher's connection is a new one.
    pub(crate) fn forget_encodings(&mut self) {
        for encoding in &mut self.encodings {
            *encoding = Encoding { rid: encoding.rid.take(), ..Encoding::default() };
        }
    }
}

fn encodings(rids: &[String]) -> Vec<Encoding> {
    if rids.is_empty() {
        return vec![Encoding::default()];
    }
    in_order(rids).into_iter().map(|rid| Encoding { rid: Some(rid), ..Encoding::default() }).collect()
}

/// Encodings by rising size. Names that nobody knows are taken in the order of the description, the smallest first, as
/// libwebrtc wants them.
fn in_order(rids: &[String]) -> Vec<String> {
    let known = KNOWN_RIDS.iter().find(|names| rids.iter().all(|rid| names.contains(&rid.as_str())));
    let mut rids = rids.to_vec();
    if let Some(names) = known {
        rids.sort_by_key(|rid| names.iter().position(|name| name == rid));
    }
    rids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(rids: &[&str]) -> Published {
        let rids: Vec<String> = rids.iter().map(|rid| (*rid).to_owned()).collect();
        Published::new("0".into(), Source::Camera, &rids, Duration::from_secs(1))
    }

    #[test]
    fn encodings_are_numbered_by_size() {
        for (rids, sorted) in [
            (["f", "h", "q"], ["q", "h", "f"]),
            (["h", "l", "m"], ["l", "m", "h"]),
            (["a", "b", "c"], ["a", "b", "c"]),
        ] {
            let track = published(&rids);
            let numbers = sorted.map(|rid| track.encoding_of(Some(rid)));
            assert_eq!(numbers, [Some(0), Some(1), Some(2)]);
            assert_eq!([0, 1, 2].map(|number| track.layer(number)), [Layer::Low, Layer::Medium, Layer::High]);
        }
        assert_eq!(published(&[]).layer(0), Layer::High, "the only one");
        assert_eq!(published(&[]).encoding_of(None), Some(0));
    }
}
