//! What the server says, and what follows from it.
use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use offhook_signaling::{
    Acknowledge, ClientFrame, Closing, Event as LogEvent, FrameError, Heartbeat, LegStatus, Problem, Reply,
    Request, RequestId, Resume, ServerFrame, Snapshot, Welcome,
};
use offhook_types::UserId;

use crate::{
    Client, ClientError, ConnectionState, Event, Output, StopReason,
    call::Me,
    calls::Calls,
    client::Phase,
    online::{Online, Place},
    requests::Purpose,
    turn::Turn,
};

/// What an own wish changes at once, before any reply.
pub(crate) fn note(calls: &mut Calls, request: &Request, turn: &mut Turn) {
    match request {
        Request::Ignore(ignore) => calls.ignore(ignore.call, turn),
        Request::Reject(reject) => calls.rejecting(reject.call),
        Request::Accept(_)
        | Request::Acknowledge(_)
        | Request::Add(_)
        | Request::AddCandidate(_)
        | Request::AnswerMedia(_)
        | Request::AskPushKey(_)
        | Request::RegisterDevice(_)
        | Request::UnregisterDevice
        | Request::AskRoomToken(_)
        | Request::Cancel(_)
        | Request::End(_)
        | Request::Invite(_)
        | Request::Join(_)
        | Request::JoinRoom(_)
        | Request::LeaveRoom(_)
        | Request::ListCalls(_)
        | Request::Logout
        | Request::OfferMedia(_)
        | Request::QueryUsers(_)
        | Request::Quit(_)
        | Request::ReadCall(_)
        | Request::ReadRoom(_)
        | Request::RemoveMember(_)
        | Request::RenewToken(_)
        | Request::SendMessage(_)
        | Request::Subscribe(_)
        | Request::UpdateStream(_)
        | Request::UpdateUser(_) => {}
    }
}

impl Client {
    /// A frame that should be the welcome.
    pub(crate) fn greeted(&mut self, frame: Result<ServerFrame, FrameError>, turn: &mut Turn) {
        match frame {
            Ok(ServerFrame::Welcome(welcome)) => self.welcome(welcome, turn),
            Ok(ServerFrame::Closing(closing)) => self.closing(&closing, turn),
            Ok(ServerFrame::Problem(_, problem)) => refused(problem, turn),
            // Nothing else has a meaning yet; a welcome that cannot be read ends by the clock.
            Ok(
                ServerFrame::Event(_)
                | ServerFrame::Heartbeat(_)
                | ServerFrame::Reply(..)
                | ServerFrame::Room(_)
                | ServerFrame::TokenWillExpire(_),
            )
            | Err(_) => {}
        }
    }

    /// A frame of an open session.
    pub(crate) fn frame(&mut self, frame: Result<ServerFrame, FrameError>, turn: &mut Turn) {
        let Phase::Online(online) = &mut self.phase else { return };
        online.heard(turn.now);
        match frame {
            Ok(ServerFrame::Closing(closing)) => self.closing(&closing, turn),
            Ok(ServerFrame::Event(event)) => self.event(event, turn),
            Ok(ServerFrame::Heartbeat(Heartbeat { offset })) => {
                if let Some(position) = self.position {
                    online.newest(turn.now, position.offset, offset);
                }
            }
            Ok(ServerFrame::Problem(Some(id), problem)) => self.answered(id, Err(problem), turn),
            Ok(ServerFrame::Problem(None, problem)) => refused(problem, turn),
            Ok(ServerFrame::Reply(id, reply)) => self.answered(id, Ok(reply), turn),
            Ok(ServerFrame::Room(event)) => {
                self.rooms.event(&event);
                turn.tell(Event::Room(Box::new(event)));
            }
            Ok(ServerFrame::TokenWillExpire(_)) => self.ask_source(turn),
            // A session is welcomed once.
            Ok(ServerFrame::Welcome(_)) => {}
            Err(error) => self.unreadable(&error, turn),
        }
        self.read_missed(turn);
    }

    fn welcome(&mut self, mut welcome: Welcome, turn: &mut Turn) {
        let at = Resume { epoch: welcome.epoch, offset: welcome.offset };
        let same_user = self.calls.as_ref().is_some_and(|calls| *calls.user() == welcome.user);
        let resumed = welcome.snapshot.is_none() && same_user && self.position == Some(at);
        if welcome.snapshot.is_none() && !resumed && self.position.take().is_some() {
            // The server goes on from elsewhere than where this client stopped: only a snapshot helps.
            turn.push(Output::CloseSocket);
            return self.retry(None, turn);
        }
        self.token.ask_again = None;
        self.token.refused = false;
        self.token.expires = Some(turn.now + Duration::from_millis(welcome.token_expires_in_ms));
        self.position = Some(at);
        self.phase = Phase::Online(Online::begin(turn.now, &welcome));
        let state = ConnectionState::Online { resumed, user: welcome.user.clone() };
        turn.tell(Event::Connection(state));
        let told = turn.out.len();
        if !resumed {
            let snapshot = welcome.snapshot.take();
            let snapshot = snapshot.unwrap_or_else(|| Snapshot { calls: Vec::new(), ended: Vec::new() });
            self.begin_anew(welcome.user, snapshot, turn);
        }
        if let Some(calls) = &self.calls {
            self.requests.forget_acknowledgments(|call| calls.rings(call));
        }
        self.rooms.reset(turn);
        self.requests.send_all(turn);
        self.read_missed(turn);
        self.acknowledge(told, turn);
    }
}

