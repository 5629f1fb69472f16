//! Devices, jobs and pushes for tests of stores.
use offhook_call::Call;
use offhook_types::{CallSeq, DeviceId, Opaque, Timestamp};

use super::world::{APP, at, silent, user};
use crate::{
    Device, Job, JobKey, LedgerEntry, LedgerKey, LedgerOutcome, Outbox, SealedAddress, StoredResource,
    Transition, Turn,
};

/// An id of a device.
///
/// # Panics
/// If `name` is not an id.
#[must_use]
pub fn device_id(name: &str) -> DeviceId {
    DeviceId::new(name).expect("a test names devices by their rules")
}

/// The digest of the `n`-th address there is.
#[must_use]
pub fn digest(n: u8) -> [u8; 16] {
    let mut digest = [0xd1; 16];
    digest[15] = n;
    digest
}

/// The `n`-th address there is, brought `seconds` after the beginning.
#[must_use]
pub fn address(n: u8, seconds: u64) -> SealedAddress {
    SealedAddress {
        digest: digest(n),
        kind: if n.is_multiple_of(2) { "fcm" } else { "apns_voip" }.into(),
        registered_at: at(seconds),
        sealed: vec![n, 0, 0xff, b'"'],
    }
}

/// A device with the addresses of these numbers, brought `seconds` after the beginning.
#[must_use]
pub fn device(name: &str, addresses: &[u8], seconds: u64) -> Device {
    Device { addresses: addresses.iter().map(|n| address(*n, seconds)).collect(), id: device_id(name) }
}

/// A resource of [`APP`].
#[must_use]
pub fn resource(name: &str, sealed: &[u8]) -> StoredResource {
    StoredResource { app: APP, name: name.into(), sealed: sealed.into() }
}

/// The transition to `call` at so many seconds after the beginning, which leaves a job for each of these users.
#[must_use]
pub fn leaving(call: &Call, names: &[&str], seconds: u64) -> Transition {
    let jobs = names.iter().map(|name| (user(name), Opaque::new(format!("ring {name}")))).collect();
    Transition { at: at(seconds), jobs, ..silent(call) }
}

/// The name of the job that a call's version left for a user.
#[must_use]
pub fn job_key(call: &Call, name: &str) -> JobKey {
    JobKey { app: call.app, call: call.id, seq: call.seq, user: user(name) }
}

/// The jobs that [`leaving`] leaves.
#[must_use]
pub fn jobs(call: &Call, names: &[&str], seconds: u64) -> Vec<Job> {
    let job = |name: &&str| Job {
        at: at(seconds),
        body: Opaque::new(format!("ring {name}")),
        key: job_key(call, name),
    };
    names.iter().map(job).collect()
}

/// The name of a ring of a call at its first version.
#[must_use]
pub fn ledger_key(call: &Call, name: &str, device: &str) -> LedgerKey {
    LedgerKey {
        app: call.app,
        call: call.id,
        user: user(name),
        device: device_id(device),
        ring: CallSeq(1),
        turn: Turn::Ring,
    }
}

/// An entry that is claimed so many seconds after the beginning.
#[must_use]
pub fn entry(key: LedgerKey, seconds: u64) -> LedgerEntry {
    LedgerEntry {
        at: at(seconds),
        digest: digest(1),
        key,
        outcome: None,
        provider: "apns_voip".into(),
        push: 0x0123_4567_89ab_4def_8000_0000_0000_0000 + u128::from(seconds),
        resource: "ring".into(),
    }
}

/// What comes of a push that is accepted so many seconds after the beginning.
#[must_use]
pub fn outcome(seconds: u64) -> LedgerOutcome {
    LedgerOutcome {
        at: at(seconds),
        attempts: 1,
        detail: String::new(),
        refused: false,
        verdict: "accepted".into(),
    }
}

/// All jobs of a store.
///
/// # Panics
/// If it cannot be read.
pub async fn all_jobs(store: &impl Outbox) -> Vec<Job> {
    store.jobs(Timestamp::FAR_FUTURE).await.expect("readable")
}
