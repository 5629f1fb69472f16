//! What a session keeps in every phase: its limits, its waiting requests, and what it has to say.
use alloc::{collections::VecDeque, string::ToString, vec::Vec};
use core::time::Duration;

use offhook_signaling::{CloseCode, Closing, Code, FrameError, Problem, Request, RequestId, ServerFrame};
use offhook_types::Timestamp;

use crate::{Config, Output, bucket::Bucket, session::Phase};

/// When a client that was too fast may come back.
const COOL_DOWN: Duration = Duration::from_secs(5);

/// A request that waits for its turn, or the problem that its turn will bring.
pub(crate) type Waiting = (RequestId, Result<Request, Problem>);

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) config: Config,
    /// When the client was heard last, or when reading began again.
    pub(crate) heard: Timestamp,
    /// The client was pinged, and has not been heard since.
    pub(crate) pinged: bool,
    pub(crate) queue: VecDeque<Waiting>,
    /// Since when frames wait to be written.
    pub(crate) unwritten: Option<Timestamp>,
    all_frames: Bucket,
    malformed: u32,
    outputs: Vec<Output>,
    requests: Bucket,
}

impl Line {
    pub(crate) fn new(config: Config, now: Timestamp) -> Self {
        Self {
            config,
            heard: now,
            pinged: false,
            queue: VecDeque::new(),
            unwritten: None,
            all_frames: Bucket::full(),
            malformed: 0,
            outputs: Vec::new(),
            requests: Bucket::full(),
        }
    }

    pub(crate) fn send(&mut self, now: Timestamp, frame: ServerFrame) {
        self.unwritten.get_or_insert(now);
        self.outputs.push(Output::Send(frame));
    }

    pub(crate) fn want(&mut self, output: Output) {
        self.outputs.push(output);
    }

    pub(crate) fn take_outputs(&mut self) -> Vec<Output> {
        core::mem::take(&mut self.outputs)
    }

    /// Whether the queue has room.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.len() < self.config.queue
    }

    /// The client lives.
    pub(crate) fn hear(&mut self, now: Timestamp) {
        self.heard = now;
        self.pinged = false;
    }

    /// Counts a frame against abuse; closes if it was too many.
    pub(crate) fn count_frame(&mut self, now: Timestamp) -> Option<Phase> {
        self.hear(now);
        let rate = self.config.request_rate().times(self.config.abuse_factor);
        match self.all_frames.take(now, rate) {
            Ok(()) => None,
            Err(_) => self.close(now, CloseCode::RateLimited, Some(COOL_DOWN)),
        }
    }

    /// Puts a request into the queue, or the problem that it came too fast.
    pub(crate) fn enqueue(&mut self, now: Timestamp, id: RequestId, request: Request) {
        let outcome = match self.requests.take(now, self.config.request_rate()) {
            Ok(()) => Ok(request),
            Err(wait) => Err(too_fast(wait)),
        };
        self.queue.push_back((id, outcome));
    }

    /// Answers a frame that cannot be read; closes if there were too many.
    pub(crate) fn malformed(&mut self, now: Timestamp, error: &FrameError) -> Option<Phase> {
        let (id, code) = match error {
            FrameError::Body { id, .. } => (*id, Code::BadRequest),
            FrameError::Envelope => (None, Code::BadRequest),
            FrameError::TooLarge => (None, Code::TooLarge),
            FrameError::UnknownType { id } => (*id, Code::UnknownType),
        };
        self.problem(now, id, Problem::new(code, error.to_string()))
    }

    /// Answers a breach of the protocol, in turn if it has an id; closes if there were too many.
    pub(crate) fn problem(
        &mut self,
        now: Timestamp,
        id: Option<RequestId>,
        problem: Problem,
    ) -> Option<Phase> {
        match id {
            Some(id) => self.queue.push_back((id, Err(problem))),
            None => self.send(now, ServerFrame::Problem(None, problem)),
        }
        self.malformed += 1;
        if self.malformed > self.config.max_malformed {
            return self.close(now, CloseCode::BadFrame, None);
        }
        None
    }

    /// Sends the problems at the head of the queue, whose turn has come.
    pub(crate) fn refuse_waiting(&mut self, now: Timestamp) {
        while let Some((_, Err(_))) = self.queue.front() {
            if let Some((id, Err(problem))) = self.queue.pop_front() {
                self.send(now, ServerFrame::Problem(Some(id), problem));
            }
        }
    }

    /// Everything has left. The time in between is no silence of the client's, because nothing was read. No more than that
    /// is granted: who is told something all the time must not live for ever by it.
    pub(crate) fn written(&mut self, now: Timestamp) {
        if let Some(since) = self.unwritten.take() {
            self.heard = (self.heard + now.since(since)).min(now);
        }
    }

    /// Whether the client has not taken its frames for too long.
    pub(crate) fn has_stalled(&self, now: Timestamp) -> bool {
        self.unwritten.is_some_and(|since| since + self.config.stall_after <= now)
    }

    /// Says goodbye. Returns the phase that follows.
    pub(crate) fn close(
        &mut self,
        now: Timestamp,
        code: CloseCode,
        reconnect_in: Option<Duration>,
    ) -> Option<Phase> {
        let reconnect_in_ms = reconnect_in.map(millis);
        let message = farewell(code).into();
        self.send(now, ServerFrame::Closing(Closing { code, message, reconnect_in_ms }));
        self.outputs.push(Output::Close(code));
        self.queue = VecDeque::new();
        Some(Phase::Closed)
    }
}

/// Whole milliseconds, for the wire.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn too_fast(wait: Duration) -> Problem {
    let mut problem = Problem::new(Code::RateLimited, "requests come faster than this session permits");
    problem.retry_after_ms = Some(millis(wait).max(1));
    problem
}

fn farewell(code: CloseCode) -> &'static str {
    match code {
        CloseCode::BadFrame => "the client breaks the protocol",
        CloseCode::GoingAway => "the server stops; come back after reconnect_in_ms",
        CloseCode::KickedOut => "the user logged in on another device",
        CloseCode::LoggedOut => "the device logged out",
        CloseCode::Lost => "nothing was heard from the client for too long",
        CloseCode::RateLimited => "frames come much faster than permitted",
        CloseCode::Replaced => "a newer connection of this device took over",
        CloseCode::SlowReader => "the client did not take its frames in time; reconnect and resume",
        CloseCode::TokenExpired => "the token is no longer valid; come back with a new one",
        CloseCode::Unauthenticated => "no valid token came in time",
        CloseCode::Unknown => "the session ends",
    }
}
