//! The keys of the last day, under a hash of 128 bits.
use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::BuildHasher,
};

use offhook_store::{KEY_RETENTION, Remembered};
use offhook_types::{Account, CallId, IdempotencyKey, Timestamp};

use super::UserNumber;

/// All keys. Costs about 100 bytes a key.
#[derive(Default)]
pub(crate) struct Keys {
    hashers: [RandomState; 2],
    order: VecDeque<(Timestamp, Hash)>,
    stand_for: HashMap<Hash, Meaning>,
}

type Hash = [u64; 2];

/// What a key stands for, packed: an enum with a call's id would be twice as large.
#[derive(Clone, Copy)]
struct Meaning {
    at: Timestamp,
    /// The call's id in two halves; zero for a tombstone, which is no call's id.
    call: [u64; 2],
    fingerprint: u64,
}

/// A key and whose it is.
#[derive(Clone, Copy)]
pub(crate) struct KeyOf<'a> {
    pub(crate) account: &'a Account,
    pub(crate) key: &'a IdempotencyKey,
}

/// A key on its way to the database.
#[derive(Debug)]
pub(crate) struct FoldedKey {
    pub(crate) at: Timestamp,
    pub(crate) key: IdempotencyKey,
    pub(crate) remembered: Remembered,
    pub(crate) user: UserNumber,
}

impl Keys {
    pub(crate) fn find(&self, account: &Account, key: &IdempotencyKey) -> Option<Remembered> {
        self.stand_for.get(&self.hash(account, key)).map(Meaning::remembered)
    }

    pub(crate) fn insert(&mut self, at: Timestamp, key: KeyOf<'_>, remembered: Remembered) {
        let hash = self.hash(key.account, key.key);
        self.order.push_back((at, hash));
        self.stand_for.insert(hash, Meaning::new(at, remembered));
    }

    /// Forgets old keys; says whether there were any.
    pub(crate) fn trim(&mut self, now: Timestamp) -> bool {
        let before = self.order.len();
        while let Some((at, hash)) = self.order.pop_front_if(|(at, _)| now.since(*at) >= KEY_RETENTION) {
            // A key may have been forgotten, used again, and both be replayed.
            if self.stand_for.get(&hash).is_some_and(|meaning| meaning.at == at) {
                self.stand_for.remove(&hash);
            }
        }
        self.order.len() < before
    }

    fn hash(&self, account: &Account, key: &IdempotencyKey) -> Hash {
        [self.hashers[0].hash_one((account, key)), self.hashers[1].hash_one((account, key))]
    }
}

impl Meaning {
    fn new(at: Timestamp, remembered: Remembered) -> Self {
        match remembered {
            Remembered::Call { call, fingerprint } => {
                let id = call.as_u128();
                let high = u64::try_from(id >> 64).expect("half of an id fits");
                let low = u64::try_from(id & u128::from(u64::MAX)).expect("half of an id fits");
                Self { at, call: [high, low], fingerprint }
            }
            Remembered::Canceled => Self { at, call: [0; 2], fingerprint: 0 },
        }
    }

    fn remembered(&self) -> Remembered {
        let [high, low] = self.call.map(u128::from);
        CallId::from_u128(high << 64 | low)
            .map_or(Remembered::Canceled, |call| Remembered::Call { call, fingerprint: self.fingerprint })
    }
}
