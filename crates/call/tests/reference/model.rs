//! The rules of a call, told over the log in the words of the specification.
use offhook_call::{EndReason, InviteeProblem, Media, Refusal, RejectReason, Standing};

use crate::facts::{Device, Entry, Fact, Log, Ring, Stand, Text, User};

pub(crate) const USERS: User = 6;
pub(crate) const TIMEOUT: u64 = 20;

#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) advanced: bool,
    pub(crate) caller_leaves_ends: bool,
    pub(crate) check: Option<u64>,
    pub(crate) grace: u64,
    pub(crate) last_one_ends: bool,
    pub(crate) late_cancel_ends: bool,
    pub(crate) max_age: u64,
    pub(crate) max_invitees: usize,
    pub(crate) max_participants: usize,
    pub(crate) strangers_join: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Accept,
    Acknowledge,
    Add(Vec<(User, Standing)>),
    Cancel(Vec<User>),
    End,
    Ignore,
    Join,
    Merge(Media),
    Quit,
    Reject(RejectReason),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    Canceled(User, Text),
    Changed,
    Created,
    Ended(Option<User>, Text),
    Invited,
    Merged,
    Unanswered,
}

/// One notice: to whom, on which device (`None`: all), about whom, what.
pub(crate) type Told = (User, Device, Vec<User>, News);
pub(crate) type Answer = Result<(Vec<Told>, Vec<(User, InviteeProblem)>), Refusal>;

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) changes: u64,
    pub(crate) log: Log,
    pub(crate) media: Media,
    pub(crate) offered: bool,
    pub(crate) rules: Rules,
}

impl Model {
    pub(crate) fn stand(&self, user: User) -> Option<Stand> {
        self.log.stand_after(user, self.changes)
    }

    fn all(&self, wanted: impl Fn(&Stand) -> bool) -> Vec<User> {
        (0..USERS).filter(|user| self.stand(*user).is_some_and(|stand| wanted(&stand))).collect()
    }

    fn ringing(&self) -> Vec<User> {
        self.all(|stand| matches!(stand, Stand::Rings { .. }))
    }

    fn inside(&self) -> Vec<User> {
        self.all(|stand| matches!(stand, Stand::In(_)))
    }

    fn ever_accepted(&self) -> bool {
        self.log.accepted_at(0).is_some()
    }

    /// Writes one change down, lets the call end if it must, and tells everyone.
    fn write(&mut self, at: u64, facts: Vec<Fact>) -> Vec<Told> {
        if facts.is_empty() {
            return Vec::new();
        }
        self.changes += 1;
        for fact in facts {
            self.log.0.push(Entry { at, change: self.changes, fact });
        }
        if self.log.over().is_none()
            && let Some(reason) = self.end_due()
        {
            self.log.0.push(Entry { at, change: self.changes, fact: Fact::Over { reason, by: None } });
        }
        self.tell()
    }

    fn end_due(&self) -> Option<EndReason> {
        let (inside, ringing) = (self.inside(), self.ringing());
        let rejected = self.all(|stand| matches!(stand, Stand::Rejected(_)));
        match (self.rules.advanced, ringing.len()) {
            (false, 0) if inside.len() > 1 => Some(EndReason::Answered),
            (false, 0) if !rejected.is_empty() => Some(EndReason::Rejected),
            (false, 0) => Some(EndReason::Unanswered),
            (true, 0) if inside.is_empty() => Some(EndReason::AllLeft),
            (true, _) if self.rules.caller_leaves_ends && self.stand(0) == Some(Stand::Quit) => {
                Some(EndReason::CallerLeft)
            }
            (true, 0) if self.rules.last_one_ends && inside.len() == 1 => Some(EndReason::LastOneLeft),
            (true | false, _) => None,
        }
    }

