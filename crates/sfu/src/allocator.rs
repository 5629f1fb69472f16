//! The layer allocator: what one subscriber receives of each track, given what its network bears.
//!
//! Nothing decides more about calls on bad networks. The rules, the stronger first:
//!
//! 1. Sound is never given up for pictures: it is taken off the estimate before any picture is weighed.
//! 2. What does not fit is given up in the evaluation that sees it, that is, within one report of the receiver.
//! 3. Everybody is seen before anybody is seen well: each picture gets its smallest encoding, screens first, then who
//!    speaks, then the others; only then are they raised, in the same order, and equals step by step in turn.
//! 4. Nothing larger is sent than is shown.
//! 5. A step up needs room to spare for a while ([`climb`]), a step that is held needs none: no swinging.
//!
//! [`Allocator`] is the machine; [`share`] is the pure division; [`meter`] measures what encodings cost. The allocator sends
//! nothing and asks for no keyframes: the forwarder acts on the [`Change`]s that it gives.
//!
//! More estimate never means less: compared in the order of rule 3, the first step that differs is one that more estimate
//! gained. (A screen that fits at last may well take the room of two cameras.)
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

mod climb;
mod demand;
mod meter;
mod share;

use climb::Climb;
pub(crate) use demand::{Change, Demand, Kind, Offer, Size, Why};
pub(crate) use meter::Meter;
use share::{Room, Step, cap, share};

/// What a subscriber's network is taken to bear until the first report. More delays the sound of those on the worst networks
/// in their first second, less shows everybody a small picture at first.
pub(crate) const START_BPS: u64 = 600_000;

/// What is probed for at first, whatever is shown. str0m sends up to twice as much, for 15 ms. More delays the first sound on
/// narrow networks, less lets large pictures wait on good ones until the estimate has crept up.
pub(crate) const YOUNG_BPS: u64 = 1_500_000;

/// How often to evaluate without a new report: steps up wait for time to pass. More often costs time for nothing, less often
/// makes pictures come back later.
const TICK: Duration = Duration::from_millis(250);

/// Where more is wished than the network is known to bear, what is probed for swings between these shares of the estimate,
/// in percent, once in [`PROBE_TURN`] each: each rise makes str0m probe at once, which it would do every five seconds
/// otherwise. Twice as much is what it then sends, in bursts of 15 ms. More overflows the queue of a narrow network, whose
/// probes then tell nothing; less climbs late.
const PROBE_PERCENT: [u64; 2] = [120, 150];

/// Half the time from probe to probe. Longer recovers late, shorter delays sound on narrow networks more often.
const PROBE_TURN: Duration = Duration::from_secs(1);

/// The allocator of one subscriber. `K` names a track.
#[derive(Debug)]
pub(crate) struct Allocator<K> {
    climb: Climb,
    evaluated_at: Option<Instant>,
    /// What each flowing track is given.
    given: BTreeMap<K, Given>,
    probe: Probe,
    wished_bps: u64,
}

/// Which of [`PROBE_PERCENT`] is probed for, and since when.
#[derive(Debug, Default)]
struct Probe {
    since: Option<Instant>,
    turn: usize,
}

/// What a track is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Given {
    encoding: Option<u8>,
    bps: u64,
}

impl<K: Copy + Ord> Allocator<K> {
    /// Nothing is known of the network, and nothing is sent.
    pub(crate) fn new() -> Self {
        Self {
            climb: Climb::new(),
            evaluated_at: None,
            given: BTreeMap::new(),
            probe: Probe::default(),
            wished_bps: 0,
        }
    }

    /// A report of the receiver led to this estimate, in bits a second, of what can be sent to it. Evaluate afterwards.
    pub(crate) fn estimate(&mut self, now: Instant, bps: u64) {
        self.climb.estimate(now, bps);
    }

    /// Divides the estimate anew. `demands` names every track of the subscription; one that is not named is not sent.
    /// Costs a sort of the demands.
    pub(crate) fn evaluate(&mut self, now: Instant, demands: &[Demand<K>]) -> Vec<Change<K>> {
        let estimate = self.climb.current();
        let held: Vec<Step> = demands.iter().map(|demand| self.held(demand)).collect();
        let needed: u64 = demands.iter().zip(&held).map(|(demand, held)| demand.bps(*held)).sum();
        let congested = estimate.is_some_and(|estimate| needed > estimate);
        let room = match estimate {
            None => Room { total: START_BPS, gains: None },
            Some(total) if congested => Room { total, gains: None },
            Some(total) => Room { total, gains: Some(self.climb.room_for_gains(now)) },
        };
        let steps = share(demands, &held, room);
        let changes = self.adopt(demands, &steps, congested);
        let gained = steps.iter().zip(&held).any(|(step, held)| step > held);
        self.learn(now, &changes, gained);
        self.wished_bps = demands.iter().map(|demand| demand.bps(cap(demand))).sum();
        self.evaluated_at = Some(now);
        self.probe.turn(now);
        changes
    }

