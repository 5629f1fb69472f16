//! Who is here: the sessions by user, the hints for them, and which of a user's devices has to go.
use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use offhook_bus::{Hint, Listener};
use offhook_signaling::RoomEvent;
use offhook_types::{Account, AppId, DeviceId, Party, Timestamp, UserId};
use tokio::sync::Notify;

use crate::{
    config::LoginPolicy,
    seat::{Order, Seat},
};

/// How many locks the sessions are spread over. More costs memory, less makes hints wait for logins.
const SHARDS: usize = 64;

/// At most so many devices of a kind have sessions under [`LoginPolicy::Multi`].
pub(crate) const MULTI_LIMIT: usize = 10;

/// The sessions of this node. Hints of the bus arrive here.
#[derive(Debug)]
pub struct Hub {
    departed: Notify,
    draining: AtomicBool,
    hasher: RandomState,
    /// Connections that have not logged in.
    lobby: Mutex<HashMap<u64, Arc<Seat>>>,
    next_seat: AtomicU64,
    shards: Box<[Mutex<Shard>]>,
    spread: Duration,
}

pub(crate) type Shard = HashMap<Account, Vec<Member>>;

/// A session among those of its user.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) admitted: bool,
    pub(crate) browser: bool,
    pub(crate) device: DeviceId,
    pub(crate) leaving: bool,
    pub(crate) seat: Arc<Seat>,
    pub(crate) since: Timestamp,
}

impl Member {
    /// Whether the login policy counts it.
    fn counts(&self) -> bool {
        self.admitted && !self.leaving && self.seat.ordered().is_none()
    }
}

/// A session that wants to be among those of its user.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) account: Account,
    pub(crate) browser: bool,
    pub(crate) device: DeviceId,
    pub(crate) seat: Arc<Seat>,
    pub(crate) since: Timestamp,
}

impl Hub {
    pub(crate) fn new(reconnect_spread: Duration) -> Self {
        Self {
            departed: Notify::new(),
            draining: AtomicBool::new(false),
            hasher: RandomState::new(),
            lobby: Mutex::default(),
            next_seat: AtomicU64::new(1),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            spread: reconnect_spread,
        }
    }

    /// A connection came; nobody knows yet who it is.
    pub(crate) fn enter(&self) -> Arc<Seat> {
        let seat = Arc::new(Seat::new(self.next_seat.fetch_add(1, Ordering::Relaxed)));
        lock(&self.lobby).insert(seat.id, Arc::clone(&seat));
        if self.draining.load(Ordering::SeqCst) {
            seat.order(self.farewell(&seat));
        }
        seat
    }

    /// The connection ended without a session, or got one.
    pub(crate) fn leave_lobby(&self, seat: &Seat) {
        let mut lobby = lock(&self.lobby);
        lobby.remove(&seat.id);
        if lobby.capacity() > 1024 && lobby.len() < lobby.capacity() / 8 {
            lobby.shrink_to_fit();
        }
    }

    /// Lets hints reach the session. It is not counted by the login policy before [`Hub::admit`]. Waits while an older
    /// session of the same device is taking its leave, so that the handler hears of the two in order.
    pub(crate) async fn register(&self, candidate: &Candidate) {
        loop {
            let departed = self.departed.notified();
            if self.try_register(candidate) {
                return self.leave_lobby(&candidate.seat);
            }
            departed.await;
        }
    }

    fn try_register(&self, candidate: &Candidate) -> bool {
        let mut shard = self.shard(&candidate.account);
        let members = shard.entry(candidate.account.clone()).or_default();
        if members.iter().any(|member| member.leaving && member.device == candidate.device) {
            return false;
        }
        members.push(Member {
            admitted: false,
            browser: candidate.browser,
            device: candidate.device.clone(),
            leaving: false,
            seat: Arc::clone(&candidate.seat),
            since: candidate.since,
        });
        drop(shard);
        if self.draining.load(Ordering::SeqCst) {
            candidate.seat.order(self.farewell(&candidate.seat));
        }
        true
    }

