//! The life of a client: which socket it has, which token, and where it is in the user's event log.
use alloc::vec::Vec;
use core::time::Duration;

use offhook_signaling::{ClientFrame, CloseCode, Hello, Request, Resume};
use offhook_types::{CallId, RoomId, Timestamp};

use crate::{
    CallState, ClientError, Config, ConnectionState, Event, Input, Output, StopReason,
    backoff::Backoff,
    calls::Calls,
    frames::note,
    online::{Due, Online},
    requests::{Ask, Purpose, Requests},
    rooms::Rooms,
    token::TokenState,
    turn::Turn,
};

/// One device of one user.
///
/// ```text
///                connect             token              opened             welcome
/// Disconnected ──────────▶ AskingToken ─────▶ Opening ─────────▶ Greeting ─────────▶ Online
///      ▲                        ▲   │ none       │ failed           │ closed, silence   │ closed, silence,
///      │ disconnect             │   ▼            ▼                  ▼                   ▼ an event is missing
///   (any state)              Backoff: a drawn pause, or the one that the server named
///
/// Stopped: kicked out, replaced, logged out, two tokens refused, bad frames. Only another connect leaves it.
/// ```
///
/// `Connecting`, as the app sees it, is `AskingToken` (passed over while a token is at hand), `Opening` and `Greeting`.
#[derive(Debug)]
pub struct Client {
    pub(crate) backoff: Backoff,
    /// `None` before the first welcome.
    pub(crate) calls: Option<Calls>,
    pub(crate) config: Config,
    pub(crate) phase: Phase,
    /// The last event heard, in the log that is resumed; `None` calls for a snapshot.
    pub(crate) position: Option<Resume>,
    pub(crate) requests: Requests,
    pub(crate) rooms: Rooms,
    pub(crate) token: TokenState,
}

#[derive(Debug)]
pub(crate) enum Phase {
    AskingToken { until: Timestamp },
    Backoff { until: Timestamp },
    Disconnected,
    Greeting { until: Timestamp },
    Online(Online),
    Opening { until: Timestamp },
    Stopped(StopReason),
}

