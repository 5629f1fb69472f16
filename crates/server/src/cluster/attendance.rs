//! Whose hints this node wants.
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use offhook_bus::Bus as _;
use offhook_types::{Account, DeviceId, Party};

use super::NodeBus;

/// The devices with a session here. The bus counts, and a device that comes back before its old session is over is told of twice
/// when it comes and once when it goes.
pub(crate) struct Attendance {
    bus: Arc<NodeBus>,
    here: Mutex<HashSet<Device>>,
}

type Device = (Account, Option<DeviceId>);

impl Attendance {
    pub(crate) fn new(bus: Arc<NodeBus>) -> Self {
        Self { bus, here: Mutex::default() }
    }

    /// Returns whether the device was not here before. A node that is alone need not know.
    pub(crate) fn arrive(&self, party: &Party) -> bool {
        if self.bus.is_alone() {
            return false;
        }
        let is_new = self.here().insert(device(party));
        if is_new {
            self.bus.attend(&party.account);
        }
        is_new
    }

    pub(crate) fn depart(&self, party: &Party) {
        if !self.bus.is_alone() && self.here().remove(&device(party)) {
            self.bus.forsake(&party.account);
        }
    }

    fn here(&self) -> MutexGuard<'_, HashSet<Device>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner) // Every change is one insert or remove.
    }
}

fn device(party: &Party) -> Device {
    (party.account.clone(), party.device.clone())
}
