//! The one task that owns the machine of a client: carries its outputs out, and feeds it with what happens.
use std::{
    collections::{BTreeMap, VecDeque},
    future::poll_fn,
};

use offhook_client_core::{Client as Machine, Event, Handle, Input, Output, Token};
use offhook_signaling::{CallView, Reply, Request};
use offhook_types::CallId;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep_until,
};
#[cfg(feature = "media")]
use {crate::watchers::Watchers, offhook_signaling::RoomEvent, offhook_types::RoomId};

use crate::{
    Error, TokenError,
    clock::Clock,
    random::Random,
    socket::Socket,
    target::Target,
    token::{Asking, Source},
};

/// What the ends of a client ask of its task.
pub(crate) enum Command {
    /// Disconnect and end the task.
    Close(oneshot::Sender<()>),
    /// Tell what is known of calls; of one, or of all.
    Known(Option<CallId>, oneshot::Sender<Vec<CallView>>),
    /// Connect, if not connected or on the way.
    Reconnect,
    /// Send a request and tell its outcome.
    Request(Request, oneshot::Sender<Result<Reply, Error>>),
    /// A token that nobody asked for.
    Token(String),
    /// Tell what happens in a room here, instead of to the app.
    #[cfg(feature = "media")]
    Watch(RoomId, mpsc::Sender<RoomEvent>),
}

pub(crate) struct Driver {
    pub(crate) clock: Clock,
    /// Bounded: who asks too fast waits.
    pub(crate) commands: mpsc::Receiver<Command>,
    /// Bounded: while it is full, the socket is not read.
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) machine: Machine,
    pub(crate) random: Random,
    pub(crate) target: Target,
    pub(crate) tokens: Tokens,
    pub(crate) work: Work,
}

/// What is under way.
#[derive(Default)]
pub(crate) struct Work {
    last_handle: u64,
    /// The machine knows that the socket is not read.
    paused: bool,
    replies: BTreeMap<Handle, oneshot::Sender<Result<Reply, Error>>>,
    socket: Socket,
    /// Events that the channel has no room for. The outputs of one input at most: nothing is read while there are any.
    unsent: VecDeque<Event>,
    #[cfg(feature = "media")]
    watchers: Watchers,
}

/// Where tokens come from, and the question under way.
pub(crate) struct Tokens {
    asking: Option<Asking>,
    source: Source,
    /// A fixed token was handed out: there is no other.
    spent: bool,
}

impl Tokens {
    pub(crate) fn new(source: Source) -> Self {
        Self { asking: None, source, spent: false }
    }

    /// Asks for a token, in place of the question under way. A fixed token is there at once, or never.
    fn ask(&mut self) -> Option<Input> {
        match &self.source {
            Source::Ask(ask) => {
                self.asking = Some(ask());
                None
            }
            Source::Fixed(token) => Some(if std::mem::replace(&mut self.spent, true) {
                Input::TokenGone
            } else {
                Input::Token(Token(token.as_ref().into()))
            }),
        }
    }

    async fn answer(&mut self) -> Result<String, TokenError> {
        match &mut self.asking {
            Some(asking) => {
                let answer = asking.await;
                self.asking = None;
                answer
            }
            None => std::future::pending().await,
        }
    }
}

/// What the task waits for.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for one turn of the loop; a box would be paid per frame"
)]
enum Happened {
    Command(Option<Command>),
    /// The app took an event.
    Room,
    Socket(Input),
    Timeout,
    Token(Result<String, TokenError>),
}

impl Driver {
    /// Runs until the client is closed or its last end is dropped.
    pub(crate) async fn run(mut self) {
        self.feed(Input::Connect);
        let closed = loop {
            match self.wait().await {
                Happened::Command(None) => break None,
                Happened::Command(Some(Command::Close(closed))) => break Some(closed),
                Happened::Command(Some(command)) => self.command(command),
                Happened::Room => self.flush(),
                Happened::Socket(input) => self.feed(input),
                Happened::Timeout => self.feed(Input::Timeout),
                Happened::Token(Ok(token)) => self.feed(Input::Token(Token(token))),
                Happened::Token(Err(TokenError)) => self.feed(Input::TokenFailed),
            }
        };
        self.feed(Input::Disconnect);
        if closed.is_some_and(|closed| closed.send(()).is_err()) {
            tracing::debug!("who closed the client did not wait for it");
        }
    }

    async fn wait(&mut self) -> Happened {
        let Self { clock, commands, events, machine, tokens, work, .. } = self;
        let due = machine.poll_timeout().map(|at| clock.instant(at));
        let Work { socket, unsent, .. } = work;
        let is_full = !unsent.is_empty();
        tokio::select! {
            command = commands.recv() => Happened::Command(command),
            _ = events.reserve(), if is_full => Happened::Room,
            input = poll_fn(|context| socket.poll(context, !is_full)) => Happened::Socket(input),
            token = tokens.answer() => Happened::Token(token),
            () = async { match due {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            } } => Happened::Timeout,
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            // The loop has taken it.
            Command::Close(_) => {}
            Command::Known(call, reply) => {
                let calls = self.machine.calls().map(offhook_client_core::CallState::view);
                let calls = calls.filter(|view| call.is_none_or(|call| call == view.call));
                drop(reply.send(calls.cloned().collect()));
            }
            Command::Reconnect => {
                self.tokens.spent = false;
                self.feed(Input::Connect);
            }
            Command::Request(request, reply) => {
                self.work.last_handle += 1;
                let handle = Handle(self.work.last_handle);
                self.work.replies.insert(handle, reply);
                self.feed(Input::Request { handle, request });
            }
            Command::Token(token) => self.feed(Input::Token(Token(token))),
            #[cfg(feature = "media")]
            Command::Watch(room, events) => self.work.watchers.watch(room, events),
        }
    }

    /// Feeds the machine, and carries out what it wants, in order.
    fn feed(&mut self, input: Input) {
        let mut input = Some(input);
        while let Some(present) = input.take() {
            for output in self.machine.handle(self.clock.now(), self.random.next(), present) {
                match output {
                    Output::CloseSocket => self.work.socket.close(),
                    Output::Event(event) => self.happened(event),
                    Output::NeedToken => input = self.tokens.ask(),
                    Output::OpenSocket => self.work.socket = Socket::opening(self.target.clone()),
                    Output::Resolve { handle, result } => {
                        if let Some(reply) = self.work.replies.remove(&handle) {
                            // Whoever asked may have gone.
                            drop(reply.send(result.map_err(Error::from)));
                        }
                    }
                    Output::Send(frame) => self.work.socket.send(&frame),
                }
            }
        }
        self.flush();
    }

    /// Tells whoever an event is for.
    fn happened(&mut self, event: Event) {
        #[cfg(feature = "media")]
        let Some(event) = self.work.watchers.take(event) else { return };
        self.work.unsent.push_back(event);
    }

    /// Hands events to the app as far as there is room, and tells the machine whether the socket is read.
    fn flush(&mut self) {
        while let Some(event) = self.work.unsent.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(event)) => {
                    self.work.unsent.push_front(event);
                    break;
                }
                // The app does not want to know.
                Err(mpsc::error::TrySendError::Closed(_)) => self.work.unsent.clear(),
            }
        }
        let paused = !self.work.unsent.is_empty();
        if std::mem::replace(&mut self.work.paused, paused) != paused {
            let input = if paused { Input::Paused } else { Input::Resumed };
            let outputs = self.machine.handle(self.clock.now(), self.random.next(), input);
            debug_assert!(outputs.is_empty(), "a pause changes nothing but deadlines");
        }
    }
}
