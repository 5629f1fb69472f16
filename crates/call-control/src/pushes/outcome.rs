//! What is made of the vendors' answers.
use std::time::Duration;

use offhook_bus::Bus;
use offhook_call::{Delivery, Incident};
use offhook_push::{Address, Attempt, Environment, Kind, Unsendable, Verdict, next_attempt};
use offhook_store::{LedgerOutcome, Store, StoreError};
use offhook_types::{Account, Timestamp};

use super::{Parcel, agenda::Due, devices::sealed};
use crate::{CallControl, World};

/// How long after a ring its end and a missed call are worth another try.
const WORTH_AFTER: Duration = Duration::from_mins(1);

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// What came of a push that was posted. Writes it into the ledger, tries again what may be tried again, forgets
    /// addresses at which nobody is, and tells the caller how far the invitation has got.
    pub async fn pushed(&self, parcel: Parcel, result: Result<Verdict, Unsendable>) {
        let now = self.world.now();
        let done = match result {
            Ok(verdict) => self.judge(now, parcel, verdict).await,
            Err(unsendable) => {
                tracing::debug!(%unsendable, provider = parcel.address.provider(), "a push is not sent");
                self.settle_as(&parcel, now, (&unsendable.to_string(), true)).await
            }
        };
        if let Err(error) = done {
            tracing::warn!(%error, "what came of a push could not be written down");
        }
    }

    async fn judge(&self, now: Timestamp, parcel: Parcel, verdict: Verdict) -> Result<(), StoreError> {
        let until = match parcel.order.kind {
            Kind::Ring => parcel.order.ring_until,
            Kind::Stop(_) | Kind::Missed => parcel.claimed_at + WORTH_AFTER,
        };
        let jitter = u32::try_from(parcel.order.push.as_u128() % 1_000).expect("less than a thousand");
        let attempt = Attempt { number: parcel.attempt, until, jitter };
        match &verdict {
            Verdict::WrongEnvironment { other } if !parcel.is_corrected => {
                let corrected = corrected(parcel, *other);
                self.agenda.put(now, Due::Again(Box::new(corrected)));
                self.world.wake_at(now);
                return Ok(());
            }
            Verdict::Again | Verdict::Unavailable { .. } | Verdict::Throttled { .. } => {
                if let Some(at) = next_attempt(now, attempt, &verdict) {
                    let again = Parcel { attempt: parcel.attempt + 1, ..parcel };
                    self.agenda.put(at, Due::Again(Box::new(again)));
                    self.world.wake_at(at);
                    return Ok(());
                }
            }
            Verdict::Accepted { .. } => self.reached(&parcel).await?,
            Verdict::AddressDead { since } => {
                self.forget(&parcel, since.unwrap_or(parcel.claimed_at)).await?;
            }
            // Both of the vendor's services refuse it, or it is another app's.
            Verdict::WrongEnvironment { .. } | Verdict::AddressMisfit => {
                self.forget(&parcel, parcel.claimed_at).await?;
            }
            Verdict::CredentialRefused { why } | Verdict::Malformed { why } => {
                let (provider, resource) = (parcel.address.provider(), &parcel.resource.name);
                tracing::error!(provider, resource, verdict = verdict.as_str(), %why, "a vendor refuses our pushes");
            }
            Verdict::Unknown => {}
        }
        self.settle(&parcel, now, &verdict).await
    }

    /// The vendor has it: the caller may want to know, and an address that was corrected is kept as such.
    async fn reached(&self, parcel: &Parcel) -> Result<(), StoreError> {
        if parcel.is_corrected {
            self.keep_corrected(parcel).await?;
        }
        if parcel.order.kind == Kind::Ring {
            let (reached, user) = (Delivery::PushAccepted, parcel.entry.user.clone());
            let incident = Incident::Delivered { reached, user };
            let tell = |call: &mut offhook_call::Call, now| call.handle_incident(now, incident.clone());
            self.befall(parcel.entry.app, parcel.entry.call, tell).await;
        }
        Ok(())
    }

    async fn forget(&self, parcel: &Parcel, since: Timestamp) -> Result<(), StoreError> {
        let account = Account::new(parcel.entry.app, parcel.entry.user.clone());
        let is_gone = self.store.remove_address(&account, parcel.digest, since).await?;
        if is_gone {
            tracing::info!(
                provider = parcel.address.provider(),
                "an address at which nobody is was forgotten"
            );
        }
        Ok(())
    }

    /// The other of the vendor's services has given this address out: from now on it is sent there.
    async fn keep_corrected(&self, parcel: &Parcel) -> Result<(), StoreError> {
        let account = Account::new(parcel.entry.app, parcel.entry.user.clone());
        let devices = self.store.devices(&account).await?;
        let mut addresses = devices.into_iter().flat_map(|device| device.addresses);
        let Some(known) = addresses.find(|address| address.digest == parcel.digest) else { return Ok(()) };
        let correct = sealed(self.pushes.sealer(), account.app, (&parcel.address, known.registered_at));
        // If the device has registered meanwhile, what it said counts; another ring will find out again.
        self.store.exchange_address(&account, &known, correct.sealed).await.map(drop)
    }

    async fn settle(&self, parcel: &Parcel, now: Timestamp, verdict: &Verdict) -> Result<(), StoreError> {
        let detail = match verdict {
            Verdict::Accepted { id } => id.clone().unwrap_or_default(),
            Verdict::CredentialRefused { why } | Verdict::Malformed { why } => why.to_string(),
            Verdict::AddressDead { .. }
            | Verdict::AddressMisfit
            | Verdict::Again
            | Verdict::Throttled { .. }
            | Verdict::Unavailable { .. }
            | Verdict::Unknown
            | Verdict::WrongEnvironment { .. } => String::new(),
        };
        let outcome = LedgerOutcome {
            at: now,
            attempts: parcel.attempt,
            detail,
            refused: verdict.proves_refusal(),
            verdict: verdict.as_str().to_owned(),
        };
        self.store.settle(&parcel.entry, outcome).await
    }

    /// Writes down what no vendor said.
    pub(super) async fn settle_as(
        &self,
        parcel: &Parcel,
        now: Timestamp,
        (word, refused): (&str, bool),
    ) -> Result<(), StoreError> {
        let outcome = LedgerOutcome {
            at: now,
            attempts: parcel.attempt,
            detail: word.to_owned(),
            refused,
            verdict: "unsent".to_owned(),
        };
        self.store.settle(&parcel.entry, outcome).await
    }
}

/// The same push to the other of Apple's services. It has not been taken, so this is still its first try.
fn corrected(parcel: Parcel, other: Environment) -> Parcel {
    let address = match parcel.address {
        Address::Apns(apns) => Address::Apns(offhook_push::ApnsToken { environment: other, ..apns }),
        address @ (Address::Fcm { .. } | Address::Web(_) | Address::Webhook { .. }) => address,
    };
    Parcel { address, is_corrected: true, ..parcel }
}
