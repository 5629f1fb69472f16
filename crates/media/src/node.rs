//! The node: starts the workers, places rooms on them, passes requests on.
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use mio::net::TcpListener;
use offhook_sfu::{
    Address, Answer, Candidate, Command, Config, Fact, Join, LeaveCause, Refusal, RoomEvent, RoomKey,
    RoomState,
};
use offhook_types::UserId;
use tokio::sync::oneshot;

use crate::{
    acceptor::{Acceptor, Stopper, listen},
    addresses::Addresses,
    config::{MediaConfig, MediaError, MediaRefusal},
    directory::Directory,
    mailbox::{Mailbox, Message},
    statistics::WorkerStatistics,
    udp::{self, UdpSocket},
    worker::{Common, Published, Seat, Worker},
};

/// The most workers that one node may have.
const MAX_WORKERS: usize = 1024;

/// Hears what happens in rooms. Called on media threads, in the order in which it happened within a room: it must not
/// block, as packets wait meanwhile.
pub trait Listener: Send + Sync {
    /// A device is to be told something.
    fn event(&self, to: &Address, event: RoomEvent);

    /// The node is to know something.
    fn fact(&self, fact: Fact);
}

/// Media rooms on sockets and threads of their own.
///
/// Dropped, it stops as [`MediaNode::stop`] does, without waiting for the threads.
pub struct MediaNode {
    candidates: Arc<[Candidate]>,
    directory: Arc<Directory>,
    draining: AtomicBool,
    max_load: f32,
    stopper: Option<Stopper>,
    threads: Vec<JoinHandle<()>>,
    workers: Vec<Contact>,
}

/// How a worker is reached.
struct Contact {
    mail: Arc<Mailbox>,
    published: Arc<Published>,
}

impl std::fmt::Debug for MediaNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaNode").field("workers", &self.workers.len()).finish_non_exhaustive()
    }
}

