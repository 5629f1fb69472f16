//! A device that acts and hears.
use std::sync::Arc;

use offhook_call_control::{Delivered, Departure, Entry};
use offhook_signaling::{
    Accept, Acknowledge, Add, CallReply, CallView, Cancel, Code, DeviceAddress, End, EndView, EventBody,
    Happening, Ignore, Invite, Invited, Join, LegView, ListCalls, Problem, Quit, ReadCall, RegisterDevice,
    Reject, RejectCause, Reply, Request, Resume,
};
use offhook_types::{CallId, Epoch, IdempotencyKey, Offset, Opaque, Party, UserId};

use crate::{ready, town::Control};

/// A connected device of one user. Reads the user's log as a gateway would for it.
pub struct Phone {
    control: Arc<Control>,
    epoch: Epoch,
    heard: Offset,
    party: Party,
    through: Offset,
}

impl Phone {
    pub(crate) fn connect(control: Arc<Control>, party: Party) -> Self {
        let entry = Entry { name: Opaque::default(), party: party.clone(), resume: None };
        let entered = ready(control.enter(entry)).expect("the memory model lets everyone in");
        Self { control, epoch: entered.epoch, heard: entered.offset, party, through: entered.offset }
    }

    /// Who acts here.
    #[must_use]
    pub fn party(&self) -> &Party {
        &self.party
    }

    /// The device's connection breaks, or falls silent.
    pub fn drop_connection(&self) {
        ready(self.control.leave(&self.party, Departure::Lost));
    }

    /// The device logs out.
    pub fn log_out(&self) {
        ready(self.control.leave(&self.party, Departure::LoggedOut));
    }

    /// The device connects again and resumes where it stopped. Returns the calls of the snapshot if it could not.
    ///
    /// # Panics
    /// If it is not let in.
    pub fn reconnect(&mut self) -> Option<Vec<CallView>> {
        let resume = Some(Resume { epoch: self.epoch, offset: self.heard });
        let entry = Entry { name: Opaque::default(), party: self.party.clone(), resume };
        let entered = ready(self.control.enter(entry)).expect("the memory model lets everyone in");
        (self.epoch, self.heard, self.through) = (entered.epoch, entered.offset, entered.offset);
        entered.snapshot.map(|snapshot| snapshot.calls)
    }

    /// The calls that a device sees which starts anew.
    ///
    /// # Panics
    /// If it is not let in.
    #[must_use]
    pub fn fresh_start(&self) -> Vec<CallView> {
        let entry = Entry { name: Opaque::default(), party: self.party.clone(), resume: None };
        let entered = ready(self.control.enter(entry)).expect("the memory model lets everyone in");
        entered.snapshot.map(|snapshot| snapshot.calls).unwrap_or_default()
    }

