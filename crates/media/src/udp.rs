//! Datagrams in and out, many to a system call.
use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr},
    os::fd::AsFd as _,
};

use mio::{Interest, Registry, Token};
use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use rustix::net::sockopt;
use socket2::{Domain, Protocol, Socket, Type};

/// What a socket's buffers hold: a fifth of a second of a full worker. Less loses packets when a thread is late; more
/// delivers them too late.
const BUFFER_BYTES: usize = 8 << 20;

/// How many places one receive fills. What they bring is forwarded before the clock is read again, and every packet of it
/// bears one time of departure: with more, the receivers' reports look like a network that trembles, and estimates sink;
/// fewer cost system calls.
pub(crate) const RECEIVE_PLACES: usize = 8;

/// What one of them may hold: the kernel joins datagrams of one sender up to this (GRO).
const RECEIVE_BYTES: usize = 1 << 16;

/// What one send may carry (GSO): the largest datagram there is, with room for headers.
const SEND_BYTES: usize = 65_000;

/// Datagrams that go from one worker to another.
#[derive(Debug)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// Where each ends, the told address that it came to, and where it came from.
    entries: Vec<(usize, SocketAddr, SocketAddr)>,
    /// The worker whose socket they came to.
    pub(crate) from: u16,
}

impl Batch {
    pub(crate) fn new(from: u16) -> Self {
        Self { bytes: Vec::new(), entries: Vec::new(), from }
    }

    pub(crate) fn push(&mut self, contents: &[u8], destination: SocketAddr, source: SocketAddr) {
        self.bytes.extend_from_slice(contents);
        self.entries.push((self.bytes.len(), destination, source));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Each datagram: its bytes, the told address that it came to, and where it came from.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], SocketAddr, SocketAddr)> {
        let mut begin = 0;
        self.entries.iter().map(move |&(end, destination, source)| {
            let contents = &self.bytes[begin..end];
            begin = end;
            (contents, destination, source)
        })
    }
}

/// A worker's socket at one of the node's addresses.
#[derive(Debug)]
pub(crate) struct UdpSocket {
    socket: mio::net::UdpSocket,
    state: UdpSocketState,
}

/// Opens a socket for each worker at one address; the kernel spreads senders over them. The first is opened as the
/// only one, so that two nodes never share a port by mistake.
pub(crate) fn bind(address: SocketAddr, workers: usize) -> io::Result<Vec<UdpSocket>> {
    let first = open(address)?;
    first.bind(&address.into())?;
    let address = first.local_addr()?.as_socket().expect("an internet address");
    first.set_reuse_port(true)?;
    let mut sockets = vec![UdpSocket::new(first)?];
    for _ in 1..workers {
        let socket = open(address)?;
        socket.set_reuse_port(true)?;
        socket.bind(&address.into())?;
        sockets.push(UdpSocket::new(socket)?);
    }
    Ok(sockets)
}

fn open(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // With the right to, beyond what the machine permits (`net.core.rmem_max`); else as much as it permits.
    if sockopt::set_socket_recv_buffer_size_force(socket.as_fd(), BUFFER_BYTES).is_err() {
        socket.set_recv_buffer_size(BUFFER_BYTES)?;
    }
    if sockopt::set_socket_send_buffer_size_force(socket.as_fd(), BUFFER_BYTES).is_err() {
        socket.set_send_buffer_size(BUFFER_BYTES)?;
    }
    Ok(socket)
}

impl UdpSocket {
    fn new(socket: Socket) -> io::Result<Self> {
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self { socket: mio::net::UdpSocket::from_std(socket.into()), state })
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.socket, token, Interest::READABLE)
    }

    /// Receives what is there, up to what `inbox` holds; how many of its places are filled.
    pub(crate) fn receive(&self, inbox: &mut Inbox) -> io::Result<usize> {
        let mut places = inbox.bytes.chunks_exact_mut(RECEIVE_BYTES);
        let mut slices: [IoSliceMut<'_>; RECEIVE_PLACES] =
            std::array::from_fn(|_| IoSliceMut::new(places.next().expect("a place for each of a batch")));
        self.state.recv(UdpSockRef::from(&self.socket), &mut slices, &mut inbox.meta)
    }

    fn send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        self.state.try_send(UdpSockRef::from(&self.socket), transmit)
    }
}

/// Room for the datagrams of one receive.
#[derive(Debug)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    meta: [RecvMeta; RECEIVE_PLACES],
}

