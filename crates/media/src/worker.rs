//! One worker: a thread that drives a machine of its own.
mod connections;
mod datagrams;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    hash::{BuildHasher as _, RandomState},
    io::{self, ErrorKind},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use mio::{Events, Poll, Token, Waker};
use offhook_sfu::{Address, Config, Fact, LeaveCause, Output, RoomEvent, RoomKey, Sfu};

use self::{connections::Connections, datagrams::Datagrams};
use crate::{
    addresses::Addresses,
    clock,
    config::MediaRefusal,
    directory::Directory,
    load::{LoadMeter, SAMPLE_INTERVAL},
    mailbox::{Mailbox, Message},
    node::Listener,
    statistics::WorkerStatistics,
    udp::UdpSocket,
};

/// The token of the waker; sockets come before, connections between.
const WAKER: Token = Token(usize::MAX);

/// How long a worker with nothing but connections sleeps at most, so that their deadlines are kept.
const IDLE_TURN: Duration = Duration::from_secs(1);

/// What a worker shows of itself.
#[derive(Debug, Default)]
pub(crate) struct Published(Mutex<WorkerStatistics>);

impl Published {
    pub(crate) fn read(&self) -> WorkerStatistics {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, statistics: WorkerStatistics) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = statistics;
    }
}

/// What all workers share.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) addresses: Addresses,
    /// Of the machines; `seed` and `worker` are each worker's own.
    pub(crate) config: Config,
    pub(crate) directory: Arc<Directory>,
    pub(crate) listener: Arc<dyn Listener>,
}

/// The thread's state.
pub(crate) struct Worker {
    common: Common,
    connections: Connections,
    datagrams: Datagrams,
    load: LoadMeter,
    mail: Arc<Mailbox>,
    /// Who is in each room, to tell them should the machine fail.
    members: HashMap<RoomKey, BTreeSet<Address>>,
    /// Taken out of the mailbox, not carried out yet.
    messages: VecDeque<Message>,
    poll: Poll,
    published: Arc<Published>,
    sfu: Sfu,
    statistics: WorkerStatistics,
}

/// Whether the loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Next,
    Stop,
}

/// A worker's poll and mailbox, made before the workers so that each knows all.
pub(crate) struct Seat {
    pub(crate) mail: Arc<Mailbox>,
    poll: Poll,
}

impl Seat {
    pub(crate) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let mail = Arc::new(Mailbox::new(Waker::new(poll.registry(), WAKER)?));
        Ok(Self { mail, poll })
    }
}

impl Worker {
    pub(crate) fn new(
        seat: Seat,
        mut sockets: Vec<UdpSocket>,
        common: Common,
        mailboxes: Arc<[Arc<Mailbox>]>,
    ) -> io::Result<Self> {
        for (index, socket) in sockets.iter_mut().enumerate() {
            socket.register(seat.poll.registry(), Token(index))?;
        }
        let now = clock::now();
        let worker = common.config.worker;
        let connections = Connections::new(seat.poll.registry().try_clone()?, sockets.len());
        Ok(Self {
            connections,
            datagrams: Datagrams::new(now, sockets, common.addresses.clone(), (worker, mailboxes)),
            load: LoadMeter::new(now, Duration::ZERO),
            mail: seat.mail,
            members: HashMap::new(),
            messages: VecDeque::new(),
            poll: seat.poll,
            published: Arc::default(),
            sfu: machine(&common.config, now),
            statistics: WorkerStatistics { worker, ..WorkerStatistics::default() },
            common,
        })
    }

