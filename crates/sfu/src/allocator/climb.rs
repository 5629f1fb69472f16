//! When a step up is permitted: the memory that keeps the allocator from swinging.
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// For so long must the estimate have borne a step up. Longer keeps the small picture for longer after each dip, shorter
/// trusts a single probe.
const HOLD: Duration = Duration::from_millis(1000);

/// What a step up must leave free, in percent of what is used then. Estimates swing by ten percent even on a steady network;
/// more leaves a good network unused.
const MARGIN_PERCENT: u64 = 10;

/// The same while the last steps up have failed: only a network that has clearly become better is tried again early. More
/// makes recovery late, less repeats the failure.
const WARY_MARGIN_PERCENT: u64 = 60;

/// A fall so soon after a step up is the step's fault. Longer blames steps for what the network did later, shorter lets slow
/// swings through.
const PROBATION: Duration = Duration::from_secs(12);

/// How long to be wary after the first failure; twice as long after each further one. Longer leaves room unused after a bad
/// moment, shorter shows the swinging.
const FIRST_WARINESS: Duration = Duration::from_secs(5);

/// The longest time of being wary.
const MAX_WARINESS: Duration = Duration::from_secs(60);

/// After so long without a leap an estimate that leaves wishes open is stale: it is measured anew. Longer recovers late,
/// shorter bothers narrow networks with probes.
const STALE: Duration = Duration::from_millis(1500);

/// The same where less than [`USED_PERCENT`] of the estimate are used, so that str0m probes by itself, unless it has seen
/// loss.
const STALE_UNUSED: Duration = Duration::from_millis(2500);

/// Above this share of the estimate str0m does not probe by itself.
const USED_PERCENT: u64 = 60;

/// For so long an estimate is young. Longer bothers narrow networks with large probes, shorter may be over before the first
/// probe is sent.
const YOUTH: Duration = Duration::from_secs(2);

/// An estimate between these shares of what it was has made no leap, in percent: it has crept up at best.
const CREEP_PERCENT: std::ops::RangeInclusive<u64> = 90..=150;

/// What is remembered of the estimate and of the steps up.
#[derive(Debug)]
pub(super) struct Climb {
    /// The estimates within [`HOLD`], and the one before.
    estimates: VecDeque<(Instant, u64)>,
    /// The first estimate.
    began: Option<Instant>,
    climbed_at: Option<Instant>,
    /// The estimate after its last leap or fresh start, and when that was.
    leapt: Option<(Instant, u64)>,
    failures: u32,
    wary_until: Option<Instant>,
}

impl Climb {
    pub(super) fn new() -> Self {
        Self {
            estimates: VecDeque::new(),
            began: None,
            climbed_at: None,
            leapt: None,
            failures: 0,
            wary_until: None,
        }
    }

    pub(super) fn estimate(&mut self, now: Instant, bps: u64) {
        self.began.get_or_insert(now);
        self.estimates.push_back((now, bps));
        self.forget(now);
        let creeps = self.leapt.is_some_and(|leapt| CREEP_PERCENT.contains(&(bps * 100 / leapt.1.max(1))));
        if !creeps {
            self.leapt = Some((now, bps));
        }
    }

    /// The estimate, if it is stale although so much is wished.
    pub(super) fn stale(&mut self, now: Instant, wished_bps: u64, used_bps: u64) -> Option<u64> {
        let estimate = self.current()?;
        let goal = self.with_margin(now, wished_bps);
        let patience = if used_bps * 100 < estimate * USED_PERCENT { STALE_UNUSED } else { STALE };
        let leapt = self.leapt?;
        if goal <= estimate || now.saturating_duration_since(leapt.0) < patience {
            return None;
        }
        self.leapt = Some((now, estimate));
        Some(estimate)
    }

    pub(super) fn current(&self) -> Option<u64> {
        self.estimates.back().map(|estimate| estimate.1)
    }

    /// Whether estimates have only just begun.
    pub(super) fn is_young(&self, now: Instant) -> bool {
        self.began.is_some_and(|began| now.saturating_duration_since(began) < YOUTH)
    }

    /// Up to which sum steps up are permitted.
    pub(super) fn room_for_gains(&mut self, now: Instant) -> u64 {
        self.forget(now);
        let borne = self.estimates.iter().map(|estimate| estimate.1).min().unwrap_or(0);
        borne * 100 / (100 + self.margin_percent(now))
    }

    /// What the estimate must be for a step up to this sum.
    pub(super) fn with_margin(&self, now: Instant, bps: u64) -> u64 {
        // One percent more, since an estimate stops a little short of what is probed for.
        bps * (101 + self.margin_percent(now)) / 100
    }

    /// A step up was made.
    pub(super) fn climbed(&mut self, now: Instant) {
        self.climbed_at = Some(now);
    }

    /// A step down was forced.
    pub(super) fn fell(&mut self, now: Instant) {
        let at_fault = self.climbed_at.take().is_some_and(|at| now.saturating_duration_since(at) < PROBATION);
        let calm = self.wary_until.is_none_or(|until| until + MAX_WARINESS < now);
        self.failures = if calm { 0 } else { self.failures };
        if at_fault {
            let wariness = FIRST_WARINESS * 2u32.saturating_pow(self.failures.min(8));
            self.wary_until = Some(now + wariness.min(MAX_WARINESS));
            self.failures += 1;
        }
    }

    fn margin_percent(&self, now: Instant) -> u64 {
        if self.wary_until.is_some_and(|until| now < until) { WARY_MARGIN_PERCENT } else { MARGIN_PERCENT }
    }

    /// Keeps the estimate that was in force when the time of [`HOLD`] began, and all since.
    fn forget(&mut self, now: Instant) {
        while self.estimates.get(1).is_some_and(|next| now.saturating_duration_since(next.0) >= HOLD) {
            self.estimates.pop_front();
        }
    }
}
