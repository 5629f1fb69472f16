//! The rules of each app.
use std::{collections::BTreeMap, sync::Arc, time::Duration};

use offhook_call::Policy;
use offhook_types::AppId;

/// The rules of one app. The default is the specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppPolicy {
    /// What an invitation does to a user who is in another call.
    pub busy: BusyPolicy,
    /// The rules of each call.
    pub call: Policy,
    /// How long a caller may stay away before a call that nobody accepted is taken back; also how long a participant
    /// who went away still counts as busy. Default 30 s.
    pub caller_lease: Duration,
    /// What two calls of one pair to each other become.
    pub glare: GlarePolicy,
    /// The largest extended data, in bytes. Default 2,048.
    pub max_data_bytes: usize,
    /// Whether users may enter media rooms that belong to no call. Default no.
    pub open_rooms: bool,
    /// Whether an invitation whose caller says nothing of pushes wakes devices, by the resource `default`. Default yes.
    pub push_always: bool,
}

impl Default for AppPolicy {
    fn default() -> Self {
        Self {
            busy: BusyPolicy::Ring,
            call: Policy::default(),
            caller_lease: Duration::from_secs(30),
            glare: GlarePolicy::Off,
            max_data_bytes: 2_048,
            open_rooms: false,
            push_always: true,
        }
    }
}

/// What an invitation does to a user who is in another call, rings or calls out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusyPolicy {
    /// It is turned down as busy, without a ring.
    Reject,
    /// It rings like any other (the specification: busy is the business of apps).
    Ring,
    /// It rings with a flag (call waiting).
    Waiting,
}

/// What happens when two users call each other, alone, at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlarePolicy {
    /// The later invite becomes the acceptance of the earlier call.
    Merge,
    /// Two calls (the specification).
    Off,
}

/// The rules of all apps.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    apps: BTreeMap<AppId, Arc<AppPolicy>>,
    default: Arc<AppPolicy>,
}

impl Policies {
    /// The same rules for every app that [`Policies::set`] does not name.
    #[must_use]
    pub fn new(default: AppPolicy) -> Self {
        Self { apps: BTreeMap::new(), default: Arc::new(default) }
    }

    /// Sets the rules of one app.
    pub fn set(&mut self, app: AppId, policy: AppPolicy) {
        self.apps.insert(app, Arc::new(policy));
    }

    /// The rules of an app.
    #[must_use]
    pub fn of(&self, app: AppId) -> Arc<AppPolicy> {
        Arc::clone(self.apps.get(&app).unwrap_or(&self.default))
    }
}
