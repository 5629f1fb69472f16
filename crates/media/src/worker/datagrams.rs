//! The datagrams of one worker: which are its own, which are others', which are nobody's.
use std::{io::ErrorKind, net::SocketAddr, sync::Arc, time::Instant};

use offhook_sfu::{Datagram, Sfu, Transmit, Transport, worker_of};

use crate::{
    addresses::Addresses,
    gate::Gate,
    mailbox::{Mailbox, Message},
    routes::{Entrances, Routes},
    statistics::WorkerStatistics,
    udp::{Batch, Inbox, Outbox, RECEIVE_PLACES, Run, UdpSocket},
};

/// What a successful answer to an ICE check begins with (RFC 8489 5).
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];

/// Sockets, and who is behind them.
pub(super) struct Datagrams {
    addresses: Addresses,
    /// Checks that were handed over to us, and by whom.
    entrances: Entrances,
    gate: Gate,
    handed_over: u64,
    handover_dropped: u64,
    inbox: Inbox,
    mailboxes: Arc<[Arc<Mailbox>]>,
    outbox: Outbox,
    readable: Vec<bool>,
    received: u64,
    routes: Routes,
    sockets: Vec<UdpSocket>,
    /// To be handed over, by worker.
    strays: Vec<Batch>,
    unknown_dropped: u64,
    worker: u16,
}

impl Datagrams {
    pub(super) fn new(
        now: Instant,
        sockets: Vec<UdpSocket>,
        addresses: Addresses,
        (worker, mailboxes): (u16, Arc<[Arc<Mailbox>]>),
    ) -> Self {
        Self {
            addresses,
            entrances: Entrances::new(now),
            gate: Gate::new(now),
            handed_over: 0,
            handover_dropped: 0,
            inbox: Inbox::new(),
            outbox: Outbox::default(),
            readable: vec![false; sockets.len()],
            received: 0,
            routes: Routes::new(now),
            sockets,
            strays: mailboxes.iter().map(|_| Batch::new(worker)).collect(),
            mailboxes,
            unknown_dropped: 0,
            worker,
        }
    }

    pub(super) fn is_socket(&self, token: usize) -> bool {
        token < self.sockets.len()
    }

    pub(super) fn readable(&mut self, socket: usize) {
        self.readable[socket] = true;
    }

    /// Whether a socket may have more than one turn took.
    pub(super) fn has_more(&self) -> bool {
        self.readable.contains(&true)
    }

    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Takes one batch of each readable socket.
    pub(super) fn receive(&mut self, now: Instant, sfu: &mut Sfu) {
        for socket in 0..self.sockets.len() {
            if self.readable[socket] {
                self.receive_from(socket, now, sfu);
            }
        }
    }

    fn receive_from(&mut self, socket: usize, now: Instant, sfu: &mut Sfu) {
        let count = match self.sockets[socket].receive(&mut self.inbox) {
            Ok(count) => count,
            Err(error) => {
                // Another error is about a datagram that we sent, and the next receive has what there is.
                self.readable[socket] = error.kind() != ErrorKind::WouldBlock;
                return;
            }
        };
        self.readable[socket] = count == RECEIVE_PLACES;
        for datagram in self.inbox.datagrams(count) {
            self.received += 1;
            let Some(owner) = owner(now, (&mut self.routes, &mut self.gate), &datagram, self.mailboxes.len())
            else {
                self.unknown_dropped += 1;
                continue;
            };
            let destination = self.addresses.of_datagram(socket, datagram.arrived_at);
            let (contents, source) = (datagram.contents, datagram.source);
            if owner == self.worker {
                sfu.receive(now, Datagram { contents, destination, source, transport: Transport::Udp });
            } else {
                self.strays[usize::from(owner)].push(contents, destination, source);
            }
        }
        self.hand_over();
    }

    /// Gives others what is theirs; what they have no room for is dropped.
    fn hand_over(&mut self) {
        for (mailbox, stray) in self.mailboxes.iter().zip(&mut self.strays) {
            let count = stray.len() as u64;
            if count == 0 {
                continue;
            }
            if mailbox.hand_over(std::mem::replace(stray, Batch::new(self.worker))) {
                self.handed_over += count;
            } else {
                self.handover_dropped += count;
            }
        }
    }

    /// Takes what others received for us.
    pub(super) fn take_over(&mut self, now: Instant, batch: &Batch, sfu: &mut Sfu) {
        for (contents, destination, source) in batch.iter() {
            if worker_of(contents).is_some() {
                self.entrances.insert(now, source, batch.from);
            }
            sfu.receive(now, Datagram { contents, destination, source, transport: Transport::Udp });
        }
    }

    /// That worker has answered a check from the address.
    pub(super) fn learn(&mut self, now: Instant, address: SocketAddr, worker: u16) {
        self.routes.learn(now, address, worker);
    }

    /// Puts a datagram into the outbox.
    pub(super) fn send(&mut self, now: Instant, transmit: &Transmit) {
        if transmit.contents.starts_with(&BINDING_SUCCESS) {
            match self.entrances.find(&transmit.destination) {
                Some(entrance) if entrance != self.worker => {
                    let route = Message::Route(transmit.destination, self.worker);
                    self.mailboxes[usize::from(entrance)].notify(route);
                }
                Some(_) | None => self.routes.learn(now, transmit.destination, self.worker),
            }
        }
        if let Some((socket, from)) = self.addresses.way_out(transmit.source) {
            let run =
                Run { destination: transmit.destination, from, segment: transmit.contents.len(), socket };
            self.outbox.push(run, &transmit.contents, &self.sockets);
        } else {
            self.outbox.dropped += 1;
        }
    }

    /// Sends what waits in the outbox.
    pub(super) fn flush(&mut self) {
        self.outbox.flush(&self.sockets);
    }

    pub(super) fn tidy(&mut self, now: Instant) {
        self.routes.tidy(now);
        self.entrances.tidy(now);
    }

    /// Forgets what a failed turn left half done.
    pub(super) fn clear(&mut self) {
        self.outbox.clear();
        for stray in &mut self.strays {
            *stray = Batch::new(self.worker);
        }
        self.readable.fill(true); // An event may have been lost.
    }

    pub(super) fn count(&self, statistics: &mut WorkerStatistics) {
        statistics.handed_over = self.handed_over;
        statistics.handover_dropped = self.handover_dropped;
        statistics.received = self.received;
        statistics.send_calls = self.outbox.calls;
        statistics.send_dropped = self.outbox.dropped;
        statistics.sent = self.outbox.sent;
        statistics.unknown_dropped = self.unknown_dropped;
    }
}

/// The worker that a datagram is for; `None` for a datagram to drop. Whoever is known may send anything; of strangers
/// only ICE checks that name a worker are looked at, and for a moment what follows them, at a bounded rate.
fn owner(
    now: Instant,
    (routes, gate): (&mut Routes, &mut Gate),
    datagram: &crate::udp::Received<'_>,
    workers: usize,
) -> Option<u16> {
    let named = worker_of(datagram.contents).filter(|worker| usize::from(*worker) < workers);
    let known = routes.known(&datagram.source);
    if known.is_some() && (named.is_none() || named == known) {
        return known;
    }
    let worker = named.or_else(|| routes.claimed(&datagram.source))?;
    if !gate.admits(now, datagram.source.ip()) {
        return None;
    }
    if named.is_some() {
        routes.claim(now, datagram.source, worker);
    }
    Some(worker)
}
