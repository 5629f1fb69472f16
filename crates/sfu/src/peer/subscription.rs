//! A track that a participant gets.
use std::time::Instant;

use str0m::media::Pt;

use super::{PeerId, View};
use crate::{keyframes::KeyframeBudget, rebase::Held, sfu::Passing};

/// A track that a participant gets.
///
/// ```text
/// (no target) ──chosen──▶ waits for a keyframe ──▶ flows ──another chosen──▶ flows on, waits for its keyframe
///                             └─ of a smaller encoding ─▶ that flows, waits for the chosen one's
///      ▲                                             │
///      └────────────── given up, muted ──────────────┘
/// ```
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) budget: KeyframeBudget,
    /// The encoding that is passed on at present.
    pub(crate) flowing: Option<u8>,
    /// What came of the chosen encoding before its keyframe.
    pub(crate) held: Held<Passing>,
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
        Self {
            budget,
            flowing: None,
            held: Held::default(),
            pts: Vec::new(),
            publisher,
            slot: None,
            target: None,
            view,
        }
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
        self.held.clear();
        self.pts.clear();
    }

    /// Another encoding is chosen. What flows goes on until its keyframe has come.
    pub(crate) fn aim(&mut self, target: Option<u8>) {
        if self.target != target {
            self.held.clear();
        }
        self.target = target;
        if target.is_none() {
            self.interrupt();
        }
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
