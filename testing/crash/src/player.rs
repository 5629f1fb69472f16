//! One device of a user: what they asked, what they were answered, what they heard, through every crash.
//!
//! The player notes and compares the event log with what was heard before; what it all means for the calls is judged
//! elsewhere.
use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, bail};
use offhook_signaling::{
    CallView, ClientFrame, Event, EventBody, Happening, Heartbeat, Hello, Platform, Problem, Reply, Request,
    RequestId, Resume, ServerFrame, Welcome,
};
use offhook_types::{DeviceId, Epoch, Offset, Opaque, Timestamp, UserId};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    app::{self, APP},
    clock,
    line::Line,
    violation::Violation,
};

/// How long the server may take to answer before the run is given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Requests on their way at once: fewer than the server queues for one session.
const WINDOW: usize = 16;

/// How many events of a user the server keeps at least, if they are younger than the configured retention. A place
/// further back may be answered with a snapshot.
const KEPT_EVENTS: u64 = 64;

/// One device of a user; mostly the only one.
pub(crate) struct Player {
    /// Every request, by its id.
    pub(crate) asked: Vec<Asked>,
    device: DeviceId,
    epoch: Option<Epoch>,
    /// What the server did wrong in the log itself.
    pub(crate) faults: Vec<Violation>,
    /// Every event.
    pub(crate) heard: BTreeMap<Offset, Heard>,
    /// Whether every event since the first was heard; a snapshot in between leaves a hole.
    pub(crate) is_gapless: bool,
    /// Whether the user has no other device, so that every event of the log is meant for this one.
    is_sole: bool,
    line: Option<Line>,
    /// The last event of this session.
    offset: Offset,
    /// The sessions, each of which heard what it heard.
    pub(crate) sessions: Vec<Session>,
    /// Calls seen and not yet written into the book.
    pub(crate) sights: Vec<Sight>,
    token: String,
    pub(crate) user: UserId,
}

/// A request and what became of it.
pub(crate) struct Asked {
    /// `None` as long as nothing came; after a crash, nothing will.
    pub(crate) answer: Option<Answer>,
    /// When the answer came.
    pub(crate) answered: Timestamp,
    pub(crate) request: Request,
    /// In which of the player's sessions it was asked.
    pub(crate) session: usize,
}

/// How a request was answered.
#[derive(Clone)]
pub(crate) enum Answer {
    Problem(Problem),
    Reply(Reply),
}

impl Answer {
    /// Whether what was asked may have been done, or may never be: no promise either way.
    pub(crate) fn leaves_doubt(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.retryable,
            Self::Reply(_) => false,
        }
    }
}

/// An event as it was heard first.
pub(crate) struct Heard {
    pub(crate) at: Timestamp,
    pub(crate) body: EventBody,
    /// Which of the player's sessions heard it.
    pub(crate) session: usize,
}

/// A connection that was welcomed.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// When everything missed had been heard.
    pub(crate) caught_up: Timestamp,
    /// The first request that was asked in it.
    pub(crate) first: usize,
}

/// Something that was said of a call.
pub(crate) enum Sight {
    Part(Happening),
    Whole(CallView),
}

impl Player {
    /// A user with one device.
    pub(crate) fn new(user: UserId) -> Self {
        Self::with_device(user, "phone")
    }

    /// One of several devices of a user.
    pub(crate) fn one_of(user: UserId, device: &str) -> Self {
        Self { is_sole: false, ..Self::with_device(user, device) }
    }

    fn with_device(user: UserId, device: &str) -> Self {
        Self {
            asked: Vec::new(),
            device: DeviceId::new(device).expect("a word is a device id"),
            epoch: None,
            faults: Vec::new(),
            heard: BTreeMap::new(),
            is_gapless: true,
            is_sole: true,
            line: None,
            offset: Offset(0),
            sessions: Vec::new(),
            sights: Vec::new(),
            token: app::token(&user),
            user,
        }
    }

    /// The last event that was ever heard.
    fn newest(&self) -> Offset {
        self.heard.last_key_value().map_or(Offset(0), |(offset, _)| *offset)
    }

