//! Devices say where they are woken.
use std::collections::BTreeSet;

use offhook_bus::Bus;
use offhook_push::{
    Address, ApnsChannel, ApnsToken, Environment, InvalidAddress, Sealer, Token, WebSubscription,
};
use offhook_signaling::{
    ApnsEnvironment, AskPushKey, Code, DeviceAddress, Problem, PushKey, RegisterDevice, Reply,
};
use offhook_store::{Device, LedgerEntry, SealedAddress, Store, StoreError};
use offhook_types::{AppId, CallId, DeviceId, Party, Timestamp};

use crate::{CallControl, World, problem};

const MOST_ADDRESSES: usize = 4;

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Registers where the party's device is woken.
    pub(crate) async fn register_device(
        &self,
        party: &Party,
        register: &RegisterDevice,
    ) -> Result<Reply, Problem> {
        let app = party.account.app;
        let id = named(party)?;
        if !self.pushes.is_on(app) {
            let text = "this app sends no pushes: configure a push resource";
            return Err(Problem::new(Code::PushInvalid, text));
        }
        let addresses = checked(&register.addresses)?;
        let now = self.world.now();
        let seal = |address: &Address| sealed(self.pushes.sealer(), app, (address, now));
        let device = Device { addresses: addresses.iter().map(seal).collect(), id };
        let put = self.store.put_device(&party.account, device).await;
        put.map_err(|error| problem::of_store(&error))?;
        Ok(Reply::Done)
    }

    /// Forgets where the party's device is woken.
    pub(crate) async fn unregister_device(&self, party: &Party) -> Result<Reply, Problem> {
        let removed = self.store.remove_device(&party.account, &named(party)?).await;
        removed.map_err(|error| problem::of_store(&error))?;
        Ok(Reply::Done)
    }

    /// A device that logged out is woken no more.
    pub(crate) async fn forget_device(&self, party: &Party) -> Result<(), StoreError> {
        match &party.device {
            Some(device) if self.pushes.is_on(party.account.app) => {
                self.store.remove_device(&party.account, device).await.map(drop)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// With which key a browser subscribes.
    pub(crate) fn push_key(&self, party: &Party, ask: &AskPushKey) -> Reply {
        let name = super::words::or_default(&ask.resource);
        Reply::PushKey(PushKey { key: self.pushes.web_key(party.account.app, name) })
    }

    /// What was sent to which device in a call that the party has to do with.
    ///
    /// # Errors
    /// [`Code::CallNotFound`], [`Code::StoreUnavailable`].
    pub async fn pushes_of(&self, party: &Party, call: CallId) -> Result<Vec<LedgerEntry>, Problem> {
        let app = party.account.app;
        let known = self.load(app, call).await?;
        if known.is_none_or(|call| !call.legs.contains_key(&party.account.user)) {
            return Err(problem::call_not_found());
        }
        self.store.ledger(app, call).await.map_err(|error| problem::of_store(&error))
    }
}

fn named(party: &Party) -> Result<DeviceId, Problem> {
    party.device.clone().ok_or_else(|| Problem::new(Code::PushInvalid, "name the device"))
}

/// The addresses, if each is one and no two are of one kind.
fn checked(addresses: &[DeviceAddress]) -> Result<Vec<Address>, Problem> {
    let kinds: BTreeSet<&str> = addresses.iter().map(DeviceAddress::provider).collect();
    if !(1..=MOST_ADDRESSES).contains(&addresses.len()) || kinds.len() != addresses.len() {
        let text = "`addresses` are 1 to 4, no two of one provider";
        return Err(Problem::new(Code::PushInvalid, text));
    }
    addresses
        .iter()
        .map(|address| {
            address_of(address).map_err(|invalid| {
                Problem::new(Code::PushInvalid, format!("{}: {invalid}", address.provider()))
            })
        })
        .collect()
}

fn address_of(address: &DeviceAddress) -> Result<Address, InvalidAddress> {
    let apns = |channel, environment: ApnsEnvironment, token: &str| {
        let environment = match environment {
            ApnsEnvironment::Production => Environment::Production,
            ApnsEnvironment::Sandbox => Environment::Sandbox,
        };
        ApnsToken::new(channel, environment, token).map(Address::Apns)
    };
    match address {
        DeviceAddress::ApnsAlert { environment, token } => apns(ApnsChannel::Alert, *environment, token),
        DeviceAddress::ApnsVoip { environment, token } => apns(ApnsChannel::Voip, *environment, token),
        DeviceAddress::Fcm { token } => Ok(Address::Fcm { token: Token::new(token.as_str())? }),
        DeviceAddress::Web { auth, endpoint, p256dh } => {
            WebSubscription::new(endpoint, p256dh, auth).map(Address::Web)
        }
        DeviceAddress::Webhook { token } => Ok(Address::Webhook { token: Token::new(token.as_str())? }),
    }
}

/// An address in the form in which it is kept.
pub(super) fn sealed(
    sealer: &Sealer,
    app: AppId,
    (address, registered_at): (&Address, Timestamp),
) -> SealedAddress {
    let plain = serde_json::to_vec(address).expect("an address is texts");
    let kind = match address {
        Address::Apns(apns) => match apns.channel {
            ApnsChannel::Alert => "apns_alert",
            ApnsChannel::Voip => "apns_voip",
        },
        Address::Fcm { .. } | Address::Web(_) | Address::Webhook { .. } => address.provider(),
    };
    SealedAddress {
        digest: sealer.digest(&address.identity()),
        kind: kind.to_owned(),
        registered_at,
        sealed: sealer.seal(&purpose(app), &plain),
    }
}

/// Opens an address; `None` if it was sealed with another secret.
pub(super) fn open(sealer: &Sealer, app: AppId, sealed: &SealedAddress) -> Option<Address> {
    let plain = sealer.open(&purpose(app), &sealed.sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// An address opens for its own app alone.
fn purpose(app: AppId) -> String {
    format!("address of app {}", app.0)
}
