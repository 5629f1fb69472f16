//! Tools that the checks need beside Rust. They are installed once under `target/tools`, and on the machine only where
//! they are programs of Debian's.
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::shell;

/// The folder of installed tools.
pub(crate) fn folder() -> PathBuf {
    shell::root().join("target/tools")
}

/// A tool from crates.io: the one on the path if there is one, else the one in `target/tools`, built if need be.
///
/// A build takes minutes (cargo-deny: five of one core), so it is worth keeping `target/tools` between runs of CI.
pub(crate) fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    if shell::works(shell::program(name).arg("--version")) {
        return Ok(PathBuf::from(name));
    }
    let installed = folder().join("bin").join(name);
    if installed.is_file() {
        return Ok(installed);
    }
    println!("{name} is not installed: building {version} into target/tools, once");
    let build = shell::root().join("target/tools-build");
    // Unoptimized: it runs for a second and would be built for five minutes.
    let mut install =
        shell::cargo(&["install", "--debug", "--locked", "--quiet", name, "--version", version]);
    install.arg("--root").arg(folder()).env("CARGO_TARGET_DIR", build);
    shell::run(&mut install)?;
    Ok(installed)
}

/// Where Debian puts programs of servers, which not everybody has on the path.
const SERVERS: &str = "/usr/sbin";

/// Sees to it that these programs of Debian's are there: pairs of a program and its package. Installs what is missing.
pub(crate) fn debian_programs(wanted: &[(&str, &str)]) -> Result<()> {
    let is_missing = |program: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        !std::env::split_paths(&path).chain([SERVERS.into()]).any(|folder| folder.join(program).is_file())
    };
    let missing: Vec<&str> =
        wanted.iter().filter(|(program, _)| is_missing(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() { Ok(()) } else { debian_packages(&missing) }
}

/// Installs packages of Debian's where we are root or may become it without a password.
pub(crate) fn debian_packages(missing: &[&str]) -> Result<()> {
    println!("installing {} with apt-get", missing.join(" and "));
    let apt = |arguments: &[&str]| {
        let mut command = if rustix::process::geteuid().is_root() {
            shell::program("env")
        } else {
            let mut sudo = shell::program("sudo");
            sudo.args(["--non-interactive", "env"]);
            sudo
        };
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]).args(arguments);
        shell::run(&mut command)
    };
    apt(&["update"])
        .and_then(|()| apt(&[&["install", "--yes", "--no-install-recommends"], missing].concat()))
        .with_context(|| format!("the packages {} must be installed on this machine", missing.join(" and ")))
}

/// What became of an attempt to set a tool up.
pub(crate) enum Setup<T> {
    /// It can be run.
    Ready(T),
    /// This machine lacks something that we do not install; the sentence says what, and how to get it.
    Unavailable(String),
}
