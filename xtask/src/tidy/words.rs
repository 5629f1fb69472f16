//! Words that must not stand in a tracked file: places of one machine, and promises without a number.
use std::fs;

use anyhow::Result;

use super::Violation;
use crate::shell;

/// This file names what it forbids; lock files hold checksums, in which any letters may stand.
const EXEMPT: &[&str] = &["Cargo.lock", "package-lock.json", "tidy/words.rs"];

/// Folders that exist on somebody's machine only.
const PLACES: &[&str] = &["/work/", "/root/", "/home/"];

/// Promises; each must carry the number of its issue, as in `TODO(#12)`.
const PROMISES: &[&str] = &["TODO", "FIXME", "XXX"];

/// Checks every line of every text file.
pub(super) fn check() -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for path in shell::files()?.iter().filter(|path| !EXEMPT.iter().any(|name| path.ends_with(name))) {
        let Ok(text) = String::from_utf8(fs::read(shell::root().join(path))?) else { continue };
        violations.extend(check_text(&path.display().to_string(), &text));
    }
    Ok(violations)
}

fn check_text(path: &str, text: &str) -> Vec<Violation> {
    let found = text.lines().enumerate().filter_map(|(index, line)| {
        let (what, mend) = complaint(path, line)?;
        Some(Violation::new(format!("{path}:{}", index + 1), what, mend))
    });
    found.collect()
}

fn complaint(path: &str, line: &str) -> Option<(String, &'static str)> {
    let scratch = path.ends_with(".md").then_some("/tmp/");
    if let Some(place) = PLACES.iter().copied().chain(scratch).find(|place| line.contains(place)) {
        return Some((
            format!("`{place}` is a place on one machine"),
            "write a path relative to the repository",
        ));
    }
    let promise = PROMISES.iter().find(|word| has_word_without_number(line, word))?;
    Some((format!("`{promise}` without an issue number"), "do it, or write the number: `TODO(#12)`"))
}

fn has_word_without_number(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let rest = &line[start + word.len()..];
        let stands_alone = !line[..start].ends_with(is_part_of_word) && !rest.starts_with(is_part_of_word);
        let numbered =
            rest.strip_prefix("(#").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        stands_alone && !numbered
    })
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_needs_a_number() {
        assert_eq!(check_text("a.rs", "// TODO(#12): mend\n// TODOS are fine\n"), []);
        assert_eq!(check_text("a.rs", "fn f() {}\n// TODO: mend\n")[0].place, "a.rs:2");
        assert_eq!(check_text("a.rs", "// FIXME(later)").len(), 1);
    }

    #[test]
    fn a_place_of_one_machine_is_found() {
        assert_eq!(check_text("docs/a.md", "see /tmp/notes").len(), 1, "in a document");
        assert_eq!(check_text("a.rs", "\"/tmp/socket\""), [], "a test may use the scratch folder");
        assert_eq!(check_text("a.rs", "\"/home/me\"").len(), 1);
    }
}
