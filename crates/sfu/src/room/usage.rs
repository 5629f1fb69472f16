//! What everybody used of a room.
use std::time::{Duration, Instant};

use offhook_types::UserId;

use super::{MemberNo, Room, budget::Budget};
use crate::Usage;

/// The largest sum of received pixels of each tier but the last (4K) and the first (audio alone).
///
/// The seed says what is summed ("the billing will be based on the sum of the resolutions"); the bounds of SD, HD and Full
/// HD are those that the closed service states with its prices (SD ≤ 640 × 360, HD ≤ 1280 × 720, HD+ ≤ 1920 × 1080:
/// zegocloud.com/docs, Real-time Voice, Server-side Stream Mixing Pricing), that of 2K (2560 × 1440) is what others
/// of its kind take (cloud.baidu.com/product-price/rtc.html).
const BOUNDS: [u64; 4] = [640 * 360, 1280 * 720, 1920 * 1080, 2560 * 1440];

/// What a connection carried since its last reading, and what it carries right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Whether the user receives sound right now.
    pub(crate) audio: bool,
    /// The sum of the pixels of all pictures that the user receives right now: width times height of the layer of each.
    pub(crate) pixels: u64,
    /// From us to the user since the last reading, in bytes of RTP payload.
    pub(crate) received_bytes: u64,
    /// From the user to us since the last reading, in bytes of RTP payload.
    pub(crate) sent_bytes: u64,
}

/// What is remembered of a user who came, as long as the room is there.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Kept here, so that leaving and coming back does not fill it.
    pub(super) budget: Budget,
    /// While the user is here: until when time is counted, and the tier that it counts in from then on.
    running: Option<(Instant, Option<usize>)>,
    usage: Usage,
}

impl Record {
    pub(super) fn new(now: Instant, user: UserId) -> Self {
        let usage = Usage {
            present: Duration::ZERO,
            received_bytes: 0,
            sent_bytes: 0,
            tiers: [Duration::ZERO; 6],
            user,
        };
        Self { budget: Budget::full(now), running: None, usage }
    }

    /// The user comes, or goes on with another device.
    pub(super) fn start(&mut self, now: Instant) {
        self.count(now);
        self.running = Some((now, None));
    }

    /// Nothing is received any more; the user is still here.
    pub(super) fn pause(&mut self, now: Instant) {
        self.count(now);
        if let Some((_, tier)) = &mut self.running {
            *tier = None;
        }
    }

    /// The user goes.
    pub(super) fn stop(&mut self, now: Instant) {
        self.count(now);
        self.running = None;
    }

    fn read(&mut self, now: Instant, reading: &Reading) {
        self.count(now);
        self.usage.received_bytes += reading.received_bytes;
        self.usage.sent_bytes += reading.sent_bytes;
        if let Some((_, tier)) = &mut self.running {
            *tier = tier_of(reading);
        }
    }

    /// Brings the times up to now.
    fn count(&mut self, now: Instant) {
        if let Some((until, tier)) = &mut self.running {
            let passed = now.saturating_duration_since(*until);
            self.usage.present += passed;
            if let Some(tier) = *tier {
                self.usage.tiers[tier] += passed;
            }
            *until = now.max(*until);
        }
    }

    /// What was used until now.
    fn until(&self, now: Instant) -> Usage {
        let mut copy = self.clone();
        copy.count(now);
        copy.usage
    }
}

/// An index into [`Usage::tiers`]; `None` where nothing is received.
fn tier_of(reading: &Reading) -> Option<usize> {
    match (reading.pixels, reading.audio) {
        (0, false) => None,
        (0, true) => Some(0),
        (pixels, _) => Some(1 + BOUNDS.iter().take_while(|&&bound| bound < pixels).count()),
    }
}

impl Room {
    /// Takes a reading of a member's connection. What it says of "right now" holds until the next one, until the media is
    /// lost, or until the member goes: read at least once a second, and when layers change.
    pub(crate) fn meter(&mut self, now: Instant, member: MemberNo, reading: &Reading) {
        self.handle_timeout(now);
        let Some(member) = self.members.get(&member) else { return };
        if let Some(record) = self.records.get_mut(&member.address.user) {
            record.read(now, reading);
        }
    }

    /// What everybody used who is or was here, by user.
    pub(crate) fn usage(&self, now: Instant) -> Vec<Usage> {
        self.records.values().map(|record| record.until(now)).collect()
    }
}