/// A datagram in the inbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received<'a> {
    /// The address of this machine that it came to.
    pub(crate) arrived_at: Option<IpAddr>,
    pub(crate) contents: &'a [u8],
    pub(crate) source: SocketAddr,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; RECEIVE_PLACES * RECEIVE_BYTES], meta: [RecvMeta::default(); RECEIVE_PLACES] }
    }

    /// The datagrams of the first `count` places.
    pub(crate) fn datagrams(&self, count: usize) -> impl Iterator<Item = Received<'_>> {
        let places = self.bytes.chunks_exact(RECEIVE_BYTES).zip(&self.meta[..count]);
        places.flat_map(|(bytes, meta)| {
            let datagrams = bytes[..meta.len].chunks(meta.stride.max(1));
            datagrams.map(|contents| Received { arrived_at: meta.dst_ip, contents, source: meta.addr })
        })
    }
}

/// Datagrams on their way out. Those that follow each other to one destination and are of one size (the last may be
/// shorter) leave with one system call, and travel the kernel as one (GSO).
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    run: Option<Run>,
    pub(crate) calls: u64,
    pub(crate) dropped: u64,
    pub(crate) sent: u64,
}

/// What all datagrams in the buffer share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) destination: SocketAddr,
    /// The address of this machine to send from, if it has several.
    pub(crate) from: Option<IpAddr>,
    pub(crate) segment: usize,
    pub(crate) socket: usize,
}

impl Outbox {
    /// Puts in a datagram; sends what is in there if they do not go together.
    pub(crate) fn push(&mut self, run: Run, contents: &[u8], sockets: &[UdpSocket]) {
        if contents.is_empty() {
            return;
        }
        if !self.joins(run, sockets) {
            self.flush(sockets);
            self.run = Some(run);
        }
        self.bytes.extend_from_slice(contents);
        if self.run.is_some_and(|first| run.segment < first.segment) {
            self.flush(sockets);
        }
    }

    /// Forgets what is in there.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.run = None;
    }

    fn joins(&self, run: Run, sockets: &[UdpSocket]) -> bool {
        self.run.is_some_and(|first| {
            (Run { segment: first.segment, ..run }) == first
                && run.segment <= first.segment
                && self.bytes.len() + run.segment <= SEND_BYTES
                && self.bytes.len() / first.segment < sockets[first.socket].state.max_gso_segments()
        })
    }

    /// Sends what is in there. What the socket does not take at once is dropped, as a network would: packets that
    /// wait behind a full socket come too late, and their senders would never learn to send less.
    pub(crate) fn flush(&mut self, sockets: &[UdpSocket]) {
        let Some(run) = self.run.take() else { return };
        let count = self.bytes.len().div_ceil(run.segment) as u64;
        let transmit = Transmit {
            destination: run.destination,
            ecn: None,
            contents: &self.bytes,
            segment_size: Some(run.segment),
            src_ip: run.from,
        };
        self.calls += 1;
        match sockets[run.socket].send(&transmit) {
            Ok(()) => self.sent += count,
            Err(error) => {
                self.dropped += count;
                tracing::debug!(%error, "datagrams not sent");
            }
        }
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn datagrams_of_one_destination_leave_together_and_arrive_apart() {
        let sockets = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a socket");
        let other = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        other.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
        let destination = other.local_addr().expect("an address");
        let mut outbox = Outbox::default();
        let sizes = [1200, 1200, 1200, 700, 1200, 90, 91];
        for (index, &size) in sizes.iter().enumerate() {
            let run = Run { destination, from: None, segment: size, socket: 0 };
            outbox.push(run, &vec![u8::try_from(index).expect("small"); size], &sockets);
        }
        outbox.flush(&sockets);
        assert_eq!((outbox.sent, outbox.dropped), (7, 0));
        assert_eq!(outbox.calls, 3, "1200 × 3 + 700; 1200 + 90; 91");

        let mut bytes = [0; 2000];
        for (index, &size) in sizes.iter().enumerate() {
            let length = other.recv(&mut bytes).expect("a datagram");
            assert_eq!(length, size);
            assert!(bytes[..length].iter().all(|&byte| usize::from(byte) == index), "in order");
        }
    }

    #[test]
    fn a_port_that_another_node_has_is_refused() {
        let first = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 2).expect("sockets");
        let address = first[0].local_addr().expect("an address");
        assert_eq!(address, first[1].local_addr().expect("an address"));
        let second = bind(address, 2).map(|_| ()).map_err(|error| error.kind());
        assert_eq!(second, Err(io::ErrorKind::AddrInUse));
    }

    #[test]
    fn a_batch_gives_back_what_was_put_in() {
        let (a, b) = (SocketAddr::from(([127, 0, 0, 1], 1)), SocketAddr::from(([127, 0, 0, 1], 2)));
        let mut batch = Batch::new(7);
        batch.push(b"one", a, b);
        batch.push(b"", b, a);
        batch.push(b"three", a, a);
        let all: Vec<_> = batch.iter().collect();
        assert_eq!(all, [(&b"one"[..], a, b), (&b""[..], b, a), (&b"three"[..], a, a)]);
        assert_eq!(batch.len(), 3);
    }
}