impl Client {
    /// A client that is not connected.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            backoff: Backoff::default(),
            calls: None,
            config,
            phase: Phase::Disconnected,
            position: None,
            requests: Requests::default(),
            rooms: Rooms::default(),
            token: TokenState::default(),
        }
    }

    /// Takes note of what happened and says what is to be done. `random` is uniform over its type; it draws pauses.
    pub fn handle(&mut self, now: Timestamp, random: u32, input: Input) -> Vec<Output> {
        let mut turn = Turn { now, out: Vec::new(), random };
        self.transition(input, &mut turn);
        turn.out
    }

    /// When [`Input::Timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let phase = match &self.phase {
            Phase::AskingToken { until }
            | Phase::Backoff { until }
            | Phase::Greeting { until }
            | Phase::Opening { until } => Some(*until),
            Phase::Online(online) => {
                let due = online.next_deadline();
                Some(self.token.ask_at().map_or(due, |at| at.min(due)))
            }
            Phase::Disconnected | Phase::Stopped(_) => None,
        };
        let rings = self.calls.as_ref().and_then(Calls::next_deadline);
        [phase, rings, self.requests.next_deadline()].into_iter().flatten().min()
    }

    /// The calls that the client knows, oldest first: what it heard last, not what is.
    pub fn calls(&self) -> impl Iterator<Item = &CallState> {
        self.calls.iter().flat_map(Calls::iter)
    }

    /// One call that the client knows.
    #[must_use]
    pub fn call(&self, call: CallId) -> Option<&CallState> {
        self.calls.as_ref()?.call(call)
    }

    /// The rooms that this device is in, as far as it has heard.
    pub fn rooms(&self) -> impl Iterator<Item = &RoomId> {
        self.rooms.iter()
    }

    /// Whether frames go through at this moment.
    #[must_use]
    pub fn is_online(&self) -> bool {
        match self.phase {
            Phase::Online(_) => true,
            Phase::AskingToken { .. }
            | Phase::Backoff { .. }
            | Phase::Disconnected
            | Phase::Greeting { .. }
            | Phase::Opening { .. }
            | Phase::Stopped(_) => false,
        }
    }

    /// Why the client does not come back by itself; `None` if it does, or was never asked to.
    #[must_use]
    pub fn stopped(&self) -> Option<StopReason> {
        match self.phase {
            Phase::Stopped(reason) => Some(reason),
            Phase::AskingToken { .. }
            | Phase::Backoff { .. }
            | Phase::Disconnected
            | Phase::Greeting { .. }
            | Phase::Online(_)
            | Phase::Opening { .. } => None,
        }
    }

    /// The last event heard; `None` before the first welcome.
    #[must_use]
    pub fn position(&self) -> Option<Resume> {
        self.position
    }

    /// The whole transition table.
    fn transition(&mut self, input: Input, turn: &mut Turn) {
        use Input as I;
        use Phase as P;
        match (&mut self.phase, input) {
            (P::Backoff { .. } | P::Disconnected | P::Stopped(_), I::Connect) => self.connect(turn),
            (P::Online(_), I::Connect) => self.ask_source_if_needed(turn),
            (
                P::AskingToken { .. }
                | P::Backoff { .. }
                | P::Greeting { .. }
                | P::Online(_)
                | P::Opening { .. }
                | P::Stopped(_),
                I::Disconnect,
            ) => self.disconnect(turn),
            (P::Opening { .. }, I::SocketOpened) => self.greet(turn),
            (P::Opening { .. }, I::SocketFailed) => self.retry(None, turn),
            (P::Greeting { .. } | P::Online(_) | P::Opening { .. }, I::SocketClosed(code)) => {
                self.lost(code.and_then(CloseCode::from_number), turn);
            }
            (P::Greeting { .. }, I::Frame(frame)) => self.greeted(frame, turn),
            (P::Online(_), I::Frame(frame)) => self.frame(frame, turn),
            (P::Online(online), I::Paused) => online.pause(),
            (P::Online(online), I::Resumed) => online.resume(turn.now),
            (P::Disconnected | P::Stopped(_), I::Request { handle, .. }) => {
                turn.push(Output::Resolve { handle, result: Err(ClientError::NotConnected) });
            }
            (
                P::AskingToken { .. }
                | P::Backoff { .. }
                | P::Greeting { .. }
                | P::Online(_)
                | P::Opening { .. },
                I::Request { handle, request },
            ) => self.ask(Purpose::App(handle), request, turn),
            (_, I::Timeout) => self.timeout(turn),
            (_, I::Token(token)) => self.take_token(token, turn),
            (_, I::TokenFailed) => self.token_failed(turn),
            (_, I::TokenGone) => self.token_gone(turn),
            // Wishes that are fulfilled, and words of sockets that are no longer there.
            (
                P::AskingToken { .. } | P::Greeting { .. } | P::Opening { .. },
                I::Connect | I::SocketFailed | I::SocketOpened,
            )
            | (P::Online(_), I::SocketFailed | I::SocketOpened)
            | (P::Disconnected, I::Disconnect)
            | (
                P::AskingToken { .. } | P::Backoff { .. } | P::Disconnected | P::Stopped(_),
                I::Frame(_) | I::SocketClosed(_) | I::SocketFailed | I::SocketOpened,
            )
            | (P::Opening { .. }, I::Frame(_))
            | (
                P::AskingToken { .. }
                | P::Backoff { .. }
                | P::Disconnected
                | P::Greeting { .. }
                | P::Opening { .. }
                | P::Stopped(_),
                I::Paused | I::Resumed,
            ) => {}
        }
    }

    fn connect(&mut self, turn: &mut Turn) {
        if let Phase::Stopped(_) = self.phase {
            self.token.refused = false;
            self.backoff.reset();
        }
        if self.token.expires.is_some_and(|at| at <= turn.now) {
            self.token.current = None;
        }
        turn.tell(Event::Connection(ConnectionState::Connecting));
        if self.token.current.is_some() {
            return self.open(turn);
        }
        self.phase = Phase::AskingToken { until: turn.now + self.config.token_timeout };
        turn.push(Output::NeedToken);
    }

    pub(crate) fn open(&mut self, turn: &mut Turn) {
        self.phase = Phase::Opening { until: turn.now + self.config.connect_timeout };
        turn.push(Output::OpenSocket);
    }

    fn greet(&mut self, turn: &mut Turn) {
        let token = self.token.current.as_ref().expect("a socket is opened with a token at hand");
        let Config { app, device, name, platform, user, .. } = &self.config;
        turn.send(ClientFrame::Hello(Hello {
            app: *app,
            device: device.clone(),
            name: name.clone(),
            platform: platform.clone(),
            resume: self.position,
            token: token.0.clone(),
            user: user.clone(),
        }));
        self.phase = Phase::Greeting { until: turn.now + self.config.connect_timeout };
    }

    fn disconnect(&mut self, turn: &mut Turn) {
        self.leave(turn);
        self.phase = Phase::Disconnected;
        self.requests.fail_all(turn);
        turn.tell(Event::Connection(ConnectionState::Disconnected));
    }

    /// Closes the socket, if there is one.
    pub(crate) fn leave(&mut self, turn: &mut Turn) {
        match self.phase {
            Phase::Greeting { .. } | Phase::Online(_) | Phase::Opening { .. } => {
                turn.push(Output::CloseSocket)
            }
            Phase::AskingToken { .. } | Phase::Backoff { .. } | Phase::Disconnected | Phase::Stopped(_) => {}
        }
    }

    /// The connection is over; whether the client comes back depends on the reason.
    pub(crate) fn lost(&mut self, code: Option<CloseCode>, turn: &mut Turn) {
        match code {
            Some(CloseCode::BadFrame) => self.stop(StopReason::BadFrame, turn),
            Some(CloseCode::KickedOut) => self.stop(StopReason::KickedOut, turn),
            Some(CloseCode::LoggedOut) => self.stop(StopReason::LoggedOut, turn),
            Some(CloseCode::Replaced) => self.stop(StopReason::Replaced, turn),
            Some(CloseCode::TokenExpired | CloseCode::Unauthenticated) => {
                self.token.current = None;
                if core::mem::replace(&mut self.token.refused, true) {
                    return self.stop(StopReason::Unauthenticated, turn);
                }
                self.retry(None, turn);
            }
            Some(
                CloseCode::GoingAway
                | CloseCode::Lost
                | CloseCode::RateLimited
                | CloseCode::SlowReader
                | CloseCode::Unknown,
            )
            | None => self.retry(None, turn),
        }
    }

    /// Comes back after a drawn pause, on top of the one that the server named, in milliseconds.
    pub(crate) fn retry(&mut self, named_ms: Option<u64>, turn: &mut Turn) {
        if let Phase::Online(online) = &self.phase {
            self.backoff.session_over(&self.config, online.since(), turn.now);
        }
        self.requests.connection_lost(turn);
        let named = Duration::from_millis(named_ms.unwrap_or(0));
        let retry_in = named.saturating_add(self.backoff.next(&self.config, turn.random));
        self.phase = Phase::Backoff { until: turn.now + retry_in };
        turn.tell(Event::Connection(ConnectionState::Backoff { retry_in }));
    }

    /// Ends it for good. The next connection begins anew.
    pub(crate) fn stop(&mut self, reason: StopReason, turn: &mut Turn) {
        self.phase = Phase::Stopped(reason);
        if let Some(mut calls) = self.calls.take() {
            calls.silence(turn);
        }
        self.position = None;
        self.rooms.clear();
        self.requests.fail_all(turn);
        turn.tell(Event::Connection(ConnectionState::Stopped(reason)));
    }

    pub(crate) fn ask(&mut self, purpose: Purpose, request: Request, turn: &mut Turn) {
        if let (Purpose::App(_), Some(calls)) = (purpose, &mut self.calls) {
            note(calls, &request, turn);
        }
        let until = turn.now + self.config.request_timeout;
        let online = self.is_online();
        self.requests.ask(Ask { online, purpose, request, until }, turn);
    }

    fn timeout(&mut self, turn: &mut Turn) {
        self.requests.timeout(turn);
        if let Some(calls) = &mut self.calls {
            calls.timeout(turn);
        }
        match &mut self.phase {
            Phase::AskingToken { until } | Phase::Greeting { until } | Phase::Opening { until }
                if *until <= turn.now =>
            {
                self.leave(turn);
                self.retry(None, turn);
            }
            Phase::Backoff { until } if *until <= turn.now => self.connect(turn),
            Phase::Online(online) => match online.due(turn.now) {
                Some(Due::Heartbeat) => self.heartbeat(turn),
                Some(Due::Lost) => {
                    turn.push(Output::CloseSocket);
                    self.retry(None, turn);
                }
                Some(Due::Missing) => self.missing(turn),
                None => {}
            },
            Phase::AskingToken { .. }
            | Phase::Backoff { .. }
            | Phase::Disconnected
            | Phase::Greeting { .. }
            | Phase::Opening { .. }
            | Phase::Stopped(_) => {}
        }
        self.ask_source_if_due(turn);
        self.read_missed(turn);
    }
}
