//! Telling devices that were woken that the ring is over, and others that they missed it.
use std::{sync::Arc, time::Duration};

use offhook_bus::Bus;
use offhook_push::{Address, ApnsChannel, Kind, Resource};
use offhook_signaling::PushConfig;
use offhook_store::{Device, Job, LedgerEntry, LedgerKey, SealedAddress, Store, StoreError, Turn};
use offhook_types::{Account, CallSeq, DeviceId, Opaque, Timestamp};

use super::{errand::Why, run::Ready, words::Letter};
use crate::{CallControl, World};

/// How long a device of Apple's has to connect and hear of the end there: what wakes it again costs it much.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why and by whom a ring ended.
pub(super) struct Stop<'a> {
    pub(super) config: Option<&'a PushConfig>,
    pub(super) spared: Option<&'a DeviceId>,
    pub(super) why: Why,
}

/// What one device is to be told, and how.
struct Told<'a> {
    address: Address,
    kind: Kind,
    resource: Arc<Resource>,
    ring: CallSeq,
    sealed: &'a SealedAddress,
    turn: Turn,
}

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Tells each device that may have been woken and is not connected. At the first look, Apple's devices may yet
    /// connect; gives back when to look again.
    pub(super) async fn stop(
        &self,
        now: Timestamp,
        job: &Job,
        (stop, is_first): (&Stop<'_>, bool),
    ) -> Result<Option<Timestamp>, StoreError> {
        let account = Account::new(job.key.app, job.key.user.clone());
        let Some(call) = self.store.load(job.key.app, job.key.call).await? else {
            self.claim_and_post(Vec::new(), Some(job)).await?;
            return Ok(None);
        };
        let ledger = self.store.ledger(job.key.app, job.key.call).await?;
        let caller = self.caller_name(&call).await?;
        let (mut ready, mut waits) = (Vec::new(), false);
        for device in &self.store.devices(&account).await? {
            if stop.spared == Some(&device.id) || self.is_connected(&account, &device.id).await? {
                continue;
            }
            let rung = latest_ring(&ledger, job, &device.id);
            let Some(told) = self.told(&account, (job, stop), (device, rung)) else { continue };
            if is_first && told.address.provider() == "apns" {
                waits = true;
                continue;
            }
            let letter = Letter {
                call: &call,
                caller: caller.clone(),
                config: stop.config,
                kind: told.kind,
                resource: &told.resource,
                rung_at: call.legs.get(&account.user).map_or(job.at, |leg| leg.invited_at),
                ring_until: job.at,
                seq: job.key.seq,
                user: &account.user,
            };
            let order = letter.to(&device.id, Opaque::default(), &*self.pushes);
            let entry = entry(now, job, &told, (&device.id, order.push.as_u128()));
            ready.push(Ready { address: told.address, entry, order, resource: told.resource });
        }
        self.claim_and_post(ready, (!waits).then_some(job)).await?;
        Ok(waits.then(|| now + PATIENCE))
    }

    /// What this device is told: that its ring is over if it may have been woken, or that it missed a call if the policy
    /// wants that; `None` for nothing, or where the platform has no channel for it.
    fn told<'a>(
        &self,
        account: &Account,
        (job, stop): (&Job, &Stop<'_>),
        (device, rung): (&'a Device, Option<&LedgerEntry>),
    ) -> Option<Told<'a>> {
        let addresses = self.addresses(account, device);
        if let Some(rung) = rung {
            let resource = self.pushes.resource(account.app, &rung.resource)?;
            let (address, sealed) = channel_back(addresses, rung, &resource)?;
            let (kind, ring) = (Kind::Stop(stop.why.into()), rung.key.ring);
            return Some(Told { address, kind, resource, ring, sealed, turn: Turn::Stop });
        }
        let name = super::words::resource_name(stop.config);
        let resource = self.pushes.resource(account.app, name)?;
        let is_wanted = stop.config.is_some() || self.policy(account.app).push_always;
        if !is_wanted || !resource.missed || !stop.why.is_missed() {
            return None;
        }
        let shows = |address: &Address| !is_voip(address) && resource.carriers.carry(address);
        let (address, sealed) = addresses.into_iter().find(|(address, _)| shows(address))?;
        let (kind, ring) = (Kind::Missed, job.key.seq);
        Some(Told { address, kind, resource, ring, sealed, turn: Turn::Missed })
    }
}

/// The last ring that the device may have got, of those that this stop can mean: who was invited anew meanwhile rings on.
fn latest_ring<'a>(ledger: &'a [LedgerEntry], job: &Job, device: &DeviceId) -> Option<&'a LedgerEntry> {
    let rings = ledger.iter().filter(|entry| {
        let key = &entry.key;
        let may_have_come = !entry.outcome.as_ref().is_some_and(|outcome| outcome.refused);
        let is_of_device = key.turn == Turn::Ring && key.user == job.key.user && key.device == *device;
        is_of_device && key.ring < job.key.seq && may_have_come
    });
    rings.max_by_key(|entry| entry.key.ring)
}

/// Over which address a device is told that the ring is over that came over another: the same one, but for a VoIP push,
/// which must not be answered by a second one unless the policy says so.
fn channel_back<'a>(
    addresses: Vec<(Address, &'a SealedAddress)>,
    rung: &LedgerEntry,
    resource: &Resource,
) -> Option<(Address, &'a SealedAddress)> {
    let (same, others): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|(_, sealed)| sealed.digest == rung.digest);
    let same = same.into_iter().next()?;
    if !is_voip(&same.0) || resource.stop_by_voip {
        return Some(same);
    }
    others.into_iter().find(|(address, _)| address.provider() == "apns")
}

fn is_voip(address: &Address) -> bool {
    match address {
        Address::Apns(apns) => apns.channel == ApnsChannel::Voip,
        Address::Fcm { .. } | Address::Web(_) | Address::Webhook { .. } => false,
    }
}

fn entry(now: Timestamp, job: &Job, told: &Told<'_>, (device, push): (&DeviceId, u128)) -> LedgerEntry {
    LedgerEntry {
        at: now,
        digest: told.sealed.digest,
        key: LedgerKey {
            app: job.key.app,
            call: job.key.call,
            user: job.key.user.clone(),
            device: device.clone(),
            ring: told.ring,
            turn: told.turn,
        },
        outcome: None,
        provider: told.sealed.kind.clone(),
        push,
        resource: told.resource.name.clone(),
    }
}
