//! The real world: the machine's clock, its randomness and an alarm.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use offhook_call_control::World;
use offhook_gateway::{Clock, SystemClock};
use offhook_types::{CallId, Timestamp};
use rand::Rng as _;
use tokio::{sync::Notify, time::timeout};

/// Bits of a call id that count up within one millisecond (RFC 9562, section 6.2, method 1).
const COUNTER_BITS: u32 = 12;

/// The clock, ids and alarm of this process.
pub(crate) struct SystemWorld {
    alarm: Arc<Alarm>,
    clock: Arc<SystemClock>,
    last_prefix: AtomicU64,
}

/// Wakes the timer task when a deadline is nearer than the one it waits for.
#[derive(Debug)]
pub(crate) struct Alarm {
    at: AtomicU64,
    nearer: Notify,
}

impl SystemWorld {
    pub(crate) fn new(clock: Arc<SystemClock>) -> Self {
        let alarm = Arc::new(Alarm { at: AtomicU64::new(u64::MAX), nearer: Notify::new() });
        Self { alarm, clock, last_prefix: AtomicU64::new(0) }
    }

    pub(crate) fn alarm(&self) -> Arc<Alarm> {
        Arc::clone(&self.alarm)
    }

    /// The first 60 bits of the next id, each greater than the one before: milliseconds and a counter that begins at a
    /// random place in its lower half. A counter that runs over borrows from the next millisecond.
    fn next_prefix(&self, now: Timestamp, random: u64) -> u64 {
        let fresh = now.as_millis() << COUNTER_BITS | (random & ((1 << (COUNTER_BITS - 1)) - 1));
        let advance = |last: u64| Some(fresh.max(last + 1));
        let last = self.last_prefix.fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance);
        fresh.max(last.unwrap_or_else(|last| last) + 1)
    }
}

impl World for SystemWorld {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn mint_call_id(&self) -> CallId {
        // A generator of the thread, seeded and reseeded by the operating system: no system call per call.
        let random: [u8; 18] = rand::rng().random();
        let (head, tail) = random.split_at(8);
        let prefix = self.next_prefix(self.now(), u64::from_be_bytes(head.try_into().expect("eight bytes")));
        let mut tail: [u8; 10] = tail.try_into().expect("ten bytes");
        let counter = u16::try_from(prefix & ((1 << COUNTER_BITS) - 1)).expect("twelve bits");
        tail[..2].copy_from_slice(&counter.to_be_bytes());
        CallId::from_parts(Timestamp::from_millis(prefix >> COUNTER_BITS), tail)
    }

    fn wake_at(&self, at: Timestamp) {
        self.alarm.set(at);
    }
}

impl Alarm {
    fn set(&self, at: Timestamp) {
        let before = self.at.fetch_min(at.as_millis(), Ordering::AcqRel);
        if at.as_millis() < before {
            self.nearer.notify_one();
        }
    }

    /// Waits until the alarm is due, and takes it down.
    pub(crate) async fn ring(&self, clock: &SystemClock) {
        loop {
            let at = self.at.load(Ordering::Acquire);
            let remaining = Timestamp::from_millis(at).since(clock.now());
            if remaining.is_zero() {
                self.at.store(u64::MAX, Ordering::Release);
                return;
            }
            // A day is as good as for ever: the loop looks again.
            let remaining = remaining.min(Duration::from_hours(24));
            let _ = timeout(remaining, self.nearer.notified()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_of_one_millisecond_differ_in_their_alias_and_are_in_order() {
        let world = SystemWorld::new(Arc::new(SystemClock::new()));
        let ids: Vec<CallId> = (0..20_000).map(|_| world.mint_call_id()).collect();
        assert!(ids.is_sorted());
        let aliases: BTreeSet<u64> = ids.iter().map(|id| id.alias()).collect();
        assert_eq!(aliases.len(), ids.len());
    }
}
