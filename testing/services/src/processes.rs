//! The processes that work in a folder: found by their working directory, so that a number which the kernel has given to somebody else
//! is never mistaken for one of ours.
use std::{fs, path::Path, time::Duration};

use anyhow::Result;
use rustix::process::{Pid, Signal, kill_process};

use crate::wait;

/// How long processes may take to stand still or to be gone. Only a disk that hangs takes longer than an instant.
const PATIENCE: Duration = Duration::from_secs(20);

/// All that work in the folder or below it, oldest number first. `folder` is absolute and without links.
pub(crate) fn within(folder: &Path) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let mut found: Vec<Pid> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let process = Pid::from_raw(path.file_name()?.to_str()?.parse().ok()?)?;
            // One that has ended, or that is somebody else's, shows no folder.
            fs::read_link(path.join("cwd")).ok()?.starts_with(folder).then_some(process)
        })
        .collect();
    found.sort_by_key(|process| process.as_raw_pid());
    found
}

/// Sends the signal to all of them.
pub(crate) fn signal(folder: &Path, signal: Signal) {
    for process in within(folder) {
        let _ = kill_process(process, signal); // It may have ended since.
    }
}

/// Stops all of them, also those that are being born, and waits until they stand still.
///
/// # Errors
/// If one does not stop, because a disk hangs.
pub(crate) fn pause(folder: &Path) -> Result<()> {
    let mut stood_still = false;
    wait::until(PATIENCE, "stopped processes stand still", || {
        let found = within(folder);
        let running: Vec<&Pid> = found.iter().filter(|process| !is_stopped(**process)).collect();
        for process in &running {
            let _ = kill_process(**process, Signal::STOP); // It may have ended since.
        }
        // Seen twice: before the first look was over, one that still ran may have started another.
        let is_done = running.is_empty() && stood_still;
        stood_still = running.is_empty();
        Ok(is_done.then_some(()))
    })
}

/// Whether a signal has stopped the process, or it has ended.
fn is_stopped(process: Pid) -> bool {
    let Ok(state) = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_pid())) else { return true };
    // The state is the letter after the name, which stands in parentheses and may hold some itself.
    state.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['T', 't']))
}

/// Ends all of them at once (`kill -9`), also those that are being born, and waits until they are gone.
///
/// # Errors
/// If one does not die.
pub(crate) fn kill(folder: &Path) -> Result<()> {
    wait::until(PATIENCE, "killed processes are gone", || {
        let found = within(folder);
        for process in &found {
            let _ = kill_process(*process, Signal::KILL); // It may have ended since.
        }
        Ok(found.is_empty().then_some(()))
    })
}
