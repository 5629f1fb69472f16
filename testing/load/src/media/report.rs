//! What came of a run with rooms.
use std::{fmt::Write as _, time::Duration};

use serde_json::{Value, json};

use super::{
    arguments::{Arguments, Server},
    player::Counts,
};
use crate::{
    process::Cpu,
    report::{float, millis, rounded},
};

/// What was measured.
pub(super) struct Report {
    pub(super) connected: u32,
    pub(super) counts: Counts,
    pub(super) elapsed: Duration,
    /// CPU of the whole machine.
    pub(super) machine: Duration,
    /// The server's memory without rooms and with them, in bytes.
    pub(super) memory: Option<(u64, u64)>,
    /// CPU of this tool.
    pub(super) own: Cpu,
    pub(super) participants: u32,
    pub(super) server: Option<Cpu>,
    pub(super) setup: Duration,
    /// What our own node counts.
    pub(super) statistics: Value,
}

/// The figures.
pub(super) struct Findings {
    clean: bool,
    json: Value,
}

impl Findings {
    pub(super) fn new(arguments: &Arguments, report: &Report) -> Self {
        let counts = &report.counts;
        let secs = report.elapsed.as_secs_f64();
        let expected = counts.sent * u64::from(arguments.subscribers);
        let received = float(counts.received);
        let server = report.server.map(|cpu| cpu.scheduled.as_secs_f64());
        let others =
            report.server.map(|server| report.machine.saturating_sub(server.times + report.own.times));
        let delay = |share| rounded(millis(counts.delay.quantile(share)));
        let per_participant = |(before, after): (u64, u64)| {
            after.saturating_sub(before) / u64::from(report.participants.max(1))
        };
        let json = json!({
            "mode": "media",
            "server": match arguments.server { Server::Janus => "janus", Server::Node => "node" },
            "workers": arguments.workers,
            "rooms": arguments.rooms,
            "publishers": arguments.publishers,
            "subscribers": arguments.subscribers,
            "connected": report.connected,
            "setup_s": rounded(report.setup.as_secs_f64()),
            "secs": rounded(secs),
            "in_packets_per_s": rounded(float(counts.sent) / secs),
            "forwarded_packets_per_s": rounded(received / secs),
            "delivered": rounded_finely(received / float(expected)),
            "delay_ms": { "p50": delay(0.5), "p90": delay(0.9), "p99": delay(0.99), "p99_9": delay(0.999) },
            "server_cores": server.and_then(|cpu| rounded(cpu / secs)),
            "server_cpu_us_per_packet": server.and_then(|cpu| rounded(cpu * 1e6 / received)),
            "packets_per_core_second": server.and_then(|cpu| rounded(received / cpu)),
            "load_cores": rounded(report.own.scheduled.as_secs_f64() / secs),
            "other_cores": others.and_then(|others| rounded(others.as_secs_f64() / secs)),
            "server_memory_bytes": report.memory.map(|(_, after)| after),
            "memory_bytes_per_participant": report.memory.map(per_participant),
            "node": report.statistics,
        });
        Self { clean: report.connected == report.participants && counts.received > 0, json }
    }

    /// Whether everybody connected and packets arrived.
    pub(super) fn is_clean(&self) -> bool {
        self.clean
    }

    /// One object; units are in the names.
    pub(super) fn json(&self) -> &Value {
        &self.json
    }

    /// The object, a figure a line.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.json.as_object().into_iter().flatten() {
            let _ = writeln!(text, "{name:<32} {value}");
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// A share, to a millionth.
fn rounded_finely(share: f64) -> Option<f64> {
    share.is_finite().then(|| (share * 1e6).round() / 1e6)
}
