//! Every entry in the ledger of pushes and what its vendor said, kept apart from the store: I11, and I4 for what is
//! handed to vendors.
use std::{collections::BTreeMap, time::Duration};

use offhook_call::Call;
use offhook_call_control::Parcel;
use offhook_push::{Address, ApnsChannel, Kind};
use offhook_store::{Job, LedgerEntry, LedgerKey, Turn};
use offhook_types::{CallId, CallSeq, Timestamp, UserId};

use crate::ledger::{Ledger, Violation};

/// How many operations of the store lie between reading the ledger and posting a stop, at most.
const STEPS: u32 = 12;

/// Everything about pushes that was ever committed or posted.
#[derive(Default)]
pub(crate) struct Book {
    claims: BTreeMap<LedgerKey, Claim>,
    /// Jobs that were committed since the last time somebody asked.
    fresh: Vec<Job>,
    /// How long one operation of the store may take in this world.
    pub(crate) pause: Duration,
}

/// One entry.
pub(super) struct Claim {
    pub(super) at: Timestamp,
    pub(super) fate: Fate,
    /// Since when the store has known that the vendor refused it.
    refused_since: Option<Timestamp>,
}

/// What became of a push, as far as the server was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the ledger, and was not posted.
    Claimed,
    /// It was posted, and the server has no answer.
    Posted,
    /// The vendor proved that it did not take it.
    Refused,
    /// The vendor has it, or may have it.
    Taken,
}

impl Book {
    /// Enters what was claimed, if it is new.
    pub(crate) fn claim(&mut self, at: Timestamp, entries: Vec<LedgerEntry>) {
        for entry in entries {
            self.claims.entry(entry.key).or_insert(Claim { at, fate: Fate::Claimed, refused_since: None });
        }
    }

    /// The vendor's answer has come to the server.
    pub(crate) fn answered(&mut self, key: &LedgerKey, refused: bool) {
        if let Some(claim) = self.claims.get_mut(key) {
            claim.fate = if refused { Fate::Refused } else { Fate::Taken };
        }
    }

    /// The store knows what came of it.
    pub(crate) fn settle(&mut self, at: Timestamp, key: &LedgerKey, refused: bool) {
        if let Some(claim) = self.claims.get_mut(key) {
            claim.refused_since = refused.then(|| claim.refused_since.unwrap_or(at));
        }
    }

    pub(crate) fn add_jobs(&mut self, jobs: impl Iterator<Item = Job>) {
        self.fresh.extend(jobs);
    }

    pub(crate) fn take_jobs(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.fresh)
    }

    pub(super) fn claim_of(&self, key: &LedgerKey) -> Option<&Claim> {
        self.claims.get(key)
    }
}

impl Ledger {
    /// Enters a push that is being handed to its vendor.
    pub(crate) fn post(&mut self, now: Timestamp, parcel: &Parcel) {
        let verdict = self.check_post(now, parcel);
        self.note(verdict);
        if let Some(claim) = self.book.claims.get_mut(&parcel.entry) {
            claim.fate = Fate::Posted;
        }
    }

    /// I11: it is in the ledger, and the vendor has not taken it before.
    fn check_post(&self, now: Timestamp, parcel: &Parcel) -> Result<(), Violation> {
        let key = &parcel.entry;
        let told = |what: &str| Err(Violation::of("I11", format!("{} {what}", line_of(key))));
        let Some(claim) = self.book.claims.get(key) else {
            return told("is posted without an entry in the ledger");
        };
        match claim.fate {
            Fate::Claimed | Fate::Refused => {}
            Fate::Posted => return told("is posted again, though its vendor has not answered"),
            Fate::Taken => return told("is posted again, though its vendor may have taken it"),
        }
        match key.turn {
            Turn::Ring => self.check_ring(now, parcel, claim),
            Turn::Stop => self.check_stop(parcel, claim),
            Turn::Missed => self.check_missed(now, parcel),
        }
    }

