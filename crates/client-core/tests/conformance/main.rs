//! The traces of testing/conformance, replayed by the machine. Their form is told there.
mod input;
mod output;

use std::{fs, path::Path};

use input::Step;
use offhook_client_core::{Client, Config};
use offhook_signaling::Platform;
use offhook_types::{AppId, DeviceId, Timestamp};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trace {
    name: String,
    steps: Vec<Step>,
}

#[test]
fn the_machine_follows_every_trace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testing/conformance");
    let mut replayed = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read_to_string(&path).expect("readable");
            let trace: Trace = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{} is no trace: {error}", path.display()));
            replay(trace);
            replayed += 1;
        }
    }
    assert!(replayed >= 15, "only {replayed} traces were found");
}

fn replay(trace: Trace) {
    let mut client = client();
    for (at, step) in trace.steps.into_iter().enumerate() {
        let Step { at_ms, expect, input, random, wake_at_ms } = step;
        let outputs = client.handle(Timestamp::from_millis(at_ms), random.into(), input.into());
        let outputs: Vec<Value> = outputs.iter().map(output::to_json).collect();
        let place = format!("{}, step {at} at {at_ms} ms", trace.name);
        assert_eq!(pretty(&outputs), pretty(&expect), "{place}");
        assert_eq!(client.poll_timeout().map(Timestamp::as_millis), wake_at_ms, "{place}: the next timeout");
    }
}

fn client() -> Client {
    let device = DeviceId::new("phone-1").expect("valid");
    Client::new(Config { app: Some(AppId(1)), name: "Bob".into(), ..Config::new(device, Platform::Ios) })
}

fn pretty(outputs: &[Value]) -> String {
    outputs.iter().map(|output| format!("{output}\n")).collect()
}
