//! The life of one connection, from hello to the end.
use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use offhook_signaling::{ClientFrame, CloseCode, Code, FrameError, Problem, ServerFrame};
use offhook_types::Timestamp;

use crate::{
    Config, Input, Output,
    line::Line,
    live::{Beginning, Live},
};

/// One connection of a device.
///
/// ```text
///                 hello              opened
/// AwaitingHello ─────────▶ Opening ──────────▶ Live
///   │ anything else          │ refused          │ logout · kicked · replaced · revoked · token expired
///   │ no hello in time       │ timeout          │ silence · slow reader · too fast · malformed · shutdown
///   └────────────────────────┴──────────────────┴──▶ Closed: silence
/// ```
///
/// While frames wait to be written nothing is fetched, executed or read, so what a client does not take bounds what the
/// server keeps for it: one page of events, one reply, and the queue.
#[derive(Debug)]
pub struct Session {
    line: Line,
    phase: Phase,
}

#[derive(Debug)]
pub(crate) enum Phase {
    AwaitingHello { until: Timestamp },
    Closed,
    Live(Box<Live>),
    Opening { until: Timestamp },
}

impl Session {
    /// A connection that has just been made.
    #[must_use]
    pub fn new(config: Config, now: Timestamp) -> Self {
        let until = now + config.hello_timeout;
        Self { line: Line::new(config, now), phase: Phase::AwaitingHello { until } }
    }

    /// Takes note of what happened and says what is to be done.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Output> {
        if let Some(next) = self.transition(now, input) {
            self.phase = next;
        }
        if let Phase::Live(live) = &mut self.phase
            && let Some(next) = live.advance(now, &mut self.line)
        {
            self.phase = next;
        }
        self.line.take_outputs()
    }

    /// Whether the next frame of the client may be read.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        match &self.phase {
            Phase::AwaitingHello { .. } => true,
            Phase::Closed | Phase::Opening { .. } => false,
            Phase::Live(live) => live.is_reading(&self.line),
        }
    }

    /// Whether events of rooms may be given to the session now. They wait while the client does not take what it is sent,
    /// and while a request about rooms is carried out: its reply goes first.
    #[must_use]
    pub fn takes_room_events(&self) -> bool {
        match &self.phase {
            Phase::AwaitingHello { .. } | Phase::Closed | Phase::Opening { .. } => false,
            Phase::Live(live) => self.line.unwritten.is_none() && live.takes_room_events(),
        }
    }

    /// Whether the session is over: after the last output nothing more will come.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        match self.phase {
            Phase::Closed => true,
            Phase::AwaitingHello { .. } | Phase::Live(_) | Phase::Opening { .. } => false,
        }
    }

    /// Whether the session has been opened and is not over.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self.phase {
            Phase::Live(_) => true,
            Phase::AwaitingHello { .. } | Phase::Closed | Phase::Opening { .. } => false,
        }
    }

    /// When [`Input::Timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let stall = self.line.unwritten.map(|since| since + self.line.config.stall_after);
        let phase = match &self.phase {
            Phase::AwaitingHello { until } | Phase::Opening { until } => *until,
            Phase::Closed => return None,
            Phase::Live(live) => live.next_deadline(&self.line),
        };
        Some(stall.map_or(phase, |stall| stall.min(phase)))
    }

    /// The whole transition table: the phase that follows, if it is another.
    fn transition(&mut self, now: Timestamp, input: Input) -> Option<Phase> {
        use Input as I;
        use Phase as P;
        let Self { line, phase } = self;
        match (phase, input) {
            (P::AwaitingHello { .. }, I::Frame(frame)) => greet(now, line, frame),
            (P::AwaitingHello { until }, I::Timeout) => {
                if *until <= now {
                    line.close(now, CloseCode::Unauthenticated, None)
                } else {
                    None
                }
            }
            (P::Opening { until }, I::Timeout) => late(now, line, *until),
            (P::Opening { .. }, I::Frame(frame)) => early(now, line, frame),
            (P::Opening { .. }, I::Opened { epoch, expires, offset, snapshot, user }) => {
                let beginning = Beginning { epoch, expires, offset, snapshot, user };
                Some(P::Live(Box::new(Live::begin(now, line, beginning))))
            }
            (P::Opening { .. }, I::Refused(problem)) => refuse(now, line, problem),
            (P::Live(live), I::Frame(frame)) => live.frame(now, line, frame),
            (P::Live(live), I::Executed(result)) => live.executed(now, line, result),
            (P::Live(live), I::Renewed(result)) => live.renewed(now, line, result),
            (P::Live(live), I::Delivered(page)) => {
                live.delivered(now, line, page);
                None
            }
            (P::Live(live), I::Behind) => live.behind(now, line),
            (P::Live(live), I::FetchFailed) => {
                live.fetch_failed(now, line);
                None
            }
            (P::Live(live), I::Hint(head)) => {
                live.hint(head);
                None
            }
            (P::Live(_), I::Room(events)) => {
                events.into_iter().for_each(|event| line.send(now, ServerFrame::Room(event)));
                None
            }
            (P::Live(live), I::Shutdown(reconnect_in)) => {
                live.leave(reconnect_in);
                None
            }
            (P::Live(live), I::Timeout) => live.timeout(now, line),
            (P::AwaitingHello { .. } | P::Opening { .. } | P::Live(_), I::Written) => {
                line.written(now);
                None
            }
            (P::AwaitingHello { .. } | P::Opening { .. } | P::Live(_), I::Unreadable) => {
                line.close(now, CloseCode::BadFrame, None)
            }
            (P::Opening { .. } | P::Live(_), I::Pinged) => line.count_frame(now),
            (P::AwaitingHello { .. } | P::Opening { .. }, I::Shutdown(reconnect_in)) => {
                line.close(now, CloseCode::GoingAway, Some(reconnect_in))
            }
            (P::Opening { .. } | P::Live(_), I::Kicked) => line.close(now, CloseCode::KickedOut, None),
            (P::Opening { .. } | P::Live(_), I::Replaced) => line.close(now, CloseCode::Replaced, None),
            (P::Opening { .. } | P::Live(_), I::Revoked) => line.close(now, CloseCode::TokenExpired, None),
            (P::AwaitingHello { .. } | P::Opening { .. } | P::Live(_), I::Disconnected) => Some(P::Closed),
            // Answers to questions that were not asked, and orders to a device that has no name yet.
            (
                P::AwaitingHello { .. },
                I::Kicked | I::Opened { .. } | I::Pinged | I::Refused(_) | I::Replaced | I::Revoked,
            )
            | (
                P::AwaitingHello { .. } | P::Opening { .. },
                I::Behind
                | I::Delivered(_)
                | I::Executed(_)
                | I::FetchFailed
                | I::Hint(_)
                | I::Renewed(_)
                | I::Room(_),
            )
            | (P::Live(_), I::Opened { .. } | I::Refused(_)) => None,
            (
                P::Closed,
                I::Behind
                | I::Delivered(_)
                | I::Disconnected
                | I::Executed(_)
                | I::FetchFailed
                | I::Frame(_)
                | I::Hint(_)
                | I::Kicked
                | I::Opened { .. }
                | I::Pinged
                | I::Refused(_)
                | I::Renewed(_)
                | I::Replaced
                | I::Revoked
                | I::Room(_)
                | I::Shutdown(_)
                | I::Timeout
                | I::Unreadable
                | I::Written,
            ) => None,
        }
    }
}

