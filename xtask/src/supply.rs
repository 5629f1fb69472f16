//! `cargo xtask supply`: what we depend on, held against deny.toml.
//!
//! Advisories are not asked for: their database is a repository of its own, and a check that needs the network fails
//! for reasons that are not ours. `cargo audit` is run before a release.
use anyhow::Result;

use crate::{shell, tools};

const VERSION: &str = "0.20.2";

/// Checks bans, licenses and sources; installs cargo-deny under `target/tools` when there is none.
pub(crate) fn run() -> Result<()> {
    let deny = tools::cargo_tool("cargo-deny", VERSION)?;
    shell::run(shell::program(deny).args(["--all-features", "check", "bans", "licenses", "sources"]))
}