    /// Who hears what of the last change: those it befalls each in their way, the others who are there the same.
    fn tell(&self) -> Vec<Told> {
        let facts = self.log.change(self.changes);
        let about: Vec<User> = facts.clone().filter_map(Fact::whose).collect();
        let hung_up = facts.clone().find_map(|fact| match fact {
            Fact::HungUp { user, text } => Some((*user, *text)),
            _ => None,
        });
        let news = match (hung_up, facts.clone().next_back()) {
            (Some((user, text)), _) => News::Ended(Some(user), text),
            (None, Some(Fact::Over { reason: EndReason::CallerLeft, .. }))
            | (None, Some(Fact::Over { reason: EndReason::LastOneLeft, .. }))
            | (None, Some(Fact::Over { reason: EndReason::MaxAge, .. })) => News::Ended(None, 0),
            (None, _) => News::Changed,
        };
        let mut told = Vec::new();
        for user in 0..USERS {
            let there = self.device_of(user, self.changes);
            let was_there = self.device_of(user, self.changes - 1);
            let alone = |device, news| Some((user, device, vec![user], news));
            let mine = facts.clone().find(|fact| fact.whose() == Some(user));
            told.extend(match mine {
                Some(Fact::Asked { ring: Ring::Busy, .. }) => None,
                Some(Fact::Asked { .. }) => Some((user, None, vec![], News::Invited)),
                Some(Fact::Entered { .. }) => alone(None, news.clone()),
                Some(Fact::Declined { .. } | Fact::Moved { .. }) => alone(None, News::Changed),
                Some(Fact::Missed { .. }) => alone(None, News::Unanswered),
                Some(Fact::HungUp { .. } | Fact::Left { .. }) => {
                    let news = if hung_up.is_some() { news.clone() } else { News::Changed };
                    alone(was_there.expect("whoever leaves was there"), news)
                }
                Some(Fact::TakenBack { .. }) => None, // Told by `cancel`, which knows by whom.
                Some(Fact::GaveUp { .. }) => Some((user, was_there.flatten(), about.clone(), News::Changed)),
                Some(Fact::Unreached { .. }) => {
                    let others: Vec<User> = about.iter().copied().filter(|other| *other != user).collect();
                    let worth = !others.is_empty() || news != News::Changed;
                    worth.then(|| (user, None, others, news.clone()))
                }
                Some(Fact::Rang { .. } | Fact::Over { .. } | Fact::Silenced { .. }) | None => {
                    let quiet = about.is_empty() && news == News::Changed
                        || matches!(facts.clone().next(), Some(Fact::Moved { .. }));
                    there.filter(|_| !quiet).map(|device| (user, device, about.clone(), news.clone()))
                }
            });
        }
        told
    }

    /// The device on which `user` heard of the call after the change of this number; `Some(None)` is all of them.
    fn device_of(&self, user: User, change: u64) -> Option<Device> {
        match self.log.stand_after(user, change) {
            Some(Stand::In(device)) => Some(device),
            Some(Stand::Rings { .. }) => Some(None),
            _ => None,
        }
    }

    pub(crate) fn create(
        rules: Rules,
        device: Device,
        (named, media): (&[(User, Standing)], Media),
    ) -> (Self, Answer) {
        let log = Log(vec![Entry {
            at: 0,
            change: 0,
            fact: Fact::Entered { user: 0, device, text: 0, unasked: true },
        }]);
        let mut model = Self { changes: 0, log, media, offered: false, rules };
        let named: Vec<_> = named.iter().copied().filter(|(user, _)| *user != 0).collect();
        let answer = model.ask(0, 0, &named).map(|(mut told, problems)| {
            let asked: Vec<User> = model.log.change(1).filter_map(Fact::whose).collect();
            told.retain(|notice| notice.0 != 0);
            told.push((0, device, [&[0], &asked[..]].concat(), News::Created));
            (told, problems)
        });
        (model, answer)
    }

    fn ask(&mut self, at: u64, by: User, named: &[(User, Standing)]) -> Answer {
        let mut once: Vec<(User, Standing)> = Vec::new();
        for (user, standing) in named {
            if once.iter().all(|(known, _)| known != user) {
                once.push((*user, *standing));
            }
        }
        if once.is_empty() {
            return Err(Refusal::NoInvitees);
        }
        if once.len() > self.rules.max_invitees {
            return Err(Refusal::TooManyInvitees);
        }
        let here = [self.inside(), self.ringing()].concat();
        let (mut facts, mut problems) = (Vec::new(), Vec::new());
        for (user, standing) in once {
            match standing {
                _ if here.contains(&user) => problems.push((user, InviteeProblem::AlreadyInCall)),
                Standing::Unregistered => problems.push((user, InviteeProblem::Unregistered)),
                Standing::Busy => facts.push(Fact::Asked { user, by, ring: Ring::Busy }),
                Standing::Free => facts.push(Fact::Asked { user, by, ring: Ring::Free }),
                Standing::Waiting => facts.push(Fact::Asked { user, by, ring: Ring::Waiting }),
            }
        }
        if facts.is_empty() && problems.iter().all(|(_, why)| *why == InviteeProblem::Unregistered) {
            return Err(Refusal::NobodyRegistered);
        }
        let seats = facts.iter().filter(|fact| !matches!(fact, Fact::Asked { ring: Ring::Busy, .. })).count();
        if self.rules.advanced && here.len() + seats > self.rules.max_participants {
            return Err(Refusal::TooManyInvitees);
        }
        Ok((self.write(at, facts), problems))
    }

