//! An open session: requests in turn, events in order, and the deadlines of silence and token.
use alloc::boxed::Box;
use core::time::Duration;

use offhook_signaling::{
    ClientFrame, CloseCode, Code, Event, FrameError, Heartbeat, Limits, MAX_FRAME_BYTES, Problem, Renewed,
    Reply, Request, RequestId, ServerFrame, Snapshot, TokenWillExpire, Welcome,
};
use offhook_types::{Epoch, Offset, Timestamp, UserId};

use crate::{
    Output, Page,
    line::{Line, millis},
    session::{Phase, second_hello},
};

/// What a session begins with.
pub(crate) struct Beginning {
    pub(crate) epoch: Epoch,
    pub(crate) expires: Timestamp,
    pub(crate) offset: Offset,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) user: UserId,
}

/// What waits for an answer from outside.
#[derive(Debug)]
enum Pending {
    /// Nothing.
    Nothing,
    /// A request.
    Execution { id: RequestId, order: ReplyOrder },
    /// Events, at least up to `head` as far as is known; then the reply that they go before.
    Events { head: Offset, held: Option<Box<(RequestId, Reply)>> },
    /// The end of the session, asked for by the client.
    LogOut(RequestId),
    /// A new token.
    Renewal(RequestId),
}

/// How the reply to a request stands to what else is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReplyOrder {
    /// After the events of the log that the request has caused.
    AfterEvents,
    /// Whenever it is there.
    Any,
    /// Before the events of rooms that come meanwhile: an event after the state that the reply shows must not be
    /// overwritten by it.
    BeforeRoomEvents,
}

#[derive(Debug)]
pub(crate) struct Live {
    /// The newest offset of the user's log that was heard of.
    head: Offset,
    /// A heartbeat of the client waits for its answer.
    heartbeat_due: bool,
    /// The session ends when nothing is pending; the client shall come back after this time.
    leaving: Option<Duration>,
    pending: Pending,
    /// Until when no events are fetched, because the store could not tell.
    resting_until: Option<Timestamp>,
    /// The last event that was sent, or where the session began.
    sent: Offset,
    /// Everything up to here has been looked at.
    through: Offset,
    token: TokenClock,
}

/// The deadlines of a token.
#[derive(Clone, Copy, Debug)]
struct TokenClock {
    close_at: Timestamp,
    expires: Timestamp,
    /// `None` once the client has been told.
    warn_at: Option<Timestamp>,
}

impl TokenClock {
    fn start(now: Timestamp, expires: Timestamp, line: &Line) -> Self {
        let left = expires.since(now);
        let before = line.config.warn_before.min(left / 10);
        // An issuer's clock may be behind: a token that is just over still has its grace.
        Self {
            close_at: expires.max(now) + line.config.token_grace,
            expires,
            warn_at: Some(now + (left - before)),
        }
    }
}

impl Live {
    /// Welcomes the client.
    pub(crate) fn begin(now: Timestamp, line: &mut Line, beginning: Beginning) -> Self {
        let Beginning { epoch, expires, offset, snapshot, user } = beginning;
        line.hear(now);
        let config = &line.config;
        let limits = Limits {
            frame_bytes: u32::try_from(MAX_FRAME_BYTES).expect("a frame is smaller than 4 GiB"),
            request_burst: config.request_burst,
            requests_per_s: config.requests_per_s,
        };
        let welcome = Welcome {
            epoch,
            heartbeat_ms: millis(config.heartbeat),
            limits,
            lost_after_ms: millis(config.lost_after),
            offset,
            snapshot,
            token_expires_in_ms: millis(expires.since(now)),
            user,
        };
        line.send(now, ServerFrame::Welcome(welcome));
        Self {
            // What was missed, or has come between the opening and the first hint, is looked for at once.
            head: offset.next(),
            heartbeat_due: false,
            leaving: None,
            pending: Pending::Nothing,
            resting_until: None,
            sent: offset,
            through: offset,
            token: TokenClock::start(now, expires, line),
        }
    }

    /// Whether events of rooms may go out now.
    pub(crate) fn takes_room_events(&self) -> bool {
        match self.pending {
            Pending::Execution { order, .. } => order != ReplyOrder::BeforeRoomEvents,
            Pending::Events { .. } | Pending::LogOut(_) | Pending::Nothing | Pending::Renewal(_) => true,
        }
    }

    /// A frame of the client: any one shows that it lives.
    pub(crate) fn frame(
        &mut self,
        now: Timestamp,
        line: &mut Line,
        frame: Result<ClientFrame, FrameError>,
    ) -> Option<Phase> {
        if let Some(end) = line.count_frame(now) {
            return Some(end);
        }
        match frame {
            Ok(ClientFrame::Heartbeat(_)) => {
                self.heartbeat_due = true;
                None
            }
            Ok(ClientFrame::Hello(_)) => line.problem(now, None, second_hello()),
            Ok(ClientFrame::Request(id, request)) => {
                line.enqueue(now, id, request);
                None
            }
            Err(error) => line.malformed(now, &error),
        }
    }

