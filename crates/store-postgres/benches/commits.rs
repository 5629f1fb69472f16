//! How many transitions a second go through several nodes on one PostgreSQL, and what they cost:
//! `cargo bench -p offhook-store-postgres --bench commits -- [nodes] [callers of each] [seconds] [committing connections of each]`.
//!
//! A private server that is as durable as in production, its nodes, each a process of its own, and nothing else: callers begin a call,
//! accept it, and end it, each with two events, one after the other and without a pause. CPU is that of all processes of the
//! server, and of the nodes with their callers.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time and reads its environment")]

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use offhook_store::{
    Store, Transition,
    call::{Call, End, EndReason, LegState},
    suite::world::{at, notice, ringing, silent, user},
};
use offhook_store_postgres::{Options, PostgresStore};
use offhook_testing_services::{PostgresOptions, PostgresServer};
use offhook_types::{DeviceId, Opaque};

/// Names the database to a node, and makes this program one.
const URL: &str = "OFFHOOK_BENCH_URL";

fn main() {
    let mut numbers = env::args().filter_map(|argument| argument.parse::<u64>().ok());
    let mut number = |default| numbers.next().unwrap_or(default);
    let (first, callers, seconds, connections) = (number(2), number(128), number(10), number(2));
    let load = Wanted { callers, connections, seconds };
    match env::var(URL) {
        Ok(url) => node(&url, first, load),
        Err(_) => run(first, load),
    }
}

/// What each node is to do.
#[derive(Clone, Copy)]
struct Wanted {
    callers: u64,
    connections: u64,
    seconds: u64,
}

fn run(nodes: u64, wanted: Wanted) {
    let options = PostgresOptions { durable: true, ..PostgresOptions::default() };
    let server = PostgresServer::start(&options).expect("a server");
    let database = server.database().expect("a database");
    let this = env::current_exe().expect("the program's own path");
    let mut children: Vec<_> = (1..=nodes)
        .map(|number| {
            let mut child = Command::new(&this);
            child
                .args([number, wanted.callers, wanted.seconds, wanted.connections].map(|it| it.to_string()))
                .env(URL, database.url());
            child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a node starts")
        })
        .collect();
    let mut lines: Vec<_> = children
        .iter_mut()
        .map(|child| BufReader::new(child.stdout.take().expect("a pipe")).lines())
        .collect();
    let next = |lines: &mut Vec<_>| -> Vec<String> {
        let line =
            |lines: &mut std::io::Lines<BufReader<_>>| lines.next().expect("a line").expect("readable");
        lines.iter_mut().map(line).collect()
    };
    next(&mut lines);
    let before = cpu_of(&server.processes());
    let results = next(&mut lines);
    let server_cpu = cpu_of(&server.processes()) - before;
    for mut child in children {
        drop(child.stdin.take());
        child.wait().expect("a node ends");
    }
    report(&results, (server_cpu, wanted.seconds));
}

fn report(results: &[String], (server_cpu, seconds): (f64, u64)) {
    let rows: Vec<Vec<f64>> = results
        .iter()
        .map(|line| line.split(' ').map(|number| number.parse().expect("a number")).collect())
        .collect();
    let sum = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>();
    let worst = |column: usize| rows.iter().map(|row| row[column]).fold(0.0, f64::max);
    let (transitions, node_cpu) = (sum(0), sum(1));
    let micros = |cpu: f64| cpu * 1e6 / transitions;
    println!("{:.0} transitions/s through {} nodes", transitions / seconds as f64, rows.len());
    println!("a commit takes p50 {:.2} ms, p99 {:.2} ms, at most {:.2} ms", worst(2), worst(3), worst(4));
    println!(
        "CPU a transition: {:.1} µs PostgreSQL, {:.1} µs nodes with their callers; {:.2} of the cores were busy",
        micros(server_cpu),
        micros(node_cpu),
        (server_cpu + node_cpu) / seconds as f64
    );
}

