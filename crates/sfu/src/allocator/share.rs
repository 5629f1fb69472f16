//! The division of an estimate among tracks: pure, without memory or time.
use std::cmp::Reverse;

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
    let steps = vec![Step::OFF; demands.len()];
    let mut division = Division { demands, held, room, steps, used: 0, gained: false };
    let mut pictures = Vec::with_capacity(demands.len());
    for (index, demand) in demands.iter().enumerate().filter(|(_, demand)| demand.flows) {
        match demand.kind {
            Kind::Audio => division.give(index, demand.lowest()),
            Kind::Camera | Kind::Screen => pictures.push(index),
        }
    }
    pictures.sort_by(|&a, &b| {
        (class(&demands[a]), &demands[a].track).cmp(&(class(&demands[b]), &demands[b].track))
    });
    let classes = || pictures.chunk_by(|&a, &b| class(&demands[a]) == class(&demands[b]));
    for class in classes() {
        division.raise_all(class, 0);
    }
    for class in classes() {
        let most = class.iter().map(|&index| demands[index].offers.len()).max().unwrap_or(0);
        for offer in 1..most {
            division.raise_all(class, offer);
        }
    }
    division.steps
}

/// The importance of a picture; those of one class are equals. What is shown at least twice as high is more important.
fn class<K>(demand: &Demand<K>) -> (u8, Reverse<u32>) {
    let kind = match demand.kind {
        Kind::Audio => 0,
        Kind::Screen => 1,
        Kind::Camera if demand.speaks => 2,
        Kind::Camera => 3,
    };
    let size = match area(demand.shown) {
        0 => u32::MAX,
        area => area.ilog2() / 2,
    };
    (kind, Reverse(size))
}

struct Division<'a, K> {
    demands: &'a [Demand<K>],
    held: &'a [Step],
    room: Room,
    steps: Vec<Step>,
    used: u64,
    /// Whether a track was given more than it holds: then even what is held must leave the margin, or the next dip would
    /// take it away.
    gained: bool,
}

impl<K> Division<'_, K> {
    /// Raises equals to an offer, those first who hold it: nobody loses a picture to an equal.
    fn raise_all(&mut self, class: &[usize], offer: usize) {
        let holds = |index: usize| self.held[index] >= Step::of(offer);
        let (holders, others): (Vec<usize>, Vec<usize>) =
            class.iter().copied().partition(|&index| holds(index));
        for index in holders.into_iter().chain(others) {
            self.raise(index, offer);
        }
    }

    /// Gives a track this offer if it has the one below, nothing larger is in vain, and there is room.
    fn raise(&mut self, index: usize, offer: usize) {
        let demand = &self.demands[index];
        let step = Step::of(offer);
        if step > cap(demand) || self.steps[index] != Step(offer) {
            return;
        }
        let needed = self.used_with(index, step);
        let is_held = step <= self.held[index];
        let spares = self.room.gains.is_some_and(|gains| needed <= gains);
        if needed <= self.room.total && (spares || is_held && !self.gained) {
            self.give(index, step);
            self.gained |= !is_held;
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
