//! One way of a network: it loses, delays, overtakes and has only so much room. Everything by chance is drawn from a seed.
use std::time::{Duration, Instant};

/// How a link treats packets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// What it carries, in bits a second; `None` for everything.
    pub(crate) bps: Option<u64>,
    /// How long a packet is under way at least.
    pub(crate) delay: Duration,
    /// At most so much longer; packets overtake each other by it.
    pub(crate) jitter: Duration,
    /// How many of a hundred packets are lost.
    pub(crate) loss_percent: u64,
    /// A packet that would have to wait longer than this for its turn is lost.
    pub(crate) queue: Duration,
}

impl Weather {
    /// Twenty milliseconds, and nothing is lost.
    pub(crate) const FAIR: Self = Self {
        bps: None,
        delay: Duration::from_millis(20),
        jitter: Duration::ZERO,
        loss_percent: 0,
        queue: Duration::from_millis(300),
    };
}

/// One way from one to another.
#[derive(Debug)]
pub(crate) struct Link {
    free_at: Option<Instant>,
    /// The state of the generator of chance (xorshift).
    state: u64,
    pub(crate) weather: Weather,
}

impl Link {
    pub(crate) fn new(seed: u64, weather: Weather) -> Self {
        // Neighboring seeds must not make neighboring series.
        Self { free_at: None, state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, weather }
    }

    /// When a packet of so many bytes arrives; `None` if it does not.
    pub(crate) fn carry(&mut self, now: Instant, bytes: usize) -> Option<Instant> {
        let Weather { bps, delay, jitter, loss_percent, queue } = self.weather;
        let lost = self.draw(100) < loss_percent;
        let jitter = Duration::from_micros(self.draw(u64::try_from(jitter.as_micros()).ok()? + 1));
        let mut left_at = now;
        if let Some(bps) = bps {
            let turn = self.free_at.map_or(now, |at| at.max(now));
            if turn.duration_since(now) > queue {
                return None;
            }
            // With the headers of UDP and IP.
            left_at = turn + Duration::from_micros((bytes as u64 + 28) * 8 * 1_000_000 / bps);
            self.free_at = Some(left_at);
        }
        (!lost).then_some(left_at + delay + jitter)
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 16) % below
    }
}