    /// The encoding of a track that is to be sent.
    #[cfg(test)]
    pub(crate) fn encoding(&self, track: K) -> Option<u8> {
        self.given.get(&track)?.encoding
    }

    /// What all that is given costs, in bits a second, as far as it was measured.
    pub(crate) fn given_bps(&self) -> u64 {
        self.given.values().map(|given| given.bps).sum()
    }

    /// What all that is shown would cost, in bits a second.
    pub(crate) fn wished_bps(&self) -> u64 {
        self.wished_bps
    }

    /// What the network should be probed for, in bits a second: enough for all that is shown and the margin that a step up
    /// needs, in bearable steps. str0m probes for twice as much, and takes the result for the estimate even if it is lower:
    /// hence never less than half of that. At first nobody knows what will be shown, and str0m probes once for what it is told
    /// then.
    pub(crate) fn desired_bps(&self, now: Instant) -> u64 {
        let goal = self.climb.with_margin(now, self.wished_bps);
        match self.climb.current() {
            None => goal.max(START_BPS * 3),
            Some(estimate) => {
                if self.climb.is_young(now) {
                    return goal.max(YOUNG_BPS);
                }
                goal.clamp(estimate / 2, estimate * PROBE_PERCENT[self.probe.turn] / 100)
            }
        }
    }

    /// The estimate, in bits a second, if it must be measured anew by starting str0m's estimator over with it. Where most of
    /// a low estimate is used, str0m neither probes nor raises it by itself for a quarter of a minute, although the network
    /// may have healed. After loss it does not probe at all.
    /// Told at most every 1.5 s.
    pub(crate) fn stale_estimate(&mut self, now: Instant) -> Option<u64> {
        self.climb.stale(now, self.wished_bps, self.given_bps())
    }

    /// When to evaluate next, if no report comes earlier.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.evaluated_at.map(|at| at + TICK)
    }

    /// The step up to which a track is given already, or needs no margin because it is new.
    fn held(&self, demand: &Demand<K>) -> Step {
        match self.given.get(&demand.track) {
            _ if !demand.flows => Step::OFF,
            _ if demand.kind == Kind::Audio => demand.lowest(),
            _ if self.climb.current().is_none() => demand.middle(),
            None => demand.lowest(),
            Some(Given { encoding: None, .. }) => Step::OFF,
            Some(Given { encoding: Some(encoding), .. }) => demand.step_at_most(*encoding),
        }
    }

    fn adopt(&mut self, demands: &[Demand<K>], steps: &[Step], congested: bool) -> Vec<Change<K>> {
        let before = std::mem::take(&mut self.given);
        let mut changes = Vec::new();
        for (demand, &step) in demands.iter().zip(steps) {
            let from = before.get(&demand.track).copied();
            let to = demand.encoding(step);
            if demand.flows && (from.is_some() || !demand.offers.is_empty() || demand.kind == Kind::Audio) {
                self.given.insert(demand.track, Given { encoding: to, bps: demand.bps(step) });
            }
            let was = from.and_then(|given| given.encoding);
            if was != to {
                let why = demand.why(was, to, congested);
                changes.push(Change { track: demand.track, from: was, to, why });
            }
        }
        let gone = before.iter().filter(|(track, _)| !demands.iter().any(|demand| demand.track == **track));
        changes.extend(gone.filter_map(|(&track, given)| {
            let from = given.encoding?;
            Some(Change { track, from: Some(from), to: None, why: Why::Paused })
        }));
        changes
    }

    fn learn(&mut self, now: Instant, changes: &[Change<K>], gained: bool) {
        if changes.iter().any(|change| change.why == Why::Congested) {
            self.climb.fell(now);
        } else if gained {
            self.climb.climbed(now);
        }
    }
}

impl Probe {
    fn turn(&mut self, now: Instant) {
        if self.since.is_none_or(|since| now.saturating_duration_since(since) >= PROBE_TURN) {
            self.since = Some(now);
            self.turn = 1 - self.turn;
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk;
