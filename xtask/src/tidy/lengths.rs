//! The length of files: a warning, never an error. A long table is fine; a long story is two stories.
use std::fs;

use anyhow::Result;

use crate::shell;

/// From here on a file deserves the question whether it is two.
const ASK: usize = 500;

/// Prints a line for each source file of more than [`ASK`] lines, the longest first. Generated files may be long.
pub(super) fn warn() -> Result<()> {
    let mut long = Vec::new();
    for path in shell::files()?.into_iter().filter(|path| !path.iter().any(|folder| folder == "generated")) {
        let is_source =
            path.extension().is_some_and(|extension| ["rs", "ts", "tsx"].iter().any(|it| extension == *it));
        if is_source {
            let lines = fs::read_to_string(shell::root().join(&path))?.lines().count();
            if lines > ASK {
                long.push((lines, path));
            }
        }
    }
    long.sort();
    for (lines, path) in long.iter().rev() {
        println!("warning: {} has {lines} lines; is it two files?", path.display());
    }
    Ok(())
}
