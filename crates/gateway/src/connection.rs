//! One session: its socket, its machine and its place in the hub, driven by one task.
//!
//! The task holds no channel. Hints and orders reach it through its [`Seat`], work for the handler is one boxed future at
//! a time, and all frames that one waking produces leave in one write.
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Sink, StreamExt};
use offhook_auth::verify_login;
use offhook_session::{Input, Output, Page, Session};
use offhook_signaling::{ClientFrame, CloseCode, MAX_FRAME_BYTES, Problem, RenewToken, Reply};
use offhook_types::{Offset, Party, Timestamp};
use tokio::{
    net::TcpStream,
    time::{Instant, Sleep},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{Role, WebSocketConfig, frame::coding::CloseCode as WsCode},
    },
};

use crate::{
    Delivery, Handler, Opened,
    closing::{Ending, close_socket, fault},
    gateway::Shared,
    http::Handover,
    login::{self, Member},
    seat::{Order, Seat},
    work::{self, Done, Job},
};

/// Bytes read at once. More costs memory in every connection, less costs system calls for frames beyond it.
const READ_BUFFER: usize = 2048;

/// Frames collect up to here before a write is tried; beyond a page of events, so that a waking makes one write.
const WRITE_BUFFER: usize = 4 << 20;

/// By how much the timer may be early before it is moved on. Less moves it for frames that come thick, more wakes devices
/// in vain whose heartbeats come in time: the deadline of their silence moves on by 10 s with each.
const SLACK: Duration = Duration::from_secs(5);

/// How far in the future the timer is set when there is nothing to wait for.
const LONG: Duration = Duration::from_secs(24 * 3600);

pub(crate) type Socket = WebSocketStream<TcpStream>;
/// The settings of every session's socket. Public for the echo service that the Autobahn suite is run against.
#[must_use]
pub fn websocket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(MAX_FRAME_BYTES))
        .max_frame_size(Some(MAX_FRAME_BYTES))
}

pub(crate) struct Connection<H> {
    armed_for: Timestamp,
    ending: Option<Ending>,
    hinted: Offset,
    job: Option<Job>,
    logged_out: bool,
    member: Option<Box<Member>>,
    /// Given to the login, which needs it once.
    origin: Option<Box<str>>,
    seat: Arc<Seat>,
    seat_is_done: bool,
    session: Session,
    shared: Arc<Shared<H>>,
    socket: Socket,
    timer: Pin<Box<Sleep>>,
    unflushed: bool,
}

impl<H: Handler> Connection<H> {
    pub(crate) async fn new(shared: Arc<Shared<H>>, handover: Handover) -> Self {
        let Handover { origin, read_ahead, stream } = handover;
        let config = Some(websocket_config());
        let socket = WebSocketStream::from_partially_read(stream, read_ahead, Role::Server, config).await;
        let session = Session::new(shared.config.session.clone(), shared.clock.now());
        Self {
            armed_for: Timestamp::FAR_FUTURE,
            ending: None,
            hinted: Offset::default(),
            job: None,
            logged_out: false,
            member: None,
            origin,
            seat: shared.hub.enter(),
            seat_is_done: false,
            session,
            shared,
            socket,
            timer: Box::pin(tokio::time::sleep(LONG)),
            unflushed: false,
        }
    }

    /// Serves the session to its end.
    pub(crate) async fn run(mut self) {
        while self.ending.is_none() {
            let input = std::future::poll_fn(|cx| self.poll_input(cx)).await;
            self.handle(input);
        }
        Box::pin(self.end()).await;
    }

