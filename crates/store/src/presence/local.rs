//! Presence in the memory of one process.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    future::ready,
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_types::{Account, DeviceId, Party, Timestamp};

use super::{Answer, Presence};

/// The presence of a node that is alone. All answers are there at once.
#[derive(Default)]
pub struct LocalPresence {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    away: HashMap<Account, Timestamp>,
    here: HashMap<Account, BTreeSet<DeviceId>>,
    ends: BTreeMap<Timestamp, Vec<Account>>,
}

impl LocalPresence {
    /// Nobody is here.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A thread that died while it held the lock left whole values behind: every change is one insert or remove.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Presence for LocalPresence {
    fn arrive<'a>(&'a self, party: &'a Party) -> Answer<'a, Vec<u64>> {
        self.lock().arrive(party);
        answer(Vec::new())
    }

    fn depart<'a>(&'a self, party: &'a Party, until: Timestamp) -> Answer<'a, bool> {
        answer(self.lock().depart(party, until))
    }

    fn lend<'a>(&'a self, account: &'a Account, until: Timestamp) -> Answer<'a, ()> {
        let mut state = self.lock();
        if !state.is_here(account) {
            state.lend(account, until);
        }
        answer(())
    }

    fn is_connected<'a>(&'a self, party: &'a Party) -> Answer<'a, bool> {
        let state = self.lock();
        let here = state.here.get(&party.account).zip(party.device.as_ref());
        answer(here.is_some_and(|(here, device)| here.contains(device)))
    }

    fn is_here<'a>(&'a self, account: &'a Account) -> Answer<'a, bool> {
        answer(self.lock().is_here(account))
    }

    fn expired(&self, now: Timestamp) -> Answer<'_, Vec<Account>> {
        answer(self.lock().expire(now))
    }

    fn next_expiry(&self) -> Answer<'_, Option<Timestamp>> {
        answer(self.lock().ends.first_key_value().map(|(at, _)| *at))
    }

    fn strays(&self) -> Answer<'_, Vec<Account>> {
        answer(Vec::new())
    }
}

impl fmt::Debug for LocalPresence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPresence").finish_non_exhaustive()
    }
}

fn answer<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    Box::pin(ready(Ok(value)))
}

impl State {
    fn arrive(&mut self, party: &Party) {
        if let Some(until) = self.away.remove(&party.account) {
            self.forget_end(until, &party.account);
        }
        if let Some(device) = &party.device {
            self.here.entry(party.account.clone()).or_default().insert(device.clone());
        }
    }

    fn depart(&mut self, party: &Party, until: Timestamp) -> bool {
        if let (Some(here), Some(device)) = (self.here.get_mut(&party.account), &party.device) {
            here.remove(device);
            if !here.is_empty() {
                return false;
            }
        }
        self.here.remove(&party.account);
        self.lend(&party.account, until);
        true
    }

    fn is_here(&self, account: &Account) -> bool {
        self.here.contains_key(account) || self.away.contains_key(account)
    }

    fn expire(&mut self, now: Timestamp) -> Vec<Account> {
        let mut lost = Vec::new();
        while let Some(entry) = self.ends.first_entry().filter(|entry| *entry.key() <= now) {
            lost.extend(entry.remove());
        }
        for account in &lost {
            self.away.remove(account);
        }
        lost
    }

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
