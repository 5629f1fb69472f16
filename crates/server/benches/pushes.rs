//! How long a ring takes from the request of a back end to a vendor, and what it costs the server:
//! `cargo bench -p offhook-server --bench pushes -- [calls a second] [seconds]`.
//!
//! The release build serves in a process of its own, with its store on disk; requests and the stand-in for Apple's service share
//! another process. Time is taken from right before the request is written to the last byte of its push, so the commit, the
//! ledger and the signature of the credential are in it. The cost of a push is what the same calls to users without devices
//! do not cost; none of them ends meanwhile.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

#[allow(dead_code, reason = "shared with tests")]
#[path = "../tests/bad_input/server.rs"]
mod server;
#[allow(dead_code, reason = "shared with tests")]
#[path = "../tests/pushes/vendors.rs"]
mod vendors;

use std::{
    collections::HashMap,
    env, fs,
    io::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use server::{Place, Serving, serve};
use vendors::Vendors;

/// So many users are called in turn.
const USERS: u64 = 400;
/// Requests under way at a time.
const HANDS: u64 = 8;
/// What `/proc` counts in, in a second.
const TICKS: f64 = 100.0;

fn main() {
    // `cargo test --benches` asks for nothing to be measured.
    let numbers: Vec<u64> = env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (rate, seconds) = (numbers.first().copied().unwrap_or(200), numbers.get(1).copied().unwrap_or(20));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let vendors = runtime.block_on(Vendors::start());
    let place = Place::new();
    let (push, resource) = vendors.configuration(&place.folder);
    let text = fs::read_to_string(place.usual()).expect("just written");
    let serving = Arc::new(serve(&place.write(&format!("{push}\n{text}\n{resource}"))));
    register(&serving);
    let _warm = run(&serving, ("woken", rate, 2));
    let silent = run(&serving, ("awake", rate, seconds));
    let before = vendors.apns.count();
    let woken = run(&serving, ("woken", rate, seconds));
    while (vendors.apns.count() - before) < woken.sent.len() {
        thread::sleep(Duration::from_millis(10));
    }
    let mut took: Vec<Duration> = vendors.apns.received()[before..]
        .iter()
        .filter_map(|received| {
            let body: Value = serde_json::from_slice(&received.body).ok()?;
            let sent = woken.sent.get(body["offhook"]["call"].as_str()?)?;
            Some(received.at.into_std().duration_since(*sent))
        })
        .collect();
    took.sort_unstable();
    report((rate, seconds), &took, (&silent, &woken));
}

struct Run {
    cpu: f64,
    /// How long each request took until its answer was read.
    answered: Vec<Duration>,
    /// When the request of each call was written.
    sent: HashMap<String, Instant>,
}

fn register(serving: &Serving) {
    let (status, _) = serving.ask("PUT", "/v1/users/alice", &json!({}));
    assert_eq!(status, 200);
    for number in 0..USERS {
        for kind in ["woken", "awake"] {
            assert_eq!(serving.ask("PUT", &format!("/v1/users/{kind}{number}"), &json!({})).0, 200);
        }
        let addresses = json!([{ "provider": "apns_voip", "token": format!("{number:064x}") }]);
        let path = format!("/v1/users/woken{number}/devices/phone");
        assert_eq!(serving.ask("PUT", &path, &json!({ "addresses": addresses })).0, 200);
    }
}

/// Alice calls users of this kind, so many a second.
fn run(serving: &Arc<Serving>, (kind, rate, seconds): (&'static str, u64, u64)) -> Run {
    let (begin, next) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let sent = Arc::new(Mutex::new(HashMap::new()));
    let answered = Arc::new(Mutex::new(Vec::new()));
    let cpu = cpu_of(serving);
    let hands: Vec<_> = (0..HANDS)
        .map(|_| {
            let (serving, next) = (Arc::clone(serving), Arc::clone(&next));
            let (sent, answered) = (Arc::clone(&sent), Arc::clone(&answered));
            thread::spawn(move || {
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    if number >= rate * seconds {
                        return;
                    }
                    let due = begin + Duration::from_secs_f64(number as f64 / rate as f64);
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    let callee = format!("{kind}{}", number % USERS);
                    let call = json!({ "caller": "alice", "invitees": [callee], "timeout_s": 600 });
                    let at = Instant::now();
                    let (status, answer) = serving.ask("POST", "/v1/calls", &call);
                    answered.lock().expect("no holder panics").push(at.elapsed());
                    assert_eq!(status, 201, "{answer}");
                    let id = answer["call"]["call"].as_str().expect("an id").to_owned();
                    sent.lock().expect("no holder panics").insert(id, at);
                }
            })
        })
        .collect();
    hands.into_iter().for_each(|hand| hand.join().expect("no request fails"));
    thread::sleep(Duration::from_millis(500));
    let cpu = cpu_of(serving) - cpu;
    let sent = std::mem::take(&mut *sent.lock().expect("no holder panics"));
    let mut answered = std::mem::take(&mut *answered.lock().expect("no holder panics"));
    answered.sort_unstable();
    Run { answered, cpu, sent }
}

/// Seconds of CPU that the server has used.
fn cpu_of(serving: &Serving) -> f64 {
    let text = fs::read_to_string(format!("/proc/{}/stat", serving.id())).expect("it runs");
    let fields: Vec<&str> = text.rsplit(") ").next().expect("a line").split(' ').collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / TICKS
}

fn report((rate, seconds): (u64, u64), took: &[Duration], (silent, woken): (&Run, &Run)) {
    let of =
        |took: &[Duration], percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    let at = |percent| of(took, percent);
    let count = woken.sent.len() as f64;
    let per = |run: &Run| run.cpu / run.sent.len() as f64 * 1e6;
    let mut out = std::io::stdout().lock();
    let said = writeln!(
        out,
        "{rate} calls a second for {seconds} s, {} pushes at the vendor\n\
         request to push: p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms; to its answer: p50 {:.2} ms, p99 {:.2} ms\n\
         CPU of the server: {:.0} µs a call with a push, {:.0} µs without: {:.0} µs a push",
        took.len(),
        at(50),
        at(99),
        at(100),
        of(&woken.answered, 50),
        of(&woken.answered, 99),
        per(woken),
        per(silent),
        per(woken) - silent.cpu / count * 1e6,
    );
    said.expect("standard output is open");
}
