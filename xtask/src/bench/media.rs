//! Rooms under load, beside Janus's videoroom from Debian: the same streams, the same load tool, one after the other.
//!
//! Janus takes no loopback address for media, so everything runs in a network namespace of its own, whose one other
//! address leads nowhere. Ours runs there as well.
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    net::TcpStream,
    path::PathBuf,
    process::{Child, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::machine;
use crate::{shell, tools};

/// The address of media in the namespace.
const ADDRESS: &str = "10.77.0.1";

/// Makes the namespace's interfaces, then becomes what its arguments say.
const ENTER: &str = "set -e; ip link set lo up; ip link add d0 type veth peer name d1; \
    ip addr add 10.77.0.1/24 dev d0; ip link set d0 up; ip link set d1 up; exec \"$@\"";

/// Where Janus listens in the namespace.
const JANUS: &str = "127.0.0.1:8188";

/// Files that a participant and a packet's way hold open, and some more.
const MAX_PARTICIPANTS: u32 = 1000;

/// What to measure of rooms.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// This is the run in the namespace.
    #[arg(long, hide = true)]
    inside: bool,
    /// Print the figures as one JSON object in the last line.
    #[arg(long)]
    json: bool,
    /// Measure the release build that is there, without building it anew.
    #[arg(long)]
    no_build: bool,
    /// Measure for 3 s: to see that everything runs, not to quote.
    #[arg(long)]
    quick: bool,
    /// How often to measure every server, in turns; the figures are medians.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Who forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Server {
    /// Our own, with so many workers.
    Ours(u32),
    /// Janus, with so many event loops; none is its default, a thread for each participant.
    Janus(Option<u32>),
}

/// What is to be borne: rooms, and in each publishers and subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Load {
    rooms: u32,
    publishers: u32,
    subscribers: u32,
}

/// The load that the figures in the JSON object are of.
const HEADLINE: Load = Load { rooms: 8, publishers: 2, subscribers: 25 };

const LOADS: [Load; 4] = [
    Load { rooms: 1, publishers: 1, subscribers: 50 },
    Load { rooms: 4, publishers: 2, subscribers: 25 },
    HEADLINE,
    Load { rooms: 100, publishers: 1, subscribers: 1 },
];

const PEERS: [Server; 2] = [Server::Janus(None), Server::Janus(Some(2))];

/// Measures every server and prints the table.
///
/// # Errors
/// Says what could not be built or run.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.inside {
        return measure(options);
    }
    tools::debian_programs(&[("janus", "janus"), ("ip", "iproute2"), ("unshare", "util-linux")])?;
    if !options.no_build {
        shell::run(shell::cargo(&["build", "--release"]).args(["--package", "offhook-testing-load"]))?;
    }
    let mut inside = shell::program("unshare");
    inside.arg("--net");
    if !rustix::process::geteuid().is_root() {
        inside.arg("--map-root-user");
    }
    inside.args(["--", "sh", "-c", ENTER, "sh"]).arg(std::env::current_exe()?);
    inside.args(["bench", "media", "--inside", "--rounds", &options.rounds.to_string()]);
    for (name, is_set) in
        [("--json", options.json), ("--no-build", options.no_build), ("--quick", options.quick)]
    {
        inside.args(is_set.then_some(name));
    }
    shell::run(&mut inside)
}

fn measure(options: &Options) -> Result<()> {
    machine::allow_open_files(MAX_PARTICIPANTS)?;
    let conditions = machine::conditions("none is needed", !options.no_build)?;
    let secs = if options.quick { 3 } else { 8 };
    let mut book = Book::default();
    for round in 1..=options.rounds {
        println!("round {round} of {}", options.rounds);
        for load in LOADS {
            for server in [Server::Ours(1), PEERS[0], PEERS[1]] {
                book.add(server, load, server.bear(load, secs)?);
            }
        }
        book.add(Server::Ours(2), HEADLINE, Server::Ours(2).bear(HEADLINE, secs)?);
        let moderate = book.moderate();
        book.at_60.push(Server::Ours(1).bear(moderate, secs)?);
    }
    println!("\n{}\n{}", book.table(), conditions.text());
    if options.json {
        let mut object = book.json();
        object["conditions"] = conditions.json();
        println!("{object}");
    }
    Ok(())
}

impl Server {
    fn name(self) -> String {
        match self {
            Self::Ours(1) => "offhook".to_owned(),
            Self::Ours(workers) => format!("offhook, {workers} workers"),
            Self::Janus(None) => "Janus".to_owned(),
            Self::Janus(Some(loops)) => format!("Janus, event_loops={loops}"),
        }
    }

