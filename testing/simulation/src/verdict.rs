//! What must be true of a world that healed and was left alone: I3, and the ends of I4 and I7.
use offhook_call::{Call, LegState, RejectReason};
use offhook_client_core::CallState;
use offhook_signaling::LegStatus;
use offhook_types::{DeviceId, UserId};

use crate::{
    device::Device,
    habits::main_device,
    ledger::{Ledger, Version, Violation},
    simulation::Simulation,
    wire::status_of,
};

/// Whether a device that came into a call by `call.join` is held to I3 as well.
const JOINERS_KNOW_ALL: bool = true;

impl Simulation {
    /// Looks at everything once more.
    pub(crate) fn judge(&mut self) {
        self.trace.say(self.now, || "—— the end ——".into());
        self.check_push_rings();
        let unfinished = self.store.unfinished(self.now);
        if unfinished > 0 {
            self.note(Err(Violation::of("I11", format!("{unfinished} jobs for pushes were never finished"))));
        }
        let devices = &self.devices;
        self.stage.ledger(|ledger| {
            let verdict = nothing_rings(ledger).and_then(|()| {
                devices.iter().enumerate().try_for_each(|(index, device)| {
                    judge_device(ledger, device)
                        .map_err(|v| Violation { what: format!("device {index}: {}", v.what), ..v })
                })
            });
            ledger.note(verdict);
        });
    }
}

/// I1, I3: every invitation has its outcome.
fn nothing_rings(ledger: &Ledger) -> Result<(), Violation> {
    let rings = |call: &&Call| !call.is_over() && call.legs.values().any(|leg| leg.state.is_ringing());
    match ledger.latest().find(rings) {
        Some(call) => Err(Violation::of("I3", format!("{:?} still rings at the server", call.id))),
        None => Ok(()),
    }
}

fn judge_device(ledger: &Ledger, device: &Device) -> Result<(), Violation> {
    let id = device.party.device.as_ref().expect("a simulated party has a device");
    if !device.client.is_online() {
        return Err(Violation::of("I3", "is not connected, though nothing is in the way"));
    }
    if let Some(call) = device.app.ringing.keys().next() {
        return Err(Violation::of("I4", format!("rings for {call:?}, though nothing rings at the server")));
    }
    if !device.app.asked.is_empty() {
        return Err(Violation::of("I3", "waits for an answer"));
    }
    let heard = device.client.position().map_or(0, |position| position.offset.0);
    let newest = ledger.newest_for(&device.party.account, id).0;
    if heard < newest {
        return Err(Violation::of("I7", format!("heard up to {heard}, but {newest} was meant for it")));
    }
    for call in ledger.latest().filter(|call| call.app == device.party.account.app) {
        if JOINERS_KNOW_ALL || !has_joined(ledger, device, call) {
            judge_call(device, id, call)?;
        }
    }
    device.client.calls().try_for_each(|known| judge_app(device, known))
}

/// Whether the device came into the call unasked, or took it over from another.
fn has_joined(ledger: &Ledger, device: &Device, call: &Call) -> bool {
    let leg =
        |version: &Version| version.call.legs.get(&device.party.account.user).map(|leg| leg.state.clone());
    let versions = ledger.versions(call.id);
    let states = versions.iter().map(leg);
    let nexts = versions.iter().skip(1).map(leg);
    states.zip(nexts).any(|(before, after)| {
        let is_here = |state: &Option<LegState>| {
            state.as_ref().and_then(main_device).is_some_and(|main| main == device.party.device.as_ref())
        };
        is_here(&after) && !is_here(&before) && !before.is_some_and(|state| state.is_ringing())
    })
}

/// I3: the device's view of a call is the store's, as far as it may know.
fn judge_call(device: &Device, id: &DeviceId, call: &Call) -> Result<(), Violation> {
    let user = &device.party.account.user;
    let Some(leg) = call.legs.get(user) else { return Ok(()) };
    let is_there = main_device(&leg.state).is_some_and(|main| main == Some(id));
    let Some(known) = device.client.call(call.id) else {
        if is_there && !call.is_over() {
            return Err(Violation::of("I3", format!("is in {:?} and does not know of it", call.id)));
        }
        return Ok(());
    };
    let differs = |what: &str| {
        Violation::of(
            "I3",
            format!("{what} of {:?}: known at {}, stored at {}", call.id, known.view().seq, call.seq),
        )
    };
    if known.ring_until().is_some() {
        return Err(differs("the ring"));
    }
    if !is_there {
        return if knows_own_leg(known, user, id, &leg.state) { Ok(()) } else { Err(differs("the own leg")) };
    }
    if known.is_ended() != call.is_over() {
        return Err(differs("the end"));
    }
    let same = |user: &UserId, state: &LegState| {
        known.leg_of(user).is_some_and(|leg| leg.status == status_of(state).0)
    };
    if call.legs.iter().all(|(user, leg)| same(user, &leg.state)) { Ok(()) } else { Err(differs("a leg")) }
}

/// Who is in the call on another device knows that, and nothing of what happened since.
fn knows_own_leg(known: &CallState, user: &UserId, id: &DeviceId, state: &LegState) -> bool {
    let Some(leg) = known.leg_of(user) else { return false };
    let is_elsewhere = leg.status == LegStatus::Accepted && known.view().main_device.as_ref() != Some(id);
    // Who is added while busy does not ring, and is not told.
    let is_busy = *state == LegState::Rejected { reason: RejectReason::Busy };
    // Who was not reached in time is not told so.
    let status = status_of(state).0;
    let is_unreached = status == LegStatus::NotYetReceived && leg.status == LegStatus::Inviting;
    is_elsewhere || is_busy || is_unreached || leg.status == status
}

/// I7: what the app was told, piece by piece, adds up to what the client knows.
fn judge_app(device: &Device, known: &CallState) -> Result<(), Violation> {
    let Some(told) = device.app.calls.get(&known.view().call) else { return Ok(()) };
    // After the end nothing more is told, though the client may learn more.
    let same = known.view().legs.iter().all(|leg| told.legs.get(&leg.user) == Some(&leg.status));
    if (same || known.is_ended()) && (told.is_over == known.is_ended() || told.is_merged) {
        return Ok(());
    }
    Err(Violation::of(
        "I7",
        format!("the app was told other things of {:?} than the client knows", known.view().call),
    ))
}
