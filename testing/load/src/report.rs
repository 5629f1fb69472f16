//! What came of a run, as a text for people and as JSON for `cargo xtask bench`.
use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use serde_json::{Value, json};

use crate::{call::Steps, failure::Failure, histogram::Histogram, process::Cpu};

/// What came of a run.
pub(crate) enum Report {
    Calls(Box<Calls>),
    Hold(Hold),
    Idle(Idle),
}

/// The calls of a run as they are counted.
pub(crate) struct Tally {
    accept: Histogram,
    calls: u64,
    end: Histogram,
    failures: BTreeMap<String, u64>,
    ring: Histogram,
    /// How late calls of the open loop were started. If that is more than a millisecond or two, this tool was too slow.
    pub(crate) start_delay: Histogram,
}

/// What was used while it was measured.
pub(crate) struct Usage {
    pub(crate) elapsed: Duration,
    /// The whole machine.
    pub(crate) machine: Duration,
    /// This tool.
    pub(crate) own: Cpu,
    pub(crate) parts: Vec<PartUsage>,
    pub(crate) server: Cpu,
}

/// What a part used.
pub(crate) struct PartUsage {
    pub(crate) name: String,
    /// `None` if it was gone before the end.
    pub(crate) times: Option<Duration>,
}

/// What came of `open` or `closed`.
pub(crate) struct Calls {
    pub(crate) acknowledge: bool,
    /// The server's memory at the end, in bytes; `None` if its process was not given.
    pub(crate) memory: Option<u64>,
    pub(crate) pairs: u32,
    /// `None` in a closed loop.
    pub(crate) rate: Option<u32>,
    pub(crate) tally: Tally,
    pub(crate) usage: Usage,
}

/// What came of `hold`.
pub(crate) struct Hold {
    pub(crate) elapsed: Duration,
    /// Calls that were not placed or not accepted.
    pub(crate) failures: BTreeMap<String, u64>,
    /// Calls that go on.
    pub(crate) held: u64,
}

/// What came of `idle`.
pub(crate) struct Idle {
    /// Devices that could not log in.
    pub(crate) failed: BTreeMap<String, u64>,
    /// How long the devices stayed, and the server's CPU in that time.
    pub(crate) held: (Duration, Cpu),
    /// Devices that logged in, but did not stay until the end.
    pub(crate) lost: u64,
    /// How long it took to log in, and the server's CPU in that time.
    pub(crate) logins: (Duration, Cpu),
    /// The server's memory in bytes, before and after; `None` if its process was not given.
    pub(crate) memory: Option<(u64, u64)>,
    /// Devices that logged in.
    pub(crate) users: u64,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            accept: Histogram::new(),
            calls: 0,
            end: Histogram::new(),
            failures: BTreeMap::new(),
            ring: Histogram::new(),
            start_delay: Histogram::new(),
        }
    }

    pub(crate) fn succeed(&mut self, steps: Steps) {
        self.calls += 1;
        self.ring.add(steps.ring);
        self.accept.add(steps.accept);
        self.end.add(steps.end);
    }

    pub(crate) fn fail(&mut self, failure: &Failure) {
        *self.failures.entry(failure.to_string()).or_default() += 1;
    }

    fn failed(&self) -> u64 {
        self.failures.values().sum()
    }
}

impl Report {
    /// Whether nothing failed.
    pub(crate) fn is_clean(&self) -> bool {
        match self {
            Self::Calls(calls) => calls.tally.failed() == 0 && calls.tally.calls > 0,
            Self::Hold(hold) => hold.failures.is_empty(),
            Self::Idle(idle) => idle.failed.is_empty() && idle.lost == 0,
        }
    }

