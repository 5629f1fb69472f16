//! Takes TCP connections and finds out which worker each is for.
use std::{
    collections::{HashMap, VecDeque},
    io::{self, ErrorKind, Read as _, Write as _},
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use mio::{
    Events, Interest, Poll, Token, Waker,
    net::{TcpListener, TcpStream},
};
use offhook_sfu::Transport;
use socket2::{Domain, Protocol, Socket, Type};

use crate::{
    addresses::Addresses,
    clock,
    connection::{
        Accepted, CLIENT_HELLO_BEGIN, CLIENT_HELLO_BYTES, Frame, MAX_FRAME, Permit, SERVER_HELLO, next_frame,
    },
    mailbox::{Mailbox, Message},
};

/// How long a client may take to send its first frame. WebRTC clients send it at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many connections of strangers there may be, here and at the workers. Each costs a descriptor and some kilobytes.
pub(crate) const MAX_STRANGERS: usize = 512;

/// How many of them from one address: enough for a room that joins from behind one NAT.
const MAX_STRANGERS_OF_ONE: usize = 64;

const WAKER: Token = Token(usize::MAX);

/// Listens at an address.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?; // Or a restart would wait for the last connections of the one before.
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    Ok(TcpListener::from_std(socket.into()))
}

/// The thread that accepts.
pub(crate) struct Acceptor {
    addresses: Addresses,
    /// By address: how many wait here.
    crowd: HashMap<IpAddr, usize>,
    /// In the order of their coming, as all have the same patience. May name some that are gone.
    deadlines: VecDeque<(Instant, Token)>,
    listeners: Vec<TcpListener>,
    next_token: usize,
    poll: Poll,
    stopping: Arc<AtomicBool>,
    strangers: Arc<AtomicUsize>,
    waiting: HashMap<Token, Waiting>,
    workers: Arc<[Arc<Mailbox>]>,
}

/// A connection that has not said which worker it is for.
struct Waiting {
    bytes: Vec<u8>,
    destination: SocketAddr,
    permit: Permit,
    source: SocketAddr,
    stream: TcpStream,
    transport: Option<Transport>,
}

/// What is known of a connection.
enum Verdict {
    Broken,
    For(u16),
    Unclear,
}

/// Ends the acceptor.
#[derive(Debug)]
pub(crate) struct Stopper {
    stopping: Arc<AtomicBool>,
    waker: Waker,
}

impl Stopper {
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        let _ = self.waker.wake(); // It fails when the acceptor is gone.
    }
}

impl Acceptor {
    pub(crate) fn new(
        mut listeners: Vec<TcpListener>,
        addresses: Addresses,
        workers: Arc<[Arc<Mailbox>]>,
    ) -> io::Result<(Self, Stopper)> {
        let poll = Poll::new()?;
        for (index, listener) in listeners.iter_mut().enumerate() {
            poll.registry().register(listener, Token(index), Interest::READABLE)?;
        }
        let stopping = Arc::new(AtomicBool::new(false));
        let stopper = Stopper { stopping: Arc::clone(&stopping), waker: Waker::new(poll.registry(), WAKER)? };
        let next_token = listeners.len();
        let acceptor = Self {
            addresses,
            crowd: HashMap::new(),
            deadlines: VecDeque::new(),
            listeners,
            next_token,
            poll,
            stopping,
            strangers: Arc::default(),
            waiting: HashMap::new(),
            workers,
        };
        Ok((acceptor, stopper))
    }

    /// Accepts until stopped.
    pub(crate) fn run(&mut self) {
        let mut events = Events::with_capacity(256);
        while !self.stopping.load(Ordering::Acquire) {
            let now = clock::now();
            self.give_up(now);
            let wait = self.deadlines.front().map(|(at, _)| at.saturating_duration_since(now));
            if let Err(error) = self.poll.poll(&mut events, wait)
                && error.kind() != ErrorKind::Interrupted
            {
                tracing::error!(%error, "TCP connections for media are no longer accepted");
                return;
            }
            for event in &events {
                match event.token() {
                    WAKER => {}
                    Token(index) if index < self.listeners.len() => self.accept(index),
                    token => self.proceed(token),
                }
            }
        }
    }

    /// Closes those whose time is over.
    fn give_up(&mut self, now: Instant) {
        while let Some(&(at, token)) = self.deadlines.front()
            && at <= now
        {
            self.deadlines.pop_front();
            self.close(token);
        }
    }

