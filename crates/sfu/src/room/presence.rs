//! How far a member is, and until when it is waited for: the two tables of a stay.
use std::time::Instant;

use crate::{Limits, Presence};

/// What a member's connection tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaState {
    /// It is connected: ICE and DTLS are done.
    Connected,
    /// The first description was offered, by us or by the device. Again is harmless.
    Connecting,
    /// Packets flow.
    Flowing,
    /// ICE has failed, there was silence for too long, or the connection is being replaced by a new one.
    Lost,
}

/// How a member's media is doing.
///
/// ```text
/// Idle ── first offer ──▶ Connecting ── connected ──▶ Connected ── a packet ──▶ Flowing
///                                                        ▲  │                    ▲  │
///                                              connected │  │ lost      a packet │  │ lost
///                                                        │  ▼                    │  ▼
///                                                        └────────── Broken ─────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// It was connected, and is not.
    Broken {
        /// Since when.
        since: Instant,
    },
    /// It can flow.
    Connected,
    /// It was negotiated and has never been connected.
    Connecting {
        /// Since when.
        since: Instant,
    },
    /// It flows.
    Flowing,
    /// There was nothing to negotiate yet: a viewer in a room where nobody publishes.
    Idle,
}

/// Whether a device can be told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signaling {
    /// Its session is gone.
    Gone {
        /// Since when.
        since: Instant,
    },
    /// Its session is there.
    Present,
}

impl Media {
    /// The whole table.
    pub(super) fn next(self, now: Instant, report: MediaState) -> Self {
        match (self, report) {
            (Self::Idle, MediaState::Connecting) => Self::Connecting { since: now },
            // A connection that never stood cannot break; the time to connect runs from the first attempt.
            (Self::Idle | Self::Connecting { .. }, MediaState::Lost) => self,
            // Every later description is a change of what flows.
            (
                Self::Broken { .. } | Self::Connected | Self::Connecting { .. } | Self::Flowing,
                MediaState::Connecting,
            ) => self,
            (Self::Idle | Self::Connecting { .. } | Self::Broken { .. }, MediaState::Connected) => {
                Self::Connected
            }
            (Self::Connected | Self::Flowing, MediaState::Connected) => self,
            (
                Self::Idle | Self::Connecting { .. } | Self::Broken { .. } | Self::Connected | Self::Flowing,
                MediaState::Flowing,
            ) => Self::Flowing,
            (Self::Connected | Self::Flowing, MediaState::Lost) => Self::Broken { since: now },
            (Self::Broken { .. }, MediaState::Lost) => self,
        }
    }

    pub(super) fn presence(self) -> Presence {
        match self {
            Self::Broken { .. } => Presence::Reconnecting,
            Self::Connected => Presence::Connected,
            Self::Flowing => Presence::Flowing,
            Self::Idle | Self::Connecting { .. } => Presence::Joined,
        }
    }
}

impl Signaling {
    /// Gone stays gone since it went first.
    pub(super) fn next(self, now: Instant, present: bool) -> Self {
        match (self, present) {
            (Self::Gone { .. } | Self::Present, true) => Self::Present,
            (Self::Gone { .. }, false) => self,
            (Self::Present, false) => Self::Gone { since: now },
        }
    }
}

/// When a member is given up; `None` while nothing speaks against its being alive.
///
/// | media | signaling there | signaling gone |
/// |---|---|---|
/// | `Idle` | never | after `lease` |
/// | `Connecting` | after `connect_timeout` | after `lease`, or `connect_timeout` |
/// | `Connected`, `Flowing` | never | after `signaling_lease` |
/// | `Broken` | after `signaling_lease` | after `lease` without both, or `signaling_lease` without either |
///
/// Of two, the earlier. A device whose signaling is there may have forgotten the room, such as a page that was loaded anew;
/// so that alone keeps nobody in for ever whose media broke.
pub(super) fn deadline(media: Media, signaling: Signaling, limits: &Limits) -> Option<Instant> {
    let after_lease = |since: Instant| since.checked_add(limits.lease);
    let after_signaling_lease = |since: Instant| since.checked_add(limits.signaling_lease);
    let after_connect_timeout = |since: Instant| {
        let limited = !limits.connect_timeout.is_zero();
        limited.then(|| since.checked_add(limits.connect_timeout)).flatten()
    };
    match (media, signaling) {
        (Media::Idle | Media::Connected | Media::Flowing, Signaling::Present) => None,
        (Media::Connecting { since }, Signaling::Present) => after_connect_timeout(since),
        (Media::Broken { since }, Signaling::Present) => after_signaling_lease(since),
        (Media::Idle, Signaling::Gone { since }) => after_lease(since),
        (Media::Connecting { since: first }, Signaling::Gone { since }) => {
            earlier(after_connect_timeout(first), after_lease(since))
        }
        (Media::Connected | Media::Flowing, Signaling::Gone { since }) => after_signaling_lease(since),
        (Media::Broken { since: broken }, Signaling::Gone { since }) => {
            earlier(after_lease(broken.max(since)), after_signaling_lease(broken.min(since)))
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    [one, other].into_iter().flatten().min()
}