    /// The next thing that happened, whatever it is. Writing comes after all that may produce more to write.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        if !self.seat_is_done {
            self.seat.register(cx.waker());
            if let Some(input) = self.look_at_seat() {
                return Poll::Ready(input);
            }
        }
        if let Some(job) = &mut self.job
            && let Poll::Ready(done) = job.as_mut().poll(cx)
        {
            self.job = None;
            return Poll::Ready(self.done(done));
        }
        if self.session.is_reading()
            && let Poll::Ready(input) = self.poll_read(cx)
        {
            return Poll::Ready(input);
        }
        if self.unflushed
            && let Poll::Ready(result) = Pin::new(&mut self.socket).poll_flush(cx)
        {
            self.unflushed = false;
            return Poll::Ready(if result.is_ok() { Input::Written } else { Input::Disconnected });
        }
        self.poll_timer(cx)
    }

    fn look_at_seat(&mut self) -> Option<Input> {
        if let Some(order) = self.seat.ordered() {
            self.seat_is_done = true;
            return Some(match order {
                Order::Kicked => Input::Kicked,
                Order::Replaced => Input::Replaced,
                Order::Shutdown(reconnect_in) => Input::Shutdown(reconnect_in),
            });
        }
        let member = self.member.as_ref()?;
        if self.seat.take_recheck() && !self.shared.keys.load().still_valid(&member.grant) {
            return Some(Input::Revoked);
        }
        let head = self.seat.head();
        if head > self.hinted {
            self.hinted = head;
            return Some(Input::Hint(head));
        }
        if !self.session.takes_room_events() {
            return None;
        }
        let events = self.seat.take_mail()?;
        self.shared.metrics.room_events(&events);
        Some(Input::Room(events))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        let Poll::Ready(message) = self.socket.poll_next_unpin(cx) else { return Poll::Pending };
        Poll::Ready(match message {
            Some(Ok(Message::Text(text))) => Input::Frame(ClientFrame::parse(&text)),
            Some(Ok(Message::Binary(_) | Message::Frame(_))) => Input::Unreadable,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                // The answer to a ping has been queued by the socket.
                self.unflushed = true;
                Input::Pinged
            }
            Some(Ok(Message::Close(_))) => self.fail(Ending::Closing(WsCode::Normal)),
            Some(Err(error)) => match fault(&error) {
                Some(code) => self.fail(Ending::Failing(code)),
                None => Input::Disconnected,
            },
            None => Input::Disconnected,
        })
    }

    fn fail(&mut self, ending: Ending) -> Input {
        self.ending = Some(ending);
        Input::Disconnected
    }

    /// The timer is moved on when it would fire much too early, and else when it has: a frame among many costs nothing here.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        let Some(deadline) = self.session.poll_timeout() else { return Poll::Pending };
        loop {
            if deadline < self.armed_for || deadline.since(self.armed_for) >= SLACK {
                let wait = deadline.since(self.shared.clock.now());
                self.timer.as_mut().reset(Instant::now() + wait);
                self.armed_for = deadline;
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.armed_for = Timestamp::FAR_FUTURE;
            if deadline <= self.shared.clock.now() {
                return Poll::Ready(Input::Timeout);
            }
        }
    }

    /// Feeds the machine and does what it wants, until it waits for something outside.
    fn handle(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            for output in self.session.handle(self.shared.clock.now(), input) {
                match output {
                    Output::Close(code) => self.close(code),
                    Output::Execute(request) => {
                        self.begin(|shared, party| work::execute(shared, party, request))
                    }
                    Output::Fetch { after } => self.begin(|shared, party| work::fetch(shared, party, after)),
                    Output::LogOut => self.begin(work::log_out),
                    Output::Open(hello) => {
                        let (shared, seat) = (Arc::clone(&self.shared), Arc::clone(&self.seat));
                        self.job = Some(work::open(shared, seat, *hello, self.origin.take()));
                    }
                    Output::Ping => self.write(Message::Ping(Bytes::new())),
                    Output::Renew(RenewToken { token }) => next = Some(Input::Renewed(self.renew(&token))),
                    Output::Send(frame) => self.write(Message::text(frame.to_text())),
                }
            }
        }
        if self.session.is_closed() {
            self.ending.get_or_insert(Ending::Ended);
        }
    }

    fn write(&mut self, message: Message) {
        self.unflushed = true;
        // A socket that is gone says so at the next read or flush.
        let _ = Pin::new(&mut self.socket).start_send(message);
    }

    fn close(&mut self, code: CloseCode) {
        self.shared.metrics.closed(code);
        self.ending = Some(Ending::Closing(WsCode::Library(code.number())));
    }

    fn begin(&mut self, work: impl FnOnce(Arc<Shared<H>>, Arc<Party>) -> Job) {
        let member = self.member.as_ref().expect("an open session has a member");
        self.job = Some(work(Arc::clone(&self.shared), Arc::clone(&member.party)));
    }

    fn renew(&mut self, token: &str) -> Result<Timestamp, Problem> {
        let member = self.member.as_mut().expect("an open session has a member");
        let (keys, now) = (self.shared.keys.load(), self.shared.clock.now());
        let grant = verify_login(&keys, now, token, &member.grant.account)
            .map_err(|error| login::token_problem(&error))?;
        let expires = grant.expires;
        if expires > member.grant.expires {
            member.grant = grant;
        }
        Ok(expires)
    }

    fn done(&mut self, done: Done) -> Input {
        match done {
            Done::Events(Ok(Delivery::Behind)) => Input::Behind,
            Done::Events(Ok(Delivery::Events { events, through, more })) => {
                self.shared.metrics.events_delivered.fetch_add(events.len() as u64, Ordering::Relaxed);
                Input::Delivered(Page { events, more, through })
            }
            Done::Events(Err(_)) => Input::FetchFailed,
            Done::Executed(result) => Input::Executed(result),
            Done::LoggedOut => {
                self.logged_out = true;
                Input::Executed(Ok(Reply::Done))
            }
            Done::Opened(Ok((member, opened))) => self.opened(member, opened),
            Done::Opened(Err(problem)) => {
                self.shared.metrics.refused(&problem);
                Input::Refused(problem)
            }
        }
    }

    fn opened(&mut self, member: Box<Member>, opened: Opened) -> Input {
        self.shared.metrics.logins.fetch_add(1, Ordering::Relaxed);
        self.shared.metrics.sessions.up();
        tracing::info!(session = self.seat.id, app = member.grant.account.app.0, "session opened");
        let input = Input::Opened {
            epoch: opened.epoch,
            expires: member.grant.expires,
            offset: opened.offset,
            snapshot: opened.snapshot,
            user: member.grant.account.user.clone(),
        };
        self.member = Some(member);
        input
    }

    /// Closes the socket and takes the device's leave. Work that has begun is never dropped halfway.
    async fn end(mut self) {
        let ending = self.ending.unwrap_or(Ending::Ended);
        let (job, socket) = (self.job.take(), self.socket);
        let farewell = tokio::time::timeout(self.shared.config.close_timeout, close_socket(socket, ending));
        let leave = async {
            let (mut member, mut logged_out) = (self.member.take(), self.logged_out);
            if let Some(job) = job {
                match job.await {
                    Done::Events(_) | Done::Executed(_) | Done::Opened(Err(_)) => {}
                    Done::LoggedOut => logged_out = true,
                    Done::Opened(Ok((opened, _))) => {
                        self.shared.metrics.sessions.up();
                        member = Some(opened);
                    }
                }
            }
            self.shared.hub.leave_lobby(&self.seat);
            let Some(member) = member else { return };
            self.shared.metrics.sessions.down();
            tracing::info!(session = self.seat.id, "session closed");
            if logged_out {
                self.shared.hub.depart(&member.candidate);
            } else {
                login::depart(&self.shared, &member.candidate, &member.party).await;
            }
        };
        // A client that does not answer the close in time is cut off.
        let (_, ()) = tokio::join!(farewell, leave);
    }
}
