//! What an operator counts of pushes. No label names a user, a device or a call.
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

use offhook_call_control::Parcel;
use offhook_gateway::Clock as _;
use offhook_push::{Unsendable, Verdict};

use super::PushService;

/// How many pushes came to what.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<BTreeMap<(&'static str, &'static str, &'static str), u64>>);

impl Counters {
    pub(super) fn count(&self, parcel: &Parcel, result: &Result<Verdict, Unsendable>) {
        let verdict = result.as_ref().map_or("unsent", Verdict::as_str);
        let row = (parcel.address.provider(), parcel.order.kind.as_str(), verdict);
        // A thread that died while it counted left whole numbers behind.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(row).or_default() += 1;
    }
}

impl PushService {
    /// All counters in the text form of Prometheus, version 0.0.4.
    pub(crate) fn metrics(&self) -> String {
        let mut out = String::from("# TYPE offhook_pushes_total counter\n");
        let write = "a text takes whatever is written to it";
        let counted = self.counters.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for ((provider, kind, verdict), count) in counted {
            let labels = format!("provider=\"{provider}\",kind=\"{kind}\",verdict=\"{verdict}\"");
            writeln!(out, "offhook_pushes_total{{{labels}}} {count}").expect(write);
        }
        for name in ["connections", "resting", "credential_expires_seconds"] {
            writeln!(out, "# TYPE offhook_push_{name} gauge").expect(write);
            for (app, entry) in self.registry.all() {
                for (vendor, line) in entry.built.lines.all() {
                    let state = line.state();
                    let value = match name {
                        "connections" => Some(state.connections as u64),
                        "resting" => Some(u64::from(state.resting_until.is_some())),
                        _ => state.identity_expires.map(|expires| expires.since(self.clock.now()).as_secs()),
                    };
                    let Some(value) = value else { continue };
                    let resource = &entry.built.resource.name;
                    let labels = format!("app=\"{app}\",resource=\"{resource}\",provider=\"{vendor}\"");
                    writeln!(out, "offhook_push_{name}{{{labels}}} {value}").expect(write);
                }
            }
        }
        out
    }
}
