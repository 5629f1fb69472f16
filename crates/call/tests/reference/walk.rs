//! Random walks. A step is a number, so that a failing walk shrinks; what it stands for depends on nothing else.
use std::collections::BTreeSet;

use offhook_call::{
    Audience, Call, Delivery, Incident, LegState, Media, Mode, Outcome, Refusal, RejectReason, Standing,
};
use offhook_types::Timestamp;
use proptest::{collection::vec, prelude::*};

use crate::facts::{Device, User};
use crate::model::{Act, Answer, Model, Rules, Told, USERS};
use crate::view::{Names, assert_same, number, time, told};

/// Draws small choices out of one number.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        let drawn = self.0 % bound;
        self.0 /= bound;
        drawn
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == bound - 1
    }

    fn user(&mut self) -> User {
        u8::try_from(self.below(u64::from(USERS))).expect("few users")
    }

    fn device(&mut self) -> Device {
        [Some(0), Some(1), Some(0), None][usize::try_from(self.below(4)).expect("small")]
    }

    fn named(&mut self) -> Vec<(User, Standing)> {
        (0..self.below(6)).map(|_| (self.user(), self.standing())).collect()
    }

    fn standing(&mut self) -> Standing {
        match self.below(8) {
            0 => Standing::Busy,
            1 => Standing::Unregistered,
            2 => Standing::Waiting,
            _ => Standing::Free,
        }
    }

    fn media(&mut self) -> Media {
        if self.one_in(2) { Media::Audio } else { Media::Video }
    }

    fn rules(&mut self, advanced: bool) -> Rules {
        Rules {
            advanced,
            caller_leaves_ends: self.one_in(4),
            check: [None, Some(5), None, Some(25)][usize::try_from(self.below(4)).expect("small")],
            grace: if self.one_in(2) { 3 } else { 0 },
            last_one_ends: self.one_in(4),
            late_cancel_ends: self.one_in(2),
            max_age: if self.one_in(3) { 45 } else { 100_000 },
            max_invitees: if self.one_in(4) { 2 } else { 9 },
            max_participants: if self.one_in(4) { 3 } else { 10 },
            strangers_join: !self.one_in(4),
            tell_delivery: self.one_in(2),
        }
    }

    fn act(&mut self) -> Act {
        match self.below(16) {
            0..=2 => Act::Accept,
            3 => Act::Acknowledge,
            4 | 5 => Act::Add(self.named()),
            6 if self.one_in(6) => Act::Cancel(vec![]),
            6 | 7 => Act::Cancel((0..=self.below(3)).map(|_| self.user()).collect()),
            8 if self.one_in(8) => Act::End,
            8 => Act::Ignore,
            9..=11 => Act::Join,
            12 => Act::Merge(self.media()),
            13 | 14 => Act::Quit,
            _ => Act::Reject(if self.one_in(3) { RejectReason::Busy } else { RejectReason::Declined }),
        }
    }
}

/// The machine, the model, and the clock of both.
struct Pair {
    call: Call,
    model: Model,
    names: Names,
    now: u64,
}

impl Pair {
    fn new(setup: u64, advanced: bool) -> Option<Self> {
        let names = Names::new();
        let draw = &mut Draw(setup);
        let (rules, device, media, named) = (draw.rules(advanced), draw.device(), draw.media(), draw.named());
        let (model, expected) = Model::create(rules, device, (&named, media));
        match Call::invite(time(0), names.invitation(&model, device, &named)) {
            Ok((call, outcome)) => {
                assert_same_answer(Ok(outcome), expected);
                assert_same(&call, &model);
                Some(Self { call, model, names, now: 0 })
            }
            Err(refusal) => {
                assert_eq!(Err(refusal), expected);
                None
            }
        }
    }

    fn step(&mut self, step: u64) {
        let draw = &mut Draw(step);
        let before = self.call.clone();
        self.now += [0, 0, 0, 1, 2, 5][usize::try_from(draw.below(6)).expect("small")];
        let now = time(self.now);
        let outcome = match draw.below(16) {
            0 if draw.one_in(8) => {
                let outcome = self.call.handle_incident(now, Incident::CallerLost);
                assert_same_answer(Ok(outcome.clone()), Ok((self.model.lose_caller(self.now), vec![])));
                outcome
            }
            0 => {
                let (user, device) = (draw.user(), draw.device());
                let incident = Incident::ParticipantLost(self.names.actor(user, device));
                let outcome = self.call.handle_incident(now, incident);
                let expected = self.model.lose_participant(self.now, (user, device));
                assert_same_answer(Ok(outcome.clone()), Ok((expected, vec![])));
                outcome
            }
            1 if draw.one_in(2) => self.deliver(draw, now),
            1 | 2 => self.pass_time(now),
            _ => match self.command(draw) {
                Some(outcome) => outcome,
                None => {
                    assert_eq!(self.call, before, "a refusal changes nothing");
                    return;
                }
            },
        };
        assert_same(&self.call, &self.model);
        assert_lawful(&before, &self.call, &outcome);
    }