    /// Puts a fresh server under the load; what the load tool reports.
    fn bear(self, load: Load, secs: u32) -> Result<Value> {
        let mut tool = shell::program(shell::target_folder().join("release/offhook-load"));
        tool.args(["media", "--json", "--address", ADDRESS, "--secs", &secs.to_string()]);
        for (name, value) in
            [("--rooms", load.rooms), ("--publishers", load.publishers), ("--subscribers", load.subscribers)]
        {
            tool.args([name, &value.to_string()]);
        }
        let janus = match self {
            Self::Ours(workers) => {
                tool.args(["--server", "node", "--workers", &workers.to_string()]);
                None
            }
            Self::Janus(event_loops) => {
                let janus = Janus::start(event_loops)?;
                tool.args(["--server", "janus", "--url", &format!("ws://{JANUS}/")]);
                tool.args(["--pid", &janus.0.id().to_string()]);
                Some(janus)
            }
        };
        let output = tool.stderr(Stdio::inherit()).output().context("the load tool could not be started")?;
        drop(janus);
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().last().with_context(|| format!("{} bore nothing", self.name()))?;
        println!("  {}: {line}", self.name());
        Ok(serde_json::from_str(line)?)
    }
}

/// A Janus that is running. Dropped, it ends.
struct Janus(Child);

