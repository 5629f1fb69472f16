//! The server's work: what sessions ask of call-control, and what time asks of it. Each piece goes as far as the store
//! lets it, and on at its own time, so that pieces overtake each other.
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use offhook_call_control::{Delivered, Departure, Entered, Entry, Parcel};
use offhook_push::Verdict;
use offhook_session::{Input, Page};
use offhook_signaling::{Code, Hello, Problem, Reply, Request};
use offhook_types::{Offset, Party, Timestamp};

use super::Control;
use crate::{
    queue::{ConnectionId, DeviceIndex, JobId, Order, What},
    simulation::Simulation,
    token,
};

/// How many events a session reads at once; few, so that pages end often.
const PAGE: usize = 8;

/// Work that was begun and is never dropped, unless the process dies.
pub(super) struct Job {
    began: Timestamp,
    connection: Option<ConnectionId>,
    future: Pin<Box<dyn Future<Output = Done>>>,
}

/// Work that is done.
pub(super) enum Done {
    Due,
    Events(Result<Delivered, Problem>),
    Executed(Result<Reply, Problem>),
    Https { device: DeviceIndex, request: Box<Request>, result: Result<Reply, Problem> },
    LoggedOut,
    Opened { entered: Result<Entered, Problem>, expires: Timestamp },
    Pushed,
    Recovered,
}

impl Simulation {
    pub(super) fn open(&mut self, id: ConnectionId, hello: Hello) {
        let Some(control) = self.server.control.clone() else { return };
        let verified = token::verify(&hello.token, &hello.device, self.now);
        let Ok((party, expires)) = verified else {
            let problem = Problem::new(Code::TokenExpired, "the token is over; bring a new one");
            let refused = Done::Opened { entered: Err(problem), expires: self.now };
            return self.begin(Some(id), Box::pin(async move { refused }));
        };
        self.server.hub.register(&party, id);
        if let Some(connection) = self.server.connections.get_mut(&id) {
            connection.party = Some(party.clone());
        }
        let entry = Entry { name: hello.name, party, resume: hello.resume };
        self.begin(
            Some(id),
            Box::pin(async move { Done::Opened { entered: control.enter(entry).await, expires } }),
        );
    }

    pub(super) fn renew(&self, id: ConnectionId, text: &str) -> Result<Timestamp, Problem> {
        let refuse = || Problem::new(Code::TokenInvalid, "the token is not valid");
        let party = self.server.connections.get(&id).and_then(|connection| connection.party.as_ref());
        let device = party.and_then(|party| party.device.clone()).ok_or_else(refuse)?;
        token::verify(text, &device, self.now).map(|(_, expires)| expires).map_err(|()| refuse())
    }

    pub(super) fn execute(&mut self, id: ConnectionId, request: Request) {
        let Some((control, party)) = self.at_work(id) else { return };
        self.begin(Some(id), Box::pin(async move { Done::Executed(control.execute(&party, request).await) }));
    }

    pub(super) fn fetch(&mut self, id: ConnectionId, after: Offset) {
        let Some((control, party)) = self.at_work(id) else { return };
        self.begin(
            Some(id),
            Box::pin(async move { Done::Events(control.events(&party, after, PAGE).await) }),
        );
    }

    pub(super) fn log_out(&mut self, id: ConnectionId) {
        let Some((control, party)) = self.at_work(id) else { return };
        let now = self.now;
        self.stage.ledger(|ledger| ledger.attendance.left(&party, now, Duration::ZERO));
        self.begin(
            Some(id),
            Box::pin(async move {
                control.leave(&party, Departure::LoggedOut).await;
                Done::LoggedOut
            }),
        );
    }

    fn at_work(&self, id: ConnectionId) -> Option<(Arc<Control>, Party)> {
        let party = self.server.connections.get(&id)?.party.clone()?;
        Some((self.server.control.clone()?, party))
    }

    /// A request without a connection, with the credential of a push.
    pub(crate) fn https(&mut self, device: DeviceIndex, request: Box<Request>) {
        let Some(control) = self.server.control.clone() else { return };
        let party = self.devices[device].party.clone();
        self.begin(
            None,
            Box::pin(async move {
                let asked = Request::clone(&request);
                if let Request::Acknowledge(acknowledge) = &asked {
                    control.woken(&party, acknowledge.call).await;
                }
                let result = control.execute(&party, asked).await;
                Done::Https { device, request, result }
            }),
        );
    }

    /// A vendor's answer.
    pub(crate) fn tell_verdict(&mut self, parcel: Parcel, verdict: Verdict) {
        let Some(control) = self.server.control.clone() else { return };
        self.begin(
            None,
            Box::pin(async move {
                control.pushed(parcel, Ok(verdict)).await;
                Done::Pushed
            }),
        );
    }

    /// Begins a piece of work. Its first step comes right after what is going on.
    pub(super) fn begin(
        &mut self,
        connection: Option<ConnectionId>,
        future: Pin<Box<dyn Future<Output = Done>>>,
    ) {
        let job = self.server.id();
        if let Some(connection) = connection.and_then(|id| self.server.connections.get_mut(&id)) {
            connection.is_working = true;
        }
        self.server.jobs.insert(job, Job { began: self.now, connection, future });
        self.queue.plan(self.now, What::JobStep(job));
    }

