//! The stored form: JSON with short keys, written by every store and read back by this version and all later ones.
//!
//! A call names its parties once, in its list of legs, in the order of their ids; everything else points into that
//! list. What has its default value is left out. The form is versioned by the `v` of the call; a store that finds a
//! newer one refuses it with [`StoreError::Newer`] instead of guessing. Kinds of records have no version of their own: a
//! store in which kinds may stand that an older version does not know says so by its own format, and is not opened by it.
//!
//! What is sealed is written in base64 (RFC 4648, section 4), without padding.
//!
//! Not for the wire: clients see the frames of `offhook-signaling`, which may change at another pace.

mod base64;
mod call;
mod device;
mod leg;
mod notice;
mod push;
mod record;
mod transition;
mod usage;

use offhook_call::Call;
use serde::{Deserialize, de::DeserializeOwned};

use crate::StoreError;

pub use push::{read_outcome, write_outcome};
pub use record::{
    Record, read_record, write_buried, write_claim, write_device, write_resource, write_settled, write_user,
};
pub use transition::{PendingTransition, write_transition};

/// The newest version of the form that can be read. What is written bears the oldest version that holds it: 1, or 2 for
/// a call with usage, so that a server can be taken back to an older version as long as no room has closed.
pub const VERSION: u32 = 2;

/// Appends the stored form of `call` to `out`.
pub fn write_call(call: &Call, out: &mut Vec<u8>) {
    append(&call::CallForm::from(call), out);
}

/// Reads the stored form of a call.
///
/// # Errors
/// [`StoreError::Newer`] if a newer Offhook wrote it, [`StoreError::Damaged`] if it makes no sense.
pub fn read_call(bytes: &[u8]) -> Result<Call, StoreError> {
    parse::<call::CallForm>(bytes)?.into_call()
}

fn append(form: &impl serde::Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, form).expect("a form has text keys, and a vector takes every byte");
}

/// What an older reader can tell of a newer call: its version.
#[derive(Deserialize)]
struct VersionedCall {
    v: u32,
}

/// The same of a newer transition in a record.
#[derive(Deserialize)]
struct VersionedRecord {
    t: VersionedTransition,
}

#[derive(Deserialize)]
struct VersionedTransition {
    c: VersionedCall,
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let record = serde_json::from_slice::<VersionedRecord>(bytes).map(|record| record.t.c);
        let found = record.or_else(|_| serde_json::from_slice::<VersionedCall>(bytes));
        check_version(found.map_or(0, |call| call.v)).err().unwrap_or_else(|| damaged(&error.classify()))
    })
}

fn check_version(found: u32) -> Result<(), StoreError> {
    if found > VERSION { Err(StoreError::Newer { found, known: VERSION }) } else { Ok(()) }
}

/// Says what kind of fault it is, never what the data was: it may hold the names of users.
fn damaged(fault: &impl std::fmt::Debug) -> StoreError {
    StoreError::Damaged(format!("a stored form cannot be read ({fault:?})"))
}
