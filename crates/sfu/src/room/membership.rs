//! Coming and going.
use std::time::Instant;

use offhook_types::UserId;

use super::{MediaState, MemberNo, Room, RoomOutput, State, member::Member, usage::Record};
use crate::{Fact, Join, LeaveCause, Member as View, Refusal, Role, RoomEvent};

/// The longest display name, in bytes (call-semantics 7). More costs every other member as much for each newcomer.
const MAX_NAME_BYTES: usize = 256;

/// How many users may be kept out. More lets a host fill our memory.
const MAX_KICKED: usize = 10_000;

/// How a device came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    /// Whether the stay is new; if not, it goes on with its connection.
    pub(crate) is_new: bool,
    /// The stay.
    pub(crate) member: MemberNo,
    /// The stay of the user's other device, which is over.
    pub(crate) replaced: Option<MemberNo>,
}

impl Room {
    /// Lets a device in. The same device again renews its name and role, and keeps its media and streams, unless it is
    /// a viewer from here on; another device of the same user takes the user's place over.
    ///
    /// # Errors
    /// [`Refusal::Kicked`]; [`Refusal::RoomFull`]; [`Refusal::TooLarge`], a name of more than 256 bytes;
    /// [`Refusal::TooFast`]; [`Refusal::NotInRoom`], the room is over, make another. Nothing has changed then.
    pub(crate) fn join(&mut self, now: Instant, join: &Join) -> Result<Joined, Refusal> {
        self.handle_timeout(now);
        let here = self.stay_of(&join.address.user);
        self.check_join(now, join, here)?;
        let joined = match here {
            Some(member) if self.member(&join.address) == Some(member) => self.renew(now, member, join),
            Some(old) => self.take_over(now, old, join)?,
            None => self.enter(now, join)?,
        };
        if let Some(record) = self.records.get_mut(&join.address.user) {
            record.budget.spend(now, &self.limits);
        }
        self.reckon();
        Ok(joined)
    }

    fn check_join(&self, now: Instant, join: &Join, here: Option<MemberNo>) -> Result<(), Refusal> {
        if self.is_over() {
            return Err(Refusal::NotInRoom);
        }
        if self.kicked.contains(&join.address.user) {
            return Err(Refusal::Kicked);
        }
        if join.name.len() > MAX_NAME_BYTES {
            return Err(Refusal::TooLarge);
        }
        if here.is_none() && self.members.len() >= self.max_members as usize {
            return Err(Refusal::RoomFull);
        }
        let record = self.records.get(&join.address.user);
        if record.is_some_and(|record| !record.budget.has_one(now, &self.limits)) {
            return Err(Refusal::TooFast);
        }
        Ok(())
    }

    fn enter(&mut self, now: Instant, join: &Join) -> Result<Joined, Refusal> {
        let member = self.number_member()?;
        self.admit_member(now, member, Member::new(join, member.0));
        if let Some(view) = self.view(member) {
            self.tell_others(
                member,
                &RoomEvent::Members { added: vec![view], changed: vec![], removed: vec![] },
            );
        }
        Ok(Joined { is_new: true, member, replaced: None })
    }

    fn renew(&mut self, now: Instant, number: MemberNo, join: &Join) -> Joined {
        if let Some(member) = self.members.get_mut(&number) {
            let before = member.view();
            member.renew(now, join);
            let view = member.view();
            if view != before {
                self.tell_others(number, &changed(view));
            }
        }
        match join.role {
            Role::Viewer => self.drop_streams(number, number),
            Role::Host | Role::Member => {}
        }
        Joined { is_new: false, member: number, replaced: None }
    }

    /// For the others the user stays: only what changed is told.
    fn take_over(&mut self, now: Instant, old: MemberNo, join: &Join) -> Result<Joined, Refusal> {
        let number = self.number_member()?;
        let Some(replaced) = self.members.remove(&old) else { return Err(Refusal::NotInRoom) };
        let (seat, before) = (replaced.seat, replaced.view());
        self.see_off(old, replaced, LeaveCause::TakenOver);
        self.drop_streams(old, old);
        self.admit_member(now, number, Member::new(join, seat));
        if let Some(view) = self.view(number).filter(|view| *view != before) {
            self.tell_others(number, &changed(view));
        }
        Ok(Joined { is_new: true, member: number, replaced: Some(old) })
    }