    /// I11: a ring goes out while the leg rings, and says for how long.
    fn check_ring(&self, now: Timestamp, parcel: &Parcel, claim: &Claim) -> Result<(), Violation> {
        let key = &parcel.entry;
        let until = self.at(key.call, key.ring).and_then(|version| ring_of(&version.call, &key.user));
        if until.map(|(_, until)| until) != Some(parcel.order.ring_until) {
            return Err(Violation::of(
                "I4",
                format!("{} promises another ring than the leg's", line_of(key)),
            ));
        }
        let Some(end) = self.end_of_ring(key.call, key.ring, &key.user) else { return Ok(()) };
        // Between the last look at the call and the posting lies one pause of the store.
        if end < claim.at || end + self.book.pause < now {
            let what = format!("{} is posted although the leg has stopped ringing", line_of(key));
            return Err(Violation::of("I11", what));
        }
        Ok(())
    }

    /// I11: a stop follows a ring that may have come, tells of a later step, and goes by a channel that the policy allows.
    fn check_stop(&self, parcel: &Parcel, claim: &Claim) -> Result<(), Violation> {
        let key = &parcel.entry;
        let told = |what: &str| Err(Violation::of("I11", format!("{} {what}", line_of(key))));
        let ring = LedgerKey { turn: Turn::Ring, ..key.clone() };
        let Some(rung) = self.book.claims.get(&ring) else { return told("follows no ring") };
        if rung.refused_since.is_some_and(|at| at + self.book.pause * STEPS < claim.at) {
            return told("follows a ring that the vendor refused");
        }
        if parcel.order.seq <= key.ring {
            return told(&format!("tells of step {}, which is older than the ring", parcel.order.seq));
        }
        let is_over = self.end_of_ring(key.call, key.ring, &key.user).is_some();
        if !is_over {
            return Err(Violation::of("I4", format!("{} though that ring goes on", line_of(key))));
        }
        if is_voip(&parcel.address) && !parcel.resource.stop_by_voip {
            return told("goes by a VoIP push against the policy");
        }
        Ok(())
    }

    /// I11: who may have been rung is not told of a missed call as well.
    fn check_missed(&self, now: Timestamp, parcel: &Parcel) -> Result<(), Violation> {
        let key = &parcel.entry;
        let margin = self.book.pause * STEPS;
        let rung = self.rings_of(key).any(|(ring, claim)| {
            let may_have_come = matches!(claim.fate, Fate::Posted | Fate::Taken);
            ring.ring < parcel.order.seq && may_have_come && claim.at + margin < now
        });
        if rung || is_voip(&parcel.address) || !parcel.resource.missed {
            let what = format!("{} though it was rung, or the policy forbids it", line_of(key));
            return Err(Violation::of("I11", what));
        }
        Ok(())
    }

    /// The rings of the same device in the same call.
    pub(super) fn rings_of<'a>(&'a self, of: &LedgerKey) -> impl Iterator<Item = (&'a LedgerKey, &'a Claim)> {
        let from = LedgerKey { ring: CallSeq(0), turn: Turn::Ring, ..of.clone() };
        let to = LedgerKey { ring: CallSeq(u64::MAX), turn: Turn::Missed, ..of.clone() };
        self.book.claims.range(from..to).filter(|(key, _)| key.turn == Turn::Ring)
    }

    /// When the ring that began with this step was over.
    pub(super) fn end_of_ring(&self, call: CallId, ring: CallSeq, user: &UserId) -> Option<Timestamp> {
        let began = self.at(call, ring).and_then(|version| ring_of(&version.call, user))?.0;
        let later = self.versions(call).iter().filter(|version| version.call.seq > ring);
        let mut over =
            later.filter(|version| ring_of(&version.call, user).is_none_or(|(other, _)| other != began));
        over.next().map(|version| version.at)
    }
}

/// The ring of a user's leg: since when and until when.
pub(super) fn ring_of(call: &Call, user: &UserId) -> Option<(Timestamp, Timestamp)> {
    let leg = call.legs.get(user).filter(|_| !call.is_over())?;
    Some((leg.invited_at, leg.state.ring_until()?))
}

pub(super) fn is_voip(address: &Address) -> bool {
    match address {
        Address::Apns(apns) => apns.channel == ApnsChannel::Voip,
        Address::Fcm { .. } | Address::Web(_) | Address::Webhook { .. } => false,
    }
}

/// An entry in words.
pub(super) fn line_of(key: &LedgerKey) -> String {
    let LedgerKey { call, user, device, ring, turn, .. } = key;
    format!("{turn:?} of {call:?} step {ring} to {}/{}", user.as_str(), device.as_str())
}

/// A kind in a word.
pub(super) fn word_of(kind: Kind) -> &'static str {
    kind.as_str()
}