    pub(crate) fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published)
    }

    /// Serves until stopped. If the machine fails, its rooms end and the rest goes on with a new one.
    pub(crate) fn run(&mut self) {
        self.load = LoadMeter::new(clock::now(), clock::thread_cpu());
        while catch_unwind(AssertUnwindSafe(|| self.serve())).is_err() {
            tracing::error!(
                worker = self.statistics.worker,
                rooms = self.members.len(),
                "a media worker failed; its rooms end and it begins anew"
            );
            self.begin_anew();
        }
    }

    fn serve(&mut self) {
        let mut events = Events::with_capacity(1024);
        loop {
            let wait = self.wait().map(nap);
            if let Err(error) = self.poll.poll(&mut events, wait)
                && error.kind() != ErrorKind::Interrupted
            {
                panic!("a poll of our own making cannot fail: {error}");
            }
            for event in &events {
                match event.token() {
                    WAKER => {}
                    Token(socket) if self.datagrams.is_socket(socket) => self.datagrams.readable(socket),
                    token => self.connections.ready(token, event.is_writable()),
                }
            }
            let now = clock::now();
            if self.read_mail(now) == Turn::Stop {
                return self.leave(now);
            }
            self.datagrams.receive(now, &mut self.sfu);
            self.connections.receive(now, &mut self.sfu);
            self.drain(now);
            // What was received is on its way: what is due by now leaves at its own time.
            let now = clock::now();
            if self.sfu.poll_timeout().is_some_and(|due| due <= now) {
                self.sfu.handle_timeout(now);
                self.drain(now);
            }
            self.connections.write();
            self.tidy(now);
        }
    }

    /// How long to sleep; `None` for as long as nothing happens.
    fn wait(&self) -> Option<Duration> {
        if !self.messages.is_empty() || self.datagrams.has_more() || self.connections.has_more() {
            return Some(Duration::ZERO);
        }
        let sample = if self.is_active() {
            Some(SAMPLE_INTERVAL)
        } else {
            (!self.connections.is_empty()).then_some(IDLE_TURN)
        };
        let due = self.sfu.poll_timeout().map(|due| due.saturating_duration_since(clock::now()));
        due.into_iter().chain(sample).min()
    }

    /// Whether the published figures are about to change.
    fn is_active(&self) -> bool {
        self.statistics.load > 0.001 || self.datagrams.received() != self.statistics.received
    }

    fn read_mail(&mut self, now: Instant) -> Turn {
        if self.messages.is_empty() {
            self.mail.take(&mut self.messages);
        }
        while let Some(message) = self.messages.pop_front() {
            if self.carry_out(now, message) == Turn::Stop {
                return Turn::Stop;
            }
        }
        Turn::Next
    }

    fn carry_out(&mut self, now: Instant, message: Message) -> Turn {
        match message {
            Message::Close(room, cause) => self.sfu.close(now, &room, cause),
            Message::Command(address, command, reply) => {
                let result = self.sfu.command(now, &address, command);
                // Before the answer, which lets the device's session go on: an offer that has become void and waits there
                // is out of the way then, if another takes its place.
                self.drain(now);
                let _ = reply.send(result.map_err(MediaRefusal::Refused)); // Who asked may be gone.
            }
            Message::Connection(accepted) => self.connections.add(now, accepted, &mut self.sfu),
            Message::Datagrams(batch) => {
                self.datagrams.take_over(now, &batch, &mut self.sfu);
                return Turn::Next;
            }
            Message::Join(join, placement, reply) => {
                let result = self.sfu.join(now, join);
                if result.is_ok() {
                    placement.opened();
                }
                let _ = reply.send(result.map_err(MediaRefusal::Refused)); // Who asked may be gone.
            }
            Message::Look(room, reply) => {
                let _ = reply.send(self.sfu.look(&room)); // Who asked may be gone.
                return Turn::Next;
            }
            Message::Remove(room, user, cause) => self.sfu.remove(now, &room, &user, cause),
            Message::Route(address, worker) => self.datagrams.learn(now, address, worker),
            Message::Signaling(address, present) => self.sfu.signaling(now, &address, present),
            Message::Stop => return Turn::Stop,
        }
        self.drain(now);
        Turn::Next
    }

    /// Sends and tells everything that the machine has to send and to tell.
    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.sfu.poll_output() {
            match output {
                Output::Event(to, event) => self.common.listener.event(&to, event),
                Output::Fact(fact) => self.note(fact),
                Output::Transmit(transmit) => match transmit.transport {
                    offhook_sfu::Transport::Udp => self.datagrams.send(now, &transmit),
                    offhook_sfu::Transport::SslTcp | offhook_sfu::Transport::Tcp => {
                        self.connections.send(now, &transmit);
                    }
                },
            }
        }
        self.datagrams.flush();
    }

    /// Keeps the books, then passes the fact on.
    fn note(&mut self, fact: Fact) {
        match &fact {
            Fact::Closed { room, .. } => {
                self.members.remove(room);
                let room = room.clone();
                self.common.listener.fact(fact);
                // Only now may another worker have the room: facts about it come in order.
                return self.common.directory.closed(&room);
            }
            Fact::Joined(address) => {
                self.members.entry(address.room.clone()).or_default().insert(address.clone());
            }
            Fact::Left(address, _) => {
                if let Some(members) = self.members.get_mut(&address.room) {
                    members.remove(address);
                }
            }
            Fact::Presence(..) => {}
        }
        self.common.listener.fact(fact);
    }

    /// What need not be done for each packet.
    fn tidy(&mut self, now: Instant) {
        if !self.load.is_due(now) {
            return;
        }
        self.datagrams.tidy(now);
        self.connections.tidy(now);
        self.statistics.load = self.load.sample(now, clock::thread_cpu());
        self.publish();
    }

    fn publish(&mut self) {
        self.datagrams.count(&mut self.statistics);
        self.connections.count(&mut self.statistics);
        self.statistics.sfu = self.sfu.statistics();
        self.published.write(self.statistics);
    }

    /// Ends every room and sends what there is to send.
    fn leave(&mut self, now: Instant) {
        let rooms: Vec<_> = self.members.keys().cloned().collect();
        for room in rooms {
            self.sfu.close(now, &room, LeaveCause::Shutdown);
        }
        self.drain(now);
        self.connections.write();
        self.publish();
    }

    /// A new machine for the one that failed. Whoever was in a room is out of it; their connections are closed.
    fn begin_anew(&mut self) {
        let now = clock::now();
        self.sfu = machine(&self.common.config, now);
        self.statistics.restarts += 1;
        self.connections.clear();
        self.datagrams.clear();
        for (room, members) in std::mem::take(&mut self.members) {
            let listener = &self.common.listener;
            // The listener may be what failed.
            let told = catch_unwind(AssertUnwindSafe(|| {
                for member in members {
                    listener.event(&member, RoomEvent::Left(LeaveCause::Lost));
                    listener.fact(Fact::Left(member, LeaveCause::Lost));
                }
                listener.fact(Fact::Closed { room: room.clone(), usage: Vec::new() });
            }));
            self.common.directory.closed(&room);
            if told.is_err() {
                tracing::error!("the end of a room could not be told");
            }
        }
        self.publish();
    }
}

/// Sleeps if there is less than a millisecond to wait, and gives back what is left for the poll, in whole milliseconds: the
/// poll knows nothing finer and would come late, and bursts that find out what a network bears would come out as
/// trickles. Datagrams wait meanwhile, and are taken together.
fn nap(wait: Duration) -> Duration {
    let whole = Duration::from_millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    if whole.is_zero() && !wait.is_zero() {
        std::thread::sleep(wait);
    }
    whole
}

/// A machine with a seed of its own.
fn machine(config: &Config, now: Instant) -> Sfu {
    Sfu::new(Config { seed: RandomState::new().hash_one(config.worker), ..config.clone() }, now)
}