    fn deliver(&mut self, draw: &mut Draw, now: Timestamp) -> Outcome {
        let (user, far) = (draw.user(), usize::try_from(draw.below(3)).expect("small"));
        let reached = [Delivery::Queued, Delivery::PushAccepted, Delivery::Delivered][far];
        let name = self.names.actor(user, None).user;
        let outcome = self.call.handle_incident(now, Incident::Delivered { reached, user: name });
        let expected = self.model.deliver(self.now, (user, reached));
        assert_same_answer(Ok(outcome.clone()), Ok((expected, vec![])));
        outcome
    }

    fn pass_time(&mut self, now: Timestamp) -> Outcome {
        let due = self.call.poll_timeout().is_some_and(|deadline| deadline <= now);
        let before = self.call.seq;
        let outcome = self.call.handle_timeout(now);
        assert_same_answer(Ok(outcome.clone()), Ok((self.model.pass_time(self.now), vec![])));
        assert_eq!(due, before != self.call.seq, "a deadline that is due, and no other, has an effect");
        assert!(self.call.poll_timeout().is_none_or(|next| now < next), "what was due is done");
        outcome
    }

    /// One command by anyone; `None` if it was refused.
    fn command(&mut self, draw: &mut Draw) -> Option<Outcome> {
        let (user, device, act) = (draw.user(), draw.device(), draw.act());
        let text = u8::try_from(draw.below(3)).expect("small");
        let (now, actor) = (time(self.now), self.names.actor(user, device));
        let answer = match (self.names.command(&act, text), &act) {
            (Some(command), _) => self.call.handle(now, &actor, command),
            (None, Act::Merge(media)) => self.call.merge(now, &actor, *media),
            (None, other) => panic!("{other:?} is a command"),
        };
        let expected = self.model.act(self.now, (user, device, text), &act);
        assert_same_answer(answer.clone(), expected);
        answer.ok()
    }
}

/// Both refuse for the same reason, or tell the same users the same. The order among users does not matter.
fn assert_same_answer(answer: Result<Outcome, Refusal>, expected: Answer) {
    let sorted = |mut all: Vec<Told>| {
        all.sort_by_key(|notice| notice.0);
        all
    };
    let answer = answer.map(|outcome| {
        let named = outcome.problems.iter().map(|(user, why)| (number(user), *why)).collect();
        (sorted(outcome.notices.iter().map(told).collect()), named)
    });
    assert_eq!(answer, expected.map(|(all, problems)| (sorted(all), problems)));
}

/// What must hold whatever the rules of the model say.
fn assert_lawful(before: &Call, after: &Call, outcome: &Outcome) {
    if before.seq == after.seq {
        assert_eq!(before, after, "no change without a new version");
        assert_eq!(outcome.notices, [], "no news without a change");
        return;
    }
    assert!(!before.is_over(), "after the end, silence");
    assert_eq!(after.seq, before.seq.next());
    let hearers: BTreeSet<_> = outcome.notices.iter().map(|notice| &notice.to).collect();
    assert_eq!(hearers.len(), outcome.notices.len(), "one notice a user at most");
    assert_eq!(
        after.poll_timeout().is_none(),
        after.is_over(),
        "a live call has a deadline, a dead one has none"
    );
    for (user, leg) in &before.legs {
        let state = &after.legs[user].state;
        let told_everywhere = outcome
            .notices
            .iter()
            .any(|notice| notice.to == *user && notice.audience == Audience::AllDevices);
        let stopped = leg.state.is_ringing() && (after.is_over() || !state.is_ringing());
        assert!(!stopped || told_everywhere, "a ring that ends is told to every device that rings");
        assert!(!is_final(&leg.state, before.mode) || *state == leg.state, "an outcome is final");
    }
}

/// In the general mode an invitee's outcome never changes; in the advanced mode a party may come back.
fn is_final(state: &LegState, mode: Mode) -> bool {
    match (mode, state) {
        (
            Mode::General,
            LegState::BeCanceled | LegState::Rejected { .. } | LegState::TimedOut | LegState::Quit,
        ) => true,
        (Mode::General | Mode::Advanced, _) => false,
    }
}

fn walk(setup: u64, steps: &[u64], advanced: bool) {
    let Some(mut pair) = Pair::new(setup, advanced) else { return };
    for step in steps {
        pair.step(*step);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn walks_of_the_general_mode_agree_with_the_model(setup: u64, steps in vec(any::<u64>(), 0..=60)) {
        walk(setup, &steps, false);
    }

    #[test]
    fn walks_of_the_advanced_mode_agree_with_the_model(setup: u64, steps in vec(any::<u64>(), 0..=60)) {
        walk(setup, &steps, true);
    }

    #[test]
    fn long_walks_of_the_advanced_mode_agree_with_the_model(setup: u64, steps in vec(any::<u64>(), 60)) {
        walk(setup, &steps, true);
    }
}
