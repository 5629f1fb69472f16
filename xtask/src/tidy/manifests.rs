//! What every crate says about itself: a description, the workspace's lints, a first sentence.
use std::fs;

use anyhow::{Context as _, Result};

use super::{
    Violation,
    house::{House, Member},
};

/// Checks every manifest and every crate's first line.
pub(super) fn check(house: &House) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for member in &house.members {
        violations.extend(check_member(member)?);
    }
    Ok(violations)
}

fn check_member(member: &Member) -> Result<Vec<Violation>> {
    let manifest = member.folder.join("Cargo.toml");
    let manifest = fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
    let mut violations = Vec::new();
    if !inherits_lints(&manifest) {
        let mend = "write `[lints]` and below it `workspace = true`, and nothing more";
        violations.push(Violation::new(member.place(), "the workspace's lints are not inherited", mend));
    }
    if member.description.as_deref().is_none_or(|text| text.split_whitespace().count() < 3) {
        let mend = "write one sentence into `description`";
        violations.push(Violation::new(member.place(), "the manifest does not say what the crate is", mend));
    }
    for file in ["src/lib.rs", "src/main.rs"] {
        let path = member.folder.join(file);
        if path.is_file() && !says_what_it_is(&fs::read_to_string(&path)?) {
            let mend = "begin with `//!` and a sentence: what it is for, and what it does not do";
            violations.push(Violation::new(
                format!("{}/{file}", member.place()),
                "no module documentation",
                mend,
            ));
        }
    }
    Ok(violations)
}

/// Lints are inherited whole or not at all, which cargo enforces; so no crate can soften `forbid(unsafe_code)`.
fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.by_ref().any(|line| line == "[lints]") && lines.next() == Some("workspace = true")
}

fn says_what_it_is(source: &str) -> bool {
    source.lines().next().and_then(|line| line.strip_prefix("//! ")).is_some_and(|text| text.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lints_must_be_inherited() {
        assert!(inherits_lints("[package]\n\n[lints]\nworkspace = true\n"));
        assert!(!inherits_lints("[package]\nname = \"x\"\n"));
        assert!(!inherits_lints("[lints.rust]\nunsafe_code = \"allow\"\n"));
    }

    #[test]
    fn a_crate_begins_with_a_sentence() {
        assert!(says_what_it_is("//! The life of one call.\n"));
        assert!(!says_what_it_is("//! Later\n"));
        assert!(!says_what_it_is("use std::fs;\n//! Too late.\n"));
    }
}
