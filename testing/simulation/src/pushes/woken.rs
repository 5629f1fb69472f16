//! What a device does with a push: I4 for devices whose app is dead. The rules are those that docs/push.md sets for
//! clients, and those of the platforms: a VoIP push is reported as a call at once, one for each call; and every push of
//! high priority shows something.
use std::time::Duration;

use offhook_client_core::Event;
use offhook_push::Kind;
use offhook_signaling::{Accept, Acknowledge, Reject, RejectCause, Reply, Request};
use offhook_types::{CallId, CallSeq, Opaque};

use super::{
    Message,
    book::{line_of, ring_of},
    phone::PushRing,
};
use crate::{
    device::Power,
    ledger::Violation,
    queue::{DeviceIndex, What},
    simulation::{Phase, Simulation},
};

impl Simulation {
    /// A push arrives.
    pub(crate) fn push_comes(&mut self, message: &Message) {
        let Message { device: index, entry, identity, .. } = message;
        let index = *index;
        let holds = self.vendor.tokens.get(identity);
        if !holds.is_some_and(|token| token.device == index && token.died_at.is_none()) {
            self.counts.lost += 1;
            return;
        }
        self.counts.delivered += 1;
        self.trace.say(self.now, || format!("push → device {index}: {}", line_of(entry)));
        // The platforms count: a call for each VoIP push, something to see for every other.
        *(if message.is_voip { &mut self.counts.reported } else { &mut self.counts.shown }) += 1;
        let device = &self.devices[index];
        let is_own = device.party.account.user == entry.user && device.party.account.app == entry.app;
        let is_logged_in = device.phone.as_ref().is_some_and(|phone| phone.logged_out_at.is_none());
        if !is_own || !is_logged_in {
            self.counts.foreign += 1;
            return;
        }
        match message.order.kind {
            Kind::Ring => self.ring_push_comes(index, message),
            Kind::Stop(_) => self.stop_push_comes(index, message),
            Kind::Missed => {}
        }
    }

    fn ring_push_comes(&mut self, index: DeviceIndex, message: &Message) {
        let Message { entry, order, remaining, .. } = message;
        match self.devices[index].power {
            // The app rings by itself, as its connection tells it.
            Power::On => return,
            Power::Suspended => return self.resume_device(index),
            Power::Off => {}
        }
        let device = &mut self.devices[index];
        let now = device.clock(self.now);
        let left = order.ring_until.since(now).min(*remaining);
        let Some(phone) = &mut device.phone else { return };
        let is_old = phone.seen.get(&order.call).is_some_and(|seen| *seen > order.seq);
        if left.is_zero() || is_old || phone.over.contains(&(order.call, entry.ring)) {
            self.counts.late += 1;
            return;
        }
        if phone.rings.contains_key(&order.call) {
            return;
        }
        let was_stopped = phone.stopped.contains(&(order.call, entry.ring));
        let until = self.now + left;
        phone.rings.insert(order.call, PushRing { ring: entry.ring, seq: order.seq, until });
        self.counts.rang += 1;
        self.check_push_ring(index, message, was_stopped);
        self.queue.plan(until, What::PushRingEnds(index, order.call, entry.ring));
        let at = self.soon(300, 8_000);
        self.queue.plan(at, What::WokenActs(index, order.call));
        if self.random.percent(60) {
            self.send_https(index, Request::Acknowledge(Acknowledge { call: order.call }));
        }
    }

    /// I4: nothing begins to ring whose end the device could have known.
    fn check_push_ring(&mut self, index: DeviceIndex, message: &Message, was_stopped: bool) {
        let Message { entry, order, .. } = message;
        let told = |what: &str| {
            Err(Violation::of("I4", format!("device {index} begins to ring {what}: {}", line_of(entry))))
        };
        let begun = self.stage.ledger(|ledger| {
            let version = ledger.at(order.call, entry.ring)?;
            ring_of(&version.call, &entry.user)
        });
        let verdict = match begun {
            _ if was_stopped => told("after it was told of that ring's end"),
            None => told("for a step that rang nobody"),
            Some((_, until)) if self.plan.faults.clock_skew || self.now < until => Ok(()),
            Some(_) => told("after the ring's deadline"),
        };
        self.note(verdict);
    }