    /// Takes a piece of work as far as it goes.
    pub(crate) fn job_step(&mut self, id: JobId) {
        let Some(mut job) = self.server.jobs.remove(&id) else { return };
        let polled = job.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Pending => {
                let at = self.stage.take_wanted().expect("work waits for nothing but the store");
                self.queue.plan(at, What::JobStep(id));
                self.server.jobs.insert(id, job);
            }
            Poll::Ready(done) => self.done(&job, done),
        }
        self.carry_on();
    }

    fn done(&mut self, job: &Job, done: Done) {
        let Some(id) = job.connection else { return self.server_is_done(job.began, done) };
        let Some(connection) = self.server.connections.get_mut(&id) else { return };
        connection.is_working = false;
        connection.job_began = job.began;
        let input = match done {
            Done::Events(Ok(Delivered::Behind)) => Input::Behind,
            Done::Events(Ok(Delivered::Events { events, more, through })) => {
                Input::Delivered(Page { events, more, through })
            }
            Done::Events(Err(_)) => Input::FetchFailed,
            Done::Executed(result) => Input::Executed(result),
            Done::LoggedOut => {
                connection.logged_out = true;
                Input::Executed(Ok(Reply::Done))
            }
            Done::Opened { entered, expires } => match self.opened(id, entered, expires) {
                Some(input) => input,
                None => return,
            },
            Done::Due | Done::Https { .. } | Done::Pushed | Done::Recovered => return,
        };
        let opens = matches!(input, Input::Opened { .. });
        self.tell_session(id, input);
        if opens {
            self.catch_up_hint(id);
        }
    }

    fn opened(
        &mut self,
        id: ConnectionId,
        entered: Result<Entered, Problem>,
        expires: Timestamp,
    ) -> Option<Input> {
        let connection = self.server.connections.get_mut(&id)?;
        let entered = match entered {
            Ok(entered) => entered,
            Err(problem) => {
                if let Some(party) = connection.party.take()
                    && self.server.hub.depart(&party, id)
                {
                    self.depart(&party, Departure::Lost);
                }
                return Some(Input::Refused(problem));
            }
        };
        connection.is_member = true;
        let party = connection.party.clone()?;
        let now = self.now;
        self.stage.ledger(|ledger| ledger.attendance.arrived(&party, now));
        for older in self.server.hub.admit(&party, id) {
            self.queue.plan(self.now, What::Order(older, Order::Replaced));
        }
        let Entered { epoch, offset, snapshot, .. } = entered;
        Some(Input::Opened { epoch, expires, offset, snapshot, user: party.account.user })
    }

    /// A hint that came while the session was being opened.
    fn catch_up_hint(&mut self, id: ConnectionId) {
        let Some(connection) = self.server.connections.get(&id) else { return };
        if connection.is_member && connection.chain.is_some_and(|sent| sent < connection.hinted) {
            let hinted = connection.hinted;
            self.tell_session(id, Input::Hint(hinted));
        }
    }

    fn server_is_done(&mut self, began: Timestamp, done: Done) {
        match done {
            Done::Due => {
                self.server.timer_runs = false;
                self.check_overdue();
            }
            Done::Recovered => {
                let (policies, is_sure) = (self.plan.policies.clone(), self.weather_is_fair());
                self.stage.ledger(|ledger| ledger.recovered(began, &policies, is_sure));
            }
            Done::Https { device, request, result } => {
                if let Ok(reply) = result {
                    self.https_answered(device, &request, &reply);
                }
            }
            Done::Events(_) | Done::Executed(_) | Done::LoggedOut | Done::Opened { .. } | Done::Pushed => {}
        }
    }

    /// Carries hints and sets the alarm, after call-control was at work.
    pub(super) fn carry_on(&mut self) {
        if self.office.is_some() {
            self.hand_over_pushes();
            self.watch_jobs();
        }
        for hint in self.stage.take_hints() {
            let sessions: Vec<ConnectionId> = self.server.hub.of(&hint.account).collect();
            for session in sessions {
                let at = self.now + Duration::from_millis(self.random.between(0, 2));
                self.queue.plan(at, What::Hint(session, hint.head));
            }
        }
        if let Some(alarm) = self.stage.take_alarm() {
            let at = alarm.max(self.now) + self.timer_lateness();
            if self.server.timer_at.is_none_or(|before| at < before) {
                self.server.timer_at = Some(at);
                self.queue.plan(at, What::ServerTimer);
            }
        }
    }

    /// The timer task stops oversleeping.
    pub(crate) fn wake_server(&mut self) {
        self.server.timer_at = Some(self.now);
        self.queue.plan(self.now, What::ServerTimer);
    }

    pub(crate) fn server_timer(&mut self) {
        let Some(control) = self.server.control.clone() else { return };
        if self.server.timer_at != Some(self.now) {
            return;
        }
        if self.server.timer_runs {
            // The timer task is still at work: it looks again when it is done.
            let at = self.now + Duration::from_millis(5);
            self.server.timer_at = Some(at);
            return self.queue.plan(at, What::ServerTimer);
        }
        self.server.timer_at = None;
        self.server.timer_runs = true;
        self.begin(
            None,
            Box::pin(async move {
                control.run_due().await;
                Done::Due
            }),
        );
    }
}
