//! Where a device is woken: the tokens that vendors gave it, and what the server was told of them.
use std::collections::{BTreeMap, BTreeSet};

use offhook_push::Environment;
use offhook_signaling::{ApnsEnvironment, DeviceAddress, RegisterDevice, Request};
use offhook_types::{CallId, CallSeq, Timestamp};

use super::vendor::Token;
use crate::{
    device::Power,
    queue::{DeviceIndex, What},
    random::Random,
    simulation::{Phase, Simulation},
};

/// The keys of the subscription of RFC 8291, section 5; nothing is encrypted here.
const POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

/// What a device is, as far as pushes are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Make {
    Android,
    Browser,
    /// With VoIP pushes, and with notifications or without.
    Iphone {
        alerts: bool,
    },
}

/// The part of a device that lives while its app is dead.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    /// Since when nobody is logged in, by the server's own word.
    pub(super) logged_out_at: Option<Timestamp>,
    pub(super) make: Make,
    /// The rings of calls that this device is done with.
    pub(super) over: BTreeSet<(CallId, CallSeq)>,
    /// What the server has acknowledged.
    pub(super) registered: Option<Registration>,
    /// What rings because of a push.
    pub(super) rings: BTreeMap<CallId, PushRing>,
    /// The latest step of each call that the device knows of.
    pub(super) seen: BTreeMap<CallId, CallSeq>,
    /// The rings whose end a push has told, for the checks.
    pub(super) stopped: BTreeSet<(CallId, CallSeq)>,
    /// The numbers of its tokens; none if the vendor has not been asked yet.
    tokens: Vec<u64>,
}

/// What the server has acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(super) identities: Vec<String>,
    pub(super) since: Timestamp,
}

/// A ring of a device whose app is dead.
#[derive(Clone, Copy, Debug)]
pub(super) struct PushRing {
    pub(super) ring: CallSeq,
    pub(super) seq: CallSeq,
    pub(super) until: Timestamp,
}

impl Phone {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let alerts = random.percent(60);
        let make = *random.pick(&[Make::Android, Make::Android, Make::Iphone { alerts }, Make::Browser]);
        Self {
            logged_out_at: None,
            make,
            over: BTreeSet::new(),
            registered: None,
            rings: BTreeMap::new(),
            seen: BTreeMap::new(),
            stopped: BTreeSet::new(),
            tokens: Vec::new(),
        }
    }

    fn kinds(&self) -> usize {
        match self.make {
            Make::Android | Make::Browser | Make::Iphone { alerts: false } => 1,
            Make::Iphone { alerts: true } => 2,
        }
    }

    /// Where the vendor would look its tokens up.
    fn identities(&self) -> Vec<String> {
        let identity = |number: &u64| match self.make {
            Make::Android => format!("fcm:token-{number}"),
            Make::Browser => format!("web:https://push.example/{number}"),
            Make::Iphone { .. } => format!("apns:{number:016x}"),
        };
        self.tokens.iter().map(identity).collect()
    }

    /// What it tells the server; it may be wrong about which of Apple's services it is of.
    fn addresses(&self, environment: ApnsEnvironment) -> Vec<DeviceAddress> {
        let address = |(place, number): (usize, &u64)| match self.make {
            Make::Android => DeviceAddress::Fcm { token: format!("token-{number}") },
            Make::Browser => DeviceAddress::Web {
                auth: SECRET.into(),
                endpoint: format!("https://push.example/{number}"),
                p256dh: POINT.into(),
            },
            Make::Iphone { .. } if place == 0 => {
                DeviceAddress::ApnsVoip { environment, token: format!("{number:016x}") }
            }
            Make::Iphone { .. } => DeviceAddress::ApnsAlert { environment, token: format!("{number:016x}") },
        };
        self.tokens.iter().enumerate().map(address).collect()
    }
}

impl Simulation {
    /// The app is connected: it tells where it is woken, now and then.
    pub(super) fn plan_registration(&mut self, index: DeviceIndex) {
        let is_known = self.devices[index].phone.as_ref().is_none_or(|phone| phone.registered.is_some());
        if !is_known || self.random.percent(15) {
            let at = self.soon(0, 500);
            self.queue.plan(at, What::Registers(index));
        }
    }

