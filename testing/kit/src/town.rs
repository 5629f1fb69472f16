//! Call-control on the memory model, and the passing of time.
use std::{sync::Arc, time::Duration};

use offhook_bus::InProcessBus;
use offhook_call_control::{AppPolicy, CallControl, NoRooms, Policies, RoomUsage, Rooms, World};
use offhook_store::memory::MemoryStore;
use offhook_types::{Account, AppId, CallId, DeviceId, Party, UserId};

use crate::{Phone, TestRooms, TestWorld, ready};

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
        Self::at(TestWorld::new(), store, rooms, policy)
    }

    fn at(world: TestWorld, store: Arc<MemoryStore>, rooms: Arc<dyn Rooms>, policy: AppPolicy) -> Self {
        let bus = Arc::new(InProcessBus::new());
        let control = CallControl::new(Arc::clone(&store), bus, world.clone(), Policies::new(policy));
        Self { control: Arc::new(control.with_rooms(rooms)), store, world }
    }

    /// The same town after its server died and came back: what was committed is there, who was connected is not.
    #[must_use]
    pub fn restarted(self, policy: AppPolicy) -> Self {
        let town = Self::at(self.world, self.store, Arc::new(NoRooms), policy);
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
