//! Waking the devices of a user who is invited.
use std::time::Duration;

use offhook_bus::Bus;
use offhook_call::{Call, Leg};
use offhook_push::{Address, ApnsChannel, Kind, Resource};
use offhook_signaling::PushConfig;
use offhook_store::{Device, Job, LedgerEntry, LedgerKey, SealedAddress, Store, StoreError, Turn};
use offhook_types::{Account, Party, Timestamp};

use super::{
    run::Ready,
    words::{Letter, resource_name},
};
use crate::{CallControl, World, view};

/// How long a device with a live connection has to say that it rings before it is woken like one without. More wakes
/// later where a connection is dead and nobody knows yet; less wakes devices that ring already.
const PATIENCE: Duration = Duration::from_secs(3);

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Wakes every device that does not ring. At the first look, connected ones are left to speak for themselves; gives
    /// back when to look again.
    pub(super) async fn ring(
        &self,
        now: Timestamp,
        job: &Job,
        (config, is_first): (Option<&PushConfig>, bool),
    ) -> Result<Option<Timestamp>, StoreError> {
        let call = self.store.load(job.key.app, job.key.call).await?;
        let account = Account::new(job.key.app, job.key.user.clone());
        let resource = self.pushes.resource(job.key.app, resource_name(config));
        let ringing = call.as_deref().and_then(|call| Some((call, ringing(call, job, now)?)));
        let (Some((call, (leg, until))), Some(resource)) = (ringing, resource) else {
            self.claim_and_post(Vec::new(), Some(job)).await?;
            return Ok(None);
        };
        let letter = Letter {
            call,
            caller: self.caller_name(call).await?,
            config,
            kind: Kind::Ring,
            resource: &resource,
            rung_at: leg.invited_at,
            ring_until: until,
            seq: job.key.seq,
            user: &account.user,
        };
        let (mut ready, mut waits) = (Vec::new(), false);
        for device in self.store.devices(&account).await? {
            if leg.rung_on.contains(&device.id) {
                continue;
            }
            if is_first && self.is_connected(&account, &device.id).await? {
                waits = true;
                continue;
            }
            let addresses = self.addresses(&account, &device);
            if let Some((address, sealed)) = best(addresses, &resource) {
                let party = Party { account: account.clone(), device: Some(device.id.clone()) };
                let credential = self.pushes.credential(&party, call.id, until + call.policy.grace);
                let order = letter.to(&device.id, credential, &*self.pushes);
                let entry = entry(now, job, (&device, sealed), (&resource, order.push.as_u128()));
                ready.push(Ready { address, entry, order, resource: resource.clone() });
            }
        }
        self.claim_and_post(ready, (!waits).then_some(job)).await?;
        Ok(waits.then(|| now + PATIENCE))
    }
}

/// The ring that the job was left for, if it still goes on.
fn ringing<'a>(call: &'a Call, job: &Job, now: Timestamp) -> Option<(&'a Leg, Timestamp)> {
    let until = view::ring_until(call, &job.key.user).filter(|until| now < *until)?;
    let leg = call.legs.get(&job.key.user)?;
    (leg.invited_at == job.at).then_some((leg, until))
}

/// Over which of its addresses a device is rung: what starts a call screen by itself comes first.
fn best<'a>(
    addresses: Vec<(Address, &'a SealedAddress)>,
    resource: &Resource,
) -> Option<(Address, &'a SealedAddress)> {
    let rank = |address: &Address| match address {
        Address::Apns(apns) => match apns.channel {
            ApnsChannel::Voip => 0,
            ApnsChannel::Alert => 4,
        },
        Address::Fcm { .. } => 1,
        Address::Web(_) => 2,
        Address::Webhook { .. } => 3,
    };
    let carried = addresses.into_iter().filter(|(address, _)| resource.carriers.carry(address));
    carried.min_by_key(|(address, _)| rank(address))
}

fn entry(
    now: Timestamp,
    job: &Job,
    (device, sealed): (&Device, &SealedAddress),
    (resource, push): (&Resource, u128),
) -> LedgerEntry {
    LedgerEntry {
        at: now,
        digest: sealed.digest,
        key: LedgerKey {
            app: job.key.app,
            call: job.key.call,
            user: job.key.user.clone(),
            device: device.id.clone(),
            ring: job.key.seq,
            turn: Turn::Ring,
        },
        outcome: None,
        provider: sealed.kind.clone(),
        push,
        resource: resource.name.clone(),
    }
}
