//! `offhook vapid`: a pair of keys for pushes to browsers.
use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use anyhow::Context as _;
use offhook_push::Signer;

/// Writes the private half into a new file for its owner's eyes only, and prints what the configuration needs.
///
/// # Errors
/// The file is there already, or cannot be written.
pub(crate) fn run(path: &Path) -> anyhow::Result<()> {
    let (private, public) = Signer::generate_halves().context("the system gives no randomness")?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| writeln!(file, "{private}"));
    written.with_context(|| format!("cannot write {}", path.display()))?;
    println!("public_key = \"{public}\"");
    println!("private_key_file = \"{}\"", path.display());
    Ok(())
}
