//! A server that is right: one user's log, their calls, and what each state of each call was.
use std::collections::BTreeMap;

use offhook_client_core::{Client, Config};
use offhook_signaling::{
    CallMode, CallReply, CallStatus, CallView, Code, EndCause, EndView, EventBody, Happening, Invited,
    LegStatus, LegView, MediaKind, Platform, Problem, Reply, Request, Snapshot,
};
use offhook_types::{CallId, CallSeq, DeviceId, Epoch, IdempotencyKey, Offset, Opaque, Timestamp, UserId};

pub(crate) const RING_MS: u64 = 20_000;

pub(crate) fn bob() -> UserId {
    UserId::new("bob").expect("valid")
}

pub(crate) fn alice() -> UserId {
    UserId::new("alice").expect("valid")
}

pub(crate) fn phone() -> DeviceId {
    DeviceId::new("phone").expect("valid")
}

pub(crate) fn tablet() -> DeviceId {
    DeviceId::new("tablet").expect("valid")
}

pub(crate) fn client() -> Client {
    Client::new(Config::new(phone(), Platform::Ios))
}

/// One call, with each of its states.
pub(crate) struct Call {
    pub(crate) history: BTreeMap<CallSeq, Vec<LegView>>,
    pub(crate) ignored: bool,
    pub(crate) ring_until: Timestamp,
    pub(crate) view: CallView,
}

impl Call {
    pub(crate) fn leg(&self, user: &UserId) -> &LegStatus {
        &self.view.legs.iter().find(|leg| leg.user == *user).expect("both are in").status
    }

    pub(crate) fn is_over(&self) -> bool {
        self.view.end.is_some()
    }

    pub(crate) fn rings(&self, user: &UserId) -> bool {
        !self.is_over() && [LegStatus::Inviting, LegStatus::Received].contains(self.leg(user))
    }

    fn set(&mut self, user: &UserId, status: LegStatus) -> LegView {
        let leg = self.view.legs.iter_mut().find(|leg| leg.user == *user).expect("both are in");
        leg.status = status;
        leg.clone()
    }
}

/// What somebody does to a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Accept,
    Acknowledge,
    Cancel,
    End,
    Expire,
    Reject,
}

impl Deed {
    /// The state of the leg of who did it.
    fn status(self) -> LegStatus {
        match self {
            Self::Accept => LegStatus::Accepted,
            Self::Acknowledge => LegStatus::Received,
            Self::Cancel => LegStatus::Canceled,
            Self::End => LegStatus::Ended,
            Self::Expire => LegStatus::TimedOut,
            Self::Reject => LegStatus::Rejected,
        }
    }
}

struct Logged {
    body: EventBody,
    /// Only this device, if any.
    device: Option<DeviceId>,
}

#[derive(Default)]
pub(crate) struct Server {
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) epoch: Epoch,
    keys: BTreeMap<IdempotencyKey, CallId>,
    log: Vec<Logged>,
    pub(crate) now: Timestamp,
}

impl Server {
    pub(crate) fn head(&self) -> Offset {
        Offset(u64::try_from(self.log.len()).expect("small"))
    }

    /// The next event for the phone after `through`.
    pub(crate) fn next(&self, through: Offset) -> Option<(Offset, EventBody)> {
        let from = usize::try_from(through.0).expect("small");
        let found = self.log.iter().enumerate().skip(from).find(|(_, logged)| logged.is_for(&phone()));
        found.map(|(at, logged)| {
            let mut body = logged.body.clone();
            if let EventBody::Invited(view) = &mut body {
                view.remaining_ms = self.remaining_ms(&self.calls[&view.call]);
            }
            (Offset(u64::try_from(at).expect("small") + 1), body)
        })
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let concerns = |call: &&Call| {
            let leg = call.leg(&bob());
            call.rings(&bob()) || *leg == LegStatus::Accepted
        };
        let (alive, ended): (Vec<&Call>, Vec<&Call>) = self.calls.values().partition(|call| !call.is_over());
        Snapshot {
            calls: alive.into_iter().filter(concerns).map(|call| self.view(call)).collect(),
            ended: ended.into_iter().rev().take(20).map(|call| self.view(call)).collect(),
        }
    }

