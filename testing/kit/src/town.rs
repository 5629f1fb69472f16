//! Call-control on the memory model, and the passing of time.
use std::{sync::Arc, time::Duration};

use offhook_bus::InProcessBus;
use offhook_call_control::{
    AppPolicy, CallControl, NoPushes, NoRooms, Parcel, Policies, Pushes, RoomUsage, Rooms, World,
};
use offhook_push::Verdict;
use offhook_store::{LedgerEntry, memory::MemoryStore};
use offhook_types::{Account, AppId, CallId, DeviceId, Party, UserId};

use crate::{Phone, TestPushes, TestRooms, TestWorld, ready};

/// Call-control as a test assembles it.
pub(crate) type Control = CallControl<MemoryStore, InProcessBus, TestWorld>;

/// One app's users and their calls, in virtual time.
pub struct Town {
    control: Arc<Control>,
    store: Arc<MemoryStore>,
    world: TestWorld,
}

impl Town {
    /// A town under the rules of the specification.
    #[must_use]
    pub fn new() -> Self {
        Self::under(AppPolicy::default())
    }

    /// A town under these rules.
    #[must_use]
    pub fn under(policy: AppPolicy) -> Self {
        Self::over(Arc::new(MemoryStore::new()), Arc::new(NoRooms), policy)
    }

    /// A town under these rules with media rooms.
    #[must_use]
    pub fn with_rooms(policy: AppPolicy, rooms: &TestRooms) -> Self {
        Self::over(Arc::new(MemoryStore::new()), Arc::new(rooms.clone()), policy)
    }

    /// A town with media rooms on this store.
    #[must_use]
    pub fn with_rooms_on(store: MemoryStore, rooms: &TestRooms) -> Self {
        Self::over(Arc::new(store), Arc::new(rooms.clone()), AppPolicy::default())
    }

    fn over(store: Arc<MemoryStore>, rooms: Arc<dyn Rooms>, policy: AppPolicy) -> Self {
        Self::at(TestWorld::new(), store, (rooms, Arc::new(NoPushes::default())), policy)
    }

    fn at(
        world: TestWorld,
        store: Arc<MemoryStore>,
        (rooms, pushes): (Arc<dyn Rooms>, Arc<dyn Pushes>),
        policy: AppPolicy,
    ) -> Self {
        let bus = Arc::new(InProcessBus::new());
        let control = CallControl::new(Arc::clone(&store), bus, world.clone(), Policies::new(policy));
        let control = control.with_rooms(rooms).with_pushes(pushes);
        Self { control: Arc::new(control), store, world }
    }

    /// A town that wakes devices.
    #[must_use]
    pub fn with_pushes(policy: AppPolicy, pushes: &TestPushes) -> Self {
        Self::with_pushes_on(MemoryStore::new(), pushes, policy)
    }

    /// A town on this store that wakes devices.
    #[must_use]
    pub fn with_pushes_on(store: MemoryStore, pushes: &TestPushes, policy: AppPolicy) -> Self {
        let ports = (Arc::new(NoRooms) as Arc<dyn Rooms>, Arc::new(pushes.clone()) as Arc<dyn Pushes>);
        Self::at(TestWorld::new(), Arc::new(store), ports, policy)
    }

    /// The same town, which still wakes devices, after its server died and came back.
    #[must_use]
    pub fn restarted_with_pushes(self, pushes: &TestPushes, policy: AppPolicy) -> Self {
        let ports = (Arc::new(NoRooms) as Arc<dyn Rooms>, Arc::new(pushes.clone()) as Arc<dyn Pushes>);
        let town = Self::at(self.world, self.store, ports, policy);
        ready(town.control.recover());
        town
    }

    /// A vendor has answered.
    pub fn answers(&self, parcel: Parcel, verdict: Verdict) {
        ready(self.control.pushed(parcel, Ok(verdict)));
    }

    /// What was sent to which device in a call, as one of its parties reads it: `phone ring accepted`.
    ///
    /// # Panics
    /// If the party has nothing to do with the call.
    #[must_use]
    pub fn ledger(&self, party: &Party, call: CallId) -> Vec<String> {
        let entries = ready(self.control.pushes_of(party, call)).expect("a party may read");
        let line = |entry: LedgerEntry| {
            let verdict = entry.outcome.map_or("-".into(), |outcome| outcome.verdict);
            format!("{} {:?} {verdict}", entry.key.device.as_str(), entry.key.turn)
        };
        entries.into_iter().map(line).collect()
    }

    /// The same town after its server died and came back: what was committed is there, who was connected is not.
    #[must_use]
    pub fn restarted(self, policy: AppPolicy) -> Self {
        let ports = (Arc::new(NoRooms) as Arc<dyn Rooms>, Arc::new(NoPushes::default()) as Arc<dyn Pushes>);
        let town = Self::at(self.world, self.store, ports, policy);
        ready(town.control.recover());
        town
    }

    /// The device of a user of app 1, connected. Its user is registered by that.
    ///
    /// # Panics
    /// If the names are no ids.
    #[must_use]
    pub fn phone(&self, user: &str, device: &str) -> Phone {
        self.phone_of(AppId(1), user, device)
    }

    /// The device of a user of some app, connected.
    ///
    /// # Panics
    /// If the names are no ids.
    #[must_use]
    pub fn phone_of(&self, app: AppId, user: &str, device: &str) -> Phone {
        let user = UserId::new(user).expect("a test names users well");
        let device = DeviceId::new(device).expect("a test names devices well");
        let party = Party { account: Account { app, user }, device: Some(device) };
        Phone::connect(Arc::clone(&self.control), party)
    }

    /// The room of a call gives the device of `phone` up. Returns whether that is stored.
    #[must_use]
    pub fn loses(&self, phone: &Phone, call: CallId) -> bool {
        ready(self.control.participant_lost(phone.party(), call))
    }

    /// The room of a call has closed. Returns whether its usage is stored.
    #[must_use]
    pub fn closes_room(&self, usage: &mut RoomUsage) -> bool {
        ready(self.control.room_closed(usage))
    }

    /// Lets time pass, and everything happen that is due on the way, when it is due.
    pub fn pass(&self, duration: Duration) {
        let end = self.world.now() + duration;
        loop {
            match ready(self.control.run_due()) {
                Some(next) if next <= end => self.world.set(next),
                Some(_) | None => break,
            }
        }
        self.world.set(end);
        ready(self.control.run_due());
    }

    /// Lets time pass while the server's timers stand still: it is late, or busy.
    pub fn pass_unnoticed(&self, duration: Duration) {
        self.world.set(self.world.now() + duration);
    }
}

impl Default for Town {
    fn default() -> Self {
        Self::new()
    }
}