    fn accept(&mut self, listener: usize) {
        loop {
            match self.listeners[listener].accept() {
                Ok((stream, source)) => self.admit(listener, stream, source),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // The client is gone again, or we are out of descriptors; the listener stays readable for the next.
                Err(error) => {
                    tracing::debug!(%error, "a TCP connection was not accepted");
                    if error.kind() != ErrorKind::ConnectionAborted && error.kind() != ErrorKind::Interrupted
                    {
                        return;
                    }
                }
            }
        }
    }

    /// Lets a connection wait, if there is room; else it is closed.
    fn admit(&mut self, listener: usize, mut stream: TcpStream, source: SocketAddr) {
        let Some(permit) = Permit::take(&self.strangers, MAX_STRANGERS) else { return };
        if self.crowd.get(&source.ip()).is_some_and(|count| *count >= MAX_STRANGERS_OF_ONE) {
            return;
        }
        let Ok(local) = stream.local_addr() else { return };
        let token = Token(self.next_token);
        self.next_token += 1;
        let _ = stream.set_nodelay(true); // Without it packets are late, and nothing else is wrong.
        if self.poll.registry().register(&mut stream, token, Interest::READABLE).is_err() {
            return;
        }
        *self.crowd.entry(source.ip()).or_default() += 1;
        let destination = self.addresses.of_connection(listener, local.ip());
        let waiting = Waiting { bytes: Vec::new(), destination, permit, source, stream, transport: None };
        self.waiting.insert(token, waiting);
        self.deadlines.push_back((clock::now() + PATIENCE, token));
    }

    /// Reads of a connection and gives it away if it is clear to whom.
    fn proceed(&mut self, token: Token) {
        let Some(waiting) = self.waiting.get_mut(&token) else { return };
        match waiting.read() {
            Verdict::Unclear => {}
            Verdict::Broken => self.close(token),
            Verdict::For(worker) => self.give(token, worker),
        }
    }

    fn give(&mut self, token: Token, worker: u16) {
        let Some(mut waiting) = self.leave(token) else { return };
        let Some(mailbox) = self.workers.get(usize::from(worker)) else { return };
        if self.poll.registry().deregister(&mut waiting.stream).is_err() {
            return;
        }
        let Waiting { bytes, destination, permit, source, stream, transport } = waiting;
        let transport = transport.unwrap_or(Transport::Tcp);
        mailbox.notify(Message::Connection(Accepted {
            bytes,
            destination,
            permit,
            source,
            stream,
            transport,
        }));
    }

    fn close(&mut self, token: Token) {
        if let Some(mut waiting) = self.leave(token) {
            let _ = self.poll.registry().deregister(&mut waiting.stream); // Closing it does the same.
        }
    }

    fn leave(&mut self, token: Token) -> Option<Waiting> {
        let waiting = self.waiting.remove(&token)?;
        let ip = waiting.source.ip();
        if let Some(count) = self.crowd.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                self.crowd.remove(&ip);
            }
        }
        Some(waiting)
    }
}

impl Waiting {
    /// Reads what is there and looks at it.
    fn read(&mut self) -> Verdict {
        let mut buffer = [0; CLIENT_HELLO_BYTES + 2 + MAX_FRAME];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Verdict::Broken,
                Ok(count) => {
                    self.bytes.extend_from_slice(&buffer[..count]);
                    match self.judge() {
                        Verdict::Unclear => {}
                        clear @ (Verdict::Broken | Verdict::For(_)) => return clear,
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Verdict::Unclear,
                Err(_) => return Verdict::Broken,
            }
        }
    }

    /// What the bytes so far say.
    fn judge(&mut self) -> Verdict {
        if self.transport.is_none() {
            let Some(&first) = self.bytes.first() else { return Verdict::Unclear };
            self.transport = if first != CLIENT_HELLO_BEGIN[0] {
                Some(Transport::Tcp)
            } else if self.bytes.len() < CLIENT_HELLO_BYTES {
                return Verdict::Unclear;
            } else if self.bytes.starts_with(&CLIENT_HELLO_BEGIN)
                && self.stream.write(&SERVER_HELLO).is_ok_and(|count| count == SERVER_HELLO.len())
            {
                self.bytes.drain(..CLIENT_HELLO_BYTES);
                Some(Transport::SslTcp)
            } else {
                return Verdict::Broken;
            };
        }
        match next_frame(&self.bytes) {
            Frame::Partial => Verdict::Unclear,
            Frame::TooLarge => Verdict::Broken,
            Frame::Whole(frame) => offhook_sfu::worker_of(frame).map_or(Verdict::Broken, Verdict::For),
        }
    }
}