    pub(crate) fn act(&mut self, at: u64, (me, device, text): (User, Device, Text), act: &Act) -> Answer {
        if let Some((_, reason, _)) = self.log.over() {
            return Err(Refusal::CallEnded(reason));
        }
        if self.rules.advanced && at >= self.rules.max_age {
            return Err(Refusal::CallEnded(EndReason::MaxAge));
        }
        if !self.rules.advanced && matches!(act, Act::Add(_) | Act::End | Act::Join | Act::Quit) {
            return Err(Refusal::GeneralMode);
        }
        let is_in = matches!(self.stand(me), Some(Stand::In(_)));
        match act {
            Act::Add(named) if is_in => return self.ask(at, me, named),
            Act::Cancel(named) => return self.cancel(at, (me, text), named),
            Act::Merge(media) => return self.merge(at, (me, device), *media),
            Act::Accept | Act::Acknowledge | Act::Add(_) | Act::End | Act::Ignore => {}
            Act::Join | Act::Quit | Act::Reject(_) => {}
        }
        let facts = match act {
            Act::Accept => self.answer(at, me, device)?.then_some(Fact::Entered {
                user: me,
                device,
                text,
                unasked: false,
            }),
            Act::Reject(no) => self.decline(at, me)?.then_some(Fact::Declined { user: me, text, no: *no }),
            Act::Acknowledge => self.rings(at, me)?.then_some(Fact::Rang { user: me }),
            Act::Ignore => self.silence(me, device)?,
            Act::Join => Some(self.enter(me, device, text)?),
            Act::Quit if is_in => Some(Fact::Left { user: me, text }),
            Act::Quit if self.stand(me) == Some(Stand::Quit) => None,
            Act::End if is_in => {
                return Ok((self.hang_up(at, me, text), vec![]));
            }
            Act::Add(_) | Act::End | Act::Quit => return Err(Refusal::NotJoined),
            Act::Cancel(_) | Act::Merge(_) => unreachable!("answered above"),
        };
        Ok((self.write(at, facts.into_iter().collect()), vec![]))
    }

    /// Whether an acceptance by `me` now changes anything.
    fn answer(&self, at: u64, me: User, device: Device) -> Result<bool, Refusal> {
        match self.stand(me).ok_or(Refusal::NotInvited)? {
            Stand::In(_) if me == 0 => Err(Refusal::NotInvited),
            Stand::In(first) if first == device => Ok(false),
            Stand::In(_) | Stand::Rejected(_) => Err(Refusal::AnsweredElsewhere),
            Stand::Rings { since, .. } if at < since + TIMEOUT + self.rules.grace => Ok(true),
            _ => Err(Refusal::RingOver),
        }
    }

    fn decline(&self, at: u64, me: User) -> Result<bool, Refusal> {
        match self.stand(me).ok_or(Refusal::NotInvited)? {
            Stand::In(_) if me == 0 => Err(Refusal::NotInvited),
            Stand::In(_) => Err(Refusal::AnsweredElsewhere),
            Stand::Rejected(_) => Ok(false),
            Stand::Rings { since, .. } if at < since + TIMEOUT + self.rules.grace => Ok(true),
            _ => Err(Refusal::RingOver),
        }
    }

    fn rings(&self, at: u64, me: User) -> Result<bool, Refusal> {
        match self.stand(me).ok_or(Refusal::NotInvited)? {
            Stand::Rings { since, reached, .. } => {
                Ok(reached != Some(true) && at < since + TIMEOUT + self.rules.grace)
            }
            _ => Ok(false),
        }
    }

    fn silence(&self, me: User, device: Device) -> Result<Option<Fact>, Refusal> {
        let rings = matches!(self.stand(me).ok_or(Refusal::NotInvited)?, Stand::Rings { .. });
        let fresh = device.filter(|device| rings && !self.log.silenced(me).contains(device));
        Ok(fresh.map(|device| Fact::Silenced { user: me, device }))
    }

    fn enter(&self, me: User, device: Device, text: Text) -> Result<Fact, Refusal> {
        let stand = self.stand(me);
        let full = self.inside().len() + self.ringing().len() >= self.rules.max_participants;
        match stand {
            None if !self.rules.strangers_join => Err(Refusal::NotInvited),
            Some(Stand::In(first)) if device.is_none() || device == first => Err(Refusal::AlreadyMainDevice),
            Some(Stand::In(_)) => Ok(Fact::Moved { user: me, device }),
            Some(Stand::Rings { .. }) => Ok(Fact::Entered { user: me, device, text, unasked: false }),
            _ if full => Err(Refusal::TooManyInvitees),
            _ => Ok(Fact::Entered { user: me, device, text, unasked: true }),
        }
    }

