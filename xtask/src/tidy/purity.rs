//! The purity of rings 0 and 1: no clock, socket, thread, randomness or environment can get in.
//!
//! Three proofs, from weak to strong: what the crates are built from stands on a list, and without its `std` feature;
//! their sources ask for no `std`; and the compiler builds them for a target that has none.
//!
//! `sfu` is the exception: str0m needs the standard library, and counts time in `Instant`s that are given to it. So its
//! sources may use `std`, but may name nothing that reaches the world; its dependencies are not looked at, and it is not
//! compiled for the bare target.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

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

/// Crates of rings 0 and 1 that stand on the standard library, and why.
const ON_STD: &[(&str, &str)] = &[("sfu", "str0m, which it is built on, needs the standard library")];

/// What the sources of those may not name: the world, and a clock or a chance of their own.
const WORLDLY: &[&str] = &[
    "Instant::now",
    "SystemTime",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "mio::",
    "std::env",
    "std::fs",
    "std::process",
    "std::thread",
    "tokio",
];

/// Checks every crate of rings 0 and 1.
pub(super) fn check(house: &House) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let pure: Vec<&Member> = house.members.iter().filter(|member| member.ring <= Ring::Machine).collect();
    let (on_std, bare): (Vec<&Member>, Vec<&Member>) =
        pure.into_iter().partition(|member| is_on_std(&member.name));
    for member in &bare {
        violations.extend(check_dependencies(member)?);
        violations.extend(check_sources(member)?);
    }
    for member in on_std {
        violations.extend(check_reach(member)?);
    }
    violations.extend(check_by_compiling(&bare)?);
    Ok(violations)
}

fn is_on_std(name: &str) -> bool {
    ON_STD.iter().any(|exception| exception.0 == name)
}

fn check_reach(member: &Member) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for (path, source) in sources(member)? {
        violations.extend(uses_of_the_world(&source).into_iter().map(|(line, what)| {
            let mend = "let it come in as an argument; only the driver of the machine reaches the world";
            Violation::new(format!("{}:{line}", path.display()), format!("a pure crate names `{what}`"), mend)
        }));
    }
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
    for (path, source) in sources(member)? {
        violations.extend(uses_of_std(&source).map(|line| {
            let mend = "use `core` or `alloc`; what neither has comes in as an argument";
            Violation::new(format!("{}:{line}", path.display()), "a pure crate uses `std`", mend)
        }));
    }
    Ok(violations)
}

/// The crate's sources without those that are tests as a whole.
fn sources(member: &Member) -> Result<Vec<(PathBuf, String)>> {
    let folder = Path::new(&member.place()).join("src");
    let is_test = |path: &Path| path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
    let mut sources = Vec::new();
    for path in shell::files()?.into_iter().filter(|path| path.starts_with(&folder) && !is_test(path)) {
        let source = fs::read_to_string(shell::root().join(&path))?;
        sources.push((path, source));
    }
    Ok(sources)
}

/// The lines of code with their numbers, up to the tests. A test's own file (`mod tests;`) does not end the code.
fn code(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let shipped =
        source.lines().zip(1..).take_while(|(line, _)| !line.trim_start().starts_with("#[cfg(test)]"));
    shipped.filter(|(line, _)| !line.trim_start().starts_with("//")).map(|(line, number)| (number, line))
}

/// The numbers of the lines that name `std`, up to the tests, which may.
fn uses_of_std(source: &str) -> impl Iterator<Item = usize> {
    code(source)
        .filter(|(_, line)| line.contains("std::") || line.contains("extern crate std"))
        .map(|(number, _)| number)
}

/// The numbers of the lines that name what reaches the world, with what they name, up to the tests, which may.
fn uses_of_the_world(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_import = false;
    for (number, line) in code(source) {
        in_import |= line.contains("use std::{");
        let in_braces = WORLDLY.iter().filter(|_| in_import).find(|what| {
            let module = what.strip_prefix("std::");
            module.is_some_and(|module| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == module))
        });
        let named = WORLDLY.iter().find(|what| line.contains(**what)).or(in_braces);
        found.extend(named.map(|what| (number, (*what).to_owned())));
        in_import &= !line.contains("};");
    }
    found
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

    #[test]
    fn a_machine_on_std_reaches_nothing_of_the_world() {
        let source = "use std::{\n    collections::BTreeMap,\n    fs::File,\n    time::Instant,\n};\nuse std::net::SocketAddr;\n\
            let threads = process(fs);\nlet now = Instant::now();\n// std::thread\nlet socket = UdpSocket::bind(address);\n\
            #[cfg(test)]\nlet now = Instant::now();\n";
        let expected = [(3, "std::fs"), (8, "Instant::now"), (10, "UdpSocket")];
        assert_eq!(uses_of_the_world(source), expected.map(|(line, what)| (line, what.to_owned())));
        assert_eq!(uses_of_the_world("use std::{env, thread};"), [(1, "std::env".to_owned())]);
        assert!(is_on_std("sfu") && !is_on_std("call"));
    }
}
