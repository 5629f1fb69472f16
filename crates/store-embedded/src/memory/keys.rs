//! The keys of the last day, under a hash of 128 bits.
use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::BuildHasher,
};

use offhook_store::{KEY_RETENTION, Remembered};
use offhook_types::{Account, CallId, IdempotencyKey, Timestamp};

use super::UserNumber;

/// All keys. Costs about 90 bytes a key.
#[derive(Default)]
pub(crate) struct Keys {
    hashers: [RandomState; 2],
    order: VecDeque<(Timestamp, Hash)>,
    stand_for: HashMap<Hash, Meaning>,
}

type Hash = [u64; 2];

/// The call's id in two halves and the fingerprint; all zero for a tombstone (no call has the id zero).
type Meaning = [u64; 3];

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
        self.stand_for.get(&self.hash(account, key)).copied().map(meaning)
    }

    pub(crate) fn insert(
        &mut self,
        at: Timestamp,
        account: &Account,
        key: &IdempotencyKey,
        remembered: Remembered,
    ) {
        let hash = self.hash(account, key);
        self.order.push_back((at, hash));
        self.stand_for.insert(hash, halves(remembered));
    }

    pub(crate) fn trim(&mut self, now: Timestamp) {
        while let Some((_, hash)) = self.order.pop_front_if(|(at, _)| now.since(*at) >= KEY_RETENTION) {
            self.stand_for.remove(&hash);
        }
    }

    fn hash(&self, account: &Account, key: &IdempotencyKey) -> Hash {
        [self.hashers[0].hash_one((account, key)), self.hashers[1].hash_one((account, key))]
    }
}

fn halves(remembered: Remembered) -> Meaning {
    match remembered {
        Remembered::Call { call, fingerprint } => {
            let id = call.as_u128();
            [(id >> 64) as u64, id as u64, fingerprint]
        }
        Remembered::Canceled => [0; 3],
    }
}

fn meaning([high, low, fingerprint]: Meaning) -> Remembered {
    CallId::from_u128(u128::from(high) << 64 | u128::from(low))
        .map_or(Remembered::Canceled, |call| Remembered::Call { call, fingerprint })
}
