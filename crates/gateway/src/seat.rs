//! How a session is reached from outside its task: a few atomics and a waker, no channel.
use std::{
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Waker,
    time::Duration,
};

use futures_util::task::AtomicWaker;
use offhook_signaling::RoomEvent;
use offhook_types::Offset;

use crate::mailbox::Mailbox;

/// Why a session has to end. The first order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Kicked,
    Replaced,
    Shutdown(Duration),
}

/// Where hints and orders for one session arrive. Both coalesce: a hundred hints wake the task once.
#[derive(Debug)]
pub(crate) struct Seat {
    /// Larger for newer connections.
    pub(crate) id: u64,
    head: AtomicU64,
    /// Whether anything is in `mail`, so that a waking for something else takes no lock.
    has_mail: AtomicBool,
    /// There only while it holds something: a session that is in no room pays a word or two.
    mail: Mutex<Option<Box<Mailbox>>>,
    order: OnceLock<Order>,
    recheck: AtomicBool,
    waker: AtomicWaker,
}

impl Seat {
    pub(crate) fn new(id: u64) -> Self {
        Self {
            id,
            head: AtomicU64::new(0),
            has_mail: AtomicBool::new(false),
            mail: Mutex::new(None),
            order: OnceLock::new(),
            recheck: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    /// The user's log has grown.
    pub(crate) fn hint(&self, head: Offset) {
        if self.head.fetch_max(head.0, Ordering::AcqRel) < head.0 {
            self.waker.wake();
        }
    }

    /// Something happened in a room that the device is in.
    pub(crate) fn tell(&self, event: RoomEvent) {
        let mut mail = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        mail.get_or_insert_default().put(event);
        self.has_mail.store(true, Ordering::Release);
        drop(mail);
        self.waker.wake();
    }

    /// The events of rooms that wait, in order.
    pub(crate) fn take_mail(&self) -> Option<Vec<RoomEvent>> {
        if !self.has_mail.load(Ordering::Acquire) {
            return None;
        }
        let mut mail = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        self.has_mail.store(false, Ordering::Release);
        mail.take().map(|mailbox| mailbox.into_events())
    }

    /// The session has to end.
    pub(crate) fn order(&self, order: Order) {
        if self.order.set(order).is_ok() {
            self.waker.wake();
        }
    }

    /// The keys have changed: the session has to look whether its token still holds.
    pub(crate) fn recheck(&self) {
        self.recheck.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Has `waker` woken at the next hint or order. Look at them after this.
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    pub(crate) fn head(&self) -> Offset {
        Offset(self.head.load(Ordering::Acquire))
    }

    pub(crate) fn ordered(&self) -> Option<Order> {
        self.order.get().copied()
    }

    pub(crate) fn take_recheck(&self) -> bool {
        self.recheck.load(Ordering::Relaxed) && self.recheck.swap(false, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_is_in_no_room_pays_two_words_for_rooms() {
        assert!(size_of::<Mutex<Option<Box<Mailbox>>>>() <= 2 * size_of::<usize>());
        let seat = Seat::new(1);
        assert!(seat.mail.lock().unwrap().is_none());
        let room = offhook_types::RoomId::new("r").unwrap();
        seat.tell(RoomEvent::Reset(offhook_signaling::RoomReset { room }));
        assert_eq!(seat.take_mail().map(|events| events.len()), Some(1));
        assert!(seat.mail.lock().unwrap().is_none(), "given back once it is empty");
        assert_eq!(seat.take_mail(), None);
    }
}