/// Prints a line when it begins, and one when it ends: transitions, seconds of CPU, and latencies in milliseconds.
fn node(url: &str, number: u64, wanted: Wanted) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut options = Options::new(url, number);
        options.commit_connections = usize::try_from(wanted.connections).expect("few");
        let store = PostgresStore::open(&options).await.expect("the store opens");
        let load = Arc::new(Load {
            done: AtomicU64::new(0),
            latencies: Mutex::default(),
            measuring: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            store,
        });
        let tasks: Vec<_> =
            (0..wanted.callers).map(|caller| tokio::spawn(Arc::clone(&load).call(number, caller))).collect();
        tokio::time::sleep(Duration::from_secs(2)).await;
        println!("begin");
        load.measuring.store(true, Relaxed);
        let cpu = cpu_of(&[std::process::id()]);
        tokio::time::sleep(Duration::from_secs(wanted.seconds)).await;
        load.stop.store(true, Relaxed);
        let done = load.done.load(Relaxed);
        let cpu = cpu_of(&[std::process::id()]) - cpu;
        for task in tasks {
            task.await.expect("a caller does not panic");
        }
        let latencies = load.latencies.lock().expect("whole");
        let total: u64 = latencies.values().sum();
        let percentile = |part: f64| {
            let mut left = (total as f64 * part).ceil() as u64;
            let place = latencies.iter().find(|(_, count)| {
                let is_here = **count >= left;
                left = left.saturating_sub(**count);
                is_here
            });
            place.map_or(0.0, |(micros, _)| *micros as f64 / 1e3)
        };
        println!("{done} {cpu} {} {} {}", percentile(0.5), percentile(0.99), percentile(1.0));
        // The server's processes for this node are to be there when their CPU is counted.
        let _ = io::stdin().read_line(&mut String::new());
    });
}

struct Load {
    done: AtomicU64,
    /// How many commits took so many microseconds, in steps of ten.
    latencies: Mutex<BTreeMap<u64, u64>>,
    measuring: AtomicBool,
    stop: AtomicBool,
    store: PostgresStore,
}

impl Load {
    async fn call(self: Arc<Self>, node: u64, caller: u64) {
        let names = [format!("caller-{node}-{caller}"), format!("callee-{node}-{caller}")];
        let parties = [&*names[0], &*names[1]];
        for round in 0.. {
            let call = Call {
                extended_data: Opaque::new("x".repeat(200)),
                ..ringing((node << 50) + (caller << 32) + round, &parties)
            };
            let accepted = accepted(&call, &names[1]);
            let ended = ended(&accepted);
            for step in [call, accepted, ended] {
                if self.stop.load(Relaxed) {
                    return;
                }
                self.commit(&step, parties).await;
            }
        }
    }

    async fn commit(&self, call: &Call, parties: [&str; 2]) {
        let begun = Instant::now();
        let notices = parties.map(notice).into();
        self.store.commit(Transition { notices, ..silent(call) }).await.expect("nothing stands against it");
        if self.measuring.load(Relaxed) && !self.stop.load(Relaxed) {
            self.done.fetch_add(1, Relaxed);
            let micros = begun.elapsed().as_micros() as u64 / 10 * 10;
            *self.latencies.lock().expect("whole").entry(micros).or_default() += 1;
        }
    }
}

fn accepted(call: &Call, name: &str) -> Call {
    let mut next = Call { seq: call.seq.next(), ..call.clone() };
    let leg = next.legs.get_mut(&user(name)).expect("a leg");
    leg.accepted_at = Some(at(2));
    leg.state = LegState::Accepted { main_device: DeviceId::new("phone").ok() };
    next
}

fn ended(call: &Call) -> Call {
    let end = Some(End { at: at(3), by: Some(call.caller.clone()), reason: EndReason::Ended });
    Call { end, seq: call.seq.next(), ..call.clone() }
}

/// Seconds of CPU that the processes have used.
fn cpu_of(processes: &[u32]) -> f64 {
    let of_task = |path: std::path::PathBuf| -> Option<f64> {
        let nanos = fs::read_to_string(path.join("schedstat")).ok()?;
        nanos.split(' ').next()?.parse::<f64>().ok().map(|nanos| nanos / 1e9)
    };
    let of_one = |process: &u32| -> f64 {
        let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        tasks.filter_map(|task| of_task(task.path())).sum()
    };
    processes.iter().map(of_one).sum()
}
