//! The machine on which it is measured: what it is, what it lets us do, and what else it does.
use std::{fs, process::Command};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::shell;

/// Files beside the connections that server or load tool hold open.
const OTHER_FILES: u64 = 256;

/// A load average above this means that others use the machine, and that the figures are not to be quoted.
const QUIET: f64 = 0.5;

/// What a reader of the figures must know.
pub(super) struct Conditions(Vec<(&'static str, String)>);

/// Reads the conditions.
pub(super) fn conditions(durability: &str) -> Result<Conditions> {
    let average = first_word("/proc/loadavg");
    if average.parse::<f64>().is_ok_and(|average| average > QUIET) {
        println!(
            "warning: the load average is {average}: others use this machine, so the figures are provisional"
        );
    }
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_default();
    let store = super::ours::work_folder();
    fs::create_dir_all(&store)?;
    let mut file_system = shell::program("stat");
    file_system.args(["--file-system", "--format=%T"]).arg(store);
    Ok(Conditions(vec![
        ("commit", say(shell::program("git").args(["describe", "--always", "--dirty", "--abbrev=9"]))?),
        ("durability", durability.to_owned()),
        ("file_system", say(&mut file_system)?),
        ("kernel", say(shell::program("uname").arg("-r"))?),
        ("load_average_before", average),
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

fn say(command: &mut Command) -> Result<String> {
    Ok(shell::read(command)?.trim().to_owned())
}

fn first_word(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().next().unwrap_or_default().to_owned()
}

/// The value of the first line `name : value`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
