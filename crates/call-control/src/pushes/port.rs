//! What call-control needs of whoever sends pushes.
use std::{fmt, sync::Arc};

use offhook_push::{Address, Order, PushId, Resource, Sealer};
use offhook_store::LedgerKey;
use offhook_types::{AppId, CallId, Opaque, Party, Timestamp};

/// Whoever sends pushes. No method may block: each is called in the middle of a request.
pub trait Pushes: fmt::Debug + Send + Sync + 'static {
    /// Whether the app sends any pushes. If not, nothing is planned for its calls.
    fn is_on(&self, app: AppId) -> bool;

    /// A push policy of the app.
    fn resource(&self, app: AppId, name: &str) -> Option<Arc<Resource>>;

    /// The key with which browsers subscribe to the pushes of a policy.
    fn web_key(&self, app: AppId, name: &str) -> Option<String>;

    /// The right of this device to answer its ring in this call until `until` without a login.
    fn credential(&self, party: &Party, call: CallId, until: Timestamp) -> Opaque;

    /// A name for a new push, unlike any other.
    fn mint_push_id(&self) -> PushId;

    /// Seals addresses.
    fn sealer(&self) -> &Sealer;

    /// Takes a push to be sent; the verdict on it is to be told to [`crate::CallControl::pushed`].
    fn post(&self, parcel: Parcel);
}

/// A push on its way to its vendor.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Where to.
    pub address: Address,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// The digest of the address as it was registered.
    pub(crate) digest: [u8; 16],
    /// Its entry in the ledger.
    pub entry: LedgerKey,
    /// What it says.
    pub order: Order,
    /// By which policy.
    pub resource: Arc<Resource>,
    /// Whether the address's environment has been exchanged for the other one.
    pub(crate) is_corrected: bool,
}

/// An installation that sends no pushes.
#[derive(Debug)]
pub struct NoPushes(Sealer);

impl Default for NoPushes {
    fn default() -> Self {
        Self(Sealer::new(&[0; 32])) // Nothing is ever sealed with it: devices cannot be registered.
    }
}

impl Pushes for NoPushes {
    fn is_on(&self, _: AppId) -> bool {
        false
    }

    fn resource(&self, _: AppId, _: &str) -> Option<Arc<Resource>> {
        None
    }

    fn web_key(&self, _: AppId, _: &str) -> Option<String> {
        None
    }

    fn credential(&self, _: &Party, _: CallId, _: Timestamp) -> Opaque {
        Opaque::default()
    }

    fn mint_push_id(&self) -> PushId {
        PushId::from_random(0)
    }

    fn sealer(&self) -> &Sealer {
        &self.0
    }

    fn post(&self, _: Parcel) {}
}
