//! Who is here, and for how long those who went away still count as here.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_types::{Account, DeviceId, Party, Timestamp};

/// How a device went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It logged out: it counts as gone at once.
    LoggedOut,
    /// Its connection ended: it counts as here until its lease runs out.
    Lost,
}

/// The devices that are connected, and the leases of users whose last device went away.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    away: HashMap<Account, Timestamp>,
    here: HashMap<Account, BTreeSet<DeviceId>>,
    ends: BTreeMap<Timestamp, Vec<Account>>,
}

impl Leases {
    /// A device is here.
    pub(crate) fn arrive(&self, party: &Party) {
        let mut state = self.lock();
        if let Some(until) = state.away.remove(&party.account) {
            state.forget_end(until, &party.account);
        }
        if let Some(device) = &party.device {
            state.here.entry(party.account.clone()).or_default().insert(device.clone());
        }
    }

    /// A device went. Returns whether it was the user's last one; then the lease runs until `until`.
    pub(crate) fn depart(&self, party: &Party, until: Timestamp) -> bool {
        let mut state = self.lock();
        if let (Some(here), Some(device)) = (state.here.get_mut(&party.account), &party.device) {
            here.remove(device);
            if !here.is_empty() {
                return false;
            }
        }
        state.here.remove(&party.account);
        state.lend(&party.account, until);
        true
    }

    /// Lets a user who is not here count as here until `until`; for callers found waiting after a restart.
    pub(crate) fn lend(&self, account: &Account, until: Timestamp) {
        let mut state = self.lock();
        if !state.here.contains_key(account) {
            state.lend(account, until);
        }
    }

    /// Whether this device is connected.
    pub(crate) fn is_connected(&self, party: &Party) -> bool {
        let state = self.lock();
        let here = state.here.get(&party.account);
        here.zip(party.device.as_ref()).is_some_and(|(here, device)| here.contains(device))
    }

    /// Whether the user has a device here, or one whose lease still runs.
    pub(crate) fn is_here(&self, account: &Account) -> bool {
        let state = self.lock();
        state.here.contains_key(account) || state.away.contains_key(account)
    }

    /// Takes the users whose lease has run out.
    pub(crate) fn expire(&self, now: Timestamp) -> Vec<Account> {
        let mut state = self.lock();
        let mut lost = Vec::new();
        while let Some(entry) = state.ends.first_entry().filter(|entry| *entry.key() <= now) {
            lost.extend(entry.remove());
        }
        for account in &lost {
            state.away.remove(account);
        }
        lost
    }

    /// When the next lease runs out.
    pub(crate) fn next_end(&self) -> Option<Timestamp> {
        self.lock().ends.first_key_value().map(|(at, _)| *at)
    }

    /// A thread that died while it held the lock left whole values behind: every change is one insert or remove.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn lend(&mut self, account: &Account, until: Timestamp) {
        if let Some(before) = self.away.insert(account.clone(), until) {
            self.forget_end(before, account);
        }
        self.ends.entry(until).or_default().push(account.clone());
    }

    fn forget_end(&mut self, at: Timestamp, account: &Account) {
        if let Some(accounts) = self.ends.get_mut(&at) {
            accounts.retain(|other| other != account);
            if accounts.is_empty() {
                self.ends.remove(&at);
            }
        }
    }
}
