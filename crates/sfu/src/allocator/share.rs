//! The division of an estimate among tracks: pure, without memory or time.
use super::demand::{Demand, Kind, Size};

/// An encoding is large enough if it has this share of the pixels that are shown, in percent. More sends 720 lines for a
/// tile of 400 and costs three times as much for what nobody sees; less looks soft.
const ENOUGH_PERCENT: u64 = 65;

/// How much of a track is given: nothing, or one of its offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step(usize);

impl Step {
    /// Nothing.
    pub(super) const OFF: Self = Self(0);

    /// The offer of this index.
    pub(super) fn of(index: usize) -> Self {
        Self(index + 1)
    }

    /// The index of the offer.
    pub(super) fn offer(self) -> Option<usize> {
        self.0.checked_sub(1)
    }
}

/// What there is to divide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// All of it, in bits a second.
    pub(super) total: u64,
    /// Up to which sum a track may gain more than it holds; `None` if none may.
    pub(super) gains: Option<u64>,
}

/// The largest step that makes a visible difference.
pub(super) fn cap<K>(demand: &Demand<K>) -> Step {
    let shown = demand.shown;
    let enough = demand.offers.iter().position(|offer| is_enough(offer.size, shown));
    enough.or(demand.offers.len().checked_sub(1)).map_or(Step::OFF, Step::of)
}

fn is_enough(offered: Size, shown: Size) -> bool {
    let (offered, shown) = match (shown.width, shown.height) {
        (0, 0) => return false,
        (0, height) => (u64::from(offered.height).pow(2), u64::from(height).pow(2)),
        (width, 0) => (u64::from(offered.width).pow(2), u64::from(width).pow(2)),
        (width, height) => (area(offered), u64::from(width) * u64::from(height)),
    };
    offered * 100 >= shown * ENOUGH_PERCENT
}

fn area(size: Size) -> u64 {
    u64::from(size.width) * u64::from(size.height)
}

/// Divides the room. `held` says up to which step each track is given already; the answer is in the order of the demands.
pub(super) fn share<K: Ord>(demands: &[Demand<K>], held: &[Step], room: Room) -> Vec<Step> {
    let mut division = Division { demands, held, room, steps: vec![Step::OFF; demands.len()], used: 0 };
    let mut pictures = Vec::with_capacity(demands.len());
    for (index, demand) in demands.iter().enumerate().filter(|(_, demand)| demand.flows) {
        match demand.kind {
            Kind::Audio => division.give(index, demand.lowest()),
            Kind::Camera | Kind::Screen => pictures.push(index),
        }
    }
    pictures.sort_by(|&a, &b| rank(&demands[a]).cmp(&rank(&demands[b])));
    for &index in &pictures {
        division.raise(index, 0);
    }
    for class in pictures.chunk_by(|&a, &b| class(&demands[a]) == class(&demands[b])) {
        let most = class.iter().map(|&index| demands[index].offers.len()).max().unwrap_or(0);
        for offer in 1..most {
            for &index in class {
                division.raise(index, offer);
            }
        }
    }
    division.steps
}

/// Among equals the one that is shown larger comes first, then the one with the smaller name, so that the order is firm.
fn rank<K: Ord>(demand: &Demand<K>) -> (u8, std::cmp::Reverse<u64>, &K) {
    (class(demand), std::cmp::Reverse(area(demand.shown)), &demand.track)
}

fn class<K>(demand: &Demand<K>) -> u8 {
    match demand.kind {
        Kind::Audio => 0,
        Kind::Screen => 1,
        Kind::Camera if demand.speaks => 2,
        Kind::Camera => 3,
    }
}

struct Division<'a, K> {
    demands: &'a [Demand<K>],
    held: &'a [Step],
    room: Room,
    steps: Vec<Step>,
    used: u64,
}

impl<K> Division<'_, K> {
    /// Gives a track this offer if it has the one below, nothing larger is in vain, and there is room.
    fn raise(&mut self, index: usize, offer: usize) {
        let demand = &self.demands[index];
        let step = Step::of(offer);
        if step > cap(demand) || self.steps[index] != Step(offer) {
            return;
        }
        let needed = self.used_with(index, step);
        let fits_gain = self.room.gains.is_some_and(|gains| needed <= gains);
        if needed <= self.room.total && (step <= self.held[index] || fits_gain) {
            self.give(index, step);
        }
    }

    fn give(&mut self, index: usize, step: Step) {
        self.used = self.used_with(index, step);
        self.steps[index] = step;
    }

    fn used_with(&self, index: usize, step: Step) -> u64 {
        let demand = &self.demands[index];
        (self.used + demand.bps(step)).saturating_sub(demand.bps(self.steps[index]))
    }
}
