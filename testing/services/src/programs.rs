//! Running the servers' own programs: where they are, and what they answer.
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// Where Debian puts programs of servers, which not everybody has on the path.
const SYSTEM_FOLDERS: &[&str] = &["/usr/local/sbin", "/usr/sbin"];

/// The folders in which programs are looked for: those of the path, and those of servers.
pub(crate) fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).chain(SYSTEM_FOLDERS.iter().map(PathBuf::from)).collect()
}

/// A call of the program, which ends it after `limit` seconds; it sees of our environment only the path.
pub(crate) fn call(program: &Path, limit: u32) -> Command {
    let mut command = Command::new("timeout");
    command.arg("--kill-after=1").arg(limit.to_string()).arg(program);
    command.env_clear().env("LC_ALL", "C").stdin(Stdio::null());
    if let Some(path) = env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// Runs a [`call`] and returns what it printed, without the last line's end.
///
/// # Errors
/// With the program's own words if it failed; and if it took too long.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let name = command.get_args().nth(2).map(|name| name.display().to_string()).unwrap_or_default();
    let output = command.output().with_context(|| format!("`{name}` could not be started"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let reason = match output.status.code() {
            Some(124 | 137) => "took too long",
            Some(_) | None => words.trim(),
        };
        bail!("`{name}` failed ({}): {reason}", output.status);
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(text.trim_end_matches('\n').to_owned())
}

/// 128 random bits as text: a password that needs no escape anywhere.
pub(crate) fn secret() -> Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| anyhow::anyhow!("there is no randomness: {error}"))?;
    Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}