impl Janus {
    fn start(event_loops: Option<u32>) -> Result<Self> {
        let folder = configure(event_loops)?;
        let mut program = shell::program("janus");
        program.arg("-F").arg(&folder).arg("-C").arg(folder.join("janus.jcfg"));
        let log = fs::File::create(folder.join("janus.log"))?;
        program.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let janus = Self(program.spawn().context("janus could not be started")?);
        for _ in 0..100 {
            if TcpStream::connect(JANUS).is_ok() {
                return Ok(janus);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        anyhow::bail!("janus did not listen within 10 s: see {}", folder.join("janus.log").display())
    }
}

impl Drop for Janus {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes Janus's configuration: the videoroom over WebSockets, and nothing else that costs.
fn configure(event_loops: Option<u32>) -> Result<PathBuf> {
    let folder = super::ours::work_folder().join("janus");
    fs::create_dir_all(&folder)?;
    let library = ["/usr/lib/x86_64-linux-gnu/janus", "/usr/lib/aarch64-linux-gnu/janus", "/usr/lib/janus"];
    let library = library.into_iter().find(|path| PathBuf::from(path).is_dir());
    let library = library.context("the folder of janus's plugins was not found")?;
    let others = |kind: &str, wanted: &str| -> Result<String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(format!("{library}/{kind}"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != wanted && name.contains(".so") {
                names.push(name);
            }
        }
        Ok(names.join(","))
    };
    let (plugins, transports) =
        (others("plugins", "libjanus_videoroom.so")?, others("transports", "libjanus_websockets.so")?);
    let event_loops = event_loops.map_or_else(String::new, |loops| format!("  event_loops = {loops}\n"));
    let configuration = format!(
        "general: {{\n  configs_folder = {folder:?}\n  plugins_folder = \"{library}/plugins\"\n  \
         transports_folder = \"{library}/transports\"\n  events_folder = \"{library}/events\"\n  \
         loggers_folder = \"{library}/loggers\"\n  debug_level = 3\n  interface = \"127.0.0.1\"\n{event_loops}}}\n\
         media: {{ rtp_port_range = \"20000-40000\" }}\nnat: {{ ice_enforce_list = \"d0\" }}\n\
         plugins: {{ disable = \"{plugins}\" }}\ntransports: {{ disable = \"{transports}\" }}\n\
         events: {{ broadcast = false }}\n"
    );
    fs::write(folder.join("janus.jcfg"), configuration)?;
    fs::write(folder.join("janus.plugin.videoroom.jcfg"), "general: { }\n")?;
    let sockets = "general: { json = \"compact\"  ws = true  ws_port = 8188  ws_ip = \"127.0.0.1\"  wss = false }\n\
        admin: { admin_ws = false }\n";
    fs::write(folder.join("janus.transport.websockets.jcfg"), sockets)?;
    Ok(folder)
}

/// Every report of a run.
#[derive(Default)]
struct Book {
    /// Ours at about 60 % of a core.
    at_60: Vec<Value>,
    reports: BTreeMap<(Load, Server), Vec<Value>>,
}

impl Book {
    fn add(&mut self, server: Server, load: Load, report: Value) {
        self.reports.entry((load, server)).or_default().push(report);
    }

    fn median(&self, server: Server, load: Load, pointer: &str) -> Option<f64> {
        median(self.reports.get(&(load, server))?, pointer)
    }

    /// Rooms that take about 60 % of a core, by what the headline's took.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen rooms")]
    fn moderate(&self) -> Load {
        let cores = self.median(Server::Ours(1), HEADLINE, "/server_cores").unwrap_or(0.6);
        let rooms = (f64::from(HEADLINE.rooms) * 0.6 / cores).round() as u32;
        Load { rooms: rooms.clamp(1, 16), ..HEADLINE }
    }

    fn table(&self) -> String {
        let mut text = "| rooms × (publishers, subscribers) | server | packets/s | CPU cores | µs/packet | \
            packets/core-second | delivered | delay p50 / p99 ms | bytes/participant |\n|---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
        let sixty = (Load { ..self.moderate() }, "offhook at about 60 %".to_owned(), &self.at_60);
        let rows = self.reports.iter().map(|((load, server), reports)| (*load, server.name(), reports));
        for (load, name, reports) in rows.chain([sixty]) {
            let shown = |pointer, digits: usize| {
                median(reports, pointer).map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
            };
            let _ = writeln!(
                text,
                "| {} × ({}, {}) | {name} | {} | {} | {} | {} | {} | {} / {} | {} |",
                load.rooms,
                load.publishers,
                load.subscribers,
                shown("/forwarded_packets_per_s", 0),
                shown("/server_cores", 2),
                shown("/server_cpu_us_per_packet", 1),
                shown("/packets_per_core_second", 0),
                shown("/delivered", 4),
                shown("/delay_ms/p50", 1),
                shown("/delay_ms/p99", 1),
                shown("/memory_bytes_per_participant", 0),
            );
        }
        text
    }

    fn json(&self) -> Value {
        let rate = |server| self.median(server, HEADLINE, "/packets_per_core_second");
        let best = PEERS
            .into_iter()
            .filter_map(rate)
            .fold(None, |best: Option<f64>, rate| Some(best.map_or(rate, |best| best.max(rate))));
        let ours = rate(Server::Ours(1));
        let ratio = |one: Option<f64>, other: Option<f64>| {
            one.zip(other).map(|(one, other)| (one / other * 1e3).round() / 1e3)
        };
        let mut runs = Vec::new();
        for ((load, server), reports) in &self.reports {
            runs.push(json!({
                "load": [load.rooms, load.publishers, load.subscribers], "server": server.name(), "reports": reports,
            }));
        }
        json!({
            "packets_per_core_second": ours,
            "ratio_to_best_peer": ratio(ours, best),
            "delivered": self.median(Server::Ours(1), HEADLINE, "/delivered"),
            "delay_p99_ms_at_60_percent": median(&self.at_60, "/delay_ms/p99"),
            "cores_at_60_percent": median(&self.at_60, "/server_cores"),
            "two_workers_to_one": ratio(rate(Server::Ours(2)).map(|rate| rate * 2.0), ours),
            "memory_bytes_per_participant": self.median(Server::Ours(1), HEADLINE, "/memory_bytes_per_participant"),
            "runs": runs,
        })
    }
}

fn median(reports: &[Value], pointer: &str) -> Option<f64> {
    let mut values: Vec<f64> =
        reports.iter().filter_map(|report| report.pointer(pointer)?.as_f64()).collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rate: u32) -> Value {
        json!({ "packets_per_core_second": rate, "server_cores": 0.4, "delay_ms": { "p99": 2.5 } })
    }

    #[test]
    fn ours_is_held_against_the_best_setting_of_the_peer() {
        let mut book = Book::default();
        for rate in [120_000, 90_000, 110_000] {
            book.add(Server::Ours(1), HEADLINE, report(rate));
        }
        book.add(Server::Janus(None), HEADLINE, report(40_000));
        book.add(Server::Janus(Some(2)), HEADLINE, report(55_000));
        book.add(Server::Ours(2), HEADLINE, report(99_000));
        book.at_60.push(report(1));
        let object = book.json();
        assert_eq!(object["packets_per_core_second"], json!(110_000.0), "the median of three");
        assert_eq!(object["ratio_to_best_peer"], json!(2.0));
        assert_eq!(object["two_workers_to_one"], json!(1.8), "two cores at 99,000 against one at 110,000");
        assert_eq!(object["delay_p99_ms_at_60_percent"], json!(2.5));
        assert_eq!(book.moderate().rooms, 12, "8 rooms take 40 %, so 12 take 60 %");
        assert_eq!(book.table().lines().count(), 2 + 4 + 1);
    }

    #[test]
    fn without_a_peer_there_is_no_ratio() {
        let mut book = Book::default();
        book.add(Server::Ours(1), HEADLINE, report(100));
        assert_eq!(book.json()["ratio_to_best_peer"], Value::Null);
    }
}
