//! How much of strangers is read.
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

/// Packets a second of one unknown source that are looked at, in bursts of twice as many. A room that joins from
/// behind one NAT sends some twenty checks for each person in its first second.
const PER_SOURCE: u32 = 500;

/// Packets a second of all unknown sources that are looked at. Each costs a few microseconds, so this is 2 % of a core.
const ALL_SOURCES: u32 = 5000;

/// How many sources are told apart; beyond it, new ones share the bound of all.
const MAX_SOURCES: usize = 16_384;

/// How long sources are remembered.
const MEMORY: Duration = Duration::from_secs(10);

/// Lets packets from addresses pass that belong to nobody yet, at a bounded rate.
#[derive(Debug)]
pub(crate) struct Gate {
    all: Bucket,
    since: Instant,
    sources: HashMap<IpAddr, Bucket>,
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    at: Instant,
    rate: u32,
    tokens: f32,
}

impl Gate {
    pub(crate) fn new(now: Instant) -> Self {
        Self { all: Bucket::new(now, ALL_SOURCES), since: now, sources: HashMap::new() }
    }

    /// Whether a packet of that source is looked at.
    pub(crate) fn admits(&mut self, now: Instant, source: IpAddr) -> bool {
        if now.saturating_duration_since(self.since) >= MEMORY {
            self.sources.clear();
            self.since = now;
        }
        let source = network(source);
        let passes = if let Some(bucket) = self.sources.get_mut(&source) {
            bucket.take(now)
        } else if self.sources.len() < MAX_SOURCES {
            self.sources.entry(source).or_insert_with(|| Bucket::new(now, PER_SOURCE)).take(now)
        } else {
            true
        };
        passes && self.all.take(now)
    }
}

/// Who is behind an address: for IPv6 the /64, as one holder has all of it.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

impl Bucket {
    #[expect(clippy::cast_precision_loss, reason = "rates are small")]
    fn new(now: Instant, rate: u32) -> Self {
        Self { at: now, rate, tokens: 2.0 * rate as f32 }
    }

    #[expect(clippy::cast_precision_loss, reason = "rates are small")]
    fn take(&mut self, now: Instant) -> bool {
        let rate = self.rate as f32;
        let gained = now.saturating_duration_since(self.at).as_secs_f32() * rate;
        self.tokens = (self.tokens + gained).min(2.0 * rate);
        self.at = now;
        let passes = self.tokens >= 1.0;
        if passes {
            self.tokens -= 1.0;
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_from_one_source_leaves_room_for_another() {
        let now = crate::clock::now();
        let mut gate = Gate::new(now);
        let flood = IpAddr::from([192, 0, 2, 1]);
        let passed = (0..50_000).filter(|_| gate.admits(now, flood)).count();
        assert_eq!(passed, 2 * PER_SOURCE as usize);
        assert!(gate.admits(now, IpAddr::from([192, 0, 2, 2])));
        assert!(!gate.admits(now, flood));
        assert!(gate.admits(now + Duration::from_secs(1), flood));
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded() {
        let now = crate::clock::now();
        let mut gate = Gate::new(now);
        let sources = (0..50_000u32).map(|n| IpAddr::from(n.to_be_bytes()));
        assert_eq!(sources.filter(|source| gate.admits(now, *source)).count(), 2 * ALL_SOURCES as usize);
        assert!(gate.sources.len() <= MAX_SOURCES);
    }

    #[test]
    fn a_holder_of_an_ipv6_network_is_one_source() {
        let now = crate::clock::now();
        let mut gate = Gate::new(now);
        let hosts = (0..5000u16).map(|n| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, n]));
        assert_eq!(hosts.filter(|host| gate.admits(now, *host)).count(), 2 * PER_SOURCE as usize);
    }
}
