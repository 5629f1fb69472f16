//! `cargo xtask codegen`: the files that are written by a program, from the crate that knows.
use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::shell;

/// What to do with the files.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Change nothing; fail if a file is not what would be written.
    #[arg(long)]
    check: bool,
}

/// A generated file.
struct Generated {
    path: &'static str,
    text: fn() -> String,
}

const FILES: &[Generated] = &[
    Generated { path: "docs/schema/offhook.v1.json", text: offhook_signaling::schema_text },
    Generated { path: "sdk/web/src/generated/frames.ts", text: offhook_signaling::typescript },
];

/// Writes every generated file that is not what it should be.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check {
        return check();
    }
    for file in FILES.iter().filter(|file| !is_current(file)) {
        let path = shell::root().join(file.path);
        fs::create_dir_all(path.parent().expect("a generated file lies in a folder"))?;
        fs::write(&path, (file.text)()).with_context(|| format!("{} could not be written", file.path))?;
        println!("wrote {}", file.path);
    }
    Ok(())
}

/// Fails if a generated file is not what would be written.
pub(crate) fn check() -> Result<()> {
    let stale: Vec<_> = FILES.iter().filter(|file| !is_current(file)).map(|file| file.path).collect();
    ensure!(stale.is_empty(), "out of date: {}; `cargo xtask codegen` writes them", stale.join(", "));
    println!("{} generated files are up to date", FILES.len());
    Ok(())
}

fn is_current(file: &Generated) -> bool {
    fs::read_to_string(shell::root().join(file.path)).is_ok_and(|text| text == (file.text)())
}
