//! What the users do: sensible things mostly, foolish ones at times, always at a moment that nobody chose.
use offhook_client_core::{ClientError, Event, Handle, Input, RingStopReason};
use offhook_signaling::{
    Accept, Add, CallMode, CallView, Cancel, Code, End, Ignore, Invite, Join, LegStatus, ListCalls,
    MediaKind, QueryUsers, Quit, ReadCall, Reject, RejectCause, Reply, Request, UpdateUser,
};
use offhook_types::{CallId, IdempotencyKey, Opaque, UserId};

use crate::{
    device::Power,
    ledger::Violation,
    queue::{DeviceIndex, What},
    simulation::{Phase, Simulation},
};

impl Simulation {
    /// The user of a device does something, and will do something again.
    pub(crate) fn app_acts(&mut self, index: DeviceIndex) {
        if self.phase == Phase::Healed {
            return;
        }
        let pace_ms = self.plan.pace_ms;
        let at = self.soon(200, pace_ms);
        self.queue.plan(at, What::AppActs(index));
        self.phone_acts(index);
        self.app_reacts(index);
    }

    /// The user of a device does something, as on a whim or because something rings.
    pub(crate) fn app_reacts(&mut self, index: DeviceIndex) {
        if self.phase == Phase::Breaking && self.devices[index].power == Power::On {
            let request = self.wish(index);
            self.ask(index, request);
        }
    }

    pub(crate) fn ask(&mut self, index: DeviceIndex, request: Request) {
        if self.random.percent(3) {
            // Off and on again, as users do when something seems stuck.
            self.tell_client(index, Input::Disconnect);
            self.tell_client(index, Input::Connect);
        }
        if request == Request::Logout {
            self.logs_out(index);
        }
        let app = &mut self.devices[index].app;
        app.requests += 1;
        let handle = Handle(app.requests);
        app.asked.insert(handle, request.clone());
        self.tell_client(index, Input::Request { handle, request });
    }

    /// What the user wants now.
    fn wish(&mut self, index: DeviceIndex) -> Request {
        let me = self.devices[index].party.account.user.clone();
        let app = &self.devices[index].app;
        let ringing: Vec<CallId> = app.ringing.keys().copied().collect();
        let live = |call: &&CallId| !app.calls[*call].is_over;
        let joined = |call: &&CallId| app.calls[*call].legs.get(&me) == Some(&LegStatus::Accepted);
        let in_call: Vec<CallId> = app.calls.keys().filter(live).filter(joined).copied().collect();
        let roll = self.random.between(0, 99);
        if !ringing.is_empty() && roll < 80 {
            let call = *self.random.pick(&ringing);
            return self.answer(call);
        }
        if !in_call.is_empty() && roll < 60 {
            let call = *self.random.pick(&in_call);
            return self.go_on(index, call);
        }
        match roll {
            0..70 => self.invite(index),
            70..92 => self.meddle(index),
            92..97 => Request::ListCalls(ListCalls { cursor: None, limit: 5 }),
            97 => Request::UpdateUser(UpdateUser {
                avatar_url: None,
                extended_data: None,
                name: Some("A".into()),
            }),
            98 => Request::QueryUsers(QueryUsers { users: vec![me] }),
            _ => Request::Logout,
        }
    }

    fn answer(&mut self, call: CallId) -> Request {
        let data = Opaque::default();
        match self.random.between(0, 9) {
            0..6 => Request::Accept(Accept { call, data }),
            6..9 => Request::Reject(Reject { call, data, reason: RejectCause::Declined }),
            _ => Request::Ignore(Ignore { call }),
        }
    }

    /// What somebody does who is in a call.
    fn go_on(&mut self, index: DeviceIndex, call: CallId) -> Request {
        let data = Opaque::default();
        match self.random.between(0, 9) {
            0..3 => Request::Cancel(Cancel {
                call: Some(call),
                data,
                invitees: self.some_users(index, 0),
                key: None,
                push: None,
            }),
            3..6 => Request::Add(Add { call, invitees: self.some_users(index, 1), push: None }),
            6..8 => Request::Quit(Quit { call, data, push: None }),
            8 => Request::End(End { call, data, push: None }),
            _ => Request::ReadCall(ReadCall { call }),
        }
    }

    /// Something about any call at all, by anybody.
    fn meddle(&mut self, index: DeviceIndex) -> Request {
        let data = Opaque::default();
        let last_key = self.devices[index].app.last_key.clone();
        if last_key.is_some() && self.random.percent(30) {
            return Request::Cancel(Cancel {
                call: None,
                data,
                invitees: Vec::new(),
                key: last_key,
                push: None,
            });
        }
        if self.calls.is_empty() {
            return self.invite(index);
        }
        let newest = self.calls.len().saturating_sub(6);
        let (_, call) = *self.random.pick(&self.calls[newest..]);
        match self.random.between(0, 7) {
            0..3 => Request::Join(Join { call, data }),
            3 => Request::Accept(Accept { call, data }),
            4 => Request::Reject(Reject { call, data, reason: RejectCause::Busy }),
            5 => Request::Cancel(Cancel {
                call: Some(call),
                data,
                invitees: Vec::new(),
                key: None,
                push: None,
            }),
            6 => Request::Quit(Quit { call, data, push: None }),
            _ => Request::ReadCall(ReadCall { call }),
        }
    }

