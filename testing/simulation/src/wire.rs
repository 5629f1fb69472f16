//! What the gateway says, held against the ledger at the moment it says it: I2, I4, I7 and I8.
use offhook_call::{Call, Event as CallEvent, LegState, RejectReason};
use offhook_signaling::{
    CallView, Code, Event, EventBody, Happening, LegStatus, LegView, RejectCause, Reply, ServerFrame,
};
use offhook_types::{Account, DeviceId, Offset, Timestamp};

use crate::{
    ledger::{Ledger, Logged, Violation},
    queue::ConnectionId,
    simulation::Simulation,
};

/// Whom the gateway talks to, and since when it has been finding out what to say.
struct Listener {
    account: Account,
    began: Timestamp,
    chain: Option<Offset>,
    device: DeviceId,
}

impl Simulation {
    /// Looks at a frame that is about to leave.
    pub(crate) fn inspect(&mut self, id: ConnectionId, frame: &ServerFrame) {
        let Some(connection) = self.server.connections.get_mut(&id) else { return };
        let Some(party) = connection.party.clone() else { return };
        let Some(device) = party.device else { return };
        let (began, chain) = (connection.job_began, connection.chain);
        match frame {
            ServerFrame::Event(event) => connection.chain = Some(event.offset),
            ServerFrame::Welcome(welcome) => connection.chain = Some(welcome.offset),
            ServerFrame::Closing(_)
            | ServerFrame::Heartbeat(_)
            | ServerFrame::Problem(..)
            | ServerFrame::Reply(..)
            | ServerFrame::Room(_)
            | ServerFrame::TokenWillExpire(_) => {}
        }
        let listener = Listener { account: party.account, began, chain, device };
        self.stage.ledger(|ledger| {
            let verdict = listener.check(ledger, frame);
            ledger.note(verdict);
        });
    }
}

impl Listener {
    fn check(&self, ledger: &Ledger, frame: &ServerFrame) -> Result<(), Violation> {
        match frame {
            ServerFrame::Event(event) => self.event(ledger, event),
            ServerFrame::Heartbeat(heartbeat) if self.chain != Some(heartbeat.offset) => {
                Err(Violation::of("I7", "a heartbeat names an event that was not sent"))
            }
            ServerFrame::Problem(_, problem) if problem.code == Code::Internal => {
                Err(Violation::of("I2", format!("the server broke: {}", problem.message)))
            }
            ServerFrame::Problem(_, problem) => {
                problem.call.iter().try_for_each(|view| self.view(ledger, view))
            }
            ServerFrame::Reply(_, reply) => self.reply(ledger, reply),
            ServerFrame::Welcome(welcome) => {
                let snapshot = welcome.snapshot.iter();
                let mut views = snapshot.flat_map(|snapshot| snapshot.calls.iter().chain(&snapshot.ended));
                views.try_for_each(|view| {
                    self.view(ledger, view)?;
                    self.ring(ledger, view)
                })
            }
            ServerFrame::Closing(_)
            | ServerFrame::Heartbeat(_)
            | ServerFrame::Room(_)
            | ServerFrame::TokenWillExpire(_) => Ok(()),
        }
    }

    fn reply(&self, ledger: &Ledger, reply: &Reply) -> Result<(), Violation> {
        match reply {
            Reply::Call(reply) => reply.call.iter().try_for_each(|view| self.view(ledger, view)),
            Reply::Calls(page) => page.calls.iter().try_for_each(|view| self.view(ledger, view)),
            Reply::Invited(invited) => self.view(ledger, &invited.call),
            Reply::Answer(_)
            | Reply::Done
            | Reply::PushKey(_)
            | Reply::Renewed(_)
            | Reply::Room(_)
            | Reply::RoomToken(_)
            | Reply::Users(_) => Ok(()),
        }
    }

    /// I7: an event is the next one that is meant for this device, and says what happened.
    fn event(&self, ledger: &Ledger, event: &Event) -> Result<(), Violation> {
        let Event { after, body, offset } = event;
        if Some(*after) != self.chain || offset <= after {
            return Err(Violation::of(
                "I7",
                format!("event {offset} comes after {after}, but {:?} was sent", self.chain),
            ));
        }
        let skipped = (after.0 + 1..offset.0).find(|between| {
            let logged = ledger.event(&self.account, Offset(*between));
            logged.is_some_and(|logged| logged.is_meant_for(&self.device))
        });
        if let Some(skipped) = skipped {
            return Err(Violation::of(
                "I7",
                format!("event {skipped} is kept from the device, {offset} is sent"),
            ));
        }
        let Some(logged) = ledger.event(&self.account, *offset) else {
            return Err(Violation::of("I7", format!("event {offset} was never committed")));
        };
        if !logged.is_meant_for(&self.device) {
            return Err(Violation::of("I7", format!("event {offset} is for another device")));
        }
        self.body(ledger, logged, body)
    }

