//! Rooms without media.
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
};

use offhook_call_control::Rooms;
use offhook_signaling::{Hidden, RoomRole, RoomToken};
use offhook_types::{Account, AppId, CallId, Party, RoomId, UserId};

/// Rooms that hand out passes and remember what they were told. Clones share both. Who is in them is for the test to
/// say.
#[derive(Clone, Debug, Default)]
pub struct TestRooms {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    here: BTreeSet<(Account, CallId)>,
    told: Vec<String>,
}

impl TestRooms {
    /// The user is in the call's room.
    pub fn enter(&self, account: &Account, call: CallId) {
        self.state().here.insert((account.clone(), call));
    }

    /// The user is no longer in the call's room.
    pub fn leave(&self, account: &Account, call: CallId) {
        self.state().here.remove(&(account.clone(), call));
    }

    /// What the rooms were told since the last time: `close`, or `remove bob`.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.state().told)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the lock panics")
    }
}

impl Rooms for TestRooms {
    fn is_available(&self) -> bool {
        true
    }

    fn token(&self, party: &Party, _: &RoomId, role: RoomRole) -> Option<RoomToken> {
        let token = format!("{} as {}", party.account.user.as_str(), role.as_str());
        party.device.as_ref().map(|_| RoomToken { expires_in_ms: 60_000, token: Hidden(token) })
    }

    fn close(&self, _: AppId, _: CallId) {
        self.state().told.push("close".into());
    }

    fn remove(&self, _: AppId, _: CallId, user: &UserId) {
        self.state().told.push(format!("remove {}", user.as_str()));
    }

    fn occupies(&self, account: &Account, except: Option<CallId>) -> bool {
        self.state().here.iter().any(|(here, call)| here == account && Some(*call) != except)
    }
}