    /// A request or a logout was carried out, or was not.
    pub(crate) fn executed(
        &mut self,
        now: Timestamp,
        line: &mut Line,
        result: Result<Reply, Problem>,
    ) -> Option<Phase> {
        match self.pending {
            Pending::Execution { id, order } => {
                self.pending = Pending::Nothing;
                match result {
                    Ok(reply) if order == ReplyOrder::AfterEvents => {
                        self.fetch(line, Some(Box::new((id, reply))))
                    }
                    result => answer(now, line, id, result),
                }
                line.hear(now);
                None
            }
            Pending::LogOut(id) => {
                self.pending = Pending::Nothing;
                let done = result.is_ok();
                answer(now, line, id, result);
                if done { line.close(now, CloseCode::LoggedOut, None) } else { None }
            }
            Pending::Nothing | Pending::Events { .. } | Pending::Renewal(_) => None,
        }
    }

    /// A new token was verified, or was not.
    pub(crate) fn renewed(
        &mut self,
        now: Timestamp,
        line: &mut Line,
        result: Result<Timestamp, Problem>,
    ) -> Option<Phase> {
        let Pending::Renewal(id) = self.pending else { return None };
        self.pending = Pending::Nothing;
        let result = result.and_then(|expires| {
            if expires <= self.token.expires {
                return Err(Problem::new(
                    Code::BadRequest,
                    "the new token must end later than the present one",
                ));
            }
            self.token = TokenClock::start(now, expires, line);
            Ok(Reply::Renewed(Renewed { expires_in_ms: millis(expires.since(now)) }))
        });
        answer(now, line, id, result);
        None
    }

    /// Events came: they go out, then the reply that waited for them.
    pub(crate) fn delivered(&mut self, now: Timestamp, line: &mut Line, page: Page) {
        let Page { events, more, through } = page;
        let Pending::Events { head: asked, held } = &mut self.pending else { return };
        let (asked, held) = (*asked, held.take());
        for Event { after: _, body, offset } in events {
            if offset > self.sent {
                line.send(now, ServerFrame::Event(Event { after: self.sent, body, offset }));
                self.sent = offset;
            }
        }
        let advanced = through > self.through;
        self.through = self.through.max(through).max(self.sent);
        self.resting_until = None;
        self.pending = Pending::Nothing;
        if more && advanced {
            self.head = self.head.max(self.through.next());
            if held.is_some() {
                return self.fetch(line, held);
            }
        } else if self.head <= asked {
            // A hint beyond the end of the log would otherwise be asked for without end.
            self.head = self.through;
        }
        self.release(now, line, held);
    }

    /// The store could not tell. What waited does not wait for it.
    pub(crate) fn fetch_failed(&mut self, now: Timestamp, line: &mut Line) {
        let Pending::Events { held, .. } = &mut self.pending else { return };
        let held = held.take();
        self.pending = Pending::Nothing;
        self.resting_until = Some(now + line.config.retry_fetch_after);
        // Something may be there that no hint told of.
        self.head = self.head.max(self.through.next());
        self.release(now, line, held);
    }

    /// The log is gone: the client needs a snapshot, which only a new session gives.
    pub(crate) fn behind(&mut self, now: Timestamp, line: &mut Line) -> Option<Phase> {
        let Pending::Events { held, .. } = &mut self.pending else { return None };
        let held = held.take();
        self.release(now, line, held);
        line.close(now, CloseCode::SlowReader, Some(Duration::ZERO))
    }

    /// Sends what waited for events.
    fn release(&mut self, now: Timestamp, line: &mut Line, held: Option<Box<(RequestId, Reply)>>) {
        if let Some(held) = held {
            let (id, reply) = *held;
            line.send(now, ServerFrame::Reply(id, reply));
        }
        if self.heartbeat_due {
            self.heartbeat_due = false;
            line.send(now, ServerFrame::Heartbeat(Heartbeat { offset: self.sent }));
        }
    }

    /// The log has grown.
    pub(crate) fn hint(&mut self, head: Offset) {
        self.head = self.head.max(head);
    }

    /// The server stops: finish what is pending, then go.
    pub(crate) fn leave(&mut self, reconnect_in: Duration) {
        self.leaving.get_or_insert(reconnect_in);
    }

    /// Takes up the next piece of work, if there is none pending and the client takes what it is sent.
    pub(crate) fn advance(&mut self, now: Timestamp, line: &mut Line) -> Option<Phase> {
        match self.pending {
            Pending::Nothing => {}
            Pending::Events { .. } | Pending::Execution { .. } | Pending::LogOut(_) | Pending::Renewal(_) => {
                return None;
            }
        }
        if let Some(reconnect_in) = self.leaving {
            return line.close(now, CloseCode::GoingAway, Some(reconnect_in));
        }
        if line.unwritten.is_some() {
            return None;
        }
        line.refuse_waiting(now);
        if let Some((id, Ok(request))) = line.queue.pop_front() {
            self.execute(line, id, request);
        } else if self.is_behind(now) {
            self.fetch(line, None);
        }
        None
    }

