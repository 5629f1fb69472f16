//! The TCP connections of one worker.
use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    time::{Duration, Instant},
};

use mio::{Interest, Registry, Token};
use offhook_sfu::{Datagram, Sfu, Transmit};

use crate::{
    connection::{Accepted, Connection, Reading},
    statistics::WorkerStatistics,
};

/// How long a connection may go without an answered ICE check at first.
const STRANGER_LIFE: Duration = Duration::from_secs(10);

/// How long a connection may be silent. Clients check every few seconds; consent ends after 30 s (RFC 7675).
const SILENCE: Duration = Duration::from_secs(40);

/// What a successful answer to an ICE check begins with (RFC 8489 5).
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];

/// Connections by token, and by who is at their other end.
pub(super) struct Connections {
    buffer: Vec<u8>,
    by_address: HashMap<(SocketAddr, SocketAddr), Token>,
    by_token: HashMap<Token, Connection>,
    dropped: u64,
    next_token: usize,
    /// With something to read.
    readable: BTreeSet<Token>,
    registry: Registry,
    /// With something to write, that the other side may take.
    writable: BTreeSet<Token>,
}

impl Connections {
    /// No connection yet; tokens begin at `first_token`.
    pub(super) fn new(registry: Registry, first_token: usize) -> Self {
        Self {
            buffer: vec![0; 32 * 1024],
            by_address: HashMap::new(),
            by_token: HashMap::new(),
            dropped: 0,
            next_token: first_token,
            readable: BTreeSet::new(),
            registry,
            writable: BTreeSet::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_token.is_empty()
    }

    /// Whether a connection may have more than one turn took.
    pub(super) fn has_more(&self) -> bool {
        !self.readable.is_empty()
    }

    /// The poll says that there is something to do.
    pub(super) fn ready(&mut self, token: Token, writable: bool) {
        self.readable.insert(token);
        if writable {
            self.writable.insert(token);
        }
    }

    /// A new connection, and what it has sent already.
    pub(super) fn add(&mut self, now: Instant, accepted: Accepted, sfu: &mut Sfu) {
        let mut connection = Connection::new(accepted, now + STRANGER_LIFE);
        let token = Token(self.next_token);
        self.next_token += 1;
        let interest = Interest::READABLE | Interest::WRITABLE;
        if self.registry.register(&mut connection.stream, token, interest).is_err() {
            return;
        }
        let address = (connection.destination, connection.source);
        if let Some(older) = self.by_address.insert(address, token) {
            self.close(older);
        }
        self.by_address.insert(address, token);
        self.by_token.insert(token, connection);
        self.feed(now, token, sfu);
    }

    /// Takes one buffer of each readable connection.
    pub(super) fn receive(&mut self, now: Instant, sfu: &mut Sfu) {
        for token in std::mem::take(&mut self.readable) {
            let Some(connection) = self.by_token.get_mut(&token) else { continue };
            let reading = connection.read(&mut self.buffer);
            self.feed(now, token, sfu);
            match reading {
                Reading::Over => self.close(token),
                Reading::Waiting => {}
                Reading::Yielded => {
                    self.readable.insert(token);
                }
            }
        }
    }

    /// Gives the machine every whole frame of a connection.
    fn feed(&mut self, now: Instant, token: Token, sfu: &mut Sfu) {
        let Some(connection) = self.by_token.get_mut(&token) else { return };
        let (destination, source, transport) =
            (connection.destination, connection.source, connection.transport);
        if connection.stranger.is_none() {
            connection.deadline = now + SILENCE;
        }
        let holds = connection
            .frames(|contents| sfu.receive(now, Datagram { contents, destination, source, transport }));
        if !holds {
            self.close(token);
        }
    }

    /// Puts a packet in line.
    pub(super) fn send(&mut self, now: Instant, transmit: &Transmit) {
        let token = self.by_address.get(&(transmit.source, transmit.destination));
        let connection = token.and_then(|token| Some((token, self.by_token.get_mut(token)?)));
        let Some((&token, connection)) = connection else {
            self.dropped += 1;
            return;
        };
        if transmit.contents.starts_with(&BINDING_SUCCESS) && connection.stranger.take().is_some() {
            connection.deadline = now + SILENCE;
        }
        if connection.push(&transmit.contents) {
            self.writable.insert(token);
        } else {
            self.dropped += 1;
        }
    }

    /// Writes what waits and is taken.
    pub(super) fn write(&mut self) {
        for token in std::mem::take(&mut self.writable) {
            let written = self.by_token.get_mut(&token).map(Connection::write);
            if written.is_some_and(|written| written.is_err()) {
                self.close(token);
            }
        }
    }

    /// Closes those whose time is over.
    pub(super) fn tidy(&mut self, now: Instant) {
        let over: Vec<_> =
            self.by_token.iter().filter(|(_, one)| one.deadline <= now).map(|(token, _)| *token).collect();
        for token in over {
            self.close(token);
        }
    }

    pub(super) fn clear(&mut self) {
        let all: Vec<_> = self.by_token.keys().copied().collect();
        for token in all {
            self.close(token);
        }
    }

    pub(super) fn count(&self, statistics: &mut WorkerStatistics) {
        statistics.connections = u32::try_from(self.by_token.len()).unwrap_or(u32::MAX);
        statistics.send_dropped += self.dropped;
    }

    fn close(&mut self, token: Token) {
        let Some(mut connection) = self.by_token.remove(&token) else { return };
        let address = (connection.destination, connection.source);
        if self.by_address.get(&address) == Some(&token) {
            self.by_address.remove(&address);
        }
        let _ = self.registry.deregister(&mut connection.stream); // Closing it does the same.
    }
}
