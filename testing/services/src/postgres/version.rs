//! The versions of PostgreSQL that are installed.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::programs;

/// The oldest version that Offhook works with.
const OLDEST: u32 = 15;

/// Where Debian puts each version, in a folder of its number.
const DEBIAN: &str = "/usr/lib/postgresql";

/// An installed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresVersion {
    major: u32,
    programs: PathBuf,
}

impl PostgresVersion {
    /// The newest one that is installed in Debian's place or on the path, with all its programs.
    ///
    /// # Errors
    /// If there is none from 15 on.
    pub fn newest() -> Result<Self> {
        let debian =
            fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
        // A link on the path leads to the folder where the other programs are, too.
        let linked = programs::folders()
            .into_iter()
            .filter_map(|folder| Some(fs::canonicalize(folder.join("postgres")).ok()?.parent()?.to_owned()));
        let folders: BTreeSet<PathBuf> = debian.chain(linked).collect();
        let found = folders.iter().filter_map(|folder| Self::in_folder(folder));
        found.filter(|version| version.major >= OLDEST).max_by_key(|version| version.major).with_context(
            || {
                format!(
                    "there is no PostgreSQL from {OLDEST} on; on Debian, the package `postgresql` brings it"
                )
            },
        )
    }

    /// The first number, such as 15.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// Where a program of this version is: `psql`, `pg_dump`, `pgbench`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    fn in_folder(folder: &Path) -> Option<Self> {
        let is_whole =
            ["initdb", "pg_basebackup", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
        let says = || programs::read(programs::call(&folder.join("postgres"), 10).arg("--version")).ok();
        let major = if is_whole { major(&says()?)? } else { return None };
        Some(Self { major, programs: folder.to_owned() })
    }
}

/// The first number in `postgres (PostgreSQL) 15.19 (Debian …)`; `18beta1` is 18, too.
fn major(text: &str) -> Option<u32> {
    let number = text.split_whitespace().nth(2)?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_the_program_says() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres: not found"), None);
    }
}
