//! I11 and I4 where something does not happen: rings and stops that get lost, and pushes to those who have gone.
use std::time::Duration;

use offhook_call_control::Parcel;
use offhook_push::Kind;
use offhook_store::{Job, LedgerKey, Turn};
use offhook_types::{Timestamp, UserId};

use super::{
    book::{Fate, line_of, ring_of},
    phone::Make,
};
use crate::{
    device::Device,
    ledger::Violation,
    queue::{DeviceIndex, What},
    simulation::Simulation,
};

/// How long a job may take while nothing disturbs the server: the patience with those who are connected, with those of
/// Apple, and a little.
const JOB_TIME: Duration = Duration::from_secs(6);

/// How long a registration must stand before a ring, or stand again before a push.
const MARGIN: Duration = Duration::from_secs(1);

impl Simulation {
    /// Looks at each job that was committed once it must have been done.
    pub(crate) fn watch_jobs(&mut self) {
        let fresh = self.stage.ledger(|ledger| ledger.book.take_jobs());
        for job in fresh {
            self.queue.plan(job.at + JOB_TIME, What::JobChecked(Box::new(job.clone())));
            self.recent_jobs.push(job);
        }
    }

    /// After everything has healed, what was left undone is done, too.
    pub(crate) fn watch_jobs_after(&mut self, steady: Timestamp) {
        for job in std::mem::take(&mut self.recent_jobs) {
            self.queue.plan(steady + JOB_TIME, What::JobChecked(Box::new(job)));
        }
    }

    pub(crate) fn check_job(&mut self, job: &Job) {
        let Some(steady) = self.stage.ledger(|ledger| ledger.steady_since) else { return };
        if self.now < job.at.max(steady) + JOB_TIME {
            return;
        }
        let is_ring = job.body.as_str().starts_with("{\"r\"");
        for index in 0..self.devices.len() {
            let device = &self.devices[index];
            let account = &device.party.account;
            if account.app != job.key.app || account.user != job.key.user {
                continue;
            }
            let lost = if is_ring { self.lost_ring(device, job) } else { self.lost_stop(index, job) };
            if let Some(key) = lost {
                let invariant = if is_ring { "I11" } else { "I4" };
                let what = format!("device {index} never got its {}", line_of(&key));
                self.note(Err(Violation::of(invariant, what)));
            }
        }
    }

    /// I11: a device that can be woken, and has not said that it rings, has an entry in the ledger.
    fn lost_ring(&self, device: &Device, job: &Job) -> Option<LedgerKey> {
        let now = self.now;
        self.registered_before(device, job.at).then_some(())?;
        let id = device.party.device.clone()?;
        let key = key_of(job, (id, job.key.user.clone()), Turn::Ring);
        self.stage.ledger(|ledger| {
            let call = &ledger.versions(job.key.call).last()?.call;
            let (began, until) = ring_of(call, &job.key.user)?;
            let has_rung = call.legs.get(&job.key.user)?.rung_on.contains(&key.device);
            let is_lost = began == job.at && now < until && !has_rung && ledger.book.claim_of(&key).is_none();
            is_lost.then_some(key)
        })
    }

    /// I4: a device that may have been woken, and has not been connected since, has its stop in the ledger.
    fn lost_stop(&self, index: DeviceIndex, job: &Job) -> Option<LedgerKey> {
        let device = &self.devices[index];
        let id = device.party.device.clone()?;
        let spared = format!("\"d\":\"{}\"", id.as_str());
        let was_here = device.last_here + MARGIN >= job.at || self.server.is_here(&device.party);
        let make = device.phone.as_ref()?.make;
        let by_voip = self.plan.pushes.as_ref()?.stop_by_voip;
        if job.body.as_str().contains(&spared)
            || was_here
            || (make == Make::Iphone { alerts: false } && !by_voip)
        {
            return None;
        }
        let any = key_of(job, (id, job.key.user.clone()), Turn::Stop);
        self.stage.ledger(|ledger| {
            let rings = ledger.rings_of(&any).filter(|(key, claim)| {
                let may_have_come = match claim.fate {
                    Fate::Posted | Fate::Taken => true,
                    Fate::Claimed | Fate::Refused => false,
                };
                key.ring < job.key.seq && may_have_come
            });
            let (ring, claim) = rings.last()?;
            let was_over_before = ledger
                .end_of_ring(ring.call, ring.ring, &ring.user)
                .is_none_or(|end| end + MARGIN < job.at || end > job.at + MARGIN);
            let key = LedgerKey { turn: Turn::Stop, ..ring.clone() };
            let is_lost = !was_over_before
                && self.registered_before(device, claim.at)
                && ledger.book.claim_of(&key).is_none();
            is_lost.then_some(key)
        })
    }

    /// Whether the device's addresses have been known to the server since before then, and live.
    fn registered_before(&self, device: &Device, at: Timestamp) -> bool {
        let registered = device.phone.as_ref().and_then(|phone| phone.registered.as_ref());
        registered.is_some_and(|known| {
            let lives = |identity: &String| {
                self.vendor.tokens.get(identity).is_some_and(|token| token.died_at.is_none())
            };
            known.since + MARGIN < at && known.identities.iter().all(lives)
        })
    }

    /// I11: nobody is woken who has logged out, or whose address has become another user's.
    pub(super) fn check_addressee(&mut self, parcel: &Parcel) {
        if !self.plan.faults.let_timers_be() || parcel.order.kind != Kind::Ring {
            return;
        }
        let entry = &parcel.entry;
        let identity = parcel.address.identity();
        let (claimed, user) = (parcel.claimed_at, &entry.user);
        let gone = self.devices.iter().any(|device| {
            let Some(phone) = &device.phone else { return false };
            let is_addressee = device.party.account.user == *user
                && device.party.account.app == entry.app
                && device.party.device.as_ref() == Some(&entry.device);
            let left = phone.logged_out_at.is_some_and(|at| at + MARGIN < claimed);
            let is_registered = phone
                .registered
                .as_ref()
                .is_some_and(|known| known.since + MARGIN < claimed && known.identities.contains(&identity));
            if is_addressee { left } else { is_registered && device.party.account.app == entry.app }
        });
        if gone {
            let what = format!("{} goes to whom that address is no more", line_of(entry));
            self.note(Err(Violation::of("I11", what)));
        }
    }
}

fn key_of(job: &Job, (device, user): (offhook_types::DeviceId, UserId), turn: Turn) -> LedgerKey {
    LedgerKey { app: job.key.app, call: job.key.call, user, device, ring: job.key.seq, turn }
}
