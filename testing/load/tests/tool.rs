//! The whole tool, as a process, against a small server that speaks the real frames.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod fake;

use std::process::Command;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::fake::Manner;

#[test]
fn a_closed_loop_counts_calls_and_measures_server_and_tool() {
    let report = Run::new(Manner::Carry, "closed").with("--pairs 4 --secs 0.5 --warm 0.1").succeed();
    assert!(report["calls"].as_u64() > Some(0), "{report}");
    assert_eq!((&report["failed"], &report["mode"]), (&json!(0), &json!("closed")));
    for figure in
        ["server_cpu_us_per_call_scheduled", "load_cpu_us_per_call", "calls_per_s", "server_memory_bytes"]
    {
        assert!(report[figure].as_f64() > Some(0.0), "{figure} of {report}");
    }
    for step in ["ring_ms", "accept_ms", "end_ms"] {
        let at = |name: &str| report[step][name].as_f64().unwrap();
        let (p50, p90, p99, p99_9, max) = (at("p50"), at("p90"), at("p99"), at("p99_9"), at("max"));
        assert!(0.0 < p50 && p50 <= p90 && p90 <= p99 && p99 <= p99_9 && p99_9 <= max, "{step} of {report}");
    }
}

#[test]
fn an_open_loop_keeps_its_rate_whatever_the_server_takes() {
    // More pairs than calls: however slow the machine, one is free.
    let report = Run::new(Manner::Carry, "open").with("--pairs 60 --rate 100 --secs 0.5 --warm 0").succeed();
    assert!((1..=50).contains(&report["calls"].as_u64().unwrap()), "{report}");
    assert!(report["start_delay_ms"]["p50"].is_number(), "{report}");
}

#[test]
fn acknowledged_calls_go_through_as_well() {
    let report = Run::new(Manner::Carry, "closed").with("--pairs 2 --secs 0.3 --acknowledge").succeed();
    assert!(report["calls"].as_u64() > Some(0), "{report}");
}

#[test]
fn a_refused_call_is_counted_under_its_code() {
    let report = Run::new(Manner::Refuse, "closed").with("--pairs 3 --secs 0.3").fail();
    assert_eq!(report["failures"], json!({ "problem: ring_over": 3 }), "each pair fails once and is retired");
    assert_eq!((&report["calls"], &report["server_cpu_us_per_call"]), (&json!(0), &Value::Null));
}

#[test]
fn a_call_without_an_end_fails_by_timeout() {
    let report = Run::new(Manner::Ignore, "closed").with("--pairs 2 --secs 0.2 --timeout 0.1").fail();
    assert_eq!(report["failures"], json!({ "timeout": 2 }));
}

#[test]
fn a_lost_connection_is_a_failed_call() {
    let report = Run::new(Manner::HangUp, "closed").with("--pairs 2 --secs 0.2").fail();
    assert_eq!(report["failures"], json!({ "connection closed": 2 }));
}

#[test]
fn an_open_loop_without_a_free_pair_says_so() {
    let run = Run::new(Manner::Ignore, "open").with("--pairs 1 --rate 50 --secs 0.3 --timeout 1");
    let report = run.fail();
    assert!(report["failures"]["no pair free"].as_u64() > Some(0), "{report}");
}

#[test]
fn idle_devices_stay_and_are_divided_among() {
    let report = Run::new(Manner::Carry, "idle").with("--users 20 --hold 0.3").succeed();
    assert_eq!((&report["users"], &report["lost"], &report["failed"]), (&json!(20), &json!(0), &json!(0)));
    assert!(report["idle_bytes_per_device"].is_u64(), "{report}");
}

#[test]
fn devices_of_several_addresses_call_each_other_and_each_part_has_its_share() {
    let mut run = Run::new(Manner::Carry, "closed");
    let (first, pid) = (run.url.clone(), std::process::id());
    run = run.with(&format!("--pairs 4 --secs 0.5 --url {first} --part one={pid} --part two={pid}"));
    let report = run.succeed();
    let parts = report["parts_cpu_us_per_call"].as_object().unwrap();
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["one", "sum", "two"], "{report}");
    assert!(parts["sum"].as_f64() >= parts["one"].as_f64(), "{report}");
    assert!(report["other_cores"].is_number(), "{report}");
}

#[test]
fn a_part_without_a_process_is_refused() {
    let run = Run::new(Manner::Carry, "closed").with("--pairs 1 --part node-1=4194305");
    assert!(run.output(2).1.contains("there is no process 4194305 for node-1"));
}

#[test]
fn held_calls_are_accepted_and_counted() {
    let report = Run::new(Manner::Carry, "hold").with("--calls 70").succeed();
    assert_eq!((&report["calls"], &report["failed"]), (&json!(70), &json!(0)));
}

#[test]
fn a_call_that_is_refused_is_not_held() {
    let report = Run::new(Manner::Refuse, "hold").with("--calls 3").fail();
    assert_eq!(report["failures"], json!({ "problem: ring_over": 3 }));
}

#[test]
fn pairs_that_would_fall_silent_are_refused() {
    let (_, error) = Run::new(Manner::Carry, "open").with("--pairs 20 --rate 1").output(2);
    assert!(error.contains("at 1 calls/s have at most 15 pairs"), "{error}");
}

#[test]
fn more_devices_than_open_files_are_refused_with_the_number_to_set() {
    let run = Run::new(Manner::Carry, "idle").with("--users 4000000000");
    let (_, error) = run.output(2);
    assert!(error.contains("ulimit -n 4000000064"), "{error}");
}

#[test]
fn a_secure_address_is_refused() {
    let mut run = Run::new(Manner::Carry, "idle");
    run.url = run.url.replace("ws:", "wss:");
    assert!(run.output(2).1.contains("no TLS"));
}

/// One start of the tool.
struct Run {
    arguments: Vec<String>,
    url: String,
}

impl Run {
    fn new(manner: Manner, mode: &str) -> Self {
        Self { arguments: vec![mode.to_owned()], url: format!("ws://{}/v1/ws", fake::start(manner)) }
    }

    fn with(mut self, arguments: &str) -> Self {
        let has_warm_up = !["hold", "idle"].contains(&self.arguments[0].as_str());
        let warm = (!arguments.contains("--warm") && has_warm_up).then_some("--warm 0");
        self.arguments.extend(
            arguments.split(' ').chain(warm.into_iter().flat_map(|it| it.split(' '))).map(str::to_owned),
        );
        self
    }

    /// What it printed, and what it complained of.
    fn output(&self, code: i32) -> (String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offhook-load"));
        command.args(&self.arguments).args(["--json", "--app", "1", "--key", "k", "--url", &self.url]);
        command.args(["--secret", &URL_SAFE_NO_PAD.encode(fake::SECRET)]);
        let output = command.args(["--pid", &std::process::id().to_string()]).output().unwrap();
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(code), "{out}{err}");
        (out, err)
    }

    fn succeed(&self) -> Value {
        serde_json::from_str(&self.output(0).0).unwrap()
    }

    fn fail(&self) -> Value {
        serde_json::from_str(&self.output(1).0).unwrap()
    }
}
