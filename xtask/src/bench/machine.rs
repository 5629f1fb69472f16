//! The machine on which it is measured: what it is, what it lets us do, and what else it does.
use std::{fs, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::shell;

/// Files beside the connections that server or load tool hold open.
const OTHER_FILES: u64 = 256;

/// If more cores than this are busy before anything is measured, others use the machine, and the figures are not to be
/// quoted. A core's tenth is what an idle machine may take for itself.
const QUIET: f64 = 0.1;

/// How long to look whether the machine is quiet. More is more certain, and longer.
const LOOK: Duration = Duration::from_secs(2);

/// What a reader of the figures must know.
pub(super) struct Conditions(Vec<(&'static str, String)>);

/// Reads the conditions. What was not built by this run is of a commit that nobody knows.
pub(super) fn conditions(durability: &str, built: bool) -> Result<Conditions> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let busy = busy_cores(cores);
    if busy > QUIET {
        println!("warning: others keep {busy:.2} cores busy, so the figures are provisional");
    }
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_default();
    let store = super::ours::work_folder();
    fs::create_dir_all(&store)?;
    let mut file_system = shell::program("stat");
    file_system.args(["--file-system", "--format=%T"]).arg(store);
    Ok(Conditions(vec![
        ("commit", if built { commit()? } else { "unknown: built before".to_owned() }),
        ("cores_busy_before", format!("{busy:.2}")),
        ("durability", durability.to_owned()),
        ("file_system", say(&mut file_system)?),
        ("kernel", say(shell::program("uname").arg("-r"))?),
        ("machine", format!("{cores} cores of {processor}, {memory} memory, loopback, no TLS")),
        ("rust", say(shell::program("rustc").arg("--version"))?),
    ]))
}

impl Conditions {
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
    }

    pub(super) fn json(&self) -> Value {
        self.0.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
    }
}

/// Raises the limit of open files for the server and the load tool, which inherit it.
///
/// # Errors
/// Says what to set if the limit cannot be raised so far.
pub(super) fn allow_open_files(connections: u32) -> Result<()> {
    let needed = u64::from(connections) + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let possible = maximum.is_none_or(|maximum| maximum >= needed);
    ensure!(
        possible,
        "a process needs {needed} open files, more than is permitted: `ulimit -n 65536`, or `--quick`"
    );
    setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum }).context("the limit of open files")
}

fn commit() -> Result<String> {
    say(shell::program("git").args(["describe", "--always", "--dirty", "--abbrev=9"]))
}

fn say(command: &mut Command) -> Result<String> {
    Ok(shell::read(command)?.trim().to_owned())
}

/// How many of the cores work while we only look.
#[expect(clippy::cast_precision_loss, reason = "ticks and cores stay far below 2^53")]
fn busy_cores(cores: usize) -> f64 {
    let (busy, all) = ticks();
    std::thread::sleep(LOOK);
    let (busy_then, all_then) = ticks();
    let share = busy_then.saturating_sub(busy) as f64 / all_then.saturating_sub(all).max(1) as f64;
    share * cores as f64
}

/// The machine's ticks of work, and all of its ticks: the first line of /proc/stat, where the fourth number is idleness and
/// the fifth waiting for disks.
fn ticks() -> (u64, u64) {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = text.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
    let numbers: Vec<u64> = fields.filter_map(|field| field.parse().ok()).collect();
    let all: u64 = numbers.iter().sum();
    (all - numbers.iter().skip(3).take(2).sum::<u64>(), all)
}

/// The value of the first line `name : value`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