    /// One object; durations bear their unit in their name.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Calls(calls) => calls.json(),
            Self::Hold(hold) => hold.json(),
            Self::Idle(idle) => idle.json(),
        }
    }

    /// The object of [`Report::json`], a figure a line.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let fields = self.json();
        for (name, value) in fields.as_object().into_iter().flatten() {
            let _ = writeln!(text, "{name:<32} {value}");
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl Calls {
    fn json(&self) -> Value {
        let Self { acknowledge, memory, pairs, rate, tally, usage } = self;
        let known = memory.is_some();
        let per_call =
            |spent: Duration| rounded(micros(spent) / float(tally.calls)).filter(|_| tally.calls > 0);
        let cores = |spent: Duration| rounded(spent.as_secs_f64() / usage.elapsed.as_secs_f64());
        let parts = |of: &dyn Fn(Duration) -> Option<f64>| usage.by_part(of);
        let known_cpu = usage.server.times + usage.sum_of_parts().unwrap_or_default() + usage.own.times;
        let others = usage.machine.saturating_sub(known_cpu);
        let is_told = known || usage.sum_of_parts().is_some();
        json!({
            "mode": if rate.is_some() { "open" } else { "closed" },
            "acknowledge": acknowledge,
            "pairs": pairs,
            "rate": rate,
            "secs": rounded(usage.elapsed.as_secs_f64()),
            "calls": tally.calls,
            "failed": tally.failed(),
            "failures": tally.failures,
            "calls_per_s": rounded(float(tally.calls) / usage.elapsed.as_secs_f64()),
            "server_cpu_us_per_call": known.then(|| per_call(usage.server.times)).flatten(),
            "server_cpu_us_per_call_scheduled": known.then(|| per_call(usage.server.scheduled)).flatten(),
            "load_cpu_us_per_call": per_call(usage.own.scheduled),
            "server_cores": known.then(|| cores(usage.server.scheduled)).flatten(),
            "load_cores": cores(usage.own.scheduled),
            "other_cores": is_told.then(|| cores(others)).flatten(),
            "parts_cpu_us_per_call": parts(&per_call),
            "parts_cores": parts(&cores),
            "ring_ms": percentiles(&tally.ring),
            "accept_ms": percentiles(&tally.accept),
            "end_ms": percentiles(&tally.end),
            "start_delay_ms": rate.map(|_| percentiles(&tally.start_delay)),
            "server_memory_bytes": memory,
        })
    }
}

impl Usage {
    /// `None` without parts, and if one of them has no figure.
    fn sum_of_parts(&self) -> Option<Duration> {
        let sum = self.parts.iter().map(|part| part.times).sum::<Option<Duration>>();
        sum.filter(|_| !self.parts.is_empty())
    }

    /// A figure of each part, by its name, and of their sum; nothing without parts.
    fn by_part(&self, figure: &dyn Fn(Duration) -> Option<f64>) -> Value {
        if self.parts.is_empty() {
            return Value::Null;
        }
        let each = self.parts.iter().map(|part| (part.name.clone(), part.times));
        let all = each.chain([("sum".to_owned(), self.sum_of_parts())]);
        all.map(|(name, times)| (name, json!(times.and_then(figure)))).collect()
    }
}

impl Hold {
    fn json(&self) -> Value {
        let Self { elapsed, failures, held } = self;
        json!({
            "mode": "hold",
            "secs": rounded(elapsed.as_secs_f64()),
            "calls": held,
            "failed": failures.values().sum::<u64>(),
            "failures": failures,
        })
    }
}

impl Idle {
    fn json(&self) -> Value {
        let Self { failed, held, lost, logins, memory, users } = self;
        let known = memory.filter(|_| *users > 0);
        let per_user = |value: f64| known.and_then(|_| rounded(value / float(*users)));
        json!({
            "mode": "idle",
            "users": users,
            "failed": failed.values().sum::<u64>(),
            "failures": failed,
            "lost": lost,
            "login_s": rounded(logins.0.as_secs_f64()),
            "login_cpu_us_per_device": per_user(micros(logins.1.times)),
            "held_s": rounded(held.0.as_secs_f64()),
            "idle_cpu_us_per_device_s": per_user(micros(held.1.times) / held.0.as_secs_f64()),
            "server_memory_before_bytes": memory.map(|(before, _)| before),
            "server_memory_bytes": memory.map(|(_, after)| after),
            "idle_bytes_per_device": known.map(|(before, after)| after.saturating_sub(before) / users),
        })
    }
}

fn percentiles(histogram: &Histogram) -> Value {
    let at = |share| rounded(millis(histogram.quantile(share)));
    json!({
        "p50": at(0.5),
        "p90": at(0.9),
        "p99": at(0.99),
        "p99_9": at(0.999),
        "max": rounded(millis(histogram.longest())),
    })
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// To thousandths; `None` for what is no number, as JSON knows none.
pub(crate) fn rounded(value: f64) -> Option<f64> {
    value.is_finite().then(|| (value * 1e3).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(parts: &[(&str, Option<u64>)]) -> Usage {
        let part = |(name, millis): &(&str, Option<u64>)| PartUsage {
            name: (*name).to_owned(),
            times: millis.map(Duration::from_millis),
        };
        Usage {
            elapsed: Duration::from_secs(2),
            machine: Duration::from_secs(1),
            own: Cpu::default(),
            parts: parts.iter().map(part).collect(),
            server: Cpu::default(),
        }
    }

    fn report(usage: Usage) -> Value {
        let mut tally = Tally::new();
        tally.calls = 1000;
        Calls { acknowledge: false, memory: None, pairs: 1, rate: None, tally, usage }.json()
    }

    #[test]
    fn each_part_has_its_share_of_a_call_and_so_has_their_sum() {
        let report = report(usage(&[("node-1", Some(200)), ("postgres", Some(300))]));
        let shares = json!({ "node-1": 200.0, "postgres": 300.0, "sum": 500.0 });
        assert_eq!(report["parts_cpu_us_per_call"], shares);
        assert_eq!(report["parts_cores"], json!({ "node-1": 0.1, "postgres": 0.15, "sum": 0.25 }));
        assert_eq!(report["other_cores"], json!(0.25), "1 s of CPU in 2 s, half of it by the parts");
    }

    #[test]
    fn a_part_that_went_away_has_no_share_and_there_is_no_sum() {
        let report = report(usage(&[("node-1", Some(200)), ("node-2", None)]));
        let shares = json!({ "node-1": 200.0, "node-2": null, "sum": null });
        assert_eq!(report["parts_cpu_us_per_call"], shares);
        assert_eq!(report["other_cores"], Value::Null);
    }

    #[test]
    fn without_parts_nothing_is_said_of_them() {
        assert_eq!(report(usage(&[]))["parts_cpu_us_per_call"], Value::Null);
    }
}
