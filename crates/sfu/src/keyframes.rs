//! Keyframe requests: few enough that publishers keep their quality, often enough that nobody waits in vain.
//!
//! A keyframe is many times as large as another frame, and one serves every subscriber. [`Keyframes`] makes of all requests
//! for a track at most one per encoding and interval, and repeats it until the keyframe has come. [`KeyframeBudget`] keeps a
//! broken receiver (one with a wrong key asks for ever) from spoiling the picture of all others.
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// After so many requests in vain the interval is four times as long. More bothers a publisher that has stopped the encoding;
/// less makes those wait who come back from an outage, which is rarely longer than ten seconds.
const PATIENT_REQUESTS: u32 = 10;

/// So many requests one subscription has at once. A subscriber on a bad network (10 % loss) asks about once in three seconds;
/// less would leave it with a frozen picture, more lets a broken one lower everybody's quality for longer.
const BUDGET: u32 = 10;

/// How long it takes until a spent request is given back. Longer freezes subscribers on terrible networks, shorter lets a
/// broken one cost each publisher more than a keyframe in so long.
const BUDGET_REFILL: Duration = Duration::from_secs(4);

/// The keyframe requests for one track.
///
/// ```text
/// (nothing) ──request──▶ wanted ──due, told by poll──▶ asked ──interval──▶ due again
///     ▲                    └──────────── arrived, canceled ──┘
/// ```
#[derive(Debug)]
pub(crate) struct Keyframes {
    interval: Duration,
    encodings: BTreeMap<u8, Encoding>,
}

#[derive(Debug, Default)]
struct Encoding {
    asked_at: Option<Instant>,
    /// How often it was asked since somebody wanted it; `None` if nobody does.
    wanted: Option<u32>,
}

impl Keyframes {
    /// Asks at most once per interval for a keyframe of one encoding.
    #[must_use]
    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, encodings: BTreeMap::new() }
    }

    /// Somebody needs a keyframe of this encoding, and does so until [`Keyframes::arrived`] or [`Keyframes::cancel`].
    pub(crate) fn request(&mut self, encoding: u8) {
        self.encodings.entry(encoding).or_default().wanted.get_or_insert(0);
    }

    /// A keyframe of this encoding came.
    pub(crate) fn arrived(&mut self, encoding: u8) {
        self.cancel(encoding);
    }

    /// Nobody needs a keyframe of this encoding any longer.
    pub(crate) fn cancel(&mut self, encoding: u8) {
        if let Some(encoding) = self.encodings.get_mut(&encoding) {
            encoding.wanted = None;
        }
    }

    /// An encoding of which the publisher is to be asked for a keyframe now; call it until `None`.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<u8> {
        let interval = self.interval;
        let (&number, encoding) =
            self.encodings.iter_mut().find(|(_, encoding)| encoding.is_due(now, interval))?;
        encoding.asked_at = Some(now);
        encoding.wanted = encoding.wanted.map(|asked| asked.saturating_add(1));
        Some(number)
    }

    /// When to poll next. A time that has passed means at once; `None` that no keyframe is wanted.
    #[must_use]
    pub(crate) fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let due = self.encodings.values().filter_map(|encoding| encoding.due(self.interval));
        due.map(|due| due.unwrap_or(now)).min()
    }
}

impl Encoding {
    /// When the next request is due: `Some(None)` if at once.
    fn due(&self, interval: Duration) -> Option<Option<Instant>> {
        let asked = self.wanted?;
        let pause = if asked < PATIENT_REQUESTS { interval } else { interval * 4 };
        Some(self.asked_at.map(|at| at + pause))
    }

    fn is_due(&self, now: Instant, interval: Duration) -> bool {
        self.due(interval).is_some_and(|due| due.is_none_or(|due| due <= now))
    }
}

/// How many keyframes one subscription may still ask for on its own account. Requests that we make ourselves, for a switch,
/// are not counted.
#[derive(Debug)]
pub(crate) struct KeyframeBudget {
    left: u32,
    refilled_at: Instant,
}

