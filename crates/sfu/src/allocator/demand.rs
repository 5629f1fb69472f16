//! What the allocator is asked, and what it answers.
use super::share::{Step, cap};

/// What a track is, as far as its weight goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Sound; never given up.
    Audio,
    /// A picture of a screen: comes before cameras, since it is what is being talked of.
    Screen,
    /// A picture of a camera.
    Camera,
}

/// A size in pixels; 0 is unknown, or as large as there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// An encoding of a track that arrives at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// What it costs, in bits a second of payload.
    pub(crate) bps: u64,
    /// Its number; larger ones look better.
    pub(crate) encoding: u8,
    /// How large its picture is.
    pub(crate) size: Size,
}

/// A track of the subscription.
#[derive(Clone, Debug)]
pub(crate) struct Demand<K> {
    /// Whether it is to be sent at all: wanted, and not muted.
    pub(crate) flows: bool,
    /// What it is.
    pub(crate) kind: Kind,
    /// The encodings that arrive at present, by rising number.
    pub(crate) offers: Vec<Offer>,
    /// How large the subscriber shows it.
    pub(crate) shown: Size,
    /// Whether its publisher is the active speaker.
    pub(crate) speaks: bool,
    /// Its name.
    pub(crate) track: K,
}

/// A track is sent in another encoding from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change<K> {
    /// The track.
    pub(crate) track: K,
    /// Before; `None` is nothing.
    pub(crate) from: Option<u8>,
    /// After.
    pub(crate) to: Option<u8>,
    /// Why.
    pub(crate) why: Why,
}

/// Why a track is sent in another encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// What was sent is more than the network bears.
    Congested,
    /// The encoding no longer arrives from the publisher.
    Dried,
    /// Something more important took the room.
    Outranked,
    /// It is muted, not wanted, or gone.
    Paused,
    /// The network bears it.
    Room,
    /// It is shown smaller.
    Smaller,
}

impl<K> Demand<K> {
    /// What a step costs.
    pub(super) fn bps(&self, step: Step) -> u64 {
        match step.offer() {
            _ if !self.flows => 0,
            None => 0,
            Some(index) => self.offers.get(index).map_or(0, |offer| offer.bps),
        }
    }

    /// The encoding of a step. Sound needs no measured offer to be sent.
    pub(super) fn encoding(&self, step: Step) -> Option<u8> {
        let offered = step.offer().and_then(|index| self.offers.get(index)).map(|offer| offer.encoding);
        match self.kind {
            Kind::Audio if self.flows => Some(offered.unwrap_or(0)),
            Kind::Audio | Kind::Camera | Kind::Screen => offered,
        }
    }

    /// The smallest encoding.
    pub(super) fn lowest(&self) -> Step {
        if self.offers.is_empty() { Step::OFF } else { Step::of(0) }
    }

    /// The encoding in the middle, or the lower one of two.
    pub(super) fn middle(&self) -> Step {
        match self.offers.len() {
            0 => Step::OFF,
            count => Step::of((count - 1) / 2),
        }
    }

    /// The best encoding up to this number.
    pub(super) fn step_at_most(&self, encoding: u8) -> Step {
        self.offers.iter().rposition(|offer| offer.encoding <= encoding).map_or(Step::OFF, Step::of)
    }

    /// Why it went from one encoding to another.
    pub(super) fn why(&self, from: Option<u8>, to: Option<u8>, congested: bool) -> Why {
        if !self.flows {
            return Why::Paused;
        }
        if to > from {
            return Why::Room;
        }
        let arrives = self.offers.iter().any(|offer| Some(offer.encoding) == from);
        let largest = self.encoding(cap(self));
        if !arrives {
            Why::Dried
        } else if largest < from && to == largest {
            Why::Smaller
        } else if congested {
            Why::Congested
        } else {
            Why::Outranked
        }
    }
}