    fn body(&self, ledger: &Ledger, logged: &Logged, body: &EventBody) -> Result<(), Violation> {
        let told = match (&logged.event, body) {
            (CallEvent::Canceled { .. }, EventBody::Canceled(happening))
            | (CallEvent::Changed, EventBody::Changed(happening))
            | (CallEvent::Ended { .. }, EventBody::Ended(happening))
            | (CallEvent::Unanswered, EventBody::Unanswered(happening)) => {
                self.happening(ledger, happening)?;
                let changed: Vec<_> = happening.changed.iter().map(|leg| &leg.user).collect();
                if changed.len() != logged.changed.len() || !logged.changed.iter().eq(changed) {
                    return Err(Violation::of("I7", "an event names other parties than the log"));
                }
                (happening.call, happening.seq)
            }
            (CallEvent::Created, EventBody::Created(view))
            | (CallEvent::Invited, EventBody::Invited(view))
            | (CallEvent::Merged, EventBody::Merged(view)) => {
                self.view(ledger, view)?;
                self.ring(ledger, view)?;
                (view.call, view.seq)
            }
            (
                CallEvent::Canceled { .. }
                | CallEvent::Changed
                | CallEvent::Created
                | CallEvent::Ended { .. }
                | CallEvent::Invited
                | CallEvent::Merged
                | CallEvent::Unanswered,
                _,
            ) => return Err(Violation::of("I7", "an event is of another kind than the log says")),
        };
        if told == (logged.call, logged.seq) {
            return Ok(());
        }
        Err(Violation::of("I7", "an event is about another step than the log says"))
    }

    fn happening(&self, ledger: &Ledger, happening: &Happening) -> Result<(), Violation> {
        let Some(version) = ledger.at(happening.call, happening.seq) else {
            return Err(Violation::of(
                "I2",
                format!("{:?} seq {} is told but not stored", happening.call, happening.seq),
            ));
        };
        self.same_app(&version.call)?;
        same_legs(&version.call, &happening.changed)?;
        if happening.end.is_some() == version.call.is_over() {
            return Ok(());
        }
        Err(Violation::of("I2", "an event and the store disagree about the end of a call"))
    }

    /// I2: what is told of a call is stored.
    fn view(&self, ledger: &Ledger, view: &CallView) -> Result<(), Violation> {
        let Some(version) = ledger.at(view.call, view.seq) else {
            return Err(Violation::of(
                "I2",
                format!("{:?} seq {} is told but not stored", view.call, view.seq),
            ));
        };
        self.same_app(&version.call)?;
        same_legs(&version.call, &view.legs)?;
        if view.legs.len() == version.call.legs.len() && view.end.is_some() == version.call.is_over() {
            return Ok(());
        }
        Err(Violation::of("I2", format!("{:?} seq {} is told other than stored", view.call, view.seq)))
    }

    /// I8: nothing of one app is told to another.
    fn same_app(&self, call: &Call) -> Result<(), Violation> {
        if call.app == self.account.app && call.legs.contains_key(&self.account.user) {
            return Ok(());
        }
        Err(Violation::of("I8", format!("{:?} was told to somebody who has nothing to do with it", call.id)))
    }

    /// I4: nothing rings that had ceased to ring before the server began to look.
    fn ring(&self, ledger: &Ledger, view: &CallView) -> Result<(), Violation> {
        if view.remaining_ms == 0 {
            return Ok(());
        }
        let versions = ledger.versions(view.call);
        // Within one millisecond the order is not known: the server is given the benefit.
        let seen = versions.iter().rposition(|version| version.at < self.began).unwrap_or(0);
        let rings = versions[seen..].iter().any(|version| {
            let leg = version.call.legs.get(&self.account.user);
            let until = leg.and_then(|leg| leg.state.ring_until()).filter(|_| !version.call.is_over());
            until.is_some_and(|until| u128::from(view.remaining_ms) <= until.since(self.began).as_millis())
        });
        if rings {
            return Ok(());
        }
        Err(Violation::of(
            "I4",
            format!("{:?} rings for {} ms, though it does not ring", view.call, view.remaining_ms),
        ))
    }
}

fn same_legs(call: &Call, legs: &[LegView]) -> Result<(), Violation> {
    let same = |view: &LegView| {
        call.legs
            .get(&view.user)
            .is_some_and(|leg| status_of(&leg.state) == (view.status.clone(), view.reason.clone()))
    };
    if legs.iter().all(same) {
        return Ok(());
    }
    Err(Violation::of(
        "I2",
        format!("{:?} seq {}: a party's state is told other than stored", call.id, call.seq),
    ))
}

/// The word for a state, told without call-control.
pub(crate) fn status_of(state: &LegState) -> (LegStatus, Option<RejectCause>) {
    match state {
        LegState::Accepted { .. } => (LegStatus::Accepted, None),
        LegState::BeCanceled => (LegStatus::BeCanceled, None),
        LegState::Canceled => (LegStatus::Canceled, None),
        LegState::Ended => (LegStatus::Ended, None),
        LegState::Inviting { .. } => (LegStatus::Inviting, None),
        LegState::NotYetReceived { .. } => (LegStatus::NotYetReceived, None),
        LegState::Quit => (LegStatus::Quit, None),
        LegState::Received { .. } => (LegStatus::Received, None),
        LegState::Rejected { reason: RejectReason::Busy } => (LegStatus::Rejected, Some(RejectCause::Busy)),
        LegState::Rejected { reason: RejectReason::Declined } => {
            (LegStatus::Rejected, Some(RejectCause::Declined))
        }
        LegState::TimedOut => (LegStatus::TimedOut, None),
    }
}
