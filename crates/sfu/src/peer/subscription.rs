//! A track that a participant gets.
use std::time::Instant;

use str0m::media::Pt;

use super::{PeerId, View};
use crate::keyframes::KeyframeBudget;

/// A track that a participant gets.
///
/// ```text
/// (no target) ──chosen──▶ waits for a keyframe ──▶ flows ──another chosen──▶ flows on, waits for its keyframe
///      ▲                                             │
///      └────────────── given up, muted ──────────────┘
/// ```
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) budget: KeyframeBudget,
    /// The encoding that is passed on at present.
    pub(crate) flowing: Option<u8>,
    /// From the publisher's payload type to the subscriber's; `None` if it does not know the codec.
    pts: Vec<(Pt, Option<Pt>)>,
    pub(crate) publisher: PeerId,
    /// The media section it goes over, as an index into the connection's slots.
    pub(crate) slot: Option<usize>,
    /// The encoding that was chosen.
    pub(crate) target: Option<u8>,
    pub(crate) view: View,
}

impl Subscription {
    pub(crate) fn new(now: Instant, publisher: PeerId, view: View) -> Self {
        let budget = KeyframeBudget::new(now);
        Self { budget, flowing: None, pts: Vec::new(), publisher, slot: None, target: None, view }
    }

    /// The connection it went over is gone.
    pub(crate) fn unplug(&mut self) {
        self.slot = None;
        self.interrupt();
        self.target = None;
    }

    /// What flows ends; the next begins with a keyframe, perhaps of another codec.
    pub(crate) fn interrupt(&mut self) {
        self.flowing = None;
        self.pts.clear();
    }

    /// Whether a keyframe of this encoding would be used.
    pub(crate) fn waits_for(&self, encoding: u8) -> bool {
        self.slot.is_some() && self.target == Some(encoding) && self.flowing != self.target
    }

    /// The payload type under which a packet goes on. `find` is asked once for each.
    pub(crate) fn payload_type(&mut self, pt: Pt, find: impl FnOnce() -> Option<Pt>) -> Option<Pt> {
        if let Some((_, known)) = self.pts.iter().find(|(from, _)| *from == pt) {
            return *known;
        }
        let found = find();
        self.pts.push((pt, found));
        found
    }
}
