//! What the server says, and what follows from it.
use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use offhook_signaling::{
    Acknowledge, ClientFrame, Closing, Event as LogEvent, FrameError, Heartbeat, LegStatus, Problem, ReadCall,
    Reply, Request, RequestId, Resume, ServerFrame, Snapshot, Welcome,
};
use offhook_types::Timestamp;

use crate::{
    Client, ClientError, ConnectionState, Event, Output, StopReason,
    call::Me,
    calls::Calls,
    client::Phase,
    online::{Online, Place},
    requests::Purpose,
};

/// What an own wish changes at once, before any reply.
pub(crate) fn note(calls: &mut Calls, request: &Request, out: &mut Vec<Output>) {
    match request {
        Request::Ignore(ignore) => calls.ignore(ignore.call, out),
        Request::Reject(reject) => calls.rejecting(reject.call),
        Request::Accept(_)
        | Request::Acknowledge(_)
        | Request::Add(_)
        | Request::Cancel(_)
        | Request::End(_)
        | Request::Invite(_)
        | Request::Join(_)
        | Request::ListCalls(_)
        | Request::Logout
        | Request::QueryUsers(_)
        | Request::Quit(_)
        | Request::ReadCall(_)
        | Request::RenewToken(_)
        | Request::UpdateUser(_) => {}
    }
}

impl Client {
    /// A frame that should be the welcome.
    pub(crate) fn greeted(
        &mut self,
        now: Timestamp,
        random: u32,
        frame: Result<ServerFrame, FrameError>,
        out: &mut Vec<Output>,
    ) {
        match frame {
            Ok(ServerFrame::Welcome(welcome)) => self.welcome(now, random, welcome, out),
            Ok(ServerFrame::Closing(closing)) => self.closing(now, random, &closing, out),
            Ok(ServerFrame::Problem(_, problem)) => refused(problem, out),
            // Nothing else has a meaning yet; a welcome that cannot be read ends by the clock.
            Ok(
                ServerFrame::Event(_)
                | ServerFrame::Heartbeat(_)
                | ServerFrame::Reply(..)
                | ServerFrame::TokenWillExpire(_),
            )
            | Err(_) => {}
        }
    }

    /// A frame of an open session.
    pub(crate) fn frame(
        &mut self,
        now: Timestamp,
        random: u32,
        frame: Result<ServerFrame, FrameError>,
        out: &mut Vec<Output>,
    ) {
        let Phase::Online(online) = &mut self.phase else { return };
        online.heard(now);
        match frame {
            Ok(ServerFrame::Closing(closing)) => self.closing(now, random, &closing, out),
            Ok(ServerFrame::Event(event)) => self.event(now, random, event, out),
            Ok(ServerFrame::Heartbeat(Heartbeat { offset })) => {
                if let Some(position) = self.position {
                    online.newest(now, position.offset, offset);
                }
            }
            Ok(ServerFrame::Problem(Some(id), problem)) => self.answered(now, id, Err(problem), out),
            Ok(ServerFrame::Problem(None, problem)) => refused(problem, out),
            Ok(ServerFrame::Reply(id, reply)) => self.answered(now, id, Ok(reply), out),
            Ok(ServerFrame::TokenWillExpire(_)) => out.push(Output::NeedToken),
            // A session is welcomed once.
            Ok(ServerFrame::Welcome(_)) => {}
            Err(error) => self.unreadable(&error, out),
        }
    }

    fn welcome(&mut self, now: Timestamp, random: u32, mut welcome: Welcome, out: &mut Vec<Output>) {
        let at = Resume { epoch: welcome.epoch, offset: welcome.offset };
        let same_user = self.calls.as_ref().is_some_and(|calls| *calls.user() == welcome.user);
        let resumed = welcome.snapshot.is_none() && same_user && self.position == Some(at);
        if welcome.snapshot.is_none() && !resumed && self.position.take().is_some() {
            // The server goes on from elsewhere than where this client stopped: only a snapshot helps.
            out.push(Output::CloseSocket);
            return self.retry(now, random, None, out);
        }
        self.token.refused = false;
        self.token.expires = Some(now + Duration::from_millis(welcome.token_expires_in_ms));
        self.position = Some(at);
        self.phase = Phase::Online(Online::begin(now, &welcome));
        let state = ConnectionState::Online { resumed, user: welcome.user.clone() };
        out.push(Output::Event(Event::Connection(state)));
        if !resumed {
            let snapshot = welcome.snapshot.take();
            let snapshot = snapshot.unwrap_or_else(|| Snapshot { calls: Vec::new(), ended: Vec::new() });
            self.begin_anew(now, welcome.user, same_user, snapshot, out);
        }
        self.requests.send_all(out);
    }
}

impl Client {
    fn begin_anew(
        &mut self,
        now: Timestamp,
        user: offhook_types::UserId,
        same_user: bool,
        snapshot: Snapshot,
        out: &mut Vec<Output>,
    ) {
        if let (false, Some(mut stranger)) = (same_user, self.calls.take_if(|_| !same_user)) {
            stranger.silence(out);
        }
        let device = self.config.device.clone();
        let calls = self.calls.get_or_insert_with(|| Calls::new(Me { device, user }));
        let told = out.len();
        calls.reset(now, snapshot, out);
        self.acknowledge(now, told, out);
    }

