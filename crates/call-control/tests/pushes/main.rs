//! Where calls and pushes meet: who is woken, who is told to stop, and what is made of what vendors say.
mod rings;
mod stops;
mod verdicts;

use std::time::Duration;

use offhook_call_control::AppPolicy;
use offhook_signaling::{ApnsEnvironment, CallMode, DeviceAddress, Invite, PushConfig};
use offhook_testing_kit::{Phone, TestPushes, Town};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Alice's town, in which devices are woken.
pub(crate) fn town() -> (Town, TestPushes, Phone) {
    town_under(AppPolicy::default())
}

pub(crate) fn town_under(policy: AppPolicy) -> (Town, TestPushes, Phone) {
    let pushes = TestPushes::new();
    let town = Town::with_pushes(policy, &pushes);
    let alice = town.phone("alice", "phone");
    (town, pushes, alice)
}

pub(crate) fn fcm(token: &str) -> DeviceAddress {
    DeviceAddress::Fcm { token: token.into() }
}

pub(crate) fn voip(token: &str) -> DeviceAddress {
    DeviceAddress::ApnsVoip { environment: ApnsEnvironment::Production, token: token.into() }
}

pub(crate) fn alert(token: &str) -> DeviceAddress {
    DeviceAddress::ApnsAlert { environment: ApnsEnvironment::Production, token: token.into() }
}

/// A device that registered and whose app was killed since.
pub(crate) fn asleep(town: &Town, user: &str, device: &str, addresses: &[DeviceAddress]) -> Phone {
    let phone = town.phone(user, device);
    phone.register(addresses).expect("registered");
    phone.drop_connection();
    phone
}

pub(crate) fn advanced(users: &[&str]) -> Invite {
    Invite { mode: CallMode::Advanced, ..Phone::inviting(users) }
}

pub(crate) fn saying(title: &str, body: &str) -> Option<Box<PushConfig>> {
    Some(Box::new(PushConfig { title: title.into(), body: body.into(), ..PushConfig::default() }))
}
