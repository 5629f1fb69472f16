//! The vendors, and the network between them and their devices.
use std::{collections::BTreeMap, time::Duration};

use offhook_call_control::Parcel;
use offhook_push::{Address, Environment, Kind, Order, Verdict};
use offhook_store::LedgerKey;
use offhook_types::Timestamp;

use super::book::{is_voip, line_of, word_of};
use crate::{
    queue::{DeviceIndex, What},
    simulation::{Phase, Simulation},
};

/// How long a push other than a ring is of use.
const WORTH_AFTER: Duration = Duration::from_mins(1);

/// What the vendors know of their tokens, by the identity of the address.
#[derive(Debug, Default)]
pub(crate) struct Vendor {
    pub(super) minted: u64,
    pub(super) tokens: BTreeMap<String, Token>,
}

/// A token that a vendor gave out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) device: DeviceIndex,
    pub(super) died_at: Option<Timestamp>,
    /// Which of Apple's two services gave it out.
    pub(super) environment: Environment,
}

/// A vendor's answer on its way to the server.
#[derive(Debug)]
pub(crate) struct Answered {
    /// Of which life of the server the question was.
    pub(super) life: u32,
    pub(super) parcel: Parcel,
    pub(super) verdict: Verdict,
}

/// A push on its way to a device.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(super) device: DeviceIndex,
    pub(super) entry: LedgerKey,
    pub(super) identity: String,
    pub(super) is_voip: bool,
    pub(super) order: Order,
    /// What was left of the ring when the push was made.
    pub(super) remaining: Duration,
}

impl Simulation {
    /// The vendors take what call-control has posted.
    pub(crate) fn hand_over_pushes(&mut self) {
        for parcel in self.stage.take_posted() {
            self.counts.posted += 1;
            match parcel.order.kind {
                Kind::Ring => self.counts.rings += 1,
                Kind::Stop(_) => self.counts.stops += 1,
                Kind::Missed => self.counts.missed += 1,
            }
            self.trace.count(self.now, line_of(&parcel.entry).as_bytes());
            self.check_addressee(&parcel);
            let verdict = self.verdict_on(&parcel);
            self.trace.say(self.now, || format!("push: {} → {verdict:?}", line_of(&parcel.entry)));
            let is_taken = match &verdict {
                Verdict::Accepted { .. } => true,
                // Nobody but the vendor knows whether it took the push.
                Verdict::Unknown => self.random.percent(50),
                Verdict::AddressDead { .. }
                | Verdict::AddressMisfit
                | Verdict::Again
                | Verdict::CredentialRefused { .. }
                | Verdict::Malformed { .. }
                | Verdict::Throttled { .. }
                | Verdict::Unavailable { .. }
                | Verdict::WrongEnvironment { .. } => false,
            };
            *self.counts.verdicts.entry(verdict.as_str()).or_default() += 1;
            if is_taken {
                self.carry(&parcel);
            }
            let slowest = *self.random.pick(&[50, 400, 400, 3_000]);
            let (at, life) = (self.soon(5, slowest), self.server.life);
            self.queue.plan(at, What::Verdict(Box::new(Answered { life, parcel, verdict })));
        }
    }

    fn verdict_on(&mut self, parcel: &Parcel) -> Verdict {
        let Some(plan) = self.plan.pushes.clone() else { return Verdict::Unknown };
        let coin = self.random.percent(50);
        let Some(token) = self.vendor.tokens.get(&parcel.address.identity()).copied() else {
            return Verdict::AddressMisfit;
        };
        if let Some(died) = token.died_at {
            return Verdict::AddressDead { since: coin.then_some(died) };
        }
        if let Address::Apns(apns) = &parcel.address
            && apns.environment != token.environment
        {
            return Verdict::WrongEnvironment { other: token.environment };
        }
        let is_healed = self.phase == Phase::Healed;
        let after = coin.then(|| Duration::from_millis(self.random.between(100, 10_000)));
        match self.random.between(0, 99) {
            0..20 if plan.refused && !is_healed => Verdict::Unavailable { after },
            20..26 if plan.refused && !is_healed => Verdict::Throttled { after },
            26..30 if plan.refused && !is_healed => Verdict::Again,
            30..33 if plan.refused && !is_healed => Verdict::CredentialRefused { why: "key".into() },
            33..35 if plan.refused && !is_healed => Verdict::Malformed { why: "size".into() },
            40..60 if plan.unknown && !is_healed => Verdict::Unknown,
            _ => Verdict::Accepted { id: None },
        }
    }

    /// The push network has it.
    fn carry(&mut self, parcel: &Parcel) {
        let Some(plan) = self.plan.pushes.clone() else { return };
        let identity = parcel.address.identity();
        let Some(token) = self.vendor.tokens.get(&identity).copied() else { return };
        let is_healed = self.phase == Phase::Healed;
        if plan.lost && !is_healed && self.random.percent(20) {
            self.counts.lost += 1;
            return;
        }
        let is_doubled = plan.doubled && !is_healed && self.random.percent(20);
        self.counts.doubled += u64::from(is_doubled);
        let order = parcel.order.clone();
        let message = Message {
            device: token.device,
            entry: parcel.entry.clone(),
            identity,
            is_voip: is_voip(&parcel.address),
            remaining: order.remaining(self.now),
            order,
        };
        for _ in 0..=u64::from(is_doubled) {
            let is_late = plan.late && !is_healed && self.random.percent(30);
            let slowest = if is_late { 60_000 } else { 600 };
            let at = self.soon(20, slowest);
            let expiry = match message.order.kind {
                Kind::Ring => message.order.ring_until,
                Kind::Missed | Kind::Stop(_) => parcel.claimed_at + WORTH_AFTER,
            };
            // Some vendors deliver what they were told to forget.
            if at > expiry && self.random.percent(60) {
                self.counts.expired += 1;
                continue;
            }
            self.queue.plan(at, What::PushComes(Box::new(message.clone())));
        }
    }

    /// What the vendor said comes to the server that asked, if it lives.
    pub(crate) fn verdict_comes(&mut self, answered: Answered) {
        let Answered { life, parcel, verdict } = answered;
        if life != self.server.life || !self.server.is_up() {
            return;
        }
        let refused = verdict.proves_refusal();
        self.stage.ledger(|ledger| ledger.book.answered(&parcel.entry, refused));
        self.trace.say(self.now, || {
            let kind = word_of(parcel.order.kind);
            format!("vendor → server: {kind} to {}: {}", parcel.order.device.as_str(), verdict.as_str())
        });
        self.tell_verdict(parcel, verdict);
    }
}
