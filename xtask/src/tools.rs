//! Tools that the checks need beside Rust. They are installed once under `target/tools` and never on the machine.
use std::path::PathBuf;

use anyhow::Result;

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

/// What became of an attempt to set a tool up.
pub(crate) enum Setup<T> {
    /// It can be run.
    Ready(T),
    /// This machine lacks something that we do not install; the sentence says what, and how to get it.
    Unavailable(String),
}
