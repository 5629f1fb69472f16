//! What a worker is told by others.
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use mio::Waker;
use offhook_sfu::{Address, Answer, Command, Join, LeaveCause, RoomKey, RoomState};
use offhook_types::UserId;
use tokio::sync::oneshot;

use crate::{config::MediaRefusal, connection::Accepted, directory::Placement, udp::Batch};

/// How many requests may wait. More of it lets a worker fall further behind before clients are told that it is busy.
const MAX_REQUESTS: usize = 1024;

/// How many handed-over datagrams may wait: 20 ms of a full worker's. More of it delivers packets too late to be of use.
const MAX_DATAGRAMS: usize = 4096;

/// What a worker is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// A room is closed.
    Close(RoomKey, LeaveCause),
    /// A device asks.
    Command(Address, Command, oneshot::Sender<Result<Answer, MediaRefusal>>),
    /// A TCP connection for this worker.
    Connection(Accepted),
    /// Datagrams that arrived elsewhere.
    Datagrams(Batch),
    /// A device wants to enter.
    Join(Join, Placement, oneshot::Sender<Result<RoomState, MediaRefusal>>),
    /// The node wants to see a room.
    Look(RoomKey, oneshot::Sender<Option<RoomState>>),
    /// A user is removed from a room.
    Remove(RoomKey, UserId, LeaveCause),
    /// An address that sends to this worker's socket belongs to that worker: it has answered a check from there.
    Route(SocketAddr, u16),
    /// A device's signaling session came or went.
    Signaling(Address, bool),
    /// The node stops.
    Stop,
}

/// A worker's queue. Not a channel, as three kinds of message share it in order, each with its own bound:
/// requests that await a reply are refused beyond [`MAX_REQUESTS`]; datagrams are dropped beyond [`MAX_DATAGRAMS`];
/// notices (a session came or went, a room is closed) are always taken, as losing one would leave a ghost in a room.
/// There are never more of those than sessions and rooms that changed since the worker's last turn.
#[derive(Debug)]
pub(crate) struct Mailbox {
    datagrams: AtomicUsize,
    messages: Mutex<VecDeque<Message>>,
    requests: AtomicUsize,
    waker: Waker,
    woken: AtomicBool,
}

impl Mailbox {
    pub(crate) fn new(waker: Waker) -> Self {
        Self {
            datagrams: AtomicUsize::new(0),
            messages: Mutex::default(),
            requests: AtomicUsize::new(0),
            waker,
            woken: AtomicBool::new(false),
        }
    }

    /// Puts in what must not be lost.
    pub(crate) fn notify(&self, message: Message) {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push_back(message);
        if !self.woken.swap(true, Ordering::AcqRel) {
            // It fails when the kernel's counter is full, which needs 2^64 - 1 wakes, or when the worker is gone.
            let _ = self.waker.wake();
        }
    }

    /// Puts in a request; not, if too many wait.
    pub(crate) fn ask(&self, message: Message) -> Result<(), MediaRefusal> {
        if self.requests.fetch_add(1, Ordering::AcqRel) >= MAX_REQUESTS {
            self.requests.fetch_sub(1, Ordering::AcqRel);
            return Err(MediaRefusal::Busy);
        }
        self.notify(message);
        Ok(())
    }

    /// Puts in datagrams; whether there was room.
    pub(crate) fn hand_over(&self, batch: Batch) -> bool {
        let count = batch.len();
        if self.datagrams.fetch_add(count, Ordering::AcqRel) + count > MAX_DATAGRAMS {
            self.datagrams.fetch_sub(count, Ordering::AcqRel);
            return false;
        }
        self.notify(Message::Datagrams(batch));
        true
    }

    /// Takes out everything, into an empty queue.
    pub(crate) fn take(&self, into: &mut VecDeque<Message>) {
        if !self.woken.swap(false, Ordering::AcqRel) {
            return;
        }
        std::mem::swap(into, &mut *self.messages.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut requests, mut datagrams) = (0, 0);
        for message in into.iter() {
            match message {
                Message::Command(..) | Message::Join(..) | Message::Look(..) => requests += 1,
                Message::Datagrams(batch) => datagrams += batch.len(),
                Message::Close(..)
                | Message::Connection(_)
                | Message::Remove(..)
                | Message::Route(..)
                | Message::Signaling(..)
                | Message::Stop => {}
            }
        }
        self.requests.fetch_sub(requests, Ordering::AcqRel);
        self.datagrams.fetch_sub(datagrams, Ordering::AcqRel);
    }
}
