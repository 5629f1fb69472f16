//! One socket of a client: opening, open, or none. Reads and writes without one waiting for the other.
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{FutureExt, Sink, SinkExt, StreamExt};
use offhook_client_core::Input;
use offhook_signaling::{ClientFrame, FrameError, ServerFrame};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::target::{Line, Target};

/// How many frames may wait to be written. A server that takes none while this many pile up counts as gone; more would
/// hold memory for it.
const MAX_UNWRITTEN: usize = 128;

type Opening = Pin<Box<dyn Future<Output = Result<Line, Error>> + Send>>;

/// One socket of a client.
#[derive(Default)]
pub(crate) enum Socket {
    #[default]
    None,
    Open(Box<Open>),
    Opening(Opening),
}

/// What came from an open socket.
#[expect(clippy::large_enum_variant, reason = "it is passed on at once; a box would be paid per frame")]
enum Heard {
    Closed(Option<u16>),
    Frame(Result<ServerFrame, FrameError>),
}

pub(crate) struct Open {
    flushed: bool,
    line: Line,
    unwritten: VecDeque<Message>,
}

impl Socket {
    pub(crate) fn opening(target: Target) -> Self {
        Self::Opening(Box::pin(target.open()))
    }

    /// Puts a frame into the queue of those to be written.
    pub(crate) fn send(&mut self, frame: &ClientFrame) {
        if let Self::Open(open) = self {
            open.unwritten.push_back(Message::text(frame.to_text()));
        }
    }

    /// Says goodbye if that needs no waiting, and drops the socket.
    pub(crate) fn close(&mut self) {
        if let Self::Open(mut open) = std::mem::take(self) {
            // A logout that was asked for just now still goes out.
            while let Some(message) = open.unwritten.pop_front() {
                if open.line.send(message).now_or_never().is_none() {
                    return;
                }
            }
            drop(open.line.close(None).now_or_never());
        }
    }

    /// Moves on: opens, writes what waits, and, if `reads`, reads. Gives what the machine is to be told.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>, reads: bool) -> Poll<Input> {
        let (next, input) = match self {
            Self::None => return Poll::Pending,
            Self::Opening(opening) => match ready!(opening.poll_unpin(context)) {
                Ok(line) => {
                    let open = Open { flushed: true, line, unwritten: VecDeque::new() };
                    (Self::Open(Box::new(open)), Input::SocketOpened)
                }
                Err(error) => {
                    tracing::debug!(%error, "the socket could not be opened");
                    (Self::None, Input::SocketFailed)
                }
            },
            Self::Open(open) => match ready!(open.poll(context, reads)) {
                Heard::Closed(code) => (Self::None, Input::SocketClosed(code)),
                Heard::Frame(frame) => return Poll::Ready(Input::Frame(frame)),
            },
        };
        *self = next;
        Poll::Ready(input)
    }
}

impl Open {
    fn poll(&mut self, context: &mut Context<'_>, reads: bool) -> Poll<Heard> {
        if self.unwritten.len() > MAX_UNWRITTEN {
            return Poll::Ready(Heard::Closed(None));
        }
        if let Poll::Ready(Err(error)) = self.write(context) {
            tracing::debug!(%error, "the socket broke while writing");
            // What the server said before it closed may still be read.
            self.unwritten.clear();
            self.flushed = true;
            if !reads {
                return Poll::Ready(Heard::Closed(None));
            }
        }
        if reads { self.read(context) } else { Poll::Pending }
    }

    fn write(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut line = Pin::new(&mut self.line);
        while !self.unwritten.is_empty() {
            ready!(line.as_mut().poll_ready(context))?;
            let message = self.unwritten.pop_front().expect("it is not empty");
            line.as_mut().start_send(message)?;
            self.flushed = false;
        }
        if !self.flushed {
            ready!(line.as_mut().poll_flush(context))?;
            self.flushed = true;
        }
        Poll::Ready(Ok(()))
    }

    fn read(&mut self, context: &mut Context<'_>) -> Poll<Heard> {
        loop {
            return Poll::Ready(match ready!(self.line.poll_next_unpin(context)) {
                Some(Ok(Message::Text(text))) => Heard::Frame(ServerFrame::parse(&text)),
                Some(Ok(Message::Binary(_))) => Heard::Frame(Err(FrameError::Envelope)),
                Some(Ok(Message::Close(frame))) => Heard::Closed(frame.map(|frame| u16::from(frame.code))),
                // The library answers a ping by itself, with the next read.
                Some(Ok(Message::Frame(_) | Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Err(error)) => {
                    tracing::debug!(%error, "the socket broke while reading");
                    Heard::Closed(None)
                }
                None => Heard::Closed(None),
            });
        }
    }
}
