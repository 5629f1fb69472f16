//! Every call as it was ever shown to anybody, version by version. Two truths about one version, or a version that
//! does not follow from an earlier one, are what a lost commit looks like.
use std::{
    collections::{BTreeMap, btree_map},
    time::Duration,
};

use offhook_signaling::{CallView, EndView, Happening, LegStatus, LegView};
use offhook_types::{CallId, CallSeq, Opaque, Timestamp, UserId};

use crate::{player::Sight, violation::Violation};

/// All calls of a folder.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) calls: BTreeMap<CallId, Entry>,
}

/// One call.
#[derive(Default)]
pub(crate) struct Entry {
    /// What never changes; absent as long as only parts were seen.
    pub(crate) fixed: Option<Fixed>,
    /// The newest version that anybody saw before the crash.
    pub(crate) floor: CallSeq,
    /// When a server was last asked about the call.
    pub(crate) read_at: Timestamp,
    pub(crate) steps: BTreeMap<CallSeq, Step>,
}

/// What never changes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Fixed {
    pub(crate) caller: UserId,
    pub(crate) created_at: Timestamp,
    pub(crate) extended_data: Opaque,
    is_video: bool,
    mode: String,
    timeout: Duration,
}

/// One version.
pub(crate) struct Step {
    pub(crate) end: Option<EndView>,
    pub(crate) legs: BTreeMap<UserId, LegView>,
}

impl Book {
    /// Writes a sight down, and says what it contradicts.
    pub(crate) fn take(&mut self, sight: Sight) -> Vec<Violation> {
        match sight {
            Sight::Part(Happening { call, changed, end, seq, .. }) => {
                self.entry(call).add(call, seq, Step::new(end, changed))
            }
            Sight::Whole(view) => {
                let (call, fixed) = (view.call, Fixed::of(&view));
                let entry = self.entry(call);
                let mut found = entry.add(call, view.seq, Step::new(view.end, view.legs));
                if *entry.fixed.get_or_insert_with(|| fixed.clone()) != fixed {
                    found.push(Violation::lost(format!("call {call}: what never changes has changed")));
                }
                found
            }
        }
    }

    /// From here on, nobody may be shown less than was shown before.
    pub(crate) fn mark(&mut self) {
        for entry in self.calls.values_mut() {
            entry.floor = entry.newest();
        }
    }

    /// What does not follow within the calls.
    pub(crate) fn judge(&self) -> Vec<Violation> {
        self.calls.iter().flat_map(|(call, entry)| entry.judge(*call)).collect()
    }

    fn entry(&mut self, call: CallId) -> &mut Entry {
        self.calls.entry(call).or_default()
    }
}

impl Entry {
    /// The newest version seen.
    pub(crate) fn newest(&self) -> CallSeq {
        self.steps.last_key_value().map_or(CallSeq(0), |(seq, _)| *seq)
    }

    /// When the rings of the call end.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.fixed.as_ref().map(|fixed| fixed.created_at + fixed.timeout)
    }

    /// The parties as they were seen last, with the caller.
    pub(crate) fn legs(&self) -> BTreeMap<&UserId, &LegView> {
        self.steps.values().flat_map(|step| &step.legs).collect()
    }

    /// Whether it was seen to be over.
    pub(crate) fn is_over(&self) -> bool {
        self.steps.values().any(|step| step.end.is_some())
    }

    fn add(&mut self, call: CallId, seq: CallSeq, seen: Step) -> Vec<Violation> {
        let step = match self.steps.entry(seq) {
            btree_map::Entry::Vacant(place) => {
                place.insert(seen);
                return Vec::new();
            }
            btree_map::Entry::Occupied(place) => place.into_mut(),
        };
        let mut found = Vec::new();
        if step.end != seen.end {
            found.push(Violation::lost(format!("call {call}: two ends of version {seq}")));
        }
        for (user, leg) in seen.legs {
            let before = step.legs.entry(user).or_insert_with(|| leg.clone());
            if *before != leg {
                let (then, now) = (show(before), show(&leg));
                let what = format!("call {call}, version {seq}: {then} for one, {now} for another");
                found.push(Violation::lost(what));
            }
        }
        found
    }

    fn judge(&self, call: CallId) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut legs: BTreeMap<&UserId, &LegView> = BTreeMap::new();
        let mut end: Option<&EndView> = None;
        for (seq, step) in &self.steps {
            for leg in step.legs.values() {
                let before = legs.insert(&leg.user, leg);
                if let Some(before) = before.filter(|before| !may_become(before, leg)) {
                    let (then, now) = (show(before), show(leg));
                    let what = format!("call {call}: {then} became {now} by version {seq}");
                    found.push(Violation::lost(what));
                }
            }
            if end.is_some() && step.end.as_ref() != end {
                found.push(Violation::lost(format!("call {call}: its end changed by version {seq}")));
            }
            end = step.end.as_ref().or(end);
        }
        found
    }
}

