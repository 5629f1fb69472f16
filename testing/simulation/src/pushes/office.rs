//! The port to whoever sends pushes. What is posted waits on the stage until the simulated vendor takes it.
use std::{fmt, sync::Arc};

use offhook_call_control::{Parcel, Pushes};
use offhook_push::{Carriers, DEFAULT_RESOURCE, PushId, Resource, Sealer};
use offhook_types::{AppId, CallId, Opaque, Party, Timestamp};

use super::PushPlan;
use crate::stage::Stage;

/// The port of a world; it outlives the servers.
#[derive(Clone)]
pub(crate) struct Office {
    resource: Arc<Resource>,
    sealer: Arc<Sealer>,
    stage: Arc<Stage>,
}

impl Office {
    pub(crate) fn new(stage: &Arc<Stage>, plan: &PushPlan) -> Self {
        let plain = Resource::new(DEFAULT_RESOURCE, Carriers::ALL).expect("a name");
        let resource = Resource { missed: plan.missed, stop_by_voip: plan.stop_by_voip, ..plain };
        Self {
            resource: Arc::new(resource),
            sealer: Arc::new(Sealer::new(&[7; 32])),
            stage: Arc::clone(stage),
        }
    }
}

impl Pushes for Office {
    fn is_on(&self, _: AppId) -> bool {
        true
    }

    fn resource(&self, _: AppId, name: &str) -> Option<Arc<Resource>> {
        (name == self.resource.name).then(|| Arc::clone(&self.resource))
    }

    fn web_key(&self, _: AppId, _: &str) -> Option<String> {
        None
    }

    fn credential(&self, party: &Party, _: CallId, until: Timestamp) -> Opaque {
        Opaque::new(format!("{} {}", party.account.user.as_str(), until.as_millis()))
    }

    fn mint_push_id(&self) -> PushId {
        self.stage.mint_push_id()
    }

    fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    fn post(&self, parcel: Parcel) {
        self.stage.post(parcel);
    }
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office").finish_non_exhaustive()
    }
}
