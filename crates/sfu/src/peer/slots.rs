//! The media sections over which a participant gets tracks.
//!
//! A section outlives its track: it falls inactive and carries another one later, so that descriptions do not grow for ever.
//! Sections that bear the same stream name (`msid`) are played in step by the receiver, so they are given out by streams:
//! those of one name carry tracks of one stream at a time.
use str0m::{media::Mid, rtp::Ssrc};

use crate::{rebase::Rebase, room::TrackNo};

/// A media section that we send over.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Which slots are played in step: those of one stream.
    pub(crate) group: u32,
    pub(crate) mid: Mid,
    /// Numbers go on from one track to the next, since the receiver takes them for one stream.
    pub(crate) rebase: Rebase,
    /// What the stream is sent under, once negotiated.
    pub(crate) ssrc: Option<Ssrc>,
    pub(crate) state: SlotState,
    pub(crate) track: Option<TrackNo>,
    pub(crate) video: bool,
}

/// How far a section is negotiated.
///
/// ```text
/// Offered ──answer──▶ Live ──track gone, offered──▶ Idle ──another track, offered──▶ Resumed ──answer──▶ Live
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotState {
    /// It carries nothing and can be used again.
    Idle,
    /// It can be sent over.
    Live,
    /// It is new in the pending offer.
    Offered,
    /// The other side does not want it.
    Refused,
    /// It carries something again from the pending offer on.
    Resumed,
}

/// The sections of a connection.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    all: Vec<Slot>,
    next_group: u32,
}

impl Slots {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Slot> {
        self.all.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Slot> {
        self.all.iter_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Slot> {
        self.all.get(index)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Slot> {
        self.all.get_mut(index)
    }

    /// The track that goes over this section.
    pub(crate) fn track_of(&self, mid: Mid) -> Option<TrackNo> {
        self.all.iter().find(|slot| slot.mid == mid)?.track
    }

    /// The group for a stream of which these tracks are carried already: theirs, else one that is quite idle, else a new one.
    pub(crate) fn group_for(&mut self, siblings: &[TrackNo]) -> u32 {
        let carried = |slot: &&Slot| slot.track.is_some_and(|track| siblings.contains(&track));
        if let Some(slot) = self.all.iter().find(carried) {
            return slot.group;
        }
        let idle = |slot: &&Slot| {
            let mut group = self.all.iter().filter(|other| other.group == slot.group);
            group.all(|other| other.state == SlotState::Idle)
        };
        if let Some(slot) = self.all.iter().find(idle) {
            return slot.group;
        }
        let group = self.next_group;
        self.next_group += 1;
        group
    }

    /// An idle section of a group.
    pub(crate) fn idle_in(&self, group: u32, video: bool) -> Option<usize> {
        let fits = |slot: &Slot| slot.group == group && slot.video == video && slot.state == SlotState::Idle;
        self.all.iter().position(fits)
    }

    pub(crate) fn push(&mut self, slot: Slot) -> usize {
        self.all.push(slot);
        self.all.len() - 1
    }

    /// The pending offer is void: the sections that were new in it never were. Gives back the tracks they were to carry,
    /// and those of sections that were to be resumed, which fall idle.
    pub(crate) fn void_offer(&mut self) -> Vec<TrackNo> {
        let mut homeless = Vec::new();
        // New ones are always last.
        while let Some(slot) = self.all.pop_if(|slot| slot.state == SlotState::Offered) {
            homeless.extend(slot.track);
        }
        homeless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(group: u32, video: bool, state: SlotState, track: Option<u32>) -> Slot {
        let rebase = Rebase::new(90_000, 1);
        Slot { group, mid: Mid::new(), rebase, ssrc: None, state, track: track.map(TrackNo), video }
    }

    #[test]
    fn tracks_of_one_stream_share_a_group_and_streams_do_not() {
        let mut slots = Slots::default();
        let first = slots.group_for(&[TrackNo(1), TrackNo(2)]);
        slots.push(slot(first, true, SlotState::Live, Some(1)));
        assert_eq!(slots.group_for(&[TrackNo(1), TrackNo(2)]), first);
        let second = slots.group_for(&[TrackNo(3)]);
        assert_ne!(second, first);
    }

    #[test]
    fn a_group_is_used_again_when_all_of_it_is_idle() {
        let mut slots = Slots::default();
        let group = slots.group_for(&[TrackNo(1), TrackNo(2)]);
        slots.push(slot(group, true, SlotState::Idle, None));
        slots.push(slot(group, false, SlotState::Live, Some(2)));
        assert_ne!(slots.group_for(&[TrackNo(9)]), group, "somebody is still heard over it");
        for slot in slots.iter_mut() {
            slot.state = SlotState::Idle;
            slot.track = None;
        }
        assert_eq!(slots.group_for(&[TrackNo(9)]), group);
        assert_eq!(slots.idle_in(group, true), Some(0));
        assert_eq!(slots.idle_in(group, false), Some(1));
    }
}
