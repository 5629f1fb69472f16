//! Who was connected when, as the gateway saw it: the measure for the leases of callers.
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use offhook_types::{Account, DeviceId, Party, Timestamp};

/// How long a lost caller's call may outlive the lease while nothing disturbs the server.
const PATIENCE: Duration = Duration::from_secs(2);

/// One absence of a user.
#[derive(Clone, Copy, Debug)]
struct Absence {
    /// Whether the server knows of it: after a restart it may have failed to find out.
    is_sure: bool,
    /// When the lease runs out.
    lease_until: Timestamp,
    to: Option<Timestamp>,
}

/// The presences and absences of all users.
#[derive(Debug, Default)]
pub(crate) struct Attendance {
    absences: BTreeMap<Account, Vec<Absence>>,
    here: BTreeMap<Account, BTreeSet<DeviceId>>,
}

impl Attendance {
    /// A device came.
    pub(crate) fn arrived(&mut self, party: &Party, at: Timestamp) {
        self.here.entry(party.account.clone()).or_default().extend(party.device.clone());
        if let Some(absence) = self.absences.get_mut(&party.account).and_then(|absences| absences.last_mut())
        {
            absence.to.get_or_insert(at);
        }
    }

    /// A device went.
    pub(crate) fn left(&mut self, party: &Party, at: Timestamp, lease: Duration) {
        let here = self.here.entry(party.account.clone()).or_default();
        if let Some(device) = &party.device {
            here.remove(device);
        }
        if here.is_empty() {
            self.absent(&party.account, at + lease, true);
        }
    }

    /// The server forgot who was here.
    pub(crate) fn server_died(&mut self, at: Timestamp) {
        self.here.clear();
        // What leases there were ended with it.
        for absence in self.absences.values_mut().filter_map(|absences| absences.last_mut()) {
            absence.to.get_or_insert(at);
        }
    }

    /// The server found a caller waiting when it started.
    pub(crate) fn absent(&mut self, account: &Account, lease_until: Timestamp, is_sure: bool) {
        if self.here.get(account).is_some_and(|here| !here.is_empty()) {
            return;
        }
        let absences = self.absences.entry(account.clone()).or_default();
        absences.push(Absence { is_sure, lease_until, to: None });
    }

    /// Whether some lease of the user had run out by `at` without their return.
    pub(crate) fn was_lost(&self, account: &Account, at: Timestamp) -> bool {
        let Some(absences) = self.absences.get(account) else { return false };
        absences.iter().any(|absence| {
            absence.lease_until <= at && absence.to.is_none_or(|back| back >= absence.lease_until)
        })
    }

    /// Whether the user has been away for so long that their unanswered calls must have been taken back by `now`, given
    /// that nothing has disturbed the server since `steady_since`.
    pub(crate) fn is_overdue(&self, account: &Account, now: Timestamp, steady_since: Timestamp) -> bool {
        let Some(absence) = self.absences.get(account).and_then(|absences| absences.last()) else {
            return false;
        };
        let lost_while_steady = absence.lease_until >= steady_since;
        absence.is_sure && absence.to.is_none() && lost_while_steady && absence.lease_until + PATIENCE < now
    }
}