    /// Connects and resumes up to `back` events before the last one heard, so that the log is heard again and compared.
    pub(crate) async fn connect(&mut self, address: &str, back: u64) -> Result<()> {
        let newest = self.newest();
        let from = Offset(newest.0.saturating_sub(back));
        let mut welcome = self.say_hello(address, from).await?;
        if welcome.snapshot.is_some() && self.epoch.is_some() && from < newest {
            self.judge_reset(&welcome, from);
            welcome = self.say_hello(address, newest).await?;
        }
        self.offset = welcome.offset;
        if welcome.snapshot.is_some() && self.epoch.is_some() {
            self.judge_reset(&welcome, newest);
            self.is_gapless = false;
        }
        if self.epoch.is_some_and(|epoch| epoch != welcome.epoch) {
            self.fault(&format!("the epoch was {:?} and is {}", self.epoch, welcome.epoch));
        }
        self.epoch = Some(welcome.epoch);
        self.sessions.push(Session { caught_up: Timestamp::FAR_FUTURE, first: self.asked.len() });
        self.catch_up().await?;
        if self.offset < newest {
            self.fault(&format!("event {newest} was heard, but the log ends with {}", self.offset));
        }
        let caught_up = clock::date();
        if let Some(session) = self.sessions.last_mut() {
            session.caught_up = caught_up;
        }
        Ok(())
    }

    async fn say_hello(&mut self, address: &str, from: Offset) -> Result<Welcome> {
        let mut line = timeout(PATIENCE, Line::open(address)).await.context("no connection in time")??;
        let hello = Hello {
            app: Some(APP),
            device: self.device.clone(),
            name: Opaque::default(),
            platform: Platform::Linux,
            resume: self.epoch.map(|epoch| Resume { epoch, offset: from }),
            token: self.token.clone(),
            user: None,
        };
        line.say(&ClientFrame::Hello(hello)).await;
        let frame = timeout(PATIENCE, line.hear()).await.context("no welcome in time")??;
        self.line = Some(line);
        match frame {
            Some(ServerFrame::Welcome(welcome)) => Ok(welcome),
            other => bail!("no welcome but {}", other.map_or("the end".into(), |frame| frame.to_text())),
        }
    }

    /// A snapshot instead of the log is right only where the log is too long.
    fn judge_reset(&mut self, welcome: &Welcome, from: Offset) {
        if welcome.offset.0.saturating_sub(from.0) <= KEPT_EVENTS {
            let head = welcome.offset;
            self.fault(&format!("no resume from {from}, although the log ends with {head}"));
        }
    }

    /// Hears everything up to the end of the log: a heartbeat is answered after what was there when it came.
    pub(crate) async fn catch_up(&mut self) -> Result<()> {
        loop {
            let before = self.offset;
            self.beat().await;
            loop {
                let frame = timeout(PATIENCE, self.hear()).await.context("no heartbeat in time")??;
                match frame.context("the line is dead")? {
                    ServerFrame::Heartbeat(_) => break,
                    ServerFrame::Closing(_)
                    | ServerFrame::Event(_)
                    | ServerFrame::Problem(..)
                    | ServerFrame::Reply(..)
                    | ServerFrame::Room(_)
                    | ServerFrame::TokenWillExpire(_)
                    | ServerFrame::Welcome(_) => {}
                }
            }
            if self.offset == before {
                return Ok(());
            }
        }
    }

    /// Sends a request and returns its id; the answer is noted when it comes.
    pub(crate) async fn ask(&mut self, request: Request) -> usize {
        let id = self.asked.len();
        let session = self.sessions.len().saturating_sub(1);
        let answered = Timestamp::FAR_FUTURE;
        self.asked.push(Asked { answer: None, answered, request: request.clone(), session });
        self.say(&ClientFrame::Request(RequestId(id as u64), request)).await;
        id
    }

    /// Asks everything, a few at a time, waits for all answers, and returns the first id; the others follow it.
    pub(crate) async fn ask_all(&mut self, requests: Vec<Request>) -> Result<usize> {
        let first = self.asked.len();
        for batch in requests.chunks(WINDOW) {
            let begin = self.asked.len();
            for request in batch {
                self.ask(request.clone()).await;
            }
            while self.asked[begin..].iter().any(|asked| asked.answer.is_none()) {
                let frame = timeout(PATIENCE, self.hear()).await.context("no answer in time")??;
                frame.context("the line is dead")?;
            }
        }
        Ok(first)
    }

    /// Hears and notes until a point in time.
    pub(crate) async fn listen_until(&mut self, end: Instant) -> Result<()> {
        while let Ok(frame) = timeout_at(end, self.hear()).await {
            frame?.context("the line is dead")?;
        }
        Ok(())
    }

    /// The next frame, noted; `None` when the line is dead. May be dropped while it waits.
    pub(crate) async fn hear(&mut self) -> Result<Option<ServerFrame>> {
        let Some(line) = &mut self.line else { return Ok(None) };
        let frame = line.hear().await?;
        match &frame {
            None => self.line = None,
            Some(frame) => self.note(frame)?,
        }
        Ok(frame)
    }

    /// Whether the line was not seen to be dead.
    pub(crate) fn is_connected(&self) -> bool {
        self.line.is_some()
    }

    /// Gives the line up. What was asked over it may still be done.
    pub(crate) fn hang_up(&mut self) {
        self.line = None;
    }

