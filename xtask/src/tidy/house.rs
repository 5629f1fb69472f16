//! The crates of the workspace as the rules see them, read from `cargo metadata`.
use std::{collections::BTreeSet, fmt, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::shell;

/// Every crate of the workspace, by name.
pub(super) struct House {
    pub(super) members: Vec<Member>,
}

/// One crate.
pub(super) struct Member {
    /// The package's name without `offhook-`.
    pub(super) name: String,
    /// The folder that holds its manifest.
    pub(super) folder: PathBuf,
    pub(super) description: Option<String>,
    pub(super) ring: Ring,
    /// Which of our crates it is built from.
    pub(super) imports: BTreeSet<String>,
    /// Which of our crates its tests are built from besides.
    pub(super) test_imports: BTreeSet<String>,
}

/// How far from the core a crate lies; a crate imports inwards only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ring {
    /// Ring 0: ids and frames.
    Vocabulary,
    /// Ring 1: pure state machines.
    Machine,
    /// Ring 2: ports and adapters.
    Adapter,
    /// Ring 3: binaries and SDKs.
    Assembly,
    /// Crates that exist for tests only.
    Testing,
    /// This program.
    Tool,
}

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Vocabulary => "0",
            Self::Machine => "1",
            Self::Adapter => "2",
            Self::Assembly => "3",
            Self::Testing => "testing",
            Self::Tool => "tool",
        })
    }
}

impl House {
    /// Reads the workspace's manifests.
    pub(super) fn read() -> Result<Self> {
        let metadata = MetadataCommand::new().current_dir(shell::root()).no_deps().exec()?;
        let mut members =
            metadata.packages.iter().map(Member::read).collect::<Result<Vec<_>>>().context("a manifest")?;
        members.sort_by(|a, b| (a.ring, &a.name).cmp(&(b.ring, &b.name)));
        Ok(Self { members })
    }

    /// The ring of the crate of that name, if there is one.
    pub(super) fn ring_of(&self, name: &str) -> Option<Ring> {
        self.members.iter().find(|member| member.name == name).map(|member| member.ring)
    }
}

impl Member {
    fn read(package: &Package) -> Result<Self> {
        let imports_of = |in_tests: bool| {
            let of_kind = package.dependencies.iter().filter(move |dependency| {
                dependency.path.is_some() && (dependency.kind == DependencyKind::Development) == in_tests
            });
            of_kind.map(|dependency| short(&dependency.name)).collect::<BTreeSet<_>>()
        };
        let folder = package.manifest_path.parent().expect("a manifest lies in a folder");
        Ok(Self {
            name: short(&package.name),
            folder: folder.into(),
            description: package.description.clone(),
            ring: ring(package)?,
            imports: imports_of(false),
            test_imports: imports_of(true),
        })
    }

    /// The package's name, as cargo wants it.
    pub(super) fn package(&self) -> String {
        match self.ring {
            Ring::Tool => self.name.clone(),
            Ring::Vocabulary | Ring::Machine | Ring::Adapter | Ring::Assembly | Ring::Testing => {
                format!("offhook-{}", self.name)
            }
        }
    }

    /// Where the crate lies, relative to the root, for messages.
    pub(super) fn place(&self) -> String {
        self.folder.strip_prefix(shell::root()).unwrap_or(&self.folder).display().to_string()
    }
}

fn short(package: &str) -> String {
    package.strip_prefix("offhook-").unwrap_or(package).to_owned()
}

fn ring(package: &Package) -> Result<Ring> {
    let name = &package.name;
    let value = &package.metadata["ring"];
    Ok(match (value.as_u64(), value.as_str()) {
        (Some(0), _) => Ring::Vocabulary,
        (Some(1), _) => Ring::Machine,
        (Some(2), _) => Ring::Adapter,
        (Some(3), _) => Ring::Assembly,
        (_, Some("testing")) => Ring::Testing,
        (_, Some("tool")) => Ring::Tool,
        (_, _) => {
            bail!("{name}: `[package.metadata] ring` is {value}; it must be 0 to 3, \"testing\" or \"tool\"")
        }
    })
}