impl Step {
    fn new(end: Option<EndView>, legs: Vec<LegView>) -> Self {
        Self { end, legs: legs.into_iter().map(|leg| (leg.user.clone(), leg)).collect() }
    }
}

impl Fixed {
    fn of(view: &CallView) -> Self {
        Self {
            caller: view.caller.clone(),
            created_at: view.created_at,
            extended_data: view.extended_data.clone(),
            is_video: view.media.as_str() == "video",
            mode: view.mode.as_str().to_owned(),
            timeout: Duration::from_millis(view.timeout_ms),
        }
    }
}

/// Whether the party is invited and has not answered.
pub(crate) fn is_ringing(leg: &LegView) -> bool {
    match leg.status {
        LegStatus::Inviting | LegStatus::NotYetReceived | LegStatus::Received => true,
        LegStatus::Accepted
        | LegStatus::BeCanceled
        | LegStatus::Canceled
        | LegStatus::Ended
        | LegStatus::Quit
        | LegStatus::Rejected
        | LegStatus::TimedOut
        | LegStatus::Unknown(_) => false,
    }
}

/// Whether a leg may be the second after having been the first, where nobody is added and nobody joins.
fn may_become(before: &LegView, after: &LegView) -> bool {
    let keeps_time = before.accepted_at.is_none() || before.accepted_at == after.accepted_at;
    match before.status {
        LegStatus::Inviting | LegStatus::NotYetReceived => true,
        LegStatus::Received => after.status != LegStatus::Inviting,
        LegStatus::Accepted => {
            let next = [LegStatus::Accepted, LegStatus::Canceled, LegStatus::Ended, LegStatus::Quit];
            keeps_time && next.contains(&after.status)
        }
        // A caller who left may still take the invitations back.
        LegStatus::Quit if after.status == LegStatus::Canceled => keeps_time,
        LegStatus::BeCanceled
        | LegStatus::Canceled
        | LegStatus::Ended
        | LegStatus::Quit
        | LegStatus::Rejected
        | LegStatus::TimedOut
        | LegStatus::Unknown(_) => is_same_end(before, after),
    }
}

/// Whether both say the same of one who is out. The caller's time of acceptance may come later than their leaving.
fn is_same_end(before: &LegView, after: &LegView) -> bool {
    let late = LegView { accepted_at: before.accepted_at.or(after.accepted_at), ..before.clone() };
    late == *after
}

/// A party's state, for the evidence. The users are this driver's own inventions.
pub(crate) fn show(leg: &LegView) -> String {
    let times = [leg.accepted_at, leg.left_at].map(|at| at.map_or(0, Timestamp::as_millis));
    format!("{} {} {times:?} {:?}", leg.user.as_str(), leg.status.as_str(), leg.data.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_truth_about_a_version_is_found() {
        let mut book = Book::default();
        assert_eq!(book.take(part(2, "bob", LegStatus::Accepted)), []);
        assert_eq!(book.take(part(2, "bob", LegStatus::Accepted)), []);
        assert_eq!(book.take(part(2, "bob", LegStatus::BeCanceled)).len(), 1);
    }

    #[test]
    fn a_taken_back_answer_is_found() {
        let mut book = Book::default();
        for (seq, status) in [(1, LegStatus::Inviting), (2, LegStatus::Rejected), (5, LegStatus::Rejected)] {
            assert_eq!(book.take(part(seq, "bob", status)), []);
        }
        assert_eq!(book.judge(), []);
        book.take(part(6, "bob", LegStatus::Accepted));
        assert_eq!(book.judge().len(), 1);
    }

    #[test]
    fn the_mark_is_the_newest_version_of_each_call() {
        let mut book = Book::default();
        book.take(part(4, "bob", LegStatus::Inviting));
        book.mark();
        book.take(part(7, "bob", LegStatus::Accepted));
        let entry = book.calls.values().next().unwrap();
        assert_eq!((entry.floor, entry.newest()), (CallSeq(4), CallSeq(7)));
    }

    fn part(seq: u64, user: &str, status: LegStatus) -> Sight {
        let leg = LegView {
            accepted_at: None,
            data: Opaque::default(),
            delivery: None,
            left_at: None,
            reason: None,
            status,
            user: UserId::new(user).unwrap(),
        };
        Sight::Part(Happening {
            by: None,
            call: CallId::from_parts(Timestamp::from_millis(1), [7; 10]),
            changed: vec![leg],
            data: Opaque::default(),
            end: None,
            main_device: None,
            seq: CallSeq(seq),
        })
    }
}
