//! docs/protocol.md against the crate `signaling`: the same names on both sides.
//!
//! A table of the document lists names when the head of its first column is `frame`, `code` or `close`; the first
//! code span of each row, or else its first cell, is the name. For example:
//! ```text
//! | code | ZIM | meaning |
//! |---|---|---|
//! | `already_accepted` | 6000271 | Everyone whose invitation was to be taken back has accepted. |
//! ```
//! A code's row must also show its ZIM code, and a close's row its word.
use std::{collections::BTreeMap, fs};

use anyhow::Result;

use super::Violation;
use crate::shell;

const DOCUMENT: &str = "docs/protocol.md";

/// The names on one side, each with the figure or word that belongs to it (empty for frames).
type Names = BTreeMap<String, String>;

/// What the protocol consists of, by the head of the table that lists it.
struct Protocol {
    frames: Names,
    codes: Names,
    closes: Names,
}

/// Checks the document against the crate's catalog.
pub(super) fn check() -> Result<Vec<Violation>> {
    let path = shell::root().join(DOCUMENT);
    if !path.is_file() {
        return Ok(vec![Violation::new(
            DOCUMENT,
            "the specification is missing",
            "write it: it is normative",
        )]);
    }
    Ok(compare(&fs::read_to_string(path)?, &defined()))
}

fn defined() -> Protocol {
    let catalog = offhook_signaling::catalog();
    let frames = catalog.requests.iter().chain(catalog.events);
    Protocol {
        frames: frames.map(|name| ((*name).to_owned(), String::new())).collect(),
        codes: catalog.codes.iter().map(|(name, zim)| ((*name).to_owned(), zim.to_string())).collect(),
        closes: catalog
            .close_codes
            .iter()
            .map(|(number, word)| (number.to_string(), (*word).to_owned()))
            .collect(),
    }
}

fn compare(document: &str, protocol: &Protocol) -> Vec<Violation> {
    let kinds = [("frame", &protocol.frames), ("code", &protocol.codes), ("close", &protocol.closes)];
    kinds.into_iter().flat_map(|(head, defined)| compare_kind(head, &rows(document, head), defined)).collect()
}

fn compare_kind(head: &str, rows: &[Row<'_>], defined: &Names) -> Vec<Violation> {
    let is_documented = |name: &str| rows.iter().any(|row| row.name == name);
    let missing = defined.keys().filter(|name| !is_documented(name)).map(|name| {
        let mend = format!("add its row to a table whose first column is headed `{head}`");
        Violation::new(DOCUMENT, format!("{head} `{name}` is defined but not documented"), mend)
    });
    let wrong = rows.iter().filter_map(|row| {
        let what = match defined.get(row.name) {
            None => format!("{head} `{}` is documented but not defined", row.name),
            Some(belonging) if !row.text.contains(belonging) => {
                format!("the row of {head} `{}` does not show `{belonging}`", row.name)
            }
            Some(_) => return None,
        };
        let mend = "correct the document, or the crate `signaling` and its catalog";
        Some(Violation::new(format!("{DOCUMENT}:{}", row.line), what, mend))
    });
    missing.chain(wrong).collect()
}

/// One row of a table that lists names.
struct Row<'a> {
    line: usize,
    name: &'a str,
    text: &'a str,
}

/// The rows of every table whose first column has this head.
fn rows<'a>(document: &'a str, head: &str) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let mut place = Place::Outside;
    for (index, text) in document.lines().enumerate() {
        place = match (place, first_cell(text)) {
            (_, None) => Place::Outside,
            (Place::Outside, Some(cell)) if cell.eq_ignore_ascii_case(head) => Place::Inside,
            (Place::Outside, Some(_)) => Place::Elsewhere,
            (Place::Inside, Some(cell)) => {
                rows.extend(name(cell).map(|name| Row { line: index + 1, name, text }));
                Place::Inside
            }
            (Place::Elsewhere, Some(_)) => Place::Elsewhere,
        };
    }
    rows
}

/// Where a line stands.
#[derive(Clone, Copy)]
enum Place {
    /// In a table of something else.
    Elsewhere,
    /// In a table that lists the names looked for.
    Inside,
    /// In no table.
    Outside,
}

fn first_cell(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('|')?.split('|').next().map(str::trim)
}

/// The first code span of a cell, or all of it; nothing for the rule under a table's head.
fn name(cell: &str) -> Option<&str> {
    let is_rule = cell.chars().all(|c| matches!(c, '-' | ':'));
    cell.split('`').nth(1).or_else(|| (!is_rule).then_some(cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = "\
# Protocol

The field `call.nothing` in a sentence is no frame.

| frame | body |
|---|---|
| `call.invite` | who |
| `call.end` | – |

| field | meaning |
|---|---|
| `no_frame` | – |

| Code | ZIM | meaning |
|---|---|---|
| `forbidden` | 6000103 | not yours |

| close | word |
|---|---|
| `4401` | `unauthorized` |
";

    #[test]
    fn a_document_that_agrees_has_no_violations() {
        assert_eq!(compare(DOCUMENTED, &protocol()), []);
    }

    #[test]
    fn a_name_without_a_row_is_found() {
        let mut protocol = protocol();
        protocol.frames.insert("call.join".to_owned(), String::new());
        assert_eq!(complaints(DOCUMENTED, &protocol), ["frame `call.join` is defined but not documented"]);
    }

    #[test]
    fn a_row_without_a_definition_is_found_with_its_line() {
        let mut protocol = protocol();
        protocol.frames.remove("call.end");
        let found = compare(DOCUMENTED, &protocol);
        assert_eq!(found[0].place, "docs/protocol.md:8");
        assert_eq!(found[0].what, "frame `call.end` is documented but not defined");
    }

    #[test]
    fn a_wrong_figure_is_found() {
        let document = DOCUMENTED.replace("6000103", "6000104");
        assert_eq!(
            complaints(&document, &protocol()),
            ["the row of code `forbidden` does not show `6000103`"]
        );
        let document = DOCUMENTED.replace("`unauthorized`", "`unknown`");
        assert_eq!(
            complaints(&document, &protocol()),
            ["the row of close `4401` does not show `unauthorized`"]
        );
    }

    #[test]
    fn a_name_that_is_not_set_as_code_is_a_name_all_the_same() {
        assert_eq!(compare(&DOCUMENTED.replace("`4401`", "4401"), &protocol()), []);
        let document = DOCUMENTED.replace("`call.end`", "call.stop and `call.end`");
        assert_eq!(compare(&document, &protocol()), [], "the code span goes before the cell");
        let document = DOCUMENTED.replace("| `call.end`", "| call.stop | – |\n| `call.end`");
        assert_eq!(complaints(&document, &protocol()), ["frame `call.stop` is documented but not defined"]);
    }

    fn complaints(document: &str, protocol: &Protocol) -> Vec<String> {
        compare(document, protocol).into_iter().map(|violation| violation.what).collect()
    }

    fn protocol() -> Protocol {
        let names = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, belonging)| ((*name).to_owned(), (*belonging).to_owned())).collect()
        };
        Protocol {
            frames: names(&[("call.end", ""), ("call.invite", "")]),
            codes: names(&[("forbidden", "6000103")]),
            closes: names(&[("4401", "unauthorized")]),
        }
    }
}
