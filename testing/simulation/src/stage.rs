//! What call-control finds around it: the clock, the source of ids, the bus, and the store's weather. Everything that is
//! committed passes through here and is entered in the ledger.
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
};

use offhook_bus::{Bus, Hint};
use offhook_call_control::{Parcel, World};
use offhook_push::PushId;
use offhook_store::{
    CommitError, Committed, LedgerEntry, LedgerKey, StoreError, Transition,
    memory::{Fault, Op},
};
use offhook_types::{CallId, Epoch, Timestamp};

use crate::{
    ledger::{Commit, Ledger},
    random::Random,
};

/// How the store behaves at the moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    /// Nothing works.
    pub(crate) down: bool,
    /// Of a hundred operations, so many fail and so many fail although they were done.
    pub(crate) fails_after: u64,
    pub(crate) fails_before: u64,
    /// Of a hundred hints, so many are lost.
    pub(crate) hints_lost: u64,
    /// Of a hundred operations, so many take a while, of at most so many milliseconds before and after.
    pub(crate) pauses: u64,
    pub(crate) pause_ms: u64,
}

/// The stage. Only one thread ever stands on it; the lock satisfies the ports.
pub(crate) struct Stage {
    inner: Mutex<Inner>,
}

struct Inner {
    alarm: Option<Timestamp>,
    epoch: Epoch,
    hints: Vec<Hint>,
    last_fault: Fault,
    ledger: Ledger,
    minted: u64,
    now: Timestamp,
    /// Pushes that wait for their vendors.
    posted: Vec<Parcel>,
    pushes_minted: u128,
    random: Random,
    /// When the work that waits wants to go on.
    wanted: Option<Timestamp>,
    weather: Weather,
}

impl Stage {
    pub(crate) fn new(now: Timestamp, random: Random) -> Arc<Self> {
        let inner = Inner {
            alarm: None,
            epoch: Epoch(1),
            hints: Vec::new(),
            last_fault: Fault::None,
            ledger: Ledger::default(),
            minted: 0,
            now,
            posted: Vec::new(),
            pushes_minted: 0,
            random,
            wanted: None,
            weather: Weather::default(),
        };
        Arc::new(Self { inner: Mutex::new(inner) })
    }

    pub(crate) fn set_now(&self, now: Timestamp) {
        self.lock().now = now;
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    pub(crate) fn weather(&self) -> Weather {
        self.lock().weather
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.lock().epoch
    }

    /// The store comes back as another life.
    pub(crate) fn begin_epoch(&self) {
        let mut inner = self.lock();
        inner.epoch = inner.epoch_after();
    }

    /// Does something with the ledger.
    pub(crate) fn ledger<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        work(&mut self.lock().ledger)
    }

    /// The hints that were published since the last time, those that the bus did not lose.
    pub(crate) fn take_hints(&self) -> Vec<Hint> {
        let mut inner = self.lock();
        let hints = std::mem::take(&mut inner.hints);
        let lost = inner.weather.hints_lost;
        hints.into_iter().filter(|_| lost == 0 || !inner.random.percent(lost)).collect()
    }

    /// The earliest alarm that was asked for since the last time.
    pub(crate) fn take_alarm(&self) -> Option<Timestamp> {
        self.lock().alarm.take()
    }

    /// When the work that was just begun or taken up wants to go on.
    pub(crate) fn take_wanted(&self) -> Option<Timestamp> {
        self.lock().wanted.take()
    }

    /// What happens to the next operation of the store.
    pub(crate) fn fault(&self, _: Op) -> Fault {
        let mut inner = self.lock();
        let weather = inner.weather;
        let drawn =
            if weather.fails_before + weather.fails_after > 0 { inner.random.between(0, 99) } else { 99 };
        let fault = if weather.down || drawn < weather.fails_before {
            Fault::FailBefore
        } else if drawn < weather.fails_before + weather.fails_after {
            Fault::FailAfter
        } else {
            Fault::None
        };
        inner.last_fault = fault;
        fault
    }

