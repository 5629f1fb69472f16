//! What is going to happen, in order. Of two things at the same time the one that was planned first comes first.
use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

use offhook_client_core::Token;
use offhook_signaling::Request;
use offhook_store::Job;
use offhook_types::{CallId, CallSeq, Offset, Timestamp};

use crate::pushes::{Answered, Message};

pub(crate) type ConnectionId = u32;
pub(crate) type DeviceIndex = usize;
pub(crate) type JobId = u32;
pub(crate) type LinkId = usize;

/// What can happen.
#[derive(Debug)]
pub(crate) enum What {
    /// The user of a device does something.
    AppActs(DeviceIndex),
    /// The user of a device does something about what it told.
    AppReacts(DeviceIndex),
    /// The time of a client's earliest deadline.
    ClientTimer(DeviceIndex),
    /// A user who logged out logs in again.
    DeviceReturns(DeviceIndex),
    /// A device starts its app.
    DeviceStarts(DeviceIndex),
    /// Something arrives at a device.
    Down(LinkId, Parcel),
    /// The end of the world.
    End,
    /// A device's app goes on.
    Resumed(DeviceIndex),
    /// Everything written to a connection has left.
    Flushed(ConnectionId),
    /// Nothing breaks any more.
    Heal,
    /// A hint reaches a session.
    Hint(ConnectionId, Offset),
    /// A device's request without a connection reaches the server.
    Https(DeviceIndex, Box<Request>),
    /// A job for pushes must have been done by now.
    JobChecked(Box<Job>),
    /// A piece of the server's work goes on.
    JobStep(JobId),
    /// The hub's word reaches a session.
    Order(ConnectionId, Order),
    /// A push arrives at a device.
    PushComes(Box<Message>),
    /// A device's ring that a push began comes to its end.
    PushRingEnds(DeviceIndex, CallId, CallSeq),
    /// A device tells the server where it is woken.
    Registers(DeviceIndex),
    /// The server starts.
    ServerStarts,
    /// The server's process stops.
    ServerStops,
    /// The time of the server's earliest deadline.
    ServerTimer,
    /// The time of a session's earliest deadline.
    SessionTimer(ConnectionId),
    /// A socket opens, or fails to.
    Socket(DeviceIndex, LinkId),
    /// The source of tokens answers a device.
    Token(DeviceIndex, Option<Token>),
    /// Something breaks, or is mended.
    Trouble,
    /// A vendor's answer arrives at the server.
    Verdict(Box<Answered>),
    /// The end of a spell of bad weather.
    WeatherClears,
    /// Something arrives at the gateway.
    Up(LinkId, Parcel),
    /// Somebody looks at a device that rings while its app is dead.
    WokenActs(DeviceIndex, CallId),
}

/// What travels on a link.
#[derive(Debug)]
pub(crate) enum Parcel {
    Closed(Option<u16>),
    Ping,
    Pong,
    Text(String),
}

/// What the hub tells a session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Replaced,
    Shutdown,
}

#[derive(Debug)]
struct Entry {
    at: Timestamp,
    number: u64,
    what: What,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

/// The queue of everything that is going to happen.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    entries: BinaryHeap<Reverse<Entry>>,
    planned: u64,
}

impl Queue {
    pub(crate) fn plan(&mut self, at: Timestamp, what: What) {
        self.planned += 1;
        self.entries.push(Reverse(Entry { at, number: self.planned, what }));
    }

    pub(crate) fn next(&mut self) -> Option<(Timestamp, What)> {
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.what))
    }
}
