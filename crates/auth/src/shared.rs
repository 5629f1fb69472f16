//! The key ring in use, replaced whole under live traffic.
use std::sync::Arc;

use arc_swap::ArcSwap;
use offhook_types::{Account, Timestamp};

use crate::KeyRing;

/// Hands out the ring in force and swaps it for another without a lock, so that a rotation of keys needs no restart
/// and no verification ever sees half of it.
#[derive(Debug)]
pub struct SharedKeyRing(ArcSwap<KeyRing>);

impl SharedKeyRing {
    /// Starts with this ring.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self(ArcSwap::from_pointee(ring))
    }

    /// The ring in force. Take it once per verification, and do not keep it: a kept ring knows no rotation.
    #[must_use]
    pub fn load(&self) -> Arc<KeyRing> {
        self.0.load_full()
    }

    /// The revision of the ring in force; see [`KeyRing::revision`].
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.0.load().revision()
    }

    /// Puts another ring in force and returns its revision. Keys, apps and the times up to which whole apps are revoked
    /// come from `ring` alone; the revocations of single users in the ring before stay in force.
    pub fn replace(&self, ring: &KeyRing) -> u64 {
        let older = self.0.rcu(|older| ring.clone().with_revocations_of(older).succeeding(older));
        older.revision() + 1
    }

    /// Refuses the user's tokens issued before `after`, which is the present, and returns the new revision. Lasts as
    /// long as this value: whoever wants it to outlive the process stores it, and gives it back in
    /// [`crate::AppSpec::users_valid_after`].
    pub fn revoke_user(&self, account: &Account, after: Timestamp) -> u64 {
        let older =
            self.0.rcu(|older| KeyRing::clone(older).with_user_revoked(account, after).succeeding(older));
        older.revision() + 1
    }
}