impl MediaNode {
    /// Opens the sockets and starts the threads.
    ///
    /// # Errors
    /// A socket, a thread or the interfaces' addresses could not be had; nothing is running then.
    #[expect(clippy::needless_pass_by_value, reason = "a node owns its configuration and its listener")]
    pub fn start(config: MediaConfig, listener: Arc<dyn Listener>) -> Result<Self, MediaError> {
        offhook_sfu::install_crypto();
        let count = match config.workers {
            0 => thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        let count = count.min(MAX_WORKERS);
        let Opened { udp, mut by_worker, tcp, listeners } = Opened::open(&config, count)?;
        let addresses = Addresses::new(&udp, &tcp, &config.announce)?;
        let directory = Arc::new(Directory::default());
        let candidates = Arc::clone(&addresses.candidates);

        let seats =
            (0..count).map(|_| Seat::new()).collect::<io::Result<Vec<_>>>().map_err(MediaError::Thread)?;
        let mailboxes: Arc<[_]> = seats.iter().map(|seat| Arc::clone(&seat.mail)).collect();
        let mut node = Self {
            candidates: Arc::clone(&candidates),
            directory: Arc::clone(&directory),
            draining: AtomicBool::new(false),
            max_load: config.max_load,
            stopper: None,
            threads: Vec::new(),
            workers: Vec::new(),
        };
        for (id, seat) in (0..).zip(seats) {
            let common = Common {
                addresses: addresses.clone(),
                config: Config {
                    candidates: Arc::clone(&candidates),
                    ice_lite: config.ice_lite.unwrap_or(!config.announce.is_empty()),
                    limits: config.limits.clone(),
                    seed: 0,
                    worker: id,
                },
                directory: Arc::clone(&directory),
                listener: Arc::clone(&listener),
            };
            let sockets = by_worker.remove(0);
            node.employ(id, seat, (sockets, common, Arc::clone(&mailboxes))).map_err(MediaError::Thread)?;
        }
        if !listeners.is_empty() {
            node.accept(listeners, addresses, mailboxes).map_err(MediaError::Thread)?;
        }
        tracing::info!(workers = count, addresses = candidates.len(), "media is served");
        Ok(node)
    }

    fn employ(
        &mut self,
        id: u16,
        seat: Seat,
        (sockets, common, mailboxes): (Vec<UdpSocket>, Common, Arc<[Arc<Mailbox>]>),
    ) -> io::Result<()> {
        let mail = Arc::clone(&seat.mail);
        let mut worker = Worker::new(seat, sockets, common, mailboxes)?;
        self.workers.push(Contact { mail, published: worker.published() });
        let thread = thread::Builder::new().name(format!("media-{id}")).spawn(move || worker.run())?;
        self.threads.push(thread);
        Ok(())
    }

    fn accept(
        &mut self,
        listeners: Vec<TcpListener>,
        addresses: Addresses,
        mailboxes: Arc<[Arc<Mailbox>]>,
    ) -> io::Result<()> {
        let (mut acceptor, stopper) = Acceptor::new(listeners, addresses, mailboxes)?;
        self.stopper = Some(stopper);
        self.threads.push(thread::Builder::new().name("media-tcp".to_owned()).spawn(move || acceptor.run())?);
        Ok(())
    }

    /// What clients are told: where we are reached, the preferred first.
    #[must_use]
    pub fn addresses(&self) -> Arc<[Candidate]> {
        Arc::clone(&self.candidates)
    }

    /// Lets a device into a room, which is made if need be on the worker with the least to do, or renews its stay.
    ///
    /// # Errors
    /// [`MediaRefusal::Busy`] for a new room while every worker does as much as it takes, and for any while the
    /// worker's queue is full; [`MediaRefusal::Stopped`] for a new room while the node drains; else what the room says.
    pub async fn join(&self, join: Join) -> Result<RoomState, MediaRefusal> {
        let draining = self.draining.load(Ordering::Acquire);
        let placement = self
            .directory
            .place(&join.address.room, |rooms| if draining { None } else { self.choose(rooms) })
            .ok_or(if draining { MediaRefusal::Stopped } else { MediaRefusal::Busy })?;
        let (reply, answer) = oneshot::channel();
        let worker = &self.workers[usize::from(placement.worker)];
        worker.mail.ask(Message::Join(join, placement, reply))?;
        answer.await.unwrap_or(Err(MediaRefusal::Stopped))
    }

    /// Carries out what a device in a room asks.
    ///
    /// # Errors
    /// [`MediaRefusal::Busy`] while the worker's queue is full; else what the room says.
    pub async fn command(&self, address: Address, command: Command) -> Result<Answer, MediaRefusal> {
        let worker = self.worker_of(&address.room).ok_or(Refusal::NotInRoom)?;
        let (reply, answer) = oneshot::channel();
        worker.mail.ask(Message::Command(address, command, reply))?;
        answer.await.unwrap_or(Err(MediaRefusal::Stopped))
    }

    /// A room as the app's back end sees it. Nobody in it notices.
    ///
    /// # Errors
    /// [`MediaRefusal::Busy`] while the worker's queue is full; [`Refusal::NotInRoom`] if there is no such room.
    pub async fn look(&self, room: &RoomKey) -> Result<RoomState, MediaRefusal> {
        let worker = self.worker_of(room).ok_or(Refusal::NotInRoom)?;
        let (reply, answer) = oneshot::channel();
        worker.mail.ask(Message::Look(room.clone(), reply))?;
        let seen = answer.await.map_err(|_| MediaRefusal::Stopped)?;
        seen.ok_or(MediaRefusal::Refused(Refusal::NotInRoom))
    }

    /// A device's signaling session came or went.
    pub fn signaling(&self, address: Address, present: bool) {
        if let Some(worker) = self.worker_of(&address.room) {
            worker.mail.notify(Message::Signaling(address, present));
        }
    }

    /// Puts a user out of a room.
    pub fn remove(&self, room: &RoomKey, user: &UserId, cause: LeaveCause) {
        if let Some(worker) = self.worker_of(room) {
            worker.mail.notify(Message::Remove(room.clone(), user.clone(), cause));
        }
    }

    /// Ends a room.
    pub fn close(&self, room: &RoomKey, cause: LeaveCause) {
        if let Some(worker) = self.worker_of(room) {
            worker.mail.notify(Message::Close(room.clone(), cause));
        }
    }

    /// What each worker counts; at most a tenth of a second old while it has something to do.
    #[must_use]
    pub fn statistics(&self) -> Vec<WorkerStatistics> {
        self.workers.iter().map(|worker| worker.published.read()).collect()
    }

    /// Takes no new rooms and waits until the last one has ended, at most for `limit`. Whether all have ended.
    /// Rooms that exist take joins meanwhile.
    pub async fn drain(&self, limit: Duration) -> bool {
        self.draining.store(true, Ordering::Release);
        tokio::time::timeout(limit, self.directory.emptied()).await.is_ok()
    }

    /// Ends every room with [`LeaveCause::Shutdown`], sends what there is to send, and ends the threads.
    pub async fn stop(mut self) {
        self.tell_to_stop();
        let threads = std::mem::take(&mut self.threads);
        let joined = tokio::task::spawn_blocking(move || {
            threads.into_iter().map(JoinHandle::join).filter(Result::is_err).count()
        });
        if joined.await.is_ok_and(|failed| failed > 0) {
            tracing::error!("a media thread had failed");
        }
    }

    fn tell_to_stop(&self) {
        self.draining.store(true, Ordering::Release);
        for worker in &self.workers {
            worker.mail.notify(Message::Stop);
        }
        if let Some(stopper) = &self.stopper {
            stopper.stop();
        }
    }

    fn worker_of(&self, room: &RoomKey) -> Option<&Contact> {
        self.directory.worker_of(room).map(|worker| &self.workers[usize::from(worker)])
    }

    /// The worker for a new room: with the least to do; among those about equal, with the fewest rooms, as a new room's
    /// load shows only later. `None` if all have enough.
    fn choose(&self, rooms: &HashMap<u16, usize>) -> Option<u16> {
        let loads = self.workers.iter().map(|worker| worker.published.read().load);
        let free = (0..).zip(loads).filter(|(_, load)| *load < self.max_load);
        free.min_by_key(|(worker, load)| (twentieths(*load), rooms.get(worker).copied().unwrap_or(0)))
            .map(|(worker, _)| worker)
    }
}

/// A load in steps of a twentieth of a core: smaller differences are noise.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a load is between 0 and a few")]
fn twentieths(load: f32) -> u32 {
    (load * 20.0) as u32
}

impl Drop for MediaNode {
    fn drop(&mut self) {
        self.tell_to_stop();
    }
}

/// The sockets of a node.
struct Opened {
    /// For each worker, one at each UDP address.
    by_worker: Vec<Vec<UdpSocket>>,
    listeners: Vec<TcpListener>,
    tcp: Vec<SocketAddr>,
    udp: Vec<SocketAddr>,
}

impl Opened {
    fn open(config: &MediaConfig, workers: usize) -> Result<Self, MediaError> {
        let mut opened = Self {
            by_worker: (0..workers).map(|_| Vec::new()).collect(),
            listeners: Vec::new(),
            tcp: Vec::new(),
            udp: Vec::new(),
        };
        for &address in &config.udp {
            opened.udp_at(address).map_err(|source| MediaError::Bind {
                address,
                source,
                transport: "udp",
            })?;
        }
        for &address in &config.tcp {
            opened.tcp_at(address).map_err(|source| MediaError::Bind {
                address,
                source,
                transport: "tcp",
            })?;
        }
        Ok(opened)
    }

    fn udp_at(&mut self, address: SocketAddr) -> io::Result<()> {
        let sockets = udp::bind(address, self.by_worker.len())?;
        self.udp.push(sockets[0].local_addr()?);
        for (all, socket) in self.by_worker.iter_mut().zip(sockets) {
            all.push(socket);
        }
        Ok(())
    }

    fn tcp_at(&mut self, address: SocketAddr) -> io::Result<()> {
        let listener = listen(address)?;
        self.tcp.push(listener.local_addr()?);
        self.listeners.push(listener);
        Ok(())
    }
}