/// The first frame: hello, or the end.
fn greet(now: Timestamp, line: &mut Line, frame: Result<ClientFrame, FrameError>) -> Option<Phase> {
    line.hear(now);
    match frame {
        Ok(ClientFrame::Hello(hello)) => {
            line.want(Output::Open(Box::new(hello)));
            Some(Phase::Opening { until: now + line.config.lost_after })
        }
        Ok(ClientFrame::Heartbeat(_) | ClientFrame::Request(..)) => {
            line.close(now, CloseCode::Unauthenticated, None)
        }
        Err(error) => {
            line.malformed(now, &error);
            line.refuse_waiting(now);
            line.close(now, CloseCode::BadFrame, None)
        }
    }
}

/// A frame between hello and welcome waits, like the driver should have let it.
fn early(now: Timestamp, line: &mut Line, frame: Result<ClientFrame, FrameError>) -> Option<Phase> {
    if let Some(end) = line.count_frame(now) {
        return Some(end);
    }
    match frame {
        Ok(ClientFrame::Heartbeat(_)) => None,
        Ok(ClientFrame::Hello(_)) => line.problem(now, None, second_hello()),
        Ok(ClientFrame::Request(id, request)) => {
            line.enqueue(now, id, request);
            None
        }
        Err(error) => line.malformed(now, &error),
    }
}

pub(crate) fn second_hello() -> Problem {
    Problem::new(Code::BadRequest, "hello comes once; to change the token, renew it")
}

/// The server could not open the session in time, or the client does not even take problems.
fn late(now: Timestamp, line: &mut Line, until: Timestamp) -> Option<Phase> {
    if line.has_stalled(now) {
        line.close(now, CloseCode::SlowReader, Some(Duration::ZERO))
    } else if until <= now {
        line.close(now, CloseCode::GoingAway, Some(line.config.retry_fetch_after))
    } else {
        None
    }
}

/// No session: because of the token, or because the server could not.
fn refuse(now: Timestamp, line: &mut Line, problem: Problem) -> Option<Phase> {
    let (code, reconnect_in) = if problem.code == Code::TokenExpired {
        (CloseCode::TokenExpired, None)
    } else if problem.retryable {
        let wait = problem.retry_after_ms.map_or(line.config.retry_fetch_after, Duration::from_millis);
        (CloseCode::GoingAway, Some(wait))
    } else {
        (CloseCode::Unauthenticated, None)
    };
    line.send(now, ServerFrame::Problem(None, problem));
    line.close(now, code, reconnect_in)
}