    fn view(&self, call: &Call) -> CallView {
        CallView { remaining_ms: self.remaining_ms(call), ignored: call.ignored, ..call.view.clone() }
    }

    fn remaining_ms(&self, call: &Call) -> u64 {
        if !call.rings(&bob()) {
            return 0;
        }
        u64::try_from(call.ring_until.since(self.now).as_millis()).expect("small")
    }

    /// `caller` calls the other, from this device if it is Bob.
    pub(crate) fn place(&mut self, caller: &UserId, mode: CallMode) -> CallId {
        let number = u8::try_from(self.calls.len()).expect("few calls");
        let id = CallId::from_parts(self.now, [number; 10]);
        let leg = |user: UserId| LegView {
            accepted_at: None,
            data: Opaque::default(),
            delivery: None,
            left_at: None,
            reason: None,
            status: if user == *caller { LegStatus::Accepted } else { LegStatus::Inviting },
            user,
        };
        let view = CallView {
            age_ms: 0,
            alias: String::new(),
            call: id,
            caller: caller.clone(),
            created_at: self.now,
            end: None,
            extended_data: Opaque::default(),
            ignored: false,
            inviter: caller.clone(),
            legs: vec![leg(alice()), leg(bob())],
            main_device: (*caller == bob()).then(phone),
            media: MediaKind::Audio,
            missed: false,
            mode,
            remaining_ms: 0,
            seq: CallSeq(1),
            status: CallStatus::Started,
            timeout_ms: RING_MS,
            upgrade_offered: false,
            usage: None,
            waiting: false,
        };
        if *caller == alice() {
            self.log.push(Logged { body: EventBody::Invited(view.clone()), device: None });
        }
        let history = BTreeMap::from([(view.seq, view.legs.clone())]);
        let ring_until = self.now + core::time::Duration::from_millis(RING_MS);
        self.calls.insert(id, Call { history, ignored: false, ring_until, view });
        id
    }

    /// Changes a leg, ends the call if it has to, and tells Bob as far as he hears it.
    pub(crate) fn act(&mut self, id: CallId, user: &UserId, deed: Deed) {
        let call = self.calls.get_mut(&id).expect("known");
        let rang = call.rings(&bob());
        let main = call.view.main_device.clone();
        call.view.seq = call.view.seq.next();
        let is_general = call.view.mode == CallMode::General;
        let cause = match deed {
            Deed::Accept => is_general.then_some(EndCause::Answered),
            Deed::Acknowledge => None,
            Deed::Cancel => Some(EndCause::Canceled),
            Deed::End => Some(EndCause::Ended),
            Deed::Expire => Some(EndCause::Unanswered),
            Deed::Reject => Some(EndCause::Rejected),
        };
        let mut changed = vec![call.set(user, deed.status())];
        if deed == Deed::Cancel {
            let other = if *user == bob() { alice() } else { bob() };
            changed.push(call.set(&other, LegStatus::BeCanceled));
        }
        if let Some(cause) = cause {
            call.view.end = Some(EndView { at: self.now, by: Some(user.clone()), cause });
            call.view.status = CallStatus::Ended;
        }
        call.history.insert(call.view.seq, call.view.legs.clone());
        let happening = Happening {
            by: Some(user.clone()),
            call: id,
            changed,
            data: Opaque::default(),
            end: call.view.end.clone(),
            main_device: call.view.main_device.clone(),
            seq: call.view.seq,
        };
        let body = match deed {
            Deed::Cancel if rang => EventBody::Canceled(happening),
            Deed::End => EventBody::Ended(happening),
            Deed::Expire if *user == bob() => EventBody::Unanswered(happening),
            Deed::Accept | Deed::Acknowledge | Deed::Cancel | Deed::Expire | Deed::Reject => {
                EventBody::Changed(happening)
            }
        };
        if rang || main.is_some() {
            self.log.push(Logged { body, device: if rang { None } else { main } });
        }
    }

    /// Bob accepts on this device.
    pub(crate) fn accept(&mut self, id: CallId, device: DeviceId) {
        self.calls.get_mut(&id).expect("known").view.main_device = Some(device);
        self.act(id, &bob(), Deed::Accept);
    }

