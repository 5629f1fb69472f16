//! A post office without vendors.
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use offhook_call_control::{Parcel, Pushes};
use offhook_push::{Address, ApnsChannel, Carriers, Kind, PushId, Resource, Sealer};
use offhook_types::{AppId, CallId, Opaque, Party, Timestamp};

/// Takes pushes and keeps them until the test answers for their vendors. Clones share them.
#[derive(Clone, Debug)]
pub struct TestPushes {
    meanwhile: Meanwhile,
    sealer: Arc<Sealer>,
    state: Arc<Mutex<State>>,
}

type Act = Box<dyn FnOnce() + Send>;

/// Something that happens once, while a ring is being prepared.
#[derive(Clone, Default)]
struct Meanwhile(Arc<Mutex<Option<Act>>>);

impl fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meanwhile")
    }
}

#[derive(Debug, Default)]
struct State {
    minted: u128,
    posted: Vec<Parcel>,
    resources: BTreeMap<String, Arc<Resource>>,
}

impl TestPushes {
    /// An office with the resource `default`, which has credentials for every vendor.
    ///
    /// # Panics
    /// Never: `default` is a name.
    #[must_use]
    pub fn new() -> Self {
        let office = Self {
            meanwhile: Meanwhile::default(),
            sealer: Arc::new(Sealer::new(&[7; 32])),
            state: Arc::default(),
        };
        office.keep(Resource::new("default", Carriers::ALL).expect("a name"));
        office
    }

    /// Keeps a resource, in place of the one of that name.
    pub fn keep(&self, resource: Resource) {
        self.state().resources.insert(resource.name.clone(), Arc::new(resource));
    }

    /// Lets something happen while the next ring is being prepared: after its call was read, before it is claimed.
    ///
    /// # Panics
    /// If another thread panicked while it did the same.
    pub fn meanwhile(&self, act: impl FnOnce() + Send + 'static) {
        *self.meanwhile.0.lock().expect("no holder of the lock panics") = Some(Box::new(act));
    }

    /// The pushes that came since the last time.
    #[must_use]
    pub fn posted(&self) -> Vec<Parcel> {
        std::mem::take(&mut self.state().posted)
    }

    /// The same as lines, like `ring bob/phone by apns_voip`, in the order of the devices.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.posted().iter().map(line).collect();
        lines.sort();
        lines
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the lock panics")
    }
}

/// A push in a line.
#[must_use]
pub fn line(parcel: &Parcel) -> String {
    let order = &parcel.order;
    let what = match order.kind {
        Kind::Stop(reason) => format!("stop({})", reason.as_str()),
        Kind::Ring | Kind::Missed => order.kind.as_str().to_owned(),
    };
    let by = match &parcel.address {
        Address::Apns(apns) => match apns.channel {
            ApnsChannel::Alert => "apns_alert",
            ApnsChannel::Voip => "apns_voip",
        },
        address @ (Address::Fcm { .. } | Address::Web(_) | Address::Webhook { .. }) => address.provider(),
    };
    format!("{what} {}/{} by {by}", order.user.as_str(), order.device.as_str())
}

impl Default for TestPushes {
    fn default() -> Self {
        Self::new()
    }
}

impl Pushes for TestPushes {
    fn is_on(&self, _: AppId) -> bool {
        true
    }

    fn resource(&self, _: AppId, name: &str) -> Option<Arc<Resource>> {
        self.state().resources.get(name).cloned()
    }

    fn web_key(&self, _: AppId, name: &str) -> Option<String> {
        self.state().resources.contains_key(name).then(|| format!("key of {name}"))
    }

    fn credential(&self, party: &Party, call: CallId, until: Timestamp) -> Opaque {
        let act = self.meanwhile.0.lock().expect("no holder of the lock panics").take();
        if let Some(act) = act {
            act();
        }
        let device = party.device.as_ref().map_or("-", |device| device.as_str());
        let until = until.since(call.created()).as_secs();
        Opaque::new(format!("{}/{device} for {until} s", party.account.user.as_str()))
    }

    fn mint_push_id(&self) -> PushId {
        let mut state = self.state();
        state.minted += 1;
        PushId::from_random(state.minted)
    }

    fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    fn post(&self, parcel: Parcel) {
        self.state().posted.push(parcel);
    }
}
