//! The purity of rings 0 and 1: no clock, socket, thread, randomness or environment can get in.
//!
//! Three proofs, from weak to strong: what the crates are built from stands on a list, and without its `std` feature;
//! their sources ask for no `std`; and the compiler builds them for a target that has none.
use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Result;

use super::{
    Violation,
    house::{House, Member, Ring},
};
use crate::shell;

/// A target without an operating system, hence without a standard library.
const BARE_TARGET: &str = "x86_64-unknown-none";

/// Crates of others that pure crates may be built from: they compute and nothing else.
const ALLOWED: &[&str] = &["itoa", "memchr", "ryu", "serde", "serde_core", "serde_json", "zmij"];

/// Checks every crate of rings 0 and 1.
pub(super) fn check(house: &House) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let pure: Vec<&Member> = house.members.iter().filter(|member| member.ring <= Ring::Machine).collect();
    for member in &pure {
        violations.extend(check_dependencies(member)?);
        violations.extend(check_sources(member)?);
    }
    violations.extend(check_by_compiling(&pure)?);
    Ok(violations)
}

fn check_dependencies(member: &Member) -> Result<Vec<Violation>> {
    let package = member.package();
    let tree = shell::read(&mut shell::cargo(&[
        "tree",
        "--package",
        &package,
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--format",
        "{p}|{f}",
    ]))?;
    Ok(impure(&tree)
        .into_iter()
        .map(|what| {
            let mend =
                "leave it out; or, if it only computes, put it on the list in xtask/src/tidy/purity.rs";
            Violation::new(member.place(), what, mend)
        })
        .collect())
}

/// The dependencies of `cargo tree`'s lines (`name version (path)|features`) that a pure crate must not have.
fn impure(tree: &str) -> BTreeSet<String> {
    let found = tree.lines().filter_map(|line| {
        let (package, features) = line.split_once('|')?;
        let name = package.split(' ').next()?;
        let has_std = features.trim_end_matches(" (*)").split(',').any(|feature| feature == "std");
        if name.starts_with("offhook-") {
            None
        } else if !ALLOWED.contains(&name) {
            Some(format!("a pure crate is built from `{name}`"))
        } else {
            has_std.then(|| format!("a pure crate is built from `{name}` with the feature `std`"))
        }
    });
    found.collect()
}

fn check_sources(member: &Member) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let root = fs::read_to_string(member.folder.join("src/lib.rs"))?;
    if !root.lines().any(|line| line == "#![no_std]") {
        let mend = "write `#![no_std]` under the module documentation of lib.rs";
        violations.push(Violation::new(member.place(), "a pure crate without `#![no_std]`", mend));
    }
    let folder = Path::new(&member.place()).join("src");
    for path in shell::files()?.iter().filter(|path| path.starts_with(&folder) && !path.ends_with("tests.rs"))
    {
        let source = fs::read_to_string(shell::root().join(path))?;
        violations.extend(uses_of_std(&source).map(|line| {
            let mend = "use `core` or `alloc`; what neither has comes in as an argument";
            Violation::new(format!("{}:{line}", path.display()), "a pure crate uses `std`", mend)
        }));
    }
    Ok(violations)
}

/// The numbers of the lines that name `std`, up to the tests, which may.
fn uses_of_std(source: &str) -> impl Iterator<Item = usize> {
    let shipped =
        source.lines().enumerate().take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"));
    let code = shipped.filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.filter(|(_, line)| line.contains("std::") || line.contains("extern crate std"))
        .map(|(index, _)| index + 1)
}

fn check_by_compiling(pure: &[&Member]) -> Result<Option<Violation>> {
    let add = &mut shell::program("rustup");
    if !shell::works(add.args(["target", "add", BARE_TARGET])) {
        println!("purity: not compiled for {BARE_TARGET}, because `rustup target add` cannot get it here");
        return Ok(None);
    }
    let mut check = shell::cargo(&["check", "--quiet", "--target", BARE_TARGET]);
    for member in pure {
        check.args(["--package", &member.package()]);
    }
    let mend = "the compiler's messages above say what reached for the standard library";
    let broken = || Violation::new("rings 0 and 1", format!("they do not compile for {BARE_TARGET}"), mend);
    Ok(shell::run(&mut check).is_err().then(broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_in_a_pure_crate_is_found() {
        let tree = "offhook-call v0.1.0 (crates/call)|\ntokio v1.0.0|rt\nserde v1.0.0|alloc,derive\n";
        assert_eq!(impure(tree), ["a pure crate is built from `tokio`".to_owned()].into());
    }

    #[test]
    fn a_pure_dependency_with_std_is_found_even_when_listed_twice() {
        let tree = "serde v1.0.0|alloc,std\nserde v1.0.0|alloc,std (*)\n";
        assert_eq!(
            impure(tree),
            ["a pure crate is built from `serde` with the feature `std`".to_owned()].into()
        );
    }

    #[test]
    fn std_is_for_tests_only() {
        let source =
            "//! Not `std::time`.\nuse std::fs;\nextern crate std;\n#[cfg(test)]\nextern crate std;\n";
        assert_eq!(uses_of_std(source).collect::<Vec<_>>(), [2, 3]);
    }
}