    fn merge(&mut self, at: u64, (me, device): (User, Device), media: Media) -> Answer {
        if !self.answer(at, me, device)? {
            return Ok((vec![], vec![]));
        }
        self.offered = self.media != media;
        self.media = if self.media == Media::Video { media } else { Media::Audio };
        let mut told = self.write(at, vec![Fact::Entered { user: me, device, text: 0, unasked: false }]);
        for notice in &mut told {
            if [0, me].contains(&notice.0) && notice.3 == News::Changed {
                notice.3 = News::Merged;
            }
        }
        Ok((told, vec![]))
    }

    fn hang_up(&mut self, at: u64, me: User, text: Text) -> Vec<Told> {
        let over = Fact::Over { reason: EndReason::Ended, by: Some(me) };
        self.write(at, vec![Fact::HungUp { user: me, text }, over])
    }

    fn cancel(&mut self, at: u64, (me, text): (User, Text), named: &[User]) -> Answer {
        let stand = self.stand(me).ok_or(Refusal::NotInvited)?;
        let mine = |user: &User| self.log.brought_in(*user).is_some_and(|(by, _)| by == me);
        if me != 0 && (named.is_empty() || !named.iter().all(mine)) {
            return Err(Refusal::NotCaller);
        }
        if named.is_empty() && self.ever_accepted() {
            return match (self.rules.late_cancel_ends, stand) {
                (false, _) => Err(Refusal::AlreadyAccepted),
                (true, Stand::In(_)) => Ok((self.hang_up(at, me, text), vec![])),
                (true, _) => Err(Refusal::NotJoined),
            };
        }
        let ringing = self.ringing();
        let mut meant: Vec<User> = Vec::new();
        let mut problems: Vec<(User, InviteeProblem)> = Vec::new();
        for user in if named.is_empty() { &ringing[..] } else { named } {
            let inside = matches!(self.stand(*user), Some(Stand::In(_)));
            if meant.contains(user) || problems.iter().any(|(known, _)| known == user) {
            } else if ringing.contains(user) {
                meant.push(*user);
            } else if inside {
                problems.push((*user, InviteeProblem::AlreadyAccepted));
            } else {
                problems.push((*user, InviteeProblem::NotRinging));
            }
        }
        if meant.is_empty() && !named.is_empty() {
            let all_inside = problems.iter().all(|(_, why)| *why == InviteeProblem::AlreadyAccepted);
            return if all_inside { Err(Refusal::AlreadyAccepted) } else { Ok((vec![], problems)) };
        }
        let whole = !self.ever_accepted() && ringing.iter().all(|user| meant.contains(user));
        let told = if whole {
            self.give_up(at, EndReason::Canceled, text)
        } else {
            let mut told = self.write(at, meant.iter().map(|user| Fact::TakenBack { user: *user }).collect());
            told.extend(meant.iter().map(|user| (*user, None, vec![*user], News::Canceled(me, text))));
            told
        };
        Ok((told, problems))
    }

    fn give_up(&mut self, at: u64, reason: EndReason, text: Text) -> Vec<Told> {
        let ringing = self.ringing();
        let by = (reason == EndReason::Canceled).then_some(0);
        let mut facts = vec![Fact::GaveUp { text }];
        facts.extend(ringing.iter().map(|user| Fact::TakenBack { user: *user }));
        facts.push(Fact::Over { reason, by });
        let mut told = self.write(at, facts);
        told.extend(ringing.iter().map(|user| (*user, None, vec![0, *user], News::Canceled(0, text))));
        told
    }

    pub(crate) fn lose_caller(&mut self, at: u64) -> Vec<Told> {
        let waits = matches!(self.stand(0), Some(Stand::In(_)));
        if self.log.over().is_some() || self.ever_accepted() || !waits {
            return vec![];
        }
        let mut told = self.give_up(at, EndReason::CallerLost, 0);
        told.iter_mut().filter(|notice| notice.0 == 0).for_each(|notice| notice.1 = None);
        told
    }

    pub(crate) fn pass_time(&mut self, at: u64) -> Vec<Told> {
        if self.log.over().is_some() {
            return vec![];
        }
        let mut facts = Vec::new();
        for user in 0..USERS {
            let Some(Stand::Rings { since, reached, .. }) = self.stand(user) else { continue };
            if at >= since + TIMEOUT + self.rules.grace {
                facts.push(Fact::Missed { user });
            } else if reached.is_none() && self.rules.check.is_some_and(|check| at >= since + check) {
                facts.push(Fact::Unreached { user });
            }
        }
        let too_old = self.rules.advanced && at >= self.rules.max_age;
        if !too_old {
            return self.write(at, facts);
        }
        // The rings end first: if that ends the call by itself, its age no longer matters.
        let mut after = self.clone();
        after.write(at, facts.clone());
        if after.log.over().is_none() {
            facts.push(Fact::Over { reason: EndReason::MaxAge, by: None });
        }
        self.write(at, facts)
    }
}