    fn is_behind(&self, now: Timestamp) -> bool {
        let resting = self.resting_until.is_some_and(|until| now < until);
        self.heartbeat_due || (self.head > self.through && !resting)
    }

    fn fetch(&mut self, line: &mut Line, held: Option<Box<(RequestId, Reply)>>) {
        self.pending = Pending::Events { head: self.head, held };
        line.want(Output::Fetch { after: self.through });
    }

    fn execute(&mut self, line: &mut Line, id: RequestId, request: Request) {
        let order = match &request {
            Request::Logout => {
                self.pending = Pending::LogOut(id);
                return line.want(Output::LogOut);
            }
            Request::RenewToken(renewal) => {
                self.pending = Pending::Renewal(id);
                return line.want(Output::Renew(renewal.clone()));
            }
            Request::ListCalls(_)
            | Request::QueryUsers(_)
            | Request::ReadCall(_)
            | Request::UpdateUser(_) => ReplyOrder::Any,
            Request::AddCandidate(_)
            | Request::AnswerMedia(_)
            | Request::AskPushKey(_)
            | Request::RegisterDevice(_)
            | Request::UnregisterDevice
            | Request::AskRoomToken(_)
            | Request::JoinRoom(_)
            | Request::LeaveRoom(_)
            | Request::OfferMedia(_)
            | Request::ReadRoom(_)
            | Request::RemoveMember(_)
            | Request::SendMessage(_)
            | Request::Subscribe(_)
            | Request::UpdateStream(_) => ReplyOrder::BeforeRoomEvents,
            Request::Accept(_)
            | Request::Acknowledge(_)
            | Request::Add(_)
            | Request::Cancel(_)
            | Request::End(_)
            | Request::Ignore(_)
            | Request::Invite(_)
            | Request::Join(_)
            | Request::Quit(_)
            | Request::Reject(_) => ReplyOrder::AfterEvents,
        };
        self.pending = Pending::Execution { id, order };
        line.want(Output::Execute(request));
    }

    /// Serves the deadlines that have passed.
    pub(crate) fn timeout(&mut self, now: Timestamp, line: &mut Line) -> Option<Phase> {
        if line.has_stalled(now) {
            return line.close(now, CloseCode::SlowReader, Some(Duration::ZERO));
        }
        if self.lost_at(line).is_some_and(|at| at <= now) {
            return line.close(now, CloseCode::Lost, Some(Duration::ZERO));
        }
        if self.token.close_at <= now {
            return line.close(now, CloseCode::TokenExpired, None);
        }
        if self.ping_at(line).is_some_and(|at| at <= now) {
            line.pinged = true;
            line.want(Output::Ping);
        }
        if self.token.warn_at.is_some_and(|at| at <= now) {
            self.token.warn_at = None;
            let remaining_ms = millis(self.token.expires.since(now));
            line.send(now, ServerFrame::TokenWillExpire(TokenWillExpire { remaining_ms }));
        }
        None
    }

    /// When the client is lost; never while the server itself does not read.
    fn lost_at(&self, line: &Line) -> Option<Timestamp> {
        self.is_reading(line).then(|| line.heard + line.config.lost_after)
    }

    /// When the client is pinged: once in a silence. Who sends its heartbeats in time never is.
    fn ping_at(&self, line: &Line) -> Option<Timestamp> {
        (!line.pinged && self.is_reading(line)).then(|| line.heard + line.config.ping_after())
    }

    /// Whether frames of the client are read: its silence is its own.
    pub(crate) fn is_reading(&self, line: &Line) -> bool {
        line.unwritten.is_none() && line.has_room() && self.leaving.is_none()
    }

    pub(crate) fn next_deadline(&self, line: &Line) -> Timestamp {
        let waiting = match self.pending {
            Pending::Nothing => self.head > self.through && line.unwritten.is_none(),
            Pending::Events { .. } | Pending::Execution { .. } | Pending::LogOut(_) | Pending::Renewal(_) => {
                false
            }
        };
        [self.lost_at(line), self.ping_at(line), self.token.warn_at, self.resting_until.filter(|_| waiting)]
            .into_iter()
            .flatten()
            .fold(self.token.close_at, Timestamp::min)
    }
}

fn answer(now: Timestamp, line: &mut Line, id: RequestId, result: Result<Reply, Problem>) {
    line.send(
        now,
        match result {
            Ok(reply) => ServerFrame::Reply(id, reply),
            Err(problem) => ServerFrame::Problem(Some(id), problem),
        },
    );
}