    /// Everything heard since the last time, one short line each, for instance `changed bob:accepted`.
    ///
    /// # Panics
    /// If the log has a gap for this device.
    pub fn hears(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let delivered =
                ready(self.control.events(&self.party, self.through, 8)).expect("the memory model can tell");
            let Delivered::Events { events, more, through } = delivered else {
                panic!("the log no longer reaches back to {:?}", self.through);
            };
            for event in events {
                assert!(event.offset > self.heard, "offsets grow");
                self.heard = event.offset;
                lines.push(line_of(&event.body));
            }
            self.through = through;
            if !more {
                return lines;
            }
        }
    }

    /// Sends a request as it is.
    ///
    /// # Errors
    /// The problem that a client would get.
    pub fn ask(&self, request: Request) -> Result<Reply, Problem> {
        ready(self.control.execute(&self.party, request))
    }

    /// Places a call as described.
    ///
    /// # Errors
    /// The problem that a client would get.
    pub fn invite(&self, invite: Invite) -> Result<Invited, Problem> {
        let reply = self.ask(Request::Invite(invite))?;
        let Reply::Invited(invited) = reply else { panic!("an invite is answered by {reply:?}") };
        Ok(invited)
    }

    /// Places a general call with nothing special about it, and tells its id.
    ///
    /// # Panics
    /// If the call is refused.
    #[must_use]
    pub fn call(&self, users: &[&str]) -> CallId {
        self.invite(Self::inviting(users)).expect("the call goes out").call.call
    }

    /// An invite with nothing special about it: general, video, 90 s.
    ///
    /// # Panics
    /// If the names are no ids.
    #[must_use]
    pub fn inviting(users: &[&str]) -> Invite {
        Invite {
            delivery_updates: false,
            extended_data: Opaque::default(),
            invitees: named(users),
            key: None,
            media: offhook_signaling::MediaKind::Video,
            mode: offhook_signaling::CallMode::General,
            not_received_check: false,
            push: None,
            timeout_s: 0,
        }
    }

    /// Accepts; the code of the problem if refused.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn accept(&self, call: CallId) -> Result<(), Code> {
        self.command(Request::Accept(Accept { call, data: Opaque::default() }))
    }

    /// Registers where this device is woken.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn register(&self, addresses: &[DeviceAddress]) -> Result<(), Code> {
        self.command(Request::RegisterDevice(RegisterDevice { addresses: addresses.to_vec() }))
    }

    /// Tells that it rings.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn acknowledge(&self, call: CallId) -> Result<(), Code> {
        self.command(Request::Acknowledge(Acknowledge { call }))
    }

    /// Invites more users.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn add(&self, call: CallId, users: &[&str]) -> Result<(), Code> {
        self.command(Request::Add(Add { call, invitees: named(users), push: None }))
    }

    /// Cancels the named users' invitations, or the whole call.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn cancel(&self, call: CallId, users: &[&str]) -> Result<(), Code> {
        let invitees = named(users);
        self.command(Request::Cancel(Cancel {
            call: Some(call),
            data: Opaque::default(),
            invitees,
            key: None,
            push: None,
        }))
    }

    /// Cancels the invite that was, or will be, sent under this key.
    ///
    /// # Errors
    /// The code that a client would get.
    ///
    /// # Panics
    /// If the key is none.
    pub fn cancel_by_key(&self, key: &str) -> Result<(), Code> {
        let key = Some(IdempotencyKey::new(key).expect("a test names keys well"));
        self.command(Request::Cancel(Cancel {
            call: None,
            data: Opaque::default(),
            invitees: Vec::new(),
            key,
            push: None,
        }))
    }

    /// Ends the call for all.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn end(&self, call: CallId) -> Result<(), Code> {
        self.command(Request::End(End { call, data: Opaque::default(), push: None }))
    }

    /// Silences the ring on this device.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn ignore(&self, call: CallId) -> Result<(), Code> {
        self.command(Request::Ignore(Ignore { call }))
    }

    /// Joins uninvited, or takes over from another device.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn join(&self, call: CallId) -> Result<(), Code> {
        self.command(Request::Join(Join { call, data: Opaque::default() }))
    }

    /// Leaves.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn quit(&self, call: CallId) -> Result<(), Code> {
        self.command(Request::Quit(Quit { call, data: Opaque::default(), push: None }))
    }

    /// Declines.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn reject(&self, call: CallId) -> Result<(), Code> {
        self.command(Request::Reject(Reject { call, data: Opaque::default(), reason: RejectCause::Declined }))
    }

    /// The call as this device sees it now.
    ///
    /// # Errors
    /// The code that a client would get.
    pub fn read(&self, call: CallId) -> Result<CallView, Code> {
        let reply = self.ask(Request::ReadCall(ReadCall { call })).map_err(|problem| problem.code)?;
        let Reply::Call(CallReply { call: Some(view), .. }) = reply else {
            panic!("a read is answered by {reply:?}")
        };
        Ok(view)
    }

    /// The user's calls, newest first.
    ///
    /// # Panics
    /// If they cannot be listed.
    #[must_use]
    pub fn calls(&self) -> Vec<CallView> {
        let reply = self.ask(Request::ListCalls(ListCalls { cursor: None, limit: 100 }));
        let Ok(Reply::Calls(calls)) = reply else { panic!("a list is answered by {reply:?}") };
        calls.calls
    }

    fn command(&self, request: Request) -> Result<(), Code> {
        self.ask(request).map(|_| ()).map_err(|problem| problem.code)
    }
}

fn named(users: &[&str]) -> Vec<UserId> {
    users.iter().map(|user| UserId::new(user).expect("a test names users well")).collect()
}

fn line_of(event: &EventBody) -> String {
    match event {
        EventBody::Canceled(body) => happening("canceled", body),
        EventBody::Changed(body) => happening("changed", body),
        EventBody::Created(view) => format!("created {}", legs(&view.legs)),
        EventBody::Ended(body) => happening("ended", body),
        EventBody::Invited(view) => {
            format!("invited by {} for {} ms", view.inviter.as_str(), view.remaining_ms)
        }
        EventBody::Merged(view) => format!("merged {}", legs(&view.legs)),
        EventBody::Unanswered(body) => happening("unanswered", body),
    }
}

fn happening(what: &str, body: &Happening) -> String {
    let by = body.by.as_ref().map(|by| format!(" by {}", by.as_str())).unwrap_or_default();
    let over = |end: &EndView| format!(" · over: {}", end.cause.as_str());
    let end = body.end.as_ref().map(over).unwrap_or_default();
    format!("{what}{by} {}{end}", legs(&body.changed))
}

fn legs(legs: &[LegView]) -> String {
    let one = |leg: &LegView| {
        let reason = leg.reason.as_ref().filter(|reason| **reason == RejectCause::Busy);
        let reason = reason.map(|reason| format!("({})", reason.as_str())).unwrap_or_default();
        format!("{}:{}{reason}", leg.user.as_str(), leg.status.as_str())
    };
    legs.iter().map(one).collect::<Vec<_>>().join(" ")
}
