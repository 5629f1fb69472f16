//! The race table of docs/races.md, row by row, through the whole commit path. The test of a row bears its number.
//!
//! "First" always means: committed first. Rows that speak of pushes or blocking belong to later parts of Offhook; the
//! list at the end of docs/races.md says which.

mod answers;
mod media;
mod meetings;
mod membership;

use std::time::Duration;

use offhook_call::{LateCancel, Policy};
use offhook_call_control::{AppPolicy, BusyPolicy, GlarePolicy};
use offhook_signaling::{CallMode, Code, Invite, MediaKind};
use offhook_testing_kit::{Phone, Town};
use offhook_types::IdempotencyKey;

const RING: Duration = Duration::from_secs(90);
const LEASE: Duration = Duration::from_secs(30);

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn advanced(users: &[&str]) -> Invite {
    Invite { mode: CallMode::Advanced, ..Phone::inviting(users) }
}

fn keyed(users: &[&str], key: &str) -> Invite {
    Invite { key: Some(IdempotencyKey::new(key).expect("a key")), ..Phone::inviting(users) }
}

fn with(call: Policy) -> Town {
    Town::under(AppPolicy { call, ..AppPolicy::default() })
}

fn busy(busy: BusyPolicy) -> Town {
    Town::under(AppPolicy { busy, ..AppPolicy::default() })
}

fn merging() -> Town {
    Town::under(AppPolicy { glare: GlarePolicy::Merge, ..AppPolicy::default() })
}