    fn invite(&mut self, index: DeviceIndex) -> Request {
        let invitees = self.some_users(index, 1);
        let number = self.devices[index].app.requests;
        let device = self.devices[index].party.device.clone().expect("a simulated party has a device");
        let key = IdempotencyKey::new(format!("{}-{number}", device.as_str())).expect("a short key");
        let key = self.random.percent(90).then_some(key);
        self.devices[index].app.last_key.clone_from(&key);
        if key.is_some() && self.random.percent(10) {
            // Thinks better of it before anything has come back.
            let at = self.soon(0, 400);
            self.queue.plan(at, What::AppReacts(index));
        }
        Request::Invite(Invite {
            delivery_updates: false,
            extended_data: Opaque::default(),
            invitees,
            key,
            media: self.random.pick(&[MediaKind::Audio, MediaKind::Video]).clone(),
            mode: self.random.pick(&[CallMode::Advanced, CallMode::General]).clone(),
            not_received_check: self.random.percent(15),
            push: None,
            timeout_s: *self.random.pick(&[2, 5, 10, 10, 20, 30, 45]),
        })
    }

    /// Users of the app, at least so many; sometimes oneself, sometimes nobody who exists.
    fn some_users(&mut self, index: DeviceIndex, at_least: u64) -> Vec<UserId> {
        let count = at_least.max(*self.random.pick(&[0, 1, 1, 1, 2, 3]));
        let own = self.devices[index].party.account.clone();
        let others: Vec<UserId> = self
            .plan
            .parties
            .iter()
            .filter(|party| party.account.app == own.app && party.account.user != own.user)
            .map(|party| party.account.user.clone())
            .collect();
        let mut users = Vec::new();
        for _ in 0..count {
            users.push(match self.random.between(0, 49) {
                0 => own.user.clone(),
                1 => UserId::new("nobody").expect("a short name"),
                _ => self.random.pick(&others).clone(),
            });
        }
        users
    }

    /// A request is done.
    pub(crate) fn resolve(
        &mut self,
        index: DeviceIndex,
        handle: Handle,
        result: &Result<Reply, ClientError>,
    ) {
        let Some(request) = self.devices[index].app.asked.remove(&handle) else {
            return self.note(Err(Violation::of("I2", "a request was answered twice")));
        };
        self.trace.say(self.now, || {
            let how = match result {
                Ok(reply) => reply.type_name().to_owned(),
                Err(error) => error.to_string(),
            };
            format!("device {index}: {} is done: {how}", request.type_name())
        });
        match result {
            Ok(reply) => {
                if let Some(view) = view_of(reply) {
                    let app = self.devices[index].party.account.app;
                    self.calls.push((app, view.call));
                    let device = &mut self.devices[index];
                    // What the client does not follow, it says no more of; and it may know more than the reply.
                    if let Some(known) = device.client.call(view.call) {
                        device.app.learn(known.view());
                    }
                }
                self.check_effect(index, &request, reply);
                if let Request::RegisterDevice(register) = &request {
                    self.registered(index, &register.addresses);
                }
            }
            Err(ClientError::Problem(problem)) => {
                if let Some(view) = problem.call.as_ref().filter(|_| problem.code == Code::AnsweredElsewhere)
                {
                    self.check_answered_elsewhere(index, view);
                }
            }
            Err(_) => {}
        }
    }

