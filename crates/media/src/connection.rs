//! One TCP connection: frames in and out (RFC 4571), behind a disguise as TLS where the client wants it.
use std::{
    collections::VecDeque,
    io::{self, ErrorKind, Read as _, Write as _},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use mio::net::TcpStream;
use offhook_sfu::Transport;

/// The largest frame. WebRTC clients keep to what fits into a datagram; more would let each connection hold more of
/// our memory.
pub(crate) const MAX_FRAME: usize = 4096;

/// What may wait to be written to one connection: a second of a good stream. Beyond it whole packets are dropped, as a
/// network would.
const MAX_QUEUE: usize = 256 * 1024;

/// What a client of `ssltcp` begins with: an SSLv2 hello of this length and beginning. Fixed in libwebrtc
/// (`async_ssl_socket`); it looks like TLS to simple firewalls and encrypts nothing.
pub(crate) const CLIENT_HELLO_BYTES: usize = 72;
pub(crate) const CLIENT_HELLO_BEGIN: [u8; 3] = [0x80, 0x46, 0x01];

/// What it expects in answer.
pub(crate) const SERVER_HELLO: [u8; 79] = [
    0x16, 0x03, 0x01, 0x00, 0x4a, 0x02, 0x00, 0x00, 0x46, 0x03, 0x01, 0x42, 0x85, 0x45, 0xa7, 0x27, 0xa9,
    0x5d, 0xa0, 0xb3, 0xc5, 0xe7, 0x53, 0xda, 0x48, 0x2b, 0x3f, 0xc6, 0x5a, 0xca, 0x89, 0xc1, 0x58, 0x52,
    0xa1, 0x78, 0x3c, 0x5b, 0x17, 0x46, 0x00, 0x85, 0x3f, 0x20, 0x0e, 0xd3, 0x06, 0x72, 0x5b, 0x5b, 0x1b,
    0x5f, 0x15, 0xac, 0x13, 0xf9, 0x88, 0x53, 0x9d, 0x9b, 0xe8, 0x3d, 0x7b, 0x0c, 0x30, 0x32, 0x6e, 0x38,
    0x4d, 0xa2, 0x75, 0x57, 0x41, 0x6c, 0x34, 0x5c, 0x00, 0x04, 0x00,
];

/// The right to be connected without having shown that one belongs to a room. Given back when dropped.
#[derive(Debug)]
pub(crate) struct Permit(Arc<AtomicUsize>);

impl Permit {
    /// Takes one of `limit`, if there is one.
    pub(crate) fn take(taken: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let permit = Self(Arc::clone(taken));
        (taken.fetch_add(1, Ordering::AcqRel) < limit).then_some(permit)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A connection whose first frame names the worker that it is for.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// What has been read, from the first frame on.
    pub(crate) bytes: Vec<u8>,
    /// The told address of ours that it came to.
    pub(crate) destination: SocketAddr,
    pub(crate) permit: Permit,
    pub(crate) source: SocketAddr,
    pub(crate) stream: TcpStream,
    pub(crate) transport: Transport,
}

/// A connection at its worker.
#[derive(Debug)]
pub(crate) struct Connection {
    /// When it is closed unless something arrives, or for a stranger whatever arrives.
    pub(crate) deadline: Instant,
    pub(crate) destination: SocketAddr,
    /// Read, but not a whole frame yet.
    inbox: Vec<u8>,
    /// To be written.
    outbox: VecDeque<u8>,
    /// Until an ICE check from here has been answered.
    pub(crate) stranger: Option<Permit>,
    pub(crate) source: SocketAddr,
    pub(crate) stream: TcpStream,
    pub(crate) transport: Transport,
}

/// What became of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The other side is gone, or does not speak our framing.
    Over,
    /// There is no more for now.
    Waiting,
    /// There may be more; others have their turn first.
    Yielded,
}

impl Connection {
    pub(crate) fn new(accepted: Accepted, deadline: Instant) -> Self {
        let Accepted { bytes, destination, permit, source, stream, transport } = accepted;
        let outbox = VecDeque::new();
        Self {
            deadline,
            destination,
            inbox: bytes,
            outbox,
            stranger: Some(permit),
            source,
            stream,
            transport,
        }
    }

    /// Reads once into the inbox. At most one buffer a turn, so that a fast sender does not hold up the others.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Reading {
        loop {
            return match self.stream.read(buffer) {
                Ok(0) => Reading::Over,
                Ok(count) => {
                    self.inbox.extend_from_slice(&buffer[..count]);
                    if count < buffer.len() { Reading::Waiting } else { Reading::Yielded }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => Reading::Waiting,
                Err(_) => Reading::Over,
            };
        }
    }

    /// Gives every whole frame of the inbox to `each`; whether the framing holds.
    pub(crate) fn frames(&mut self, mut each: impl FnMut(&[u8])) -> bool {
        let mut begin = 0;
        let holds = loop {
            match next_frame(&self.inbox[begin..]) {
                Frame::Partial => break true,
                Frame::TooLarge => break false,
                Frame::Whole(frame) => {
                    each(frame);
                    begin += 2 + frame.len();
                }
            }
        };
        self.inbox.drain(..begin);
        holds
    }

    /// Puts a packet in line to be written; whether there was room.
    pub(crate) fn push(&mut self, contents: &[u8]) -> bool {
        let Ok(length) = u16::try_from(contents.len()) else { return false };
        if self.outbox.len() + 2 + contents.len() > MAX_QUEUE {
            return false;
        }
        self.outbox.extend(length.to_be_bytes());
        self.outbox.extend(contents);
        true
    }

    /// Writes what the other side takes.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        while !self.outbox.is_empty() {
            match self.stream.write(self.outbox.as_slices().0) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.outbox.drain(..count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What a buffer begins with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    Partial,
    TooLarge,
    Whole(&'a [u8]),
}

/// The frame that the bytes begin with (RFC 4571 2: two bytes of length, then the packet).
pub(crate) fn next_frame(bytes: &[u8]) -> Frame<'_> {
    let Some((&length, rest)) = bytes.split_first_chunk::<2>() else { return Frame::Partial };
    let length = usize::from(u16::from_be_bytes(length));
    if length > MAX_FRAME {
        return Frame::TooLarge;
    }
    rest.get(..length).map_or(Frame::Partial, Frame::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_cut_by_their_length() {
        assert_eq!(next_frame(&[]), Frame::Partial);
        assert_eq!(next_frame(&[0]), Frame::Partial);
        assert_eq!(next_frame(&[0, 0, 7]), Frame::Whole(&[]));
        assert_eq!(next_frame(&[0, 2, 7]), Frame::Partial);
        assert_eq!(next_frame(&[0, 2, 7, 8, 9]), Frame::Whole(&[7, 8]));
        assert_eq!(next_frame(&[0x10, 0x01]), Frame::TooLarge);
    }

    #[test]
    fn a_permit_comes_back() {
        let taken = Arc::new(AtomicUsize::new(0));
        let first = Permit::take(&taken, 1);
        assert!(first.is_some());
        assert!(Permit::take(&taken, 1).is_none());
        drop(first);
        assert!(Permit::take(&taken, 1).is_some());
        assert_eq!(taken.load(Ordering::Acquire), 0);
    }
}
