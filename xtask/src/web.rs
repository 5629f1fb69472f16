//! `cargo xtask web`: the demo app, built from the web SDKs' sources to be put into the server; and the checks of everything
//! that is written in TypeScript and JavaScript.
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::shell;

/// The packages as TypeScript's build mode wants them, each after those that it imports.
const PROJECTS: [&str; 4] = ["sdk/web", "sdk/zim", "sdk/react", "apps/demo"];
/// What Prettier holds.
const FORMATTED: [&str; 6] =
    ["sdk", "apps", "testing/e2e", "eslint.config.js", "package.json", "vitest.config.ts"];
/// The tests of the pages that are served as they are written.
const PLAIN_TESTS: [&str; 2] = ["room/connection.test.js", "room/room.test.js"];

/// Installs what is needed, and builds the demo app.
pub(crate) fn run() -> Result<()> {
    install()?;
    build()
}

/// Checks the web side, the quick things first, and leaves the demo app built for the steps that follow.
pub(crate) fn check() -> Result<()> {
    install()?;
    shell::run(tool("prettier").args(["--check", "--log-level", "warn"]).args(FORMATTED))
        .context("`npm run format` mends it")?;
    shell::run(tool("eslint").args(["--max-warnings", "0", "sdk", "apps", "testing/e2e"]))?;
    shell::run(tool("tsc").arg("-b").args(PROJECTS))?;
    let conformance = shell::root().join("sdk/zim/tsconfig.conformance.json");
    if conformance.is_file() {
        shell::run(tool("tsc").arg("--noEmit").arg("--project").arg(conformance))?;
    }
    shell::run(tool("vitest").arg("run"))?;
    shell::run(
        shell::program("node")
            .args(["--test", "--test-reporter", "dot"])
            .args(PLAIN_TESTS.map(|test| format!("apps/demo/plain/{test}"))),
    )?;
    build()?;
    for package in ["client", "zim", "react"] {
        let mut npm = shell::program("npm");
        shell::run(npm.args(["run", "--silent", "build", "--workspace", &format!("@offhook/{package}")]))?;
    }
    for script in [&["api.js", "--check"][..], &["sizes.js"], &["smoke.js"]] {
        let (name, arguments) = script.split_first().expect("a script has a name");
        shell::run(shell::program("node").arg(format!("sdk/{name}")).args(arguments))?;
    }
    Ok(())
}

/// Installs what `package-lock.json` names, unless it is there. No package's own installer is run.
pub(crate) fn install() -> Result<()> {
    let root = shell::root();
    if is_installed(&root.join("package-lock.json"), &root.join("node_modules/.package-lock.json")) {
        return Ok(());
    }
    println!("installing the packages that package-lock.json names …");
    shell::run(shell::program("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
        .context("the web side needs Node 20.19 or newer with npm")
}

/// Whether everything is there as locked: npm keeps a second lock file of what it has put into `node_modules`.
fn is_installed(locked: &Path, installed: &Path) -> bool {
    let (Ok(locked), Ok(installed)) = (packages(locked), packages(installed)) else { return false };
    let is_as_locked = |path: &String, package: &Value| match installed.get(path) {
        Some(found) => ["version", "integrity"].iter().all(|field| found[*field] == package[*field]),
        // What another platform needs is left out.
        None => package["optional"] == true || package["devOptional"] == true || path.is_empty(),
    };
    locked.iter().all(|(path, package)| is_as_locked(path, package))
        && installed.keys().all(|path| locked.contains_key(path))
}

fn packages(lock: &Path) -> Result<serde_json::Map<String, Value>> {
    let text = fs::read_to_string(lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let mut lock: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", lock.display()))?;
    let Value::Object(packages) = lock["packages"].take() else { bail!("a lock file without packages") };
    Ok(packages)
}

/// Builds the demo app into `apps/demo/dist`. Files whose content is the same stay as they are: the server is built anew
/// only when there is something new to put into it.
fn build() -> Result<()> {
    let (fresh, dist) = (shell::root().join("target/web"), shell::root().join("apps/demo/dist"));
    let mut vite = tool("vite");
    vite.args(["build", "apps/demo", "--emptyOutDir", "--logLevel", "warn", "--outDir"]).arg(&fresh);
    shell::run(&mut vite)?;
    mirror(&fresh, &dist).context("the built demo could not be put in its place")
}

/// Makes `to` hold what `from` holds, touching nothing that is the same.
fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    let (fresh, stale) = (files(from)?, files(to).unwrap_or_default());
    for file in &fresh {
        let content = fs::read(from.join(file))?;
        let place = to.join(file);
        if fs::read(&place).ok().is_none_or(|present| present != content) {
            fs::create_dir_all(place.parent().expect("a file lies in a folder"))?;
            fs::write(&place, content)?;
        }
    }
    stale.difference(&fresh).try_for_each(|file| fs::remove_file(to.join(file)))
}

/// Every file in a folder and below, relative to it.
fn files(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?.iter().map(|below| name.join(below)));
        } else {
            found.insert(name);
        }
    }
    Ok(found)
}

/// A program of an installed package, at the root.
fn tool(name: &str) -> Command {
    shell::program(shell::root().join("node_modules/.bin").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_touches_nothing_that_is_the_same_and_keeps_nothing_that_is_gone() {
        let folder = std::env::temp_dir().join(format!("offhook-mirror-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        for (place, text) in
            [(from.join("a/kept.js"), "1"), (from.join("new.js"), "2"), (to.join("gone.js"), "3")]
        {
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
        fs::create_dir_all(to.join("a")).unwrap();
        fs::write(to.join("a/kept.js"), "1").unwrap();
        let kept = || fs::metadata(to.join("a/kept.js")).unwrap().modified().unwrap();
        let before = kept();
        mirror(&from, &to).unwrap();
        assert_eq!(kept(), before);
        assert_eq!(files(&to).unwrap(), files(&from).unwrap());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn only_what_is_locked_counts_as_installed() {
        let folder = std::env::temp_dir().join(format!("offhook-lock-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let lock = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, format!(r#"{{"packages":{{{text}}}}}"#)).unwrap();
            path
        };
        let locked = lock(
            "locked",
            r#""":{},"node_modules/a":{"version":"1"},"node_modules/b":{"version":"1","optional":true}"#,
        );
        let check = |text: &str| is_installed(&locked, &lock("installed", text));
        assert!(check(r#""node_modules/a":{"version":"1"}"#), "what is optional may be left out");
        assert!(!check(r#""node_modules/a":{"version":"2"}"#));
        assert!(!check(""));
        assert!(!check(r#""node_modules/a":{"version":"1"},"node_modules/c":{"version":"1"}"#));
        assert!(!is_installed(&locked, &folder.join("none")));
        fs::remove_dir_all(folder).unwrap();
    }
}