    /// I2: what was acknowledged is in the store.
    pub(crate) fn check_effect(&mut self, index: DeviceIndex, request: &Request, reply: &Reply) {
        let Some(view) = view_of(reply) else { return };
        let party = self.devices[index].party.clone();
        let own = |status: LegStatus| {
            view.legs.iter().any(|leg| leg.user == party.account.user && leg.status == status)
        };
        let holds = match request {
            Request::Accept(_) | Request::Join(_) => {
                own(LegStatus::Accepted) && view.main_device == party.device
            }
            Request::Reject(_) => own(LegStatus::Rejected),
            Request::Quit(_) => own(LegStatus::Quit),
            Request::End(_) => own(LegStatus::Ended) && view.end.is_some(),
            Request::Cancel(cancel) if cancel.invitees.is_empty() => view.end.is_some(),
            Request::Acknowledge(_)
            | Request::Add(_)
            | Request::AddCandidate(_)
            | Request::AnswerMedia(_)
            | Request::AskPushKey(_)
            | Request::RegisterDevice(_)
            | Request::UnregisterDevice
            | Request::AskRoomToken(_)
            | Request::Cancel(_)
            | Request::Ignore(_)
            | Request::Invite(_)
            | Request::JoinRoom(_)
            | Request::LeaveRoom(_)
            | Request::ListCalls(_)
            | Request::Logout
            | Request::OfferMedia(_)
            | Request::QueryUsers(_)
            | Request::ReadCall(_)
            | Request::ReadRoom(_)
            | Request::RemoveMember(_)
            | Request::RenewToken(_)
            | Request::SendMessage(_)
            | Request::Subscribe(_)
            | Request::UpdateStream(_)
            | Request::UpdateUser(_) => true,
        };
        let is_stored = self.stage.ledger(|ledger| ledger.at(view.call, view.seq).is_some());
        if !holds || !is_stored {
            let what =
                format!("{} of {:?} was acknowledged, but has no effect", request.type_name(), view.call);
            self.note(Err(Violation::of("I2", what)));
        }
    }

    /// I6: who is told that the call has been answered was not the first to answer.
    fn check_answered_elsewhere(&mut self, index: DeviceIndex, view: &CallView) {
        if !self.has_answered_elsewhere(index, view.call) && !self.has_answered_here(index, view.call) {
            let what = format!("nobody has answered {:?}", view.call);
            self.note(Err(Violation::of("I6", what)));
        }
    }

    /// I6: the reason of a ring's end is the true one.
    pub(crate) fn check_heard(&mut self, index: DeviceIndex, event: &Event) {
        let Event::RingStopped { call, reason, .. } = event else { return };
        let is_true = match reason {
            RingStopReason::AnsweredElsewhere => self.has_answered_elsewhere(index, *call),
            RingStopReason::AnsweredHere => self.has_answered_here(index, *call),
            RingStopReason::TimedOut => self.has_rung_out(index, *call),
            RingStopReason::Canceled
            | RingStopReason::DeclinedElsewhere
            | RingStopReason::DeclinedHere
            | RingStopReason::Ended
            | RingStopReason::Ignored
            | RingStopReason::SessionOver
            | RingStopReason::Unanswered
            | _ => true,
        };
        if !is_true {
            self.note(Err(Violation::of(
                "I6",
                format!("device {index} stops ringing as {reason:?}, wrongly"),
            )));
        }
    }

    /// Whether some ring of the user for the call has come to its end by now.
    fn has_rung_out(&self, index: DeviceIndex, call: CallId) -> bool {
        let (now, user) = (self.now, &self.devices[index].party.account.user);
        self.stage.ledger(|ledger| {
            ledger.versions(call).iter().any(|version| {
                let leg = version.call.legs.get(user);
                leg.and_then(|leg| leg.state.ring_until()).is_some_and(|until| until <= now)
            })
        })
    }

    fn has_answered_here(&self, index: DeviceIndex, call: CallId) -> bool {
        let party = &self.devices[index].party;
        self.stage.ledger(|ledger| {
            ledger.versions(call).iter().any(|version| {
                let leg = version.call.legs.get(&party.account.user);
                leg.is_some_and(|leg| {
                    main_device(&leg.state).is_some_and(|main| main == party.device.as_ref())
                })
            })
        })
    }

    fn has_answered_elsewhere(&self, index: DeviceIndex, call: CallId) -> bool {
        let party = &self.devices[index].party;
        self.stage.ledger(|ledger| {
            ledger.versions(call).iter().any(|version| {
                let Some(leg) = version.call.legs.get(&party.account.user) else { return false };
                let rejected = crate::wire::status_of(&leg.state).0 == LegStatus::Rejected;
                rejected || main_device(&leg.state).is_some_and(|main| main != party.device.as_ref())
            })
        })
    }
}

/// The device on which the party is in the call, if the party is.
pub(crate) fn main_device(state: &offhook_call::LegState) -> Option<Option<&offhook_types::DeviceId>> {
    use offhook_call::LegState as L;
    match state {
        L::Accepted { main_device } => Some(main_device.as_ref()),
        L::BeCanceled
        | L::Canceled
        | L::Ended
        | L::Inviting { .. }
        | L::NotYetReceived { .. }
        | L::Quit
        | L::Received { .. }
        | L::Rejected { .. }
        | L::TimedOut => None,
    }
}

fn view_of(reply: &Reply) -> Option<&CallView> {
    match reply {
        Reply::Call(reply) => reply.call.as_ref(),
        Reply::Invited(invited) => Some(&invited.call),
        Reply::Answer(_)
        | Reply::Calls(_)
        | Reply::Done
        | Reply::PushKey(_)
        | Reply::Renewed(_)
        | Reply::Room(_)
        | Reply::RoomToken(_)
        | Reply::Users(_) => None,
    }
}