    fn event(&mut self, now: Timestamp, random: u32, event: LogEvent, out: &mut Vec<Output>) {
        let (Phase::Online(online), Some(position), Some(calls)) =
            (&mut self.phase, &mut self.position, &mut self.calls)
        else {
            return;
        };
        match online.place(position, event.after, event.offset) {
            Place::Heard => {}
            Place::Missing => self.missing(now, random, out),
            Place::Next => {
                let told = out.len();
                let unknown = calls.unknown(&event.body);
                calls.event(now, event.body, out);
                self.acknowledge(now, told, out);
                if let Some(call) = unknown.filter(|_| !self.requests.will_bring_a_call()) {
                    self.ask(now, Purpose::Read, Request::ReadCall(ReadCall { call }), out);
                }
            }
        }
    }

    /// Tells the server of the rings that began since `told` outputs.
    fn acknowledge(&mut self, now: Timestamp, told: usize, out: &mut Vec<Output>) {
        if !self.config.acknowledge {
            return;
        }
        for at in told..out.len() {
            let Output::Event(Event::Incoming(view)) = &out[at] else { continue };
            let own = self.calls.as_ref().and_then(|calls| view.legs.iter().find(|leg| leg.user == *calls.user()));
            // After a reset the server may know already.
            if own.is_some_and(|leg| leg.status != LegStatus::Received) {
                let request = Request::Acknowledge(Acknowledge { call: view.call });
                self.ask(now, Purpose::Acknowledge, request, out);
            }
        }
    }

    /// An event is missing: what comes next is not to be trusted, so the session is left and resumed.
    pub(crate) fn missing(&mut self, now: Timestamp, random: u32, out: &mut Vec<Output>) {
        if let (Phase::Online(online), Some(position)) = (&self.phase, self.position)
            && online.resuming_is_vain(position.offset)
        {
            self.position = None;
        }
        out.push(Output::CloseSocket);
        self.retry(now, random, None, out);
    }

    fn answered(
        &mut self,
        now: Timestamp,
        id: RequestId,
        result: Result<Reply, Problem>,
        out: &mut Vec<Output>,
    ) {
        let waiting = self.requests.answered(id);
        let is_awaited = waiting.as_ref().is_some_and(|(purpose, _)| match purpose {
            Purpose::App(_) => true,
            Purpose::Acknowledge | Purpose::Read | Purpose::Renew => false,
        });
        self.learn(&result, !is_awaited, out);
        match waiting {
            Some((Purpose::App(handle), request)) => {
                let logged_out = request == Request::Logout && result.is_ok();
                let result = result.map_err(|problem| ClientError::Problem(Box::new(problem)));
                out.push(Output::Resolve { handle, result });
                if logged_out {
                    out.push(Output::CloseSocket);
                    self.stop(StopReason::LoggedOut, out);
                }
            }
            Some((Purpose::Renew, _)) => {
                if let Ok(Reply::Renewed(renewed)) = result {
                    self.token.expires = Some(now + Duration::from_millis(renewed.expires_in_ms));
                }
            }
            Some((Purpose::Acknowledge | Purpose::Read, _)) | None => {}
        }
    }

    /// Takes in whatever a reply tells of calls; with `news`, the app is told of one that it does not know.
    fn learn(&mut self, result: &Result<Reply, Problem>, news: bool, out: &mut Vec<Output>) {
        let Some(calls) = &mut self.calls else { return };
        match result {
            Ok(Reply::Call(reply)) => {
                if let Some(view) = &reply.call {
                    calls.learn(view, news, out);
                }
            }
            Ok(Reply::Calls(page)) => page.calls.iter().for_each(|view| calls.learn(view, news, out)),
            Ok(Reply::Invited(invited)) => calls.learn(&invited.call, news, out),
            Ok(Reply::Done | Reply::Renewed(_) | Reply::Users(_)) => {}
            Err(problem) => {
                if let Some(view) = &problem.call {
                    calls.learn(view, news, out);
                }
            }
        }
    }

    /// A text that this version cannot read. If it was an event, the next one shows a gap.
    fn unreadable(&mut self, error: &FrameError, out: &mut Vec<Output>) {
        let id = match error {
            FrameError::Body { id, .. } | FrameError::UnknownType { id } => *id,
            FrameError::Envelope | FrameError::TooLarge => None,
        };
        match id.and_then(|id| self.requests.answered(id)) {
            Some((Purpose::App(handle), _)) => {
                out.push(Output::Resolve { handle, result: Err(ClientError::Unreadable) });
            }
            Some((Purpose::Acknowledge | Purpose::Read | Purpose::Renew, _)) => {}
            None => {
                if let Phase::Online(online) = &mut self.phase {
                    online.unreadable();
                }
            }
        }
    }

    fn closing(&mut self, now: Timestamp, random: u32, closing: &Closing, out: &mut Vec<Output>) {
        out.push(Output::CloseSocket);
        if closing.code.may_reconnect() {
            self.retry(now, random, closing.reconnect_in_ms, out);
        } else {
            self.lost(now, random, Some(closing.code), out);
        }
    }

    pub(crate) fn heartbeat(&self, out: &mut Vec<Output>) {
        if let Some(Resume { offset, .. }) = self.position {
            out.push(Output::Send(ClientFrame::Heartbeat(Heartbeat { offset })));
        }
    }
}

fn refused(problem: Problem, out: &mut Vec<Output>) {
    out.push(Output::Event(Event::Refused(Box::new(problem))));
}
