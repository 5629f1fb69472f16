//! Who is in rooms of calls on other nodes, as they tell.
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use offhook_bus::NodeId;
use offhook_types::{Account, CallId};

/// Who is in which call's room elsewhere. A hint that makes users busy: what got lost is told anew after a while.
#[derive(Debug, Default)]
pub(crate) struct Occupancy {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How often each node has begun to name everybody.
    rounds: BTreeMap<NodeId, u64>,
    /// The round in which it was said last.
    users: HashMap<Account, BTreeMap<(NodeId, CallId), u64>>,
}

impl Occupancy {
    pub(crate) fn occupied(&self, node: NodeId, account: Account, call: CallId) {
        let mut state = self.lock();
        let round = state.rounds.get(&node).copied().unwrap_or(0);
        state.users.entry(account).or_default().insert((node, call), round);
    }

    pub(crate) fn vacated(&self, node: NodeId, account: &Account, call: CallId) {
        let mut state = self.lock();
        if let Some(calls) = state.users.get_mut(account) {
            calls.remove(&(node, call));
            if calls.is_empty() {
                state.users.remove(account);
            }
        }
    }

    /// The node names everybody from now on.
    pub(crate) fn begin(&self, node: NodeId) {
        *self.lock().rounds.entry(node).or_default() += 1;
    }

    /// It has named everybody: who was not among them is not there.
    pub(crate) fn end(&self, node: NodeId) {
        let mut state = self.lock();
        let round = state.rounds.get(&node).copied().unwrap_or(0);
        state.keep(|(of, _), said| *of != node || said == round);
    }

    /// Forgets nodes that are gone.
    pub(crate) fn forget(&self, is_gone: impl Fn(NodeId) -> bool) {
        let mut state = self.lock();
        state.keep(|(node, _), _| !is_gone(*node));
        state.rounds.retain(|node, _| !is_gone(*node));
    }

    /// Whether the user is in the room of a call other than `except`.
    pub(crate) fn is_in_a_call(&self, account: &Account, except: Option<CallId>) -> bool {
        let state = self.lock();
        let mut calls = state.users.get(account).into_iter().flat_map(BTreeMap::keys);
        calls.any(|(_, call)| Some(*call) != except)
    }

    /// Which of these nodes have never named everybody.
    pub(crate) fn unheard(&self, nodes: impl IntoIterator<Item = NodeId>) -> BTreeSet<NodeId> {
        let state = self.lock();
        nodes.into_iter().filter(|node| !state.rounds.contains_key(node)).collect()
    }

    /// Every change is one step: a thread that died while it held the lock left whole values behind.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep(&mut self, stays: impl Fn(&(NodeId, CallId), u64) -> bool) {
        self.users.retain(|_, calls| {
            calls.retain(|key, said| stays(key, *said));
            !calls.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use offhook_types::{AppId, Timestamp, UserId};

    use super::*;

    const ANN: NodeId = NodeId::new(1);
    const BEN: NodeId = NodeId::new(2);

    fn user(name: &str) -> Account {
        Account::new(AppId(1), UserId::new(name).expect("an id"))
    }

    fn call(number: u8) -> CallId {
        CallId::from_parts(Timestamp::default(), [number; 10])
    }

    #[test]
    fn who_is_in_a_calls_room_elsewhere_is_busy_for_other_calls() {
        let occupancy = Occupancy::default();
        occupancy.occupied(ANN, user("zoe"), call(1));
        assert!(
            occupancy.is_in_a_call(&user("zoe"), None) && occupancy.is_in_a_call(&user("zoe"), Some(call(2)))
        );
        assert!(
            !occupancy.is_in_a_call(&user("zoe"), Some(call(1)))
                && !occupancy.is_in_a_call(&user("yan"), None)
        );
        occupancy.vacated(BEN, &user("zoe"), call(1));
        assert!(occupancy.is_in_a_call(&user("zoe"), None), "that is not for Ben to say");
        occupancy.vacated(ANN, &user("zoe"), call(1));
        assert!(!occupancy.is_in_a_call(&user("zoe"), None) && occupancy.lock().users.is_empty());
    }

    #[test]
    fn who_is_not_named_with_the_others_is_gone() {
        let occupancy = Occupancy::default();
        assert_eq!(occupancy.unheard([ANN, BEN]).len(), 2);
        for name in ["zoe", "yan"] {
            occupancy.occupied(ANN, user(name), call(1));
            occupancy.occupied(BEN, user(name), call(2));
        }
        occupancy.begin(ANN);
        occupancy.occupied(ANN, user("zoe"), call(1));
        assert!(occupancy.is_in_a_call(&user("yan"), Some(call(2))), "not all have been named yet");
        occupancy.end(ANN);
        assert!(!occupancy.is_in_a_call(&user("yan"), Some(call(2))));
        assert!(occupancy.is_in_a_call(&user("zoe"), Some(call(2))));
        assert_eq!(occupancy.unheard([ANN, BEN]), [BEN].into());
        occupancy.forget(|node| node == BEN);
        assert!(!occupancy.is_in_a_call(&user("yan"), None));
    }
}