    /// The session is open: whoever may not be here beside it is told to go. Returns how many were kicked.
    pub(crate) fn admit(&self, candidate: &Candidate, policy: LoginPolicy) -> usize {
        let mut shard = self.shard(&candidate.account);
        let members = shard.entry(candidate.account.clone()).or_default();
        let own = candidate.seat.id;
        members.iter_mut().filter(|member| member.seat.id == own).for_each(|member| member.admitted = true);
        let (same, mut rivals): (Vec<&Member>, Vec<&Member>) = members
            .iter()
            .filter(|member| member.seat.id != own && member.counts())
            .partition(|member| member.device == candidate.device);
        // The newest connection stays, also if an older one was held up and is open only now.
        for member in same {
            let older = if member.seat.id < own { &member.seat } else { &candidate.seat };
            older.order(Order::Replaced);
        }
        rivals.retain(|member| policy == LoginPolicy::Single || member.browser == candidate.browser);
        let room = match policy {
            LoginPolicy::Dual | LoginPolicy::Single => 0,
            LoginPolicy::Multi => MULTI_LIMIT - 1,
        };
        rivals.sort_by_key(|member| member.seat.id);
        let surplus = rivals.len().saturating_sub(room);
        rivals.iter().take(surplus).for_each(|member| member.seat.order(Order::Kicked));
        surplus
    }

    /// The session is over. Whether the handler has to be told: not if another session of the device is here. If so,
    /// [`Hub::depart`] is due when it has been told.
    pub(crate) fn begin_departure(&self, candidate: &Candidate) -> bool {
        let mut shard = self.shard(&candidate.account);
        let Some(members) = shard.get_mut(&candidate.account) else { return false };
        let own = candidate.seat.id;
        let goes_on = members.iter().any(|member| member.seat.id != own && member.device == candidate.device);
        if goes_on {
            members.retain(|member| member.seat.id != own);
        } else if let Some(member) = members.iter_mut().find(|member| member.seat.id == own) {
            member.leaving = true;
        }
        !goes_on
    }

    /// The handler has been told that the device is gone.
    pub(crate) fn depart(&self, candidate: &Candidate) {
        let mut shard = self.shard(&candidate.account);
        if let Some(members) = shard.get_mut(&candidate.account) {
            members.retain(|member| member.seat.id != candidate.seat.id);
            if members.is_empty() {
                shard.remove(&candidate.account);
            }
        }
        drop(shard);
        self.departed.notify_waiters();
    }

    /// Tells the session of a device what happened in a room that it is in, and whether there is such a session. Never waits
    /// for the client: what it does not take is dropped, and it is told to read the room (`room.reset`).
    pub fn tell(&self, party: &Party, event: RoomEvent) -> bool {
        let seat = self.seat_of(party);
        seat.inspect(|seat| seat.tell(event)).is_some()
    }

    /// Who of the app has an open session on this node.
    pub fn users(&self, app: AppId) -> BTreeSet<UserId> {
        let mut users = BTreeSet::new();
        for shard in &self.shards {
            let shard = lock(shard);
            let here = shard
                .iter()
                .filter(|(account, members)| account.app == app && members.iter().any(Member::counts));
            users.extend(here.map(|(account, _)| account.user.clone()));
        }
        users
    }

    /// How many parts the sessions lie in; see [`Hub::accounts`].
    pub fn shards(&self) -> usize {
        self.shards.len()
    }

    /// Whose sessions lie in this part.
    pub fn accounts(&self, shard: usize) -> Vec<Account> {
        self.shards.get(shard).map(|shard| lock(shard).keys().cloned().collect()).unwrap_or_default()
    }

    /// Where a device hears of its rooms.
    fn seat_of(&self, party: &Party) -> Option<Arc<Seat>> {
        let device = party.device.as_ref()?;
        let shard = self.shard(&party.account);
        let members = shard.get(&party.account).map_or(&[][..], Vec::as_slice);
        let mine = |member: &&Member| member.device == *device && !member.leaving;
        let staying = members.iter().filter(mine).filter(|member| member.seat.ordered().is_none());
        // A newer connection that is not welcomed yet will read the room; until then the older one hears.
        let member = staying.max_by_key(|member| (member.admitted, member.seat.id))?;
        Some(Arc::clone(&member.seat))
    }