impl KeyframeBudget {
    /// A full budget.
    #[must_use]
    pub(crate) fn new(now: Instant) -> Self {
        Self { left: BUDGET, refilled_at: now }
    }

    /// Takes one request from the budget. `false`: ignore it.
    pub(crate) fn spend(&mut self, now: Instant) -> bool {
        while self.left < BUDGET && now.saturating_duration_since(self.refilled_at) >= BUDGET_REFILL {
            self.left += 1;
            self.refilled_at += BUDGET_REFILL;
        }
        if self.left == BUDGET {
            self.refilled_at = now;
        }
        let permitted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        permitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[expect(
        clippy::disallowed_methods,
        reason = "an origin to count from; nothing is compared with the clock"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    fn polled(keyframes: &mut Keyframes, now: Instant) -> Vec<u8> {
        std::iter::from_fn(|| keyframes.poll(now)).collect()
    }

    #[test]
    fn many_requests_are_one_an_interval() {
        let start = start();
        let mut keyframes = Keyframes::new(SECOND);
        assert_eq!(keyframes.poll_timeout(start), None, "nobody wants one");
        for ms in 0..1000 {
            let now = start + Duration::from_millis(ms);
            keyframes.request(0);
            assert_eq!(polled(&mut keyframes, now), if ms == 0 { vec![0] } else { vec![] });
            assert_eq!(keyframes.poll_timeout(now), Some(start + SECOND));
        }
        assert_eq!(polled(&mut keyframes, start + SECOND), [0]);
    }

    #[test]
    fn encodings_are_asked_for_apart() {
        let start = start();
        let mut keyframes = Keyframes::new(SECOND);
        keyframes.request(2);
        assert_eq!(polled(&mut keyframes, start), [2]);
        keyframes.request(0);
        keyframes.request(2);
        assert_eq!(keyframes.poll_timeout(start), Some(start), "at once");
        assert_eq!(polled(&mut keyframes, start), [0]);
    }

    #[test]
    fn a_request_is_repeated_until_the_keyframe_comes() {
        let start = start();
        let mut keyframes = Keyframes::new(SECOND);
        keyframes.request(1);
        for second in 0..5 {
            assert_eq!(polled(&mut keyframes, start + SECOND * second), [1]);
        }
        keyframes.arrived(1);
        assert_eq!(keyframes.poll_timeout(start), None);
        assert_eq!(polled(&mut keyframes, start + SECOND * 9), [] as [u8; 0]);
    }

    #[test]
    fn a_request_after_a_keyframe_waits_for_the_interval() {
        let start = start();
        let mut keyframes = Keyframes::new(SECOND);
        keyframes.request(0);
        keyframes.poll(start);
        keyframes.arrived(0);
        keyframes.request(0);
        assert_eq!(keyframes.poll(start + SECOND / 2), None);
        assert_eq!(keyframes.poll(start + SECOND), Some(0));
    }

    #[test]
    fn requests_in_vain_become_rarer_but_do_not_end() {
        let start = start();
        let mut keyframes = Keyframes::new(SECOND);
        keyframes.request(0);
        let asked: Vec<u32> =
            (0..20).filter(|second| keyframes.poll(start + SECOND * *second).is_some()).collect();
        assert_eq!(asked, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17]);
        keyframes.cancel(0);
        keyframes.request(0);
        assert_eq!(keyframes.poll_timeout(start), Some(start + SECOND * 18), "who comes new is served soon");
    }

    #[test]
    fn who_asks_for_ever_is_ignored_at_last_and_heard_again_later() {
        let start = start();
        let mut budget = KeyframeBudget::new(start);
        let heard = (0..1000).filter(|ms| budget.spend(start + Duration::from_millis(*ms))).count();
        assert_eq!(heard, 10);
        let heard = (1..=400).filter(|tenth| budget.spend(start + SECOND / 10 * *tenth)).count();
        assert_eq!(heard, 10, "one in four seconds");
    }

    #[test]
    fn who_asks_now_and_then_is_always_heard() {
        let start = start();
        let mut budget = KeyframeBudget::new(start);
        assert!((0..1000).all(|time| budget.spend(start + SECOND * 5 * time)));
    }
}
