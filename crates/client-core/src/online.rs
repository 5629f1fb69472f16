//! A welcomed session: heartbeats either way, silence, and whether an event is missing.
use core::time::Duration;

use offhook_signaling::{Resume, Welcome};
use offhook_types::{Offset, Timestamp};

/// The shortest and longest heartbeat that is taken from a server; a slip in its settings shall neither spin nor
/// silence a client.
const HEARTBEAT_MS: (u64, u64) = (1_000, 300_000);

/// How long a server has to answer a heartbeat that went out late, because the client overslept. More leaves rings unheard,
/// less drops a connection that is only slow.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// How long after a call was read in vain it is read again. Less bothers a server in trouble, more leaves the app with
/// what is no longer true.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The longest silence that is taken from a server, in milliseconds.
const MAX_LOST_AFTER_MS: u64 = 3_600_000;

/// By how much the timers of a hidden page may be late, and more. A client that is later slept with its whole device, and was
/// lost by its server long ago: it comes back at once instead of asking.
const OVERSLEPT: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub(crate) struct Online {
    /// When the first heartbeat went out that nothing was heard after.
    asked: Option<Timestamp>,
    /// The server spoke of an event that has not come; when to stop waiting for it.
    behind: Option<(Offset, Timestamp)>,
    /// Where a resumed session began, until the first event has come.
    began: Option<Offset>,
    /// `None` while the driver does not read.
    heard: Option<Timestamp>,
    heartbeat: Duration,
    lost_after: Duration,
    next_heartbeat: Timestamp,
    /// When calls may be read again, because one was read in vain.
    read_again: Option<Timestamp>,
    since: Timestamp,
    /// A frame came that this version does not know; it may have been an event.
    unreadable: bool,
}

/// Where an event stands against what has been heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Heard before.
    Heard,
    /// Events are missing before it.
    Missing,
    /// The next one.
    Next,
}

/// What silence and counters call for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Heartbeat,
    Lost,
    Missing,
}

impl Online {
    pub(crate) fn begin(now: Timestamp, welcome: &Welcome) -> Self {
        let heartbeat = Duration::from_millis(welcome.heartbeat_ms.clamp(HEARTBEAT_MS.0, HEARTBEAT_MS.1));
        let lost_after = Duration::from_millis(welcome.lost_after_ms.min(MAX_LOST_AFTER_MS)).max(heartbeat);
        Self {
            asked: None,
            behind: None,
            began: welcome.snapshot.is_none().then_some(welcome.offset),
            heard: Some(now),
            heartbeat,
            lost_after,
            next_heartbeat: now + heartbeat,
            read_again: None,
            since: now,
            unreadable: false,
        }
    }

    pub(crate) fn since(&self) -> Timestamp {
        self.since
    }

    pub(crate) fn heard(&mut self, now: Timestamp) {
        if self.heard.is_some() {
            self.heard = Some(now);
            self.asked = None;
        }
    }

    pub(crate) fn pause(&mut self) {
        self.heard = None;
    }

    pub(crate) fn resume(&mut self, now: Timestamp) {
        self.heard = Some(now);
        // The event that is missing may lie in the socket.
        self.behind = self.behind.map(|(offset, _)| (offset, now + self.heartbeat));
    }

    pub(crate) fn unreadable(&mut self) {
        self.unreadable = true;
    }

    pub(crate) fn pause_reading(&mut self, now: Timestamp) {
        self.read_again = Some(now + READ_AGAIN_AFTER);
    }

    /// Whether calls of which a part was missed may be read now.
    pub(crate) fn may_read(&mut self, now: Timestamp) -> bool {
        self.read_again = self.read_again.filter(|at| now < *at);
        self.read_again.is_none()
    }

    /// Whether resuming at `offset` would meet the same gap: the event is there, but this version cannot read it, or
    /// the server's own log has the gap.
    pub(crate) fn resuming_is_vain(&self, offset: Offset) -> bool {
        self.unreadable || self.began == Some(offset)
    }

    /// Places an event, and counts it as heard if it is the next one.
    pub(crate) fn place(&mut self, position: &mut Resume, after: Offset, offset: Offset) -> Place {
        if offset <= position.offset {
            return Place::Heard;
        }
        if after > position.offset {
            return Place::Missing;
        }
        position.offset = offset;
        self.began = None;
        self.behind = self.behind.filter(|(newest, _)| *newest > offset);
        Place::Next
    }

    /// The server says what its newest event is.
    pub(crate) fn newest(&mut self, now: Timestamp, own: Offset, newest: Offset) {
        if newest > own && self.behind.is_none() {
            self.behind = Some((newest, now + self.heartbeat));
        }
    }

    pub(crate) fn due(&mut self, now: Timestamp) -> Option<Due> {
        if self.lost_at().is_some_and(|at| at <= now) {
            return Some(Due::Lost);
        }
        if self.missing_at().is_some_and(|at| at <= now) {
            return Some(Due::Missing);
        }
        if self.next_heartbeat <= now {
            self.asked.get_or_insert(now);
            self.next_heartbeat = now + self.heartbeat;
            return Some(Due::Heartbeat);
        }
        None
    }

    pub(crate) fn next_deadline(&self) -> Timestamp {
        let others = [self.lost_at(), self.missing_at(), self.read_again];
        others.into_iter().flatten().fold(self.next_heartbeat, Timestamp::min)
    }

    /// When the server is lost. Only an unanswered heartbeat shows that: a client whose own timer was late has not asked yet.
    fn lost_at(&self) -> Option<Timestamp> {
        let silent = self.heard? + self.lost_after;
        let answer = ANSWER_WITHIN.min(self.lost_after - self.heartbeat);
        Some(self.asked.map_or(silent + OVERSLEPT, |asked| silent.max(asked + answer)))
    }

    fn missing_at(&self) -> Option<Timestamp> {
        self.heard.and(self.behind).map(|(_, until)| until)
    }
}
