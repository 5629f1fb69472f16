//! The connections of one credential: to each origin one that is kept, and more only while its peer takes no more over it.
use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use tokio::{sync::Notify, time::timeout};

use crate::{
    connection::Connection,
    dial::Dialer,
    exchange::{Begun, Failure},
    flight::Flight,
    origin::Origin,
    reach::Reach,
};

/// To so many origins connections are kept; beyond, the one that was not used for the longest time is given up. There are a handful of
/// push services, but clients name them.
const MOST_ORIGINS: usize = 32;
/// So many connections to one origin.
const MOST_CONNECTIONS: usize = 8;

/// How a vendor is connected to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Over a new connection one request goes alone, until its answer says that the credential is good.
    pub(crate) first_alone: bool,
    pub(crate) reach: Reach,
}

/// All connections of one credential.
pub(crate) struct Pool {
    dialer: Dialer,
    /// How long the others wait for the first answer over a new connection before they dial another one.
    patience: Duration,
    places: Mutex<HashMap<Origin, Arc<Place>>>,
    uses: AtomicU64,
}

/// The connections to one origin.
struct Place {
    connections: Mutex<Vec<Arc<Connection>>>,
    /// Something has changed for those who wait.
    freed: Notify,
    flight: Flight<Result<(), Failure>>,
    last_use: AtomicU64,
    origin: Origin,
}

/// The right to send one request over a connection.
pub(crate) struct Slot {
    connection: Arc<Connection>,
    /// Whether the connection was there before, and may be one that died unnoticed.
    pub(crate) was_kept: bool,
    place: Arc<Place>,
}

impl Pool {
    pub(crate) fn new(dialer: Dialer, patience: Duration) -> Self {
        Self { dialer, patience, places: Mutex::default(), uses: AtomicU64::new(0) }
    }

    /// How many connections there are.
    pub(crate) fn connections(&self) -> usize {
        let places: Vec<_> = lock(&self.places).values().cloned().collect();
        places.iter().map(|place| place.usable().len()).sum()
    }

    /// A slot, if there is one at once.
    pub(crate) fn try_slot(&self, origin: &Origin, manner: Manner) -> Option<Slot> {
        self.place(origin).try_slot(manner)
    }

    /// Waits for a slot: dials if need be, or until somebody else is done. Whoever waits says for how long.
    pub(crate) async fn slot(&self, origin: &Origin, manner: Manner) -> Result<Slot, Failure> {
        let place = self.place(origin);
        loop {
            let mut freed = pin!(place.freed.notified());
            freed.as_mut().enable(); // From here on nothing is missed.
            if let Some(slot) = place.try_slot(manner) {
                place.freed.notify_one(); // There may be room for another one.
                return Ok(slot);
            }
            if place.wants_more(manner, self.patience) {
                let dialed = place.flight.run(|| self.add_connection(&place, manner)).await;
                match dialed {
                    Ok(()) => continue,
                    Err(failure) if place.usable().is_empty() => return Err(failure),
                    Err(_) => {} // There are others to wait for.
                }
            }
            // Whoever waits behind a first answer looks again when patience has run out.
            let _ = timeout(self.patience, freed).await;
        }
    }

    async fn add_connection(&self, place: &Place, manner: Manner) -> Result<(), Failure> {
        if !place.wants_more(manner, self.patience) {
            return Ok(());
        }
        let connection = self.dialer.dial(&place.origin, manner.reach).await?;
        lock(&place.connections).push(Arc::new(connection));
        place.freed.notify_waiters();
        Ok(())
    }

    fn place(&self, origin: &Origin) -> Arc<Place> {
        let now = self.uses.fetch_add(1, Relaxed);
        let mut places = lock(&self.places);
        if let Some(place) = places.get(origin) {
            place.last_use.store(now, Relaxed);
            return Arc::clone(place);
        }
        if places.len() >= MOST_ORIGINS {
            // What is on its way there goes on; the connection ends after it.
            let oldest = places.values().min_by_key(|place| place.last_use.load(Relaxed));
            if let Some(oldest) = oldest.map(|place| place.origin.clone()) {
                places.remove(&oldest);
            }
        }
        let place = Arc::new(Place {
            connections: Mutex::default(),
            freed: Notify::new(),
            flight: Flight::default(),
            last_use: AtomicU64::new(now),
            origin: origin.clone(),
        });
        places.insert(origin.clone(), Arc::clone(&place));
        place
    }
}

impl Place {
    /// The connections that live. The others are forgotten.
    fn usable(&self) -> MutexGuard<'_, Vec<Arc<Connection>>> {
        let mut connections = lock(&self.connections);
        connections.retain(|connection| connection.is_usable());
        connections
    }

    fn try_slot(self: &Arc<Self>, manner: Manner) -> Option<Slot> {
        let connections = self.usable();
        let take = |connection: &Arc<Connection>| {
            let was_kept = connection.take_place(manner.first_alone)?;
            Some(Slot { connection: Arc::clone(connection), was_kept, place: Arc::clone(self) })
        };
        connections.iter().find_map(take)
    }

    /// Whether none of those that there are takes another request, or soon will.
    fn wants_more(&self, manner: Manner, patience: Duration) -> bool {
        let connections = self.usable();
        let first_alone = manner.first_alone.then_some(patience);
        connections.len() < MOST_CONNECTIONS
            && connections.iter().all(|connection| connection.is_blocked(first_alone))
    }
}

impl Slot {
    pub(crate) fn leads_to(&self, origin: &Origin) -> bool {
        self.place.origin == *origin
    }

    /// Puts a request on its way, at once, and waits for the answer in what is returned.
    pub(crate) fn send(self, request: Request<Bytes>) -> Sent {
        let answer = self.connection.send(&self.place.origin, request);
        Sent { answer, slot: self }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connection.free_place();
        self.place.freed.notify_one();
    }
}

/// A request that is on its way.
pub(crate) struct Sent {
    /// Before the slot, so that a request that is given up ends before its place is another's.
    answer: std::pin::Pin<Box<dyn Future<Output = Result<Begun, Failure>> + Send>>,
    slot: Slot,
}

impl Sent {
    pub(crate) async fn answer(&mut self) -> Result<Begun, Failure> {
        self.answer.as_mut().await
    }

    pub(crate) fn was_kept(&self) -> bool {
        self.slot.was_kept
    }

    /// The connection takes no more requests: another one is dialed for the next.
    pub(crate) fn retire(&self) {
        self.slot.connection.retire();
        self.slot.place.freed.notify_waiters();
    }

    /// The credential is good over this connection.
    pub(crate) fn prove(&self) {
        if self.slot.connection.prove() {
            self.slot.place.freed.notify_waiters();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
