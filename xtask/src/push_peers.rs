//! `cargo xtask push-peers`: independent programs against both ends of our pushes (docs/push-testing.md).
use std::fs;

use anyhow::{Result, bail};

use crate::{shell, tools};

/// Of npm's registry.
const NODE: [&str; 2] = ["@parse/node-apn@8.1.0", "web-push@3.6.7"];
/// Of Python's.
const PYTHON: [&str; 3] = ["http-ece==1.2.1", "PyJWT==2.15.1", "cryptography==50.0.2"];

/// Installs the peers under `target/tools` (half a minute, once) and runs them.
pub(crate) fn run() -> Result<()> {
    let folder = tools::folder().join("push-peers");
    fs::create_dir_all(&folder)?;
    let environment = folder.join("python");
    let interpreter = environment.join("bin/python");
    if !shell::works(shell::program(&interpreter).args(["-c", "import http_ece, jwt, cryptography"])) {
        if !shell::works(shell::program("python3").args(["-m", "venv", "--clear"]).arg(&environment)) {
            bail!("there is no `python3` with venv; `apt-get install python3-venv` gets it");
        }
        let mut install = shell::program(environment.join("bin/pip"));
        install.args(["install", "--quiet", "--disable-pip-version-check"]).args(PYTHON);
        shell::run(&mut install)?;
    }
    let packages = folder.join("node_modules");
    if !packages.join("web-push").is_dir() || !packages.join("@parse/node-apn").is_dir() {
        // A manifest of its own, so that the workspace's lock file knows nothing of it.
        fs::write(folder.join("package.json"), r#"{ "private": true }"#)?;
        let mut install = shell::program("npm");
        install.current_dir(&folder).args(["install", "--silent", "--no-audit", "--no-fund"]).args(NODE);
        shell::run(&mut install)?;
    }
    shell::run(&mut shell::cargo(&[
        "build",
        "--locked",
        "--quiet",
        "--package",
        "offhook-push-line",
        "--example",
        "peers",
    ]))?;
    let example = shell::target_folder().join("debug/examples/peers");
    let mut peers = shell::program(interpreter);
    shell::run(peers.arg("testing/vendors/peers/run.py").arg(example).arg(packages))
}
