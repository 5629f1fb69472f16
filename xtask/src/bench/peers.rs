//! Other servers, run by their own scripts: `bash <folder>/<name>/run.sh quick` prints a JSON object for each load, of the
//! load client that comes with them. The same call is counted there, by the same steps.
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::book::{Book, Figure, Load};
use crate::shell;

/// A server that can be measured here.
pub(super) struct Peer {
    name: &'static str,
    script: PathBuf,
}

/// What must be there for a peer to run.
enum Needs {
    /// Nothing but its own folder.
    Nothing,
    /// A program on the path.
    Program(&'static str),
    /// A program in the scripts' own Python environment.
    ProgramOfEnvironment(&'static str),
}

const PEERS: &[(&str, &str, Needs)] = &[
    ("relay", "wsrelay/run.sh", Needs::Nothing),
    ("Kamailio", "kamailio/run.sh", Needs::Program("kamailio")),
    ("ejabberd", "ejabberd/run.sh", Needs::Program("ejabberdctl")),
    ("NATS", "nats/run.sh", Needs::ProgramOfEnvironment("nats-server")),
    ("NATS JetStream", "nats/run_js.sh", Needs::ProgramOfEnvironment("nats-server")),
    ("Redis", "redis/run.sh", Needs::Program("redis-server")),
];

/// The peers of the folder that can run; says of the others why not.
pub(super) fn installed(folder: Option<&Path>) -> Result<Vec<Peer>> {
    let Some(folder) = folder.map(Path::to_owned).or_else(|| variable("OFFHOOK_PEERS")) else {
        println!("no folder of other servers was given (`--peers`, `OFFHOOK_PEERS`): only ours is measured");
        return Ok(Vec::new());
    };
    let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
    ensure!(folder.is_dir(), "{} is no folder", folder.display());
    let mut peers = Vec::new();
    for (name, script, needs) in PEERS {
        let script = folder.join(script);
        let lacks = match needs {
            _ if !script.is_file() => Some(script.display().to_string()),
            Needs::Nothing => None,
            Needs::Program(program) => (!is_on_path(program)).then(|| (*program).to_owned()),
            Needs::ProgramOfEnvironment(program) => {
                let program = environment().join("bin").join(program);
                (!program.is_file()).then(|| program.display().to_string())
            }
        };
        match lacks {
            None => peers.push(Peer { name, script }),
            Some(lacks) => println!("{name} is not measured: there is no {lacks}"),
        }
    }
    Ok(peers)
}

impl Peer {
    /// Runs the peer's loads once and writes down what they found. A peer that fails has no figures; the run goes on.
    pub(super) fn measure(&self, idle: bool, book: &mut Book) -> Result<()> {
        println!("{}: {}", self.name, self.script.display());
        let scratch = scratch();
        std::fs::create_dir_all(&scratch)?;
        let mut script = shell::program("bash");
        script.arg(&self.script).arg(if idle { "full" } else { "quick" }).current_dir(&scratch);
        script.env("SCR", &scratch).env("VENV", environment()).env("REPS", "1");
        script.env("OUT", scratch.join("results.jsonl")).env("CARGO_TARGET_DIR", scratch.join("target"));
        let mut running = script.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = running.stdout.take().context("the script has an output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("  {line}");
            if let Ok(report) = serde_json::from_str(&line) {
                write_down(&report, book);
            }
        }
        let status = running.wait()?;
        if !status.success() {
            println!("  {} failed ({status})", self.name);
        }
        Ok(())
    }
}

/// Writes a report of the peers' load client down, if it is of a load that is run on ours as well.
fn write_down(report: &Value, book: &mut Book) {
    let Some((server, load)) = subject(report) else { return };
    let at = (server.as_str(), load);
    let millis = |step: &str, share: &str| report["us"][step][share].as_f64().map(|micros| micros / 1e3);
    book.add(at, Figure::AcceptP50, millis("accept", "p50"));
    book.add(at, Figure::AcceptP99, millis("accept", "p99"));
    book.add(at, Figure::EndP50, millis("end", "p50"));
    book.add(at, Figure::EndP99, millis("end", "p99"));
    book.add(at, Figure::RingP50, millis("ring", "p50"));
    book.add(at, Figure::RingP99, millis("ring", "p99"));
    book.add(at, Figure::CallsPerSecond, report["cps"].as_f64());
    book.add(at, Figure::IdleBytes, report["pss_per_user_bytes"].as_f64());
    book.add(at, Figure::LoadCores, report["cli_cores"].as_f64());
    book.add(at, Figure::OtherCores, report["other_cores"].as_f64());
    let seconds_per_thousand = report["srv_cpu_s_per_1k"].as_f64();
    book.add(at, Figure::ServerCpuMicrosPerCall, seconds_per_thousand.map(|seconds| seconds * 1e3));
    for failed in ["failed", "nopair", "failed_connect"] {
        book.add(at, Figure::Failed, report[failed].as_f64());
    }
}

/// Which server and which load a report is of; `None` for loads that ours is not put under. A label is the server's name,
/// the load, and perhaps a setting: `kam-ws-1000`, `wsrelay-idle10k-rb4096`.
fn subject(report: &Value) -> Option<(String, Load)> {
    let label = report["label"].as_str()?;
    if report["cancel"].as_bool() == Some(true) {
        return None;
    }
    let (name, last) = label.rsplit_once('-')?;
    let load = match (report["mode"].as_str()?, report["rate"].as_str()) {
        ("closed", _) => Load::Peak,
        ("open", Some("100")) => Load::Hundred,
        ("open", Some("1000")) => Load::Thousand,
        ("idle", _) if last.contains("10k") => Load::Idle,
        ("idle", _) => {
            let (server, _) = name.rsplit_once('-')?;
            return Some((format!("{server}-{last}"), Load::Idle));
        }
        (_, _) => return None,
    };
    Some((name.to_owned(), load))
}

/// Where the scripts build and write.
fn scratch() -> PathBuf {
    variable("SCR").unwrap_or_else(|| super::ours::work_folder().join("peers"))
}

/// The scripts' Python environment.
fn environment() -> PathBuf {
    variable("VENV").unwrap_or_else(|| scratch().join("venv"))
}

#[expect(clippy::disallowed_methods, reason = "xtask may read the environment")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn is_on_path(program: &str) -> bool {
    let path = variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_filed_under_its_server_and_load() {
        let filed = [
            (
                json!({ "label": "kam-ws-1000", "mode": "open", "rate": "1000" }),
                Some(("kam-ws", Load::Thousand)),
            ),
            (json!({ "label": "nats-100", "mode": "open", "rate": "100" }), Some(("nats", Load::Hundred))),
            (json!({ "label": "ej-max", "mode": "closed" }), Some(("ej", Load::Peak))),
            (json!({ "label": "kam-tcp-idle10k", "mode": "idle" }), Some(("kam-tcp", Load::Idle))),
            (
                json!({ "label": "wsrelay-idle10k-rb4096", "mode": "idle" }),
                Some(("wsrelay-rb4096", Load::Idle)),
            ),
            (json!({ "label": "kam-ws-cancel100", "mode": "open", "rate": "100", "cancel": true }), None),
            (json!({ "label": "syn-sqlite-2", "mode": "open", "rate": "2" }), None),
            (json!({ "error": "connect" }), None),
        ];
        for (report, expected) in filed {
            let expected = expected.map(|(server, load)| (server.to_owned(), load));
            assert_eq!(subject(&report), expected, "{report}");
        }
    }

    #[test]
    fn seconds_for_a_thousand_calls_become_microseconds_for_one() {
        let mut book = Book::default();
        let report = json!({
            "label": "redis-1000", "mode": "open", "rate": "1000", "srv_cpu_s_per_1k": 0.065, "failed": 0, "nopair": 2,
            "us": { "ring": { "p50": 60, "p99": 240 } },
        });
        write_down(&report, &mut book);
        let line = book.json("redis", &super::super::machine::Conditions::none());
        assert_eq!((&line["server_cpu_us_per_call"], &line["ring_p99_ms"]), (&json!(65.0), &json!(0.24)));
        assert_eq!(line["failed"], json!(2.0));
    }
}
