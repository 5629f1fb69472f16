//! Tables as the documentation has them.
use std::fmt::Write as _;

/// A table in Markdown, its columns aligned. The first line is the head; all lines have as many cells.
pub(super) fn text(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let _ = writeln!(text, "| {} |", cells.collect::<Vec<_>>().join(" | "));
        if number == 0 {
            let rules = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>();
            let _ = writeln!(text, "| {} |", rules.join(" | "));
        }
    }
    text
}