    fn stop_push_comes(&mut self, index: DeviceIndex, message: &Message) {
        let Message { entry, order, .. } = message;
        let Some(phone) = &mut self.devices[index].phone else { return };
        phone.stopped.insert((order.call, entry.ring));
        let seen = phone.seen.entry(order.call).or_default();
        *seen = (*seen).max(order.seq);
        if let Some(ring) = phone.rings.get(&order.call).filter(|ring| ring.seq < order.seq).copied() {
            phone.rings.remove(&order.call);
            phone.over.insert((order.call, ring.ring));
            self.counts.stopped += 1;
        }
        if phone.rings.get(&order.call).is_some_and(|ring| ring.ring <= entry.ring) {
            let what = format!("device {index} rings on after {}", line_of(entry));
            self.note(Err(Violation::of("I4", what)));
        }
    }

    /// Somebody looks at a device that rings while its app is dead.
    pub(crate) fn woken_acts(&mut self, index: DeviceIndex, call: CallId) {
        let device = &self.devices[index];
        let rings = device.phone.as_ref().is_some_and(|phone| phone.rings.contains_key(&call));
        if !rings || device.power != Power::Off {
            return;
        }
        let data = Opaque::default();
        let roll = self.random.between(0, 9);
        match roll {
            0..4 => self.start_device(index),
            4..8 if self.phase == Phase::Breaking => {
                let request = if roll < 6 {
                    Request::Accept(Accept { call, data })
                } else {
                    Request::Reject(Reject { call, data, reason: RejectCause::Declined })
                };
                self.counts.answered += 1;
                self.end_push_rings(index, Some(call));
                self.send_https(index, request);
                let at = self.soon(200, 6_000);
                self.queue.plan(at, What::DeviceStarts(index));
            }
            _ => {}
        }
    }

    /// A request with the credential of a push, without a connection.
    fn send_https(&mut self, index: DeviceIndex, request: Request) {
        let at = self.soon(20, 400);
        self.queue.plan(at, What::Https(index, Box::new(request)));
    }

    /// What the server made of it.
    pub(crate) fn https_answered(&mut self, index: DeviceIndex, request: &Request, reply: &Reply) {
        self.trace.say(self.now, || format!("device {index}: {} by HTTPS is done", request.type_name()));
        self.check_effect(index, request, reply);
    }

    pub(crate) fn push_ring_ends(&mut self, index: DeviceIndex, call: CallId, ring: CallSeq) {
        let Some(phone) = &mut self.devices[index].phone else { return };
        if phone.rings.get(&call).is_some_and(|known| known.ring == ring) {
            phone.rings.remove(&call);
            phone.over.insert((call, ring));
        }
    }

    /// The app is connected, and from now on it alone says what rings.
    pub(crate) fn phone_hears(&mut self, index: DeviceIndex, event: &Event) {
        use offhook_client_core::{ConnectionState as State, StopReason};
        let Event::Connection(state) = event else { return };
        if let State::Online { .. } = state {
            self.end_push_rings(index, None);
            if self.devices[index].phone.is_some() {
                self.plan_registration(index);
            }
        }
        if let State::Stopped(StopReason::LoggedOut) = state {
            self.logged_out(index);
        }
    }

    fn end_push_rings(&mut self, index: DeviceIndex, which: Option<CallId>) {
        let Some(phone) = &mut self.devices[index].phone else { return };
        let ended: Vec<(CallId, CallSeq)> = phone
            .rings
            .iter()
            .filter(|(call, _)| which.is_none_or(|which| which == **call))
            .map(|(call, ring)| (*call, ring.ring))
            .collect();
        for (call, ring) in ended {
            phone.rings.remove(&call);
            phone.over.insert((call, ring));
        }
    }

    /// The app dies; what it knew of its calls stays on the device.
    pub(crate) fn remember_calls(&mut self, index: DeviceIndex) {
        let device = &mut self.devices[index];
        let Some(phone) = &mut device.phone else { return };
        for known in device.client.calls() {
            let view = known.view();
            let seen = phone.seen.entry(view.call).or_default();
            *seen = (*seen).max(view.seq);
        }
    }

    /// I4: a device whose app is dead rings no longer than its ring.
    pub(crate) fn check_push_rings(&mut self) {
        let now = self.now;
        let slack = Duration::from_secs(2);
        let late = self.devices.iter().position(|device| {
            device
                .phone
                .as_ref()
                .is_some_and(|phone| phone.rings.values().any(|ring| ring.until + slack < now))
        });
        if let Some(index) = late {
            let what = format!("device {index} rings by a push beyond its end");
            self.note(Err(Violation::of("I4", what)));
        }
    }
}