impl Client {
    fn begin_anew(&mut self, user: UserId, snapshot: Snapshot, turn: &mut Turn) {
        if let Some(mut stranger) = self.calls.take_if(|calls| *calls.user() != user) {
            stranger.silence(turn);
            self.rooms.clear();
        }
        let device = self.config.device.clone();
        let calls = self.calls.get_or_insert_with(|| Calls::new(Me { device, user }));
        calls.reset(snapshot, turn);
    }

    fn event(&mut self, event: LogEvent, turn: &mut Turn) {
        let (Phase::Online(online), Some(position), Some(calls)) =
            (&mut self.phase, &mut self.position, &mut self.calls)
        else {
            return;
        };
        match online.place(position, event.after, event.offset) {
            Place::Heard => {}
            Place::Missing => self.missing(turn),
            Place::Next => {
                let told = turn.out.len();
                calls.event(event.body, turn);
                self.acknowledge(told, turn);
            }
        }
    }

    /// Tells the server of the rings that began since `told` outputs.
    fn acknowledge(&mut self, told: usize, turn: &mut Turn) {
        if !self.config.acknowledge {
            return;
        }
        for at in told..turn.out.len() {
            let Output::Event(Event::Incoming(view)) = &turn.out[at] else { continue };
            let own =
                self.calls.as_ref().and_then(|calls| view.legs.iter().find(|leg| leg.user == *calls.user()));
            // After a reset the server may know already.
            if own.is_some_and(|leg| leg.status != LegStatus::Received) {
                let request = Request::Acknowledge(Acknowledge { call: view.call });
                self.ask(Purpose::Acknowledge, request, turn);
            }
        }
    }

    /// An event is missing: what comes next is not to be trusted, so the session is left and resumed.
    pub(crate) fn missing(&mut self, turn: &mut Turn) {
        if let (Phase::Online(online), Some(position)) = (&self.phase, self.position)
            && online.resuming_is_vain(position.offset)
        {
            self.position = None;
        }
        turn.push(Output::CloseSocket);
        self.retry(None, turn);
    }

    fn answered(&mut self, id: RequestId, result: Result<Reply, Problem>, turn: &mut Turn) {
        let waiting = self.requests.answered(id);
        let is_awaited = waiting.as_ref().is_some_and(|(purpose, _)| match purpose {
            Purpose::App(_) => true,
            Purpose::Acknowledge | Purpose::Read | Purpose::Renew => false,
        });
        self.learn(&result, !is_awaited, turn);
        if let Some((_, request)) = &waiting {
            self.rooms.answered(request, &result);
        }
        if let (Some((_, Request::RenewToken(request))), Ok(Reply::Renewed(reply))) = (&waiting, &result) {
            self.renewed(request, reply, turn);
        }
        match waiting {
            Some((Purpose::App(handle), request)) => {
                let logged_out = request == Request::Logout && result.is_ok();
                let result = result.map_err(|problem| ClientError::Problem(Box::new(problem)));
                turn.push(Output::Resolve { handle, result });
                if logged_out {
                    turn.push(Output::CloseSocket);
                    self.stop(StopReason::LoggedOut, turn);
                }
            }
            Some((Purpose::Read, Request::ReadCall(read))) => self.was_read(read.call, Some(&result), turn),
            Some((Purpose::Acknowledge | Purpose::Read | Purpose::Renew, _)) | None => {}
        }
    }

    /// Takes in whatever a reply tells of calls; with `news`, the app is told of one that it does not know.
    fn learn(&mut self, result: &Result<Reply, Problem>, news: bool, turn: &mut Turn) {
        let Some(calls) = &mut self.calls else { return };
        match result {
            Ok(Reply::Call(reply)) => {
                if let Some(view) = &reply.call {
                    calls.learn(view, news, turn);
                }
            }
            Ok(Reply::Calls(page)) => page.calls.iter().for_each(|view| calls.learn(view, news, turn)),
            Ok(Reply::Invited(invited)) => calls.learn(&invited.call, news, turn),
            Ok(
                Reply::Answer(_)
                | Reply::Done
                | Reply::PushKey(_)
                | Reply::Renewed(_)
                | Reply::Room(_)
                | Reply::RoomToken(_)
                | Reply::Users(_),
            ) => {}
            Err(problem) => {
                if let Some(view) = &problem.call {
                    calls.learn(view, news, turn);
                }
            }
        }
    }

    /// A text that this version cannot read. If it was an event, the next one shows a gap.
    fn unreadable(&mut self, error: &FrameError, turn: &mut Turn) {
        let id = match error {
            FrameError::Body { id, .. } | FrameError::UnknownType { id } => *id,
            FrameError::Envelope | FrameError::TooLarge => None,
        };
        match id.and_then(|id| self.requests.answered(id)) {
            Some((Purpose::App(handle), _)) => {
                turn.push(Output::Resolve { handle, result: Err(ClientError::Unreadable) });
            }
            Some((Purpose::Read, Request::ReadCall(read))) => self.was_read(read.call, None, turn),
            Some((Purpose::Acknowledge | Purpose::Read | Purpose::Renew, _)) => {}
            None => {
                if let Phase::Online(online) = &mut self.phase {
                    online.unreadable();
                }
            }
        }
    }

    fn closing(&mut self, closing: &Closing, turn: &mut Turn) {
        turn.push(Output::CloseSocket);
        if closing.code.may_reconnect() {
            self.retry(closing.reconnect_in_ms, turn);
        } else {
            self.lost(Some(closing.code), turn);
        }
    }

    pub(crate) fn heartbeat(&self, turn: &mut Turn) {
        if let Some(Resume { offset, .. }) = self.position {
            turn.send(ClientFrame::Heartbeat(Heartbeat { offset }));
        }
    }
}

fn refused(problem: Problem, turn: &mut Turn) {
    turn.tell(Event::Refused(Box::new(problem)));
}