    /// Carries out a request of the phone.
    pub(crate) fn execute(&mut self, request: &Request) -> Result<Reply, Box<Problem>> {
        match request {
            Request::Accept(accept) => {
                let call = self.calls.get(&accept.call).ok_or_else(|| refuse(Code::CallNotFound, None))?;
                if call.rings(&bob()) {
                    self.accept(accept.call, phone());
                } else if *call.leg(&bob()) != LegStatus::Accepted || call.view.main_device != Some(phone()) {
                    return Err(refuse(Code::RingOver, Some(self.view(call))));
                }
                Ok(self.reply(accept.call))
            }
            Request::Reject(reject) => {
                let call = self.calls.get(&reject.call).ok_or_else(|| refuse(Code::CallNotFound, None))?;
                if call.rings(&bob()) {
                    self.act(reject.call, &bob(), Deed::Reject);
                }
                Ok(self.reply(reject.call))
            }
            Request::End(end) => {
                let call = self.calls.get(&end.call).ok_or_else(|| refuse(Code::CallNotFound, None))?;
                if !call.is_over() && *call.leg(&bob()) == LegStatus::Accepted {
                    self.act(end.call, &bob(), Deed::End);
                }
                Ok(self.reply(end.call))
            }
            Request::Ignore(ignore) => {
                if let Some(call) = self.calls.get_mut(&ignore.call) {
                    call.ignored = true;
                }
                Ok(Reply::Call(CallReply { call: None, left_out: Vec::new(), room: None }))
            }
            Request::Acknowledge(acknowledge) => {
                let call = self.calls.get(&acknowledge.call);
                if call.is_some_and(|call| *call.leg(&bob()) == LegStatus::Inviting && call.rings(&bob())) {
                    self.act(acknowledge.call, &bob(), Deed::Acknowledge);
                }
                Ok(Reply::Call(CallReply { call: None, left_out: Vec::new(), room: None }))
            }
            Request::Invite(invite) => {
                let key = invite.key.clone().expect("the walk gives keys");
                let known = self.keys.get(&key).copied();
                let id = known.unwrap_or_else(|| self.place(&bob(), invite.mode.clone()));
                self.keys.insert(key, id);
                let call = self.view(&self.calls[&id]);
                Ok(Reply::Invited(Invited { call, left_out: Vec::new(), merged: false, room: None }))
            }
            Request::ReadCall(read) => Ok(self.reply(read.call)),
            Request::Add(_)
            | Request::AddCandidate(_)
            | Request::AnswerMedia(_)
            | Request::AskPushKey(_)
            | Request::RegisterDevice(_)
            | Request::UnregisterDevice
            | Request::AskRoomToken(_)
            | Request::Cancel(_)
            | Request::Join(_)
            | Request::JoinRoom(_)
            | Request::LeaveRoom(_)
            | Request::ListCalls(_)
            | Request::Logout
            | Request::OfferMedia(_)
            | Request::QueryUsers(_)
            | Request::Quit(_)
            | Request::ReadRoom(_)
            | Request::RemoveMember(_)
            | Request::RenewToken(_)
            | Request::SendMessage(_)
            | Request::Subscribe(_)
            | Request::UpdateStream(_)
            | Request::UpdateUser(_) => panic!("the walk does not ask {}", request.type_name()),
        }
    }

    fn reply(&self, id: CallId) -> Reply {
        Reply::Call(CallReply { call: Some(self.view(&self.calls[&id])), left_out: Vec::new(), room: None })
    }

    /// Ends the rings whose time has passed.
    pub(crate) fn expire(&mut self) {
        let late = self.calls.iter().filter(|(_, call)| call.ring_until <= self.now);
        let late: Vec<(CallId, UserId)> = late
            .filter_map(|(id, call)| {
                [alice(), bob()].into_iter().find(|user| call.rings(user)).map(|user| (*id, user))
            })
            .collect();
        for (id, user) in late {
            self.act(id, &user, Deed::Expire);
        }
    }
}

impl Logged {
    fn is_for(&self, device: &DeviceId) -> bool {
        self.device.as_ref().is_none_or(|only| only == device)
    }
}

fn refuse(code: Code, call: Option<CallView>) -> Box<Problem> {
    Box::new(Problem { call, ..Problem::new(code, "no") })
}
