//! The versions of the NATS server that are installed.
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{folder, programs};

/// Where `cargo xtask test` installs the current one, below the repository's root.
const INSTALLED: &str = "target/tools/nats-server/bin";

/// An installed version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NatsVersion {
    number: (u32, u32, u32),
    program: PathBuf,
}

impl NatsVersion {
    /// Every one on the path, where Debian puts it, and where `cargo xtask test` does; one for each number, the oldest first.
    pub(super) fn installed() -> Vec<Self> {
        let folders = programs::folders().into_iter().chain([folder::workspace().join(INSTALLED)]);
        let mut found = BTreeMap::new();
        for version in folders.filter_map(|folder| Self::of(&folder.join("nats-server"))) {
            found.entry(version.number).or_insert(version);
        }
        found.into_values().collect()
    }

    pub(super) fn newest() -> Result<Self> {
        let newest = Self::installed().into_iter().next_back();
        newest.context(
            "there is no `nats-server`; Debian's package of that name or `cargo xtask test` brings one",
        )
    }

    /// Its number, such as (2, 9, 10).
    #[must_use]
    pub fn number(&self) -> (u32, u32, u32) {
        self.number
    }

    /// Where its program is.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    fn of(program: &Path) -> Option<Self> {
        let program = fs::canonicalize(program).ok()?;
        let says = programs::read(programs::call(&program, 10).arg("--version")).ok()?;
        Some(Self { number: number(&says)?, program })
    }
}

/// The number in `nats-server: v2.9.10`.
fn number(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.strip_prefix("nats-server: v")?.split(['.', '-']).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_the_program_says() {
        assert_eq!(number("nats-server: v2.9.10"), Some((2, 9, 10)));
        assert_eq!(number("nats-server: v2.12.0-RC.3"), Some((2, 12, 0)));
        assert_eq!(number("nats-server: not found"), None);
        assert!(number("nats-server: v2.9.10") < number("nats-server: v2.15.1"), "as numbers, not as text");
    }
}