    pub(crate) fn register(&mut self, index: DeviceIndex) {
        let (is_on, number) = (self.devices[index].power == Power::On, self.vendor.minted);
        let Some(phone) = self.devices[index].phone.as_mut().filter(|_| is_on) else { return };
        if phone.tokens.is_empty() {
            let count = phone.kinds() as u64;
            phone.tokens = (number + 1..=number + count).collect();
            self.vendor.minted += count;
            let is_sandbox = self.random.percent(30);
            let environment = if is_sandbox { Environment::Sandbox } else { Environment::Production };
            for identity in phone.identities() {
                self.vendor.tokens.insert(identity, Token { device: index, died_at: None, environment });
            }
        }
        phone.logged_out_at = None;
        let identities = phone.identities();
        let is_sandbox = identities
            .iter()
            .any(|identity| self.vendor.tokens[identity].environment == Environment::Sandbox);
        let is_wrong = self.random.percent(20);
        let environment = match is_sandbox != is_wrong {
            true => ApnsEnvironment::Sandbox,
            false => ApnsEnvironment::Production,
        };
        let addresses = phone.addresses(environment);
        self.ask(index, Request::RegisterDevice(RegisterDevice { addresses }));
    }

    /// The server has acknowledged these addresses.
    pub(crate) fn registered(&mut self, index: DeviceIndex, addresses: &[DeviceAddress]) {
        let now = self.now;
        let Some(phone) = &mut self.devices[index].phone else { return };
        let identities = phone.identities();
        let environment = addresses.iter().find_map(|address| match address {
            DeviceAddress::ApnsAlert { environment, .. } | DeviceAddress::ApnsVoip { environment, .. } => {
                Some(*environment)
            }
            DeviceAddress::Fcm { .. } | DeviceAddress::Web { .. } | DeviceAddress::Webhook { .. } => None,
        });
        let is_current = phone.addresses(environment.unwrap_or_default()) == addresses;
        let is_known = phone.registered.as_ref().is_some_and(|known| known.identities == identities);
        if is_current && !is_known {
            phone.registered = Some(Registration { identities, since: now });
        }
    }

    /// The vendor gives the device other tokens; the old ones die at once.
    pub(super) fn rotate_tokens(&mut self, index: DeviceIndex) {
        let now = self.now;
        let Some(phone) = &mut self.devices[index].phone else { return };
        for identity in phone.identities() {
            if let Some(token) = self.vendor.tokens.get_mut(&identity) {
                token.died_at = Some(now);
            }
        }
        phone.tokens.clear();
        phone.registered = None;
        self.trace.say(now, || format!("device {index} has other tokens"));
        let at = self.soon(0, 5_000);
        self.queue.plan(at, What::Registers(index));
    }

    /// Another user's device takes over this one's tokens, as if both were one thing on which another user logs in.
    pub(super) fn hand_on_tokens(&mut self, index: DeviceIndex) {
        let other = self.random.index(self.devices.len());
        let is_other = self.devices[other].party.account != self.devices[index].party.account;
        let makes = [index, other].map(|index| self.devices[index].phone.as_ref().map(|phone| phone.make));
        if !is_other || makes[0] != makes[1] || self.phase == Phase::Healed {
            return;
        }
        let Some(phone) = &mut self.devices[index].phone else { return };
        let tokens = std::mem::take(&mut phone.tokens);
        phone.registered = None;
        let Some(heir) = &mut self.devices[other].phone else { return };
        let old = heir.identities();
        (heir.tokens, heir.registered) = (tokens, None);
        let new = heir.identities();
        for identity in old {
            self.vendor.tokens.remove(&identity);
        }
        for identity in new {
            if let Some(token) = self.vendor.tokens.get_mut(&identity) {
                token.device = other;
            }
        }
        self.trace.say(self.now, || format!("device {other} has the tokens of device {index}"));
        let at = self.soon(0, 3_000);
        self.queue.plan(at, What::Registers(other));
    }

    /// The app asks the server to forget the device; from now on it may have done so.
    pub(crate) fn logs_out(&mut self, index: DeviceIndex) {
        if let Some(phone) = &mut self.devices[index].phone {
            phone.registered = None;
        }
    }

    /// The server knows that nobody is logged in.
    pub(crate) fn logged_out(&mut self, index: DeviceIndex) {
        let now = self.now;
        let Some(phone) = &mut self.devices[index].phone else { return };
        (phone.logged_out_at, phone.registered) = (Some(now), None);
        for (call, ring) in std::mem::take(&mut phone.rings) {
            phone.over.insert((call, ring.ring));
        }
        if self.plan.pushes.as_ref().is_some_and(|plan| plan.deaths) && self.random.percent(50) {
            self.hand_on_tokens(index);
        }
    }

    /// Something happens to a device's tokens, or to its app, that no call has to do with.
    pub(crate) fn phone_acts(&mut self, index: DeviceIndex) {
        let Some(plan) = &self.plan.pushes else { return };
        let deaths = plan.deaths;
        match self.random.between(0, 99) {
            0..12 if self.devices[index].power == Power::On => {
                let coin = self.random.percent(30);
                self.kill_device(index, coin);
                let at = self.soon(5_000, 60_000);
                self.queue.plan(at, What::DeviceStarts(index));
            }
            12..16 if deaths => self.rotate_tokens(index),
            16..18 if deaths => self.hand_on_tokens(index),
            _ => {}
        }
    }
}
