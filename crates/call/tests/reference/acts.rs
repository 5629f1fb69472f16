//! What each command, loss and the passing of time write into the log.
use offhook_call::{Delivery, EndReason, InviteeProblem, Media, Refusal};

use crate::facts::{Device, Fact, Stand, Text, User};
use crate::model::{Act, Answer, Model, News, TIMEOUT, Told, USERS};

impl Model {
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
            Act::Acknowledge => return self.acknowledge(at, me, device),
            Act::Add(named) if is_in => return self.ask(at, me, named),
            Act::Cancel(named) => return self.cancel(at, (me, text), named),
            Act::Merge(media) => return self.merge(at, (me, device), *media),
            Act::Accept | Act::Add(_) | Act::End | Act::Ignore => {}
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
            Act::Ignore => self.silence(me, device)?,
            Act::Join => Some(self.enter(me, device, text)?),
            Act::Quit if is_in => Some(Fact::Left { user: me, text }),
            Act::Quit if self.stand(me) == Some(Stand::Quit) => None,
            Act::End if is_in => {
                return Ok((self.hang_up(at, me, text), vec![]));
            }
            Act::Add(_) | Act::End | Act::Quit => return Err(Refusal::NotJoined),
            Act::Acknowledge | Act::Cancel(_) | Act::Merge(_) => unreachable!("answered above"),
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

    fn acknowledge(&mut self, at: u64, me: User, device: Device) -> Answer {
        let over = |since| at >= since + TIMEOUT + self.rules.grace;
        let rings = matches!(self.stand(me), Some(Stand::Rings { since, .. }) if !over(since));
        let first = self.rings(at, me)?.then_some(Fact::Rang { user: me });
        let fresh = device.filter(|device| rings && !self.log.sounded(me).contains(device));
        let sounded = fresh.map(|device| Fact::Sounded { user: me, device });
        Ok((self.write(at, first.into_iter().chain(sounded).collect()), vec![]))
    }

    pub(crate) fn deliver(&mut self, at: u64, (user, reached): (User, Delivery)) -> Vec<Told> {
        let waits = matches!(self.stand(user), Some(Stand::Rings { reached: None | Some(false), .. }));
        let is_news = self.rules.tell_delivery && self.log.carried(user).is_some_and(|known| known < reached);
        if self.log.over().is_some() || !waits || !is_news {
            return vec![];
        }
        let told = self.write(at, vec![Fact::Carried { user, reached }]);
        assert_eq!(told, [], "only the caller hears of it");
        let caller = self.device_of(0, self.changes);
        caller.map(|device| (0, device, vec![user], News::Changed)).into_iter().collect()
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

    pub(crate) fn lose_participant(&mut self, at: u64, (who, device): (User, Device)) -> Vec<Told> {
        let too_old = !self.rules.advanced || at >= self.rules.max_age;
        let is_on = match self.stand(who) {
            Some(Stand::In(main)) => main.is_none() || device.is_none() || main == device,
            _ => false,
        };
        if self.log.over().is_some() || too_old || !is_on || (who == 0 && !self.ever_accepted()) {
            return vec![];
        }
        let mut told = self.write(at, vec![Fact::Left { user: who, text: 0 }]);
        told.iter_mut().filter(|notice| notice.0 == who).for_each(|notice| notice.1 = None);
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