    /// Has every session look whether its token still holds.
    pub(crate) fn recheck(&self) {
        self.for_each(&mut |seat| seat.recheck());
    }

    /// Has every connection end, now and from now on, and come back at different times.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        lock(&self.lobby).values().for_each(|seat| seat.order(self.farewell(seat)));
        self.for_each(&mut |seat| seat.order(self.farewell(seat)));
    }

    fn for_each(&self, visit: &mut dyn FnMut(&Seat)) {
        for shard in &self.shards {
            lock(shard).values().flatten().for_each(|member| visit(&member.seat));
        }
    }

    /// Spreads the returns evenly over the span: a step of the golden section lies far from all steps before it.
    fn farewell(&self, seat: &Seat) -> Order {
        let fraction = seat.id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let span = u64::try_from(self.spread.as_millis()).unwrap_or(u64::MAX).min(1 << 31);
        Order::Shutdown(Duration::from_millis((span * fraction) >> 32))
    }

    pub(crate) fn shard(&self, account: &Account) -> MutexGuard<'_, Shard> {
        let hash = usize::try_from(self.hasher.hash_one(account) % SHARDS as u64)
            .expect("a shard's number is small");
        lock(&self.shards[hash])
    }
}

impl Listener for Hub {
    fn hint(&self, hint: &Hint) {
        if let Some(members) = self.shard(&hint.account).get(&hint.account) {
            members.iter().for_each(|member| member.seat.hint(hint.head));
        }
    }
}

/// A panic while a lock is held leaves a map that is still sound: every change is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use offhook_signaling::RoomReset;
    use offhook_types::RoomId;

    fn candidate(hub: &Hub) -> Candidate {
        Candidate {
            account: Account::new(AppId(1), UserId::new("bob").unwrap()),
            browser: false,
            device: DeviceId::new("phone").unwrap(),
            seat: hub.enter(),
            since: Timestamp::default(),
        }
    }

    fn tell(hub: &Hub) -> bool {
        let Candidate { account, device, .. } = candidate(hub);
        let room = RoomId::new("r").unwrap();
        hub.tell(&Party { account, device: Some(device) }, RoomEvent::Reset(RoomReset { room }))
    }

    #[test]
    fn the_newest_welcomed_session_of_a_device_hears_of_its_rooms() {
        let hub = Hub::new(Duration::ZERO);
        assert!(!tell(&hub), "nobody is here");
        let (older, newer) = (candidate(&hub), candidate(&hub));
        assert!(hub.try_register(&older));
        hub.admit(&older, LoginPolicy::Multi);
        assert!(hub.try_register(&newer));
        assert!(tell(&hub));
        assert!(
            older.seat.take_mail().is_some(),
            "the newer may still be refused, and reads the room if not"
        );
        hub.admit(&newer, LoginPolicy::Multi);
        assert!(tell(&hub));
        assert!(newer.seat.take_mail().is_some());
        assert!(older.seat.take_mail().is_none());
        assert!(!hub.begin_departure(&older), "the newer goes on");
        assert!(hub.begin_departure(&newer));
        assert!(!tell(&hub), "it takes its leave");
        hub.depart(&newer);
        let next = candidate(&hub);
        assert!(hub.try_register(&next) && tell(&hub));
        next.seat.order(Order::Kicked);
        assert!(!tell(&hub), "it has to go");
    }

    #[test]
    fn an_older_connection_of_a_device_that_is_open_late_does_not_replace_the_newer() {
        let hub = Hub::new(Duration::ZERO);
        let (older, newer) = (candidate(&hub), candidate(&hub));
        assert!(hub.try_register(&older) && hub.try_register(&newer));
        hub.admit(&newer, LoginPolicy::Multi);
        hub.admit(&older, LoginPolicy::Multi);
        assert_eq!(newer.seat.ordered(), None);
        assert_eq!(older.seat.ordered(), Some(Order::Replaced));
    }
}
