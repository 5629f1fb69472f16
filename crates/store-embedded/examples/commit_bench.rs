//! What a transition costs: commits a second, and CPU of the whole process (callers, journal, folding), for both kinds
//! of durability, beside the alternative of one SQLite row per transition and beside nothing at all.
//!
//! `cargo run --release -p offhook-store-embedded --example commit_bench [seconds per row] [folder]`
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and may stop"
)]
use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use offhook_store::{
    Store, Transition,
    call::{Call, LegState},
    stored::write_transition,
    suite::world::{accepted, account, key, next, notice, rejected, ringing, silent},
};
use offhook_store_embedded::{Durability, EmbeddedStore, Options};
use offhook_types::{CallId, Offset, Timestamp};

const USERS: u64 = 200_000;
const WARM_UP: Duration = Duration::from_secs(3);

/// Calls are minted in the order of time, as servers do; eight a millisecond.
static MINTED: AtomicU64 = AtomicU64::new(0);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(5, |text| text.parse().unwrap());
    let scratch = tempfile::tempdir().unwrap();
    let folder = arguments.next().map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    println!("{:34} {:>12} {:>14}", "", "commits/s", "CPU us/commit");
    let mut calls = Calls::new(0);
    measure("building transitions, no store", seconds, |until| {
        let mut count = 0;
        while count % 64 != 0 || Instant::now() < until {
            count += calls.next().map(drop).iter().len() as u64;
        }
        count
    });
    for durability in [Durability::Process, Durability::Power] {
        for callers in [1, 16, 256] {
            let name = format!("embedded, {durability:?}, {callers} callers");
            let row = Row { folder: folder.join(&name), name, seconds };
            embedded(&row, Options { durability, ..Options::default() }, callers);
        }
    }
    for (synchronous, group) in [("normal", 1), ("normal", 16), ("full", 1), ("full", 16)] {
        let name = format!("SQLite row, {synchronous}, groups of {group}");
        sqlite_rows(&Row { folder: folder.join(&name), name, seconds }, synchronous, group);
    }
}

/// One row of the table.
struct Row {
    folder: PathBuf,
    name: String,
    seconds: u64,
}

fn embedded(Row { folder, name, seconds }: &Row, options: Options, callers: u64) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let store = Arc::new(EmbeddedStore::open(folder, options).unwrap());
    let count = Arc::new(AtomicU64::new(0));
    let warm = Instant::now() + WARM_UP; // Until memory has grown to its bound and folding is in its stride.
    let until = warm + Duration::from_secs(*seconds);
    for caller in 0..callers {
        let (store, count) = (store.clone(), count.clone());
        runtime.spawn(async move {
            for transition in Calls::new(caller) {
                store.commit(transition).await.unwrap();
                if count.fetch_add(1, Ordering::Relaxed) % 64 == 0 && Instant::now() >= until {
                    return;
                }
                if callers > 2 {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    std::thread::sleep(WARM_UP);
    let before = count.load(Ordering::Relaxed);
    measure(name, *seconds, |until| {
        std::thread::sleep(until - Instant::now());
        count.load(Ordering::Relaxed) - before
    });
    drop(runtime);
    drop(store);
    fs::remove_dir_all(folder).unwrap();
}

fn sqlite_rows(Row { folder, name, seconds }: &Row, synchronous: &str, group: u64) {
    fs::create_dir_all(folder).unwrap();
    let connection = rusqlite::Connection::open(folder.join("rows")).unwrap();
    connection.pragma_update(None, "locking_mode", "exclusive").unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.pragma_update(None, "synchronous", synchronous).unwrap();
    connection.execute("CREATE TABLE transition (number INTEGER PRIMARY KEY, body BLOB)", ()).unwrap();
    let mut calls = Calls::new(0);
    measure(name, *seconds, |until| {
        let mut count = 0;
        while Instant::now() < until {
            connection.prepare_cached("BEGIN IMMEDIATE").unwrap().execute(()).unwrap();
            for transition in calls.by_ref().take(usize::try_from(group).unwrap()) {
                let body = write_transition(&transition, &[Offset(1), Offset(1)]);
                let mut insert =
                    connection.prepare_cached("INSERT INTO transition (body) VALUES (?)").unwrap();
                insert.execute([body]).unwrap();
                count += 1;
            }
            connection.prepare_cached("COMMIT").unwrap().execute(()).unwrap();
        }
        count
    });
    fs::remove_dir_all(folder).unwrap();
}

fn measure(name: &str, seconds: u64, run: impl FnOnce(Instant) -> u64) {
    let (start, cpu) = (Instant::now(), cpu());
    let count = run(start + Duration::from_secs(seconds));
    let (elapsed, cpu) = (start.elapsed().as_secs_f64(), self::cpu() - cpu);
    println!("{name:34} {:12.0} {:14.2}", count as f64 / elapsed, cpu * 1e6 / count as f64);
}

/// Seconds of CPU of this process so far, user and system.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// The transitions of one 1:1 call after another: invite, ringing, accept, end; both parties hear of each.
struct Calls {
    call: Option<Call>,
    caller: u64,
    serial: u64,
}

impl Calls {
    fn new(caller: u64) -> Self {
        Self { call: None, caller, serial: 0 }
    }

    fn created(&mut self) -> Call {
        self.serial += 1;
        let mix = |n: u64| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) % USERS;
        let unique = self.caller << 32 | self.serial;
        let (one, two) = (format!("user{}", mix(unique)), format!("user{}", mix(!unique)));
        let mut random = [0; 10];
        random[2..].copy_from_slice(&unique.to_be_bytes());
        let minted = 1_763_700_000_000 + MINTED.fetch_add(1, Ordering::Relaxed) / 8;
        Call { id: CallId::from_parts(Timestamp::from_millis(minted), random), ..ringing(1, &[&one, &two]) }
    }

    fn step(&mut self) -> Call {
        let Some(call) = self.call.take() else { return self.created() };
        let callee = call.legs.keys().find(|user| **user != call.caller).unwrap_or(&call.caller).clone();
        match call.seq.0 {
            1 => {
                let mut ringing = next(&call);
                let state = LegState::Received { ring_until: call.created_at, waiting: false };
                ringing.legs.get_mut(&callee).unwrap().state = state;
                ringing
            }
            2 => accepted(&call, callee.as_str(), 3),
            _ => rejected(&call, 60),
        }
    }
}

impl Iterator for Calls {
    type Item = Transition;

    fn next(&mut self) -> Option<Transition> {
        let call = self.step();
        let notices = call.legs.keys().map(|user| notice(user.as_str())).collect();
        let of_caller = account(call.caller.as_str());
        let key = (call.seq.0 == 1).then(|| key(&of_caller, &format!("{}-{}", self.caller, self.serial)));
        let transition = Transition { notices, key, ..silent(&call) };
        self.call = (!call.is_over()).then_some(call);
        Some(transition)
    }
}