    fn admit_member(&mut self, now: Instant, number: MemberNo, member: Member) {
        let address = member.address.clone();
        let record = self.records.entry(address.user.clone());
        record.or_insert_with(|| Record::new(now, address.user.clone())).start(now);
        self.members.insert(number, member);
        self.state = State::Occupied;
        self.inform(Fact::Joined(address));
    }

    /// A stay ends, at once. One who is not here stays away.
    pub(crate) fn leave(&mut self, now: Instant, member: MemberNo, cause: LeaveCause) {
        self.handle_timeout(now);
        if let Some(user) = self.address(member).map(|address| address.user.clone()) {
            self.expel(now, &user, cause);
        }
        self.reckon();
    }

    /// Puts a user out for the app's back end, whichever device is here. One who is kicked may not come (back), even if
    /// they were never here.
    pub(crate) fn expel(&mut self, now: Instant, user: &UserId, cause: LeaveCause) {
        self.handle_timeout(now);
        if cause == LeaveCause::Kicked {
            self.kicked.insert(user.clone());
        }
        if let Some(member) = self.stay_of(user) {
            self.put_out(now, member, cause);
        }
        self.reckon();
    }

    /// A host removes a user, who may not come (back).
    ///
    /// # Errors
    /// [`Refusal::NotInRoom`]; [`Refusal::RoleForbids`] to all but hosts; [`Refusal::TooFast`], also where ten thousand are
    /// kept out. Nothing has changed then.
    pub(crate) fn remove(&mut self, now: Instant, host: MemberNo, user: &UserId) -> Result<(), Refusal> {
        self.handle_timeout(now);
        match self.known(host)?.role {
            Role::Host => {}
            Role::Member | Role::Viewer => return Err(Refusal::RoleForbids),
        }
        if self.kicked.len() >= MAX_KICKED {
            return Err(Refusal::TooFast);
        }
        self.admit(now, host)?;
        self.expel(now, user, LeaveCause::Kicked);
        Ok(())
    }

    /// A member's connection tells how it is doing.
    pub(crate) fn media(&mut self, now: Instant, number: MemberNo, report: MediaState) {
        self.handle_timeout(now);
        let Some(member) = self.members.get_mut(&number) else { return };
        let before = member.view();
        member.report(now, report);
        let view = member.view();
        if report == MediaState::Lost
            && let Some(record) = self.records.get_mut(&view.user)
        {
            record.pause(now);
        }
        if view != before {
            let fact = Fact::Presence(member.address.clone(), view.presence);
            self.inform(fact);
            self.tell_others(number, &changed(view));
        }
        self.reckon();
    }

    /// A member's signaling session came or went.
    pub(crate) fn signaling(&mut self, now: Instant, member: MemberNo, present: bool) {
        self.handle_timeout(now);
        if let Some(member) = self.members.get_mut(&member) {
            member.signaling = member.signaling.next(now, present);
        }
        self.reckon();
    }

    pub(super) fn put_out(&mut self, now: Instant, number: MemberNo, cause: LeaveCause) {
        let Some(member) = self.members.remove(&number) else { return };
        let user = member.address.user.clone();
        self.see_off(number, member, cause);
        if let Some(record) = self.records.get_mut(&user) {
            record.stop(now);
        }
        self.drop_streams(number, number);
        self.tell_others(
            number,
            &RoomEvent::Members { added: vec![], changed: vec![], removed: vec![(user, cause)] },
        );
        if self.members.is_empty() {
            self.state = State::Empty { since: now };
        }
    }

    /// What a stay's end means to the device, its connection and the node.
    pub(super) fn see_off(&mut self, number: MemberNo, member: Member, cause: LeaveCause) {
        self.tell(member.address.clone(), RoomEvent::Left(cause));
        self.outputs.push_back(RoomOutput::Gone(number, cause));
        self.inform(Fact::Left(member.address, cause));
    }

    fn stay_of(&self, user: &UserId) -> Option<MemberNo> {
        let stay = self.members.iter().find(|(_, member)| member.address.user == *user);
        stay.map(|(&number, _)| number)
    }

    fn view(&self, member: MemberNo) -> Option<View> {
        self.members.get(&member).map(Member::view)
    }

    fn number_member(&mut self) -> Result<MemberNo, Refusal> {
        let number = self.next_member;
        self.next_member = number.checked_add(1).ok_or(Refusal::RoomFull)?;
        Ok(MemberNo(number))
    }
}

fn changed(view: View) -> RoomEvent {
    RoomEvent::Members { added: vec![], changed: vec![view], removed: vec![] }
}
