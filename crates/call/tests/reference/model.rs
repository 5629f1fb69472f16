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
    pub(crate) tell_delivery: bool,
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

    pub(crate) fn ringing(&self) -> Vec<User> {
        self.all(|stand| matches!(stand, Stand::Rings { .. }))
    }

    pub(crate) fn inside(&self) -> Vec<User> {
        self.all(|stand| matches!(stand, Stand::In(_)))
    }

    pub(crate) fn ever_accepted(&self) -> bool {
        self.log.accepted_at(0).is_some()
    }

    /// Writes one change down, lets the call end if it must, and tells everyone.
    pub(crate) fn write(&mut self, at: u64, facts: Vec<Fact>) -> Vec<Told> {
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
                Some(
                    Fact::Carried { .. }
                    | Fact::Rang { .. }
                    | Fact::Over { .. }
                    | Fact::Silenced { .. }
                    | Fact::Sounded { .. },
                )
                | None => {
                    let quiet = about.is_empty() && news == News::Changed
                        || matches!(facts.clone().next(), Some(Fact::Moved { .. }));
                    there.filter(|_| !quiet).map(|device| (user, device, about.clone(), news.clone()))
                }
            });
        }
        told
    }

    /// The device on which `user` heard of the call after the change of this number; `Some(None)` is all of them.
    pub(crate) fn device_of(&self, user: User, change: u64) -> Option<Device> {
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

    pub(crate) fn ask(&mut self, at: u64, by: User, named: &[(User, Standing)]) -> Answer {
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
}