    /// Enters a commit in the ledger, if it was one.
    pub(crate) fn committed(&self, transition: Transition, result: &Result<Committed, CommitError>) {
        let mut inner = self.lock();
        let applied = match result {
            Ok(_) => true,
            Err(CommitError::Store(_)) => inner.last_fault == Fault::FailAfter,
            Err(CommitError::Conflict(_) | CommitError::GuardFailed | CommitError::KeyTaken(_)) => false,
        };
        if applied {
            let at = inner.now;
            inner.ledger.enter(Commit { at, transition });
        }
    }

    /// Enters claims of pushes in the ledger, if they were made.
    pub(crate) fn claimed(&self, entries: Vec<LedgerEntry>, result: &Result<Vec<bool>, StoreError>) {
        let mut inner = self.lock();
        if result.is_ok() || inner.last_fault == Fault::FailAfter {
            let at = inner.now;
            inner.ledger.book.claim(at, entries);
        }
    }

    /// Enters what came of a push, if it was written down.
    pub(crate) fn settled(&self, key: &LedgerKey, refused: bool, result: &Result<(), StoreError>) {
        let mut inner = self.lock();
        if result.is_ok() || inner.last_fault == Fault::FailAfter {
            let at = inner.now;
            inner.ledger.book.settle(at, key, refused);
        }
    }

    /// A push is handed over.
    pub(crate) fn post(&self, parcel: Parcel) {
        let mut inner = self.lock();
        let now = inner.now;
        inner.ledger.post(now, &parcel);
        inner.posted.push(parcel);
    }

    /// The pushes that were handed over since the last time.
    pub(crate) fn take_posted(&self) -> Vec<Parcel> {
        std::mem::take(&mut self.lock().posted)
    }

    pub(crate) fn mint_push_id(&self) -> PushId {
        let mut inner = self.lock();
        inner.pushes_minted += 1;
        PushId::from_random(inner.pushes_minted)
    }

    /// A while, as the weather has it.
    pub(crate) fn pause(&self) -> Pause<'_> {
        let mut inner = self.lock();
        let Weather { pauses, pause_ms, .. } = inner.weather;
        let waits = pauses > 0 && inner.random.percent(pauses);
        let until =
            waits.then(|| Timestamp::from_millis(inner.now.as_millis() + inner.random.between(0, pause_ms)));
        drop(inner);
        Pause { stage: self, until }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nobody panics on the stage")
    }
}

impl Inner {
    fn epoch_after(&self) -> Epoch {
        self.epoch.next()
    }
}

/// Waits until virtual time has come to a point.
pub(crate) struct Pause<'a> {
    stage: &'a Stage,
    until: Option<Timestamp>,
}

impl Future for Pause<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(until) = self.until else { return Poll::Ready(()) };
        let mut inner = self.stage.lock();
        if inner.now >= until {
            return Poll::Ready(());
        }
        // Of work that goes on in several places at once, the first wants it soonest.
        inner.wanted = Some(inner.wanted.map_or(until, |before| before.min(until)));
        // A crowd of futures polls only those of its members that ask for it.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The world as call-control knows it.
pub(crate) struct SimulatedWorld(pub(crate) Arc<Stage>);

impl World for SimulatedWorld {
    fn now(&self) -> Timestamp {
        self.0.lock().now
    }

    fn mint_call_id(&self) -> CallId {
        let mut inner = self.0.lock();
        inner.minted += 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&inner.minted.to_be_bytes());
        CallId::from_parts(inner.now, random)
    }

    fn wake_at(&self, at: Timestamp) {
        let mut inner = self.0.lock();
        inner.alarm = Some(inner.alarm.map_or(at, |before| before.min(at)));
    }
}

/// The bus. Hints wait on the stage until the simulator carries them.
pub(crate) struct SimulatedBus(pub(crate) Arc<Stage>);

impl Bus for SimulatedBus {
    fn publish(&self, hints: &[Hint]) {
        self.0.lock().hints.extend_from_slice(hints);
    }
}
