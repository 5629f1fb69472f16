//! One participant's connection: what goes over it, and what is known of it.
//!
//! Nothing in here touches another participant; [`crate::Sfu`] carries things from one to the other.
pub(crate) mod connection;
pub(crate) mod description;
pub(crate) mod messages;
pub(crate) mod published;
pub(crate) mod slots;
pub(crate) mod subscription;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use offhook_types::StreamId;

use self::{connection::Connection, published::Published, subscription::Subscription};
use crate::{
    Address, Layer, Source, Wish,
    allocator::{Allocator, Size},
    room::{MediaState, MemberNo, TrackNo},
};

/// A participant's number; never used twice. Part of its ICE user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerId(pub(crate) u32);

/// A room's number within this machine; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HallId(pub(crate) u32);

/// How many wishes are kept of one participant, also for streams that are not there yet. A room of a hundred has fewer
/// tracks; more lets one client fill our memory.
const MAX_WISHES: usize = 512;

/// Between two packets of media lies less than this, also where a microphone sends nothing but signs of silence. More takes one
/// who stopped sending, and lives on, for one who is gone; less overlooks those who are.
const BREAK: Duration = Duration::from_millis(600);

/// A participant.
pub(crate) struct Peer {
    pub(crate) address: Address,
    pub(crate) allocator: Allocator<TrackNo>,
    /// The number of the last offer of ours that was answered; zero if none was.
    pub(crate) answered: u32,
    pub(crate) connection: Connection,
    /// When this participant is to be served next, as the schedule knows it.
    pub(crate) due: Option<Instant>,
    /// Whether something was written that leaves with the next flush.
    pub(crate) dirty: bool,
    /// Whether the layers are to be chosen anew with the next flush.
    pub(crate) evaluate: bool,
    pub(crate) gauge: Gauge,
    pub(crate) hall: HallId,
    pub(crate) intake: Intake,
    /// What of each track the device was told that it receives.
    pub(crate) told: BTreeMap<TrackNo, Layer>,
    pub(crate) member: MemberNo,
    /// The number of the last offer of ours; zero before the first.
    pub(crate) negotiation: u32,
    /// Whether something new is to be offered with the next flush.
    pub(crate) offer: bool,
    pub(crate) published: BTreeMap<TrackNo, Published>,
    /// How the media is doing, as the room was told.
    pub(crate) state: MediaState,
    pub(crate) subscribe_all: bool,
    pub(crate) subscriptions: BTreeMap<TrackNo, Subscription>,
    /// What it wished of tracks, by name.
    pub(crate) wishes: BTreeMap<(StreamId, Source), View>,
}

/// How a device wants to see a track.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) shown: Size,
    pub(crate) wanted: bool,
}

/// What is known of how well the packets travel.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gauge {
    pub(crate) estimate_bps: u64,
    /// When the last packet came, of whatever kind.
    pub(crate) heard_at: Option<Instant>,
    pub(crate) loss_in: Option<f32>,
    pub(crate) loss_out: Option<f32>,
    /// When the media was lost last.
    pub(crate) lost_at: Option<Instant>,
    /// When the last media packet came.
    pub(crate) media_at: Option<Instant>,
    pub(crate) received_bytes: u64,
    pub(crate) rtt: Duration,
    pub(crate) sent_bytes: u64,
}

/// What one participant may publish: a bucket that holds a second's worth of [`crate::Limits::max_publish_bps`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intake {
    /// When the bucket would be empty again.
    empty_at: Instant,
    bps: u64,
}

impl Intake {
    pub(crate) fn new(now: Instant, bps: u64) -> Self {
        Self { empty_at: now, bps: bps.max(1) }
    }

    /// Whether a packet of so many bytes still goes in; if not, it is to be dropped.
    pub(crate) fn take(&mut self, now: Instant, bytes: usize) -> bool {
        let from = self.empty_at.max(now);
        if from.saturating_duration_since(now) > Duration::from_secs(1) {
            return false;
        }
        let nanos = bytes as u64 * 8 * 1_000_000_000 / self.bps;
        self.empty_at = from + Duration::from_nanos(nanos);
        true
    }
}

impl Peer {
    /// Whether it wants a track of this name, and how.
    pub(crate) fn view(&self, stream: &StreamId, source: Source) -> View {
        let wish = self.wishes.get(&(stream.clone(), source)).copied();
        wish.unwrap_or(View { shown: Size::default(), wanted: self.subscribe_all })
    }

    /// Keeps a wish. `false` if there are too many.
    pub(crate) fn wish(&mut self, wish: &Wish) -> bool {
        let key = (wish.stream.clone(), wish.source);
        if self.wishes.len() >= MAX_WISHES && !self.wishes.contains_key(&key) {
            return false;
        }
        let shown = Size { width: wish.width, height: wish.height };
        self.wishes.insert(key, View { shown, wanted: wish.wanted });
        true
    }

    /// The last offer of ours that no answer settled: an offer of the device makes it void.
    pub(crate) fn unanswered(&self) -> Option<u32> {
        (self.negotiation != self.answered).then_some(self.negotiation)
    }

    /// Whether it fell silent in the midst of what it sends: no packet of any kind has come since the media stopped, which it was
    /// not muted for.
    pub(crate) fn has_broken_off(&self) -> bool {
        let Gauge { heard_at: Some(heard_at), media_at: Some(media_at), .. } = self.gauge else {
            return false;
        };
        heard_at.saturating_duration_since(media_at) < BREAK
            && self.published.values().any(|track| !track.muted)
    }

    /// Whether a connection that was lost is there again: something has come over it since.
    pub(crate) fn is_back(&self) -> bool {
        !self.connection.is_over
            && self.connection.rtc.is_connected()
            && self.gauge.heard_at > self.gauge.lost_at
    }

    /// A new connection takes the place of the old one, which nothing is left of.
    pub(crate) fn replace_connection(&mut self, connection: Connection) {
        self.connection = connection;
        self.allocator = Allocator::new();
        self.gauge.estimate_bps = 0;
        self.told.clear();
        for subscription in self.subscriptions.values_mut() {
            subscription.unplug();
        }
        for published in self.published.values_mut() {
            published.forget_encodings();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_is_permitted_does_not_go_in() {
        #[expect(clippy::disallowed_methods, reason = "an origin to count from")]
        let start = Instant::now();
        let mut intake = Intake::new(start, 800_000);
        // Twice as much as permitted for ten seconds: one second's burst, then half.
        let taken =
            (0..2000_u32).filter(|n| intake.take(start + Duration::from_millis(5) * *n, 1000)).count();
        assert!((1095..=1105).contains(&taken), "{taken}");
    }
}