    /// The requests of this session that were not answered yet.
    pub(crate) fn open_requests(&self) -> usize {
        let first = self.sessions.last().map_or(0, |session| session.first);
        self.asked[first..].iter().filter(|asked| asked.answer.is_none()).count()
    }

    /// Tells the server that this side lives.
    pub(crate) async fn beat(&mut self) {
        self.say(&ClientFrame::Heartbeat(Heartbeat { offset: self.offset })).await;
    }

    async fn say(&mut self, frame: &ClientFrame) {
        if let Some(line) = &mut self.line {
            line.say(frame).await; // A line that is dead is found so by who hears.
        }
    }

    fn note(&mut self, frame: &ServerFrame) -> Result<()> {
        match frame {
            ServerFrame::Event(event) => self.note_event(event),
            ServerFrame::Reply(id, reply) => {
                self.sights.extend(views_of(reply).iter().cloned().map(Sight::Whole));
                self.note_answer(*id, Answer::Reply(reply.clone()));
            }
            ServerFrame::Problem(Some(id), problem) => {
                self.sights.extend(problem.call.clone().map(Sight::Whole));
                self.note_answer(*id, Answer::Problem(problem.clone()));
            }
            ServerFrame::Closing(_) => self.hang_up(),
            ServerFrame::Problem(None, _) => {
                bail!("the server cannot read what was said: {}", frame.to_text())
            }
            ServerFrame::Heartbeat(_)
            | ServerFrame::Room(_)
            | ServerFrame::TokenWillExpire(_)
            | ServerFrame::Welcome(_) => {}
        }
        Ok(())
    }

    fn note_answer(&mut self, id: RequestId, answer: Answer) {
        let asked = usize::try_from(id.0).ok().and_then(|id| self.asked.get_mut(id));
        match asked {
            Some(asked @ Asked { answer: None, .. }) => {
                asked.answer = Some(answer);
                asked.answered = clock::date();
            }
            Some(_) => self.faults.push(Violation::doubled(format!("request {} was answered twice", id.0))),
            None => self.fault(&format!("an answer to request {}, which was never sent", id.0)),
        }
    }

    fn note_event(&mut self, event: &Event) {
        let is_next = !self.is_sole || event.offset == self.offset.next();
        if event.after != self.offset || !is_next {
            let Event { after, offset, .. } = event;
            self.fault(&format!("event {offset} after {after} came when {} was the last", self.offset));
        }
        self.offset = event.offset;
        let body = timeless(event.body.clone());
        if let Some(before) = self.heard.get(&event.offset) {
            if before.body != body {
                let (then, now) = (text(event, &before.body), text(event, &body));
                self.fault(&format!("an event was {then} before the crash and is {now} after it"));
            }
            return;
        }
        self.sights.push(match &body {
            EventBody::Canceled(part)
            | EventBody::Changed(part)
            | EventBody::Ended(part)
            | EventBody::Unanswered(part) => Sight::Part(part.clone()),
            EventBody::Created(whole) | EventBody::Invited(whole) | EventBody::Merged(whole) => {
                Sight::Whole(whole.clone())
            }
        });
        let session = self.sessions.len().saturating_sub(1);
        self.heard.insert(event.offset, Heard { at: clock::date(), body, session });
    }

    fn fault(&mut self, what: &str) {
        self.faults.push(Violation::lost(format!("{}: {what}", self.user.as_str())));
    }
}

/// The call in a reply.
pub(crate) fn view_of(reply: &Reply) -> Option<&CallView> {
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

/// Every call in a reply.
fn views_of(reply: &Reply) -> &[CallView] {
    match reply {
        Reply::Calls(page) => &page.calls,
        Reply::Answer(_)
        | Reply::Call(_)
        | Reply::Done
        | Reply::Invited(_)
        | Reply::PushKey(_)
        | Reply::Renewed(_)
        | Reply::Room(_)
        | Reply::RoomToken(_)
        | Reply::Users(_) => view_of(reply).map_or(&[], std::slice::from_ref),
    }
}

/// An event without what depends on the moment of its telling.
fn timeless(mut body: EventBody) -> EventBody {
    match &mut body {
        EventBody::Created(view) | EventBody::Invited(view) | EventBody::Merged(view) => {
            view.age_ms = 0;
            view.remaining_ms = 0;
            view.ignored = false;
        }
        EventBody::Canceled(_) | EventBody::Changed(_) | EventBody::Ended(_) | EventBody::Unanswered(_) => {}
    }
    body
}

fn text(event: &Event, body: &EventBody) -> String {
    ServerFrame::Event(Event { after: event.after, body: body.clone(), offset: event.offset }).to_text()
}
