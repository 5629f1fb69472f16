//! On which node a new room is to live.
use offhook_bus::NodeId;

/// Up to this share of its media threads' cores a node keeps its users' rooms. More makes rooms far from nobody, until joins
/// starve behind packets; less sends requests over the bus that need not go there.
const COMFORTABLE: f32 = 0.4;
/// As much more than the least loaded node a node may have to do and still keep its users' rooms.
const LEAD: f32 = 0.2;

/// A node that takes rooms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) load: f32,
    pub(crate) node: NodeId,
    pub(crate) rooms: usize,
}

impl Candidate {
    /// By load in steps of a twentieth, as smaller differences are noise; then by rooms, as a new room's load shows only later.
    fn rank(&self) -> (u32, usize) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a load is between 0 and a few"
        )]
        let steps = (self.load * 20.0) as u32;
        (steps, self.rooms)
    }
}

/// This node, if it takes rooms and has little to do by itself and beside the others; else the one with less to do of two that
/// chance names, so that nodes which choose at the same time do not all choose the same. `None` if no node takes rooms.
pub(crate) fn choose(
    candidates: &[Candidate],
    me: NodeId,
    mut chance: impl FnMut(usize) -> usize,
) -> Option<NodeId> {
    let least = candidates.iter().map(|candidate| candidate.load).fold(f32::INFINITY, f32::min);
    let own = candidates.iter().find(|candidate| candidate.node == me);
    if own.is_some_and(|own| own.load <= COMFORTABLE && own.load <= least + LEAD) {
        return Some(me);
    }
    let first = candidates.get(chance(candidates.len().max(1)))?;
    let others: Vec<&Candidate> =
        candidates.iter().filter(|candidate| candidate.node != first.node).collect();
    let second = others.get(chance(others.len().max(1))).copied().unwrap_or(first);
    Some(if second.rank() < first.rank() { second.node } else { first.node })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: u64, load: f32, rooms: usize) -> Candidate {
        Candidate { load, node: NodeId::new(id), rooms }
    }

    /// With every pair that chance may name; who is chosen at least once.
    fn chosen(candidates: &[Candidate]) -> Vec<u64> {
        let mut all = Vec::new();
        for first in 0..candidates.len().max(1) {
            for second in 0..candidates.len().max(2) - 1 {
                let mut named = [second, first].to_vec();
                let chance = |below: usize| named.pop().unwrap_or(0).min(below - 1);
                all.extend(choose(candidates, NodeId::new(1), chance).map(NodeId::bits));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn a_room_stays_where_it_is_asked_for_unless_others_have_much_less_to_do() {
        assert_eq!(chosen(&[node(1, 0.3, 9), node(2, 0.2, 0), node(3, 0.5, 0)]), [1]);
        assert_eq!(chosen(&[node(1, 0.3, 9), node(2, 0.05, 0)]), [2]);
        assert_eq!(chosen(&[node(1, 0.5, 0), node(2, 0.45, 0)]), [2], "it has enough to do");
        assert_eq!(chosen(&[node(1, 0.7, 0)]), [1], "there is no other");
    }

    #[test]
    fn the_one_with_the_most_to_do_of_several_is_never_chosen() {
        assert_eq!(chosen(&[node(2, 0.5, 0), node(3, 0.1, 0), node(4, 0.3, 0)]), [3, 4]);
        assert_eq!(chosen(&[node(2, 0.11, 8), node(3, 0.12, 2)]), [3], "about equal, but fewer rooms");
        assert_eq!(chosen(&[]), Vec::<u64>::new());
    }
}
