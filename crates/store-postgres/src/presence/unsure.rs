//! What could not be told, because the database was away: it is told again at the next beat.
use std::sync::{Mutex, MutexGuard, PoisonError};

use offhook_store::StoreError;
use offhook_types::{Party, Timestamp};

use super::Shared;
use crate::convert::Big as _;

/// Devices of which nobody knows whether the database has them right.
#[derive(Default)]
pub(super) struct Unsure {
    parties: Mutex<Vec<(Party, Option<Timestamp>)>>,
}

impl Unsure {
    /// `until` is the end of the lease that the device's user was to have, if they were to have one.
    pub(super) fn add(&self, party: &Party, until: Option<Timestamp>) {
        self.parties().push((party.clone(), until));
    }

    fn parties(&self) -> MutexGuard<'_, Vec<(Party, Option<Timestamp>)>> {
        // Every change is one push or one take: whoever died in the middle left it whole.
        self.parties.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Tells what could not be told, as it stands by now.
    pub(super) async fn mend(&self) -> Result<(), StoreError> {
        let mut left = std::mem::take(&mut *self.unsure.parties());
        while let Some((party, until)) = left.last() {
            if let Err(error) = self.mend_one(party, *until).await {
                self.unsure.parties().append(&mut left);
                return Err(error);
            }
            left.pop();
        }
        Ok(())
    }

    async fn mend_one(&self, party: &Party, until: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(device) = &party.device else { return Ok(()) };
        let is_here = self.here().get(&party.account).is_some_and(|devices| devices.contains(device));
        match (is_here, until) {
            // It has come since, and was told then.
            (true, _) => Ok(()),
            (false, Some(until)) => self.write_departure((&party.account, device), until).await.map(drop),
            (false, None) => {
                let sql = "DELETE FROM session WHERE app = $1 AND usr = $2 AND device = $3 AND node = $4";
                let (app, user) = (party.account.app.big(), party.account.user.as_str());
                self.line.query(sql, &[&app, &user, &device.as_str(), &self.node]).await.map(drop)
            }
        }
    }
}
