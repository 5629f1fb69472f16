//! The WebSocket conformance suite of Autobahn (RFC 6455), which runs under Python 2.7 only.
//!
//! Its fuzzing client wants its messages back, so it is pointed at an echo service that uses the gateway's own
//! WebSocket settings, not at the gateway itself, which answers with frames of its protocol.
use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{
    shell,
    tools::{self, Setup},
};

const VERSION: &str = "0.8.2";

/// Every case whose messages fit into the 64 KiB that a frame of ours may have, compression (12, 13) left out: we offer
/// none. 9.3 to 9.6 send megabytes.
const CASES: &[&str] =
    &["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.1.1", "9.2.1", "9.7.*", "9.8.*", "10.*"];

/// How many cases [`CASES`] stands for. A suite that ran fewer has proven less than we say.
const EXPECTED: usize = 261;

/// The installed suite.
pub(crate) struct Autobahn {
    folder: PathBuf,
}

/// Installs the suite under `target/tools`, if there is a Python 2.7 to install it for (half a minute).
pub(crate) fn set_up() -> Result<Setup<Autobahn>> {
    if !shell::works(python().args(["-m", "pip", "--version"])) {
        let why = "there is no `python2.7` with pip, without which Autobahn does not run; `pyenv install 2.7.18` gets it";
        return Ok(Setup::Unavailable(why.to_owned()));
    }
    let folder = tools::folder().join("autobahn");
    if !folder.join("autobahntestsuite").is_dir() {
        let mut install = python();
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        shell::run(install.arg(&folder).arg(format!("autobahntestsuite=={VERSION}")))?;
    }
    Ok(Setup::Ready(Autobahn { folder }))
}

impl Autobahn {
    /// Runs the cases against the echo service at `url` (`ws://127.0.0.1:…`) and returns how many passed; an error
    /// names the cases that failed.
    pub(crate) fn run(&self, url: &str) -> Result<usize> {
        let work = tools::folder().join("autobahn-run");
        fs::create_dir_all(&work)?;
        let reports = work.join("reports");
        if reports.exists() {
            fs::remove_dir_all(&reports)?;
        }
        let plan = json!({
            "outdir": reports,
            "servers": [{ "agent": "offhook", "url": url }],
            "cases": CASES,
            "exclude-cases": [],
            "exclude-agent-cases": {},
        });
        let plan_file = work.join("plan.json");
        fs::write(&plan_file, plan.to_string())?;

        let mut client = python();
        client.args(["-c", START]).arg(&self.folder);
        client.args(["--mode", "fuzzingclient", "--webport", "0", "--spec"]).arg(&plan_file);
        shell::read(&mut client)?;
        let index = fs::read_to_string(reports.join("index.json")).context("Autobahn wrote no report")?;
        judge(&index)
            .with_context(|| format!("Autobahn's report stands in {}", reports.join("index.html").display()))
    }
}

/// Starts the suite from the folder that is its first argument: pip's `--target` folders hold namespace packages, which
/// a search path alone does not find.
const START: &str =
    "import site, sys; site.addsitedir(sys.argv.pop(1)); from autobahntestsuite.wstest import run; run()";

/// A pyenv, where there is one, is asked for the last 2.7; other machines ignore the variable. That this Python is old
/// is known and need not be said at every start.
fn python() -> Command {
    let mut python = shell::program("python2.7");
    python.envs([
        ("PYENV_VERSION", "2.7.18"),
        ("PYTHONWARNINGS", "ignore"),
        ("PIP_NO_PYTHON_VERSION_WARNING", "1"),
    ]);
    python
}

/// Counts the cases of Autobahn's index that passed; an error lists the others.
///
/// `NON-STRICT` passes: it is what failing at the end of a message rather than inside it is called.
fn judge(index: &str) -> Result<usize> {
    let index: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_str(index)?;
    let cases: Vec<_> = index.values().flatten().collect();
    let failed: Vec<String> = cases
        .iter()
        .filter(|(_, case)| !passed(&case["behavior"]) || !passed(&case["behaviorClose"]))
        .map(|(name, case)| format!("{name} ({}, close {})", case["behavior"], case["behaviorClose"]))
        .collect();
    ensure!(
        failed.is_empty(),
        "{} of {} Autobahn cases failed: {}",
        failed.len(),
        cases.len(),
        failed.join(", ")
    );
    ensure!(cases.len() >= EXPECTED, "Autobahn ran {} cases where {EXPECTED} were expected", cases.len());
    Ok(cases.len())
}

fn passed(behavior: &Value) -> bool {
    ["OK", "INFORMATIONAL", "NON-STRICT"].iter().any(|word| behavior == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_case_is_named() {
        let error = judge(&index(EXPECTED, "FAILED", "OK")).expect_err("one case failed");
        assert_eq!(error.to_string(), r#"1 of 262 Autobahn cases failed: 7.1.1 ("FAILED", close "OK")"#);
    }

    #[test]
    fn an_unclean_close_is_a_failure() {
        assert!(judge(&index(EXPECTED, "OK", "UNCLEAN")).is_err());
    }

    #[test]
    fn late_but_correct_failing_passes() {
        assert_eq!(judge(&index(EXPECTED, "NON-STRICT", "INFORMATIONAL")).expect("all passed"), EXPECTED + 1);
    }

    #[test]
    fn a_suite_that_stopped_early_is_a_failure() {
        assert!(judge(&index(10, "OK", "OK")).is_err());
    }

    /// `good` cases that passed, and 7.1.1 as given.
    fn index(good: usize, behavior: &str, close: &str) -> String {
        let case = |behavior, close| json!({ "behavior": behavior, "behaviorClose": close });
        let mut cases: BTreeMap<_, _> = (0..good).map(|n| (format!("1.{n}"), case("OK", "OK"))).collect();
        cases.insert("7.1.1".to_owned(), case(behavior, close));
        json!({ "offhook": cases }).to_string()
    }
}
