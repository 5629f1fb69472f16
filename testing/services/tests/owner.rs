//! Nothing outlives its owner, however that ends. The owner is `offhook-services`.
mod support;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use support::until;

#[test]
fn servers_end_with_an_owner_that_was_killed() -> Result<()> {
    let mut owner = Owner::start()?;
    assert!(!owner.processes()?.is_empty());
    owner.process.kill()?;
    owner.process.wait()?;
    until("the servers are gone", || owner.is_gone())
}

#[test]
fn servers_end_with_a_killed_owner_though_they_are_paused() -> Result<()> {
    let mut owner = Owner::start()?;
    for process in owner.processes()? {
        kill_process(process, Signal::STOP)?;
    }
    owner.process.kill()?;
    owner.process.wait()?;
    until("the servers are gone", || owner.is_gone())
}

#[test]
fn servers_end_with_an_owner_whose_whole_group_was_ended() -> Result<()> {
    let mut owner = Owner::start()?;
    kill_process_group(Pid::from_child(&owner.process), Signal::INT)?; // As Ctrl-C and test runners do.
    owner.process.wait()?;
    until("the servers are gone", || owner.is_gone())
}

#[test]
fn servers_end_with_an_owner_that_ends_in_order() -> Result<()> {
    let mut owner = Owner::start()?;
    drop(owner.process.stdin.take());
    assert!(owner.process.wait()?.success());
    assert!(owner.is_gone()?, "at once: nobody is left to wait for");
    Ok(())
}

#[test]
fn what_was_left_without_a_watcher_is_cleared_away_by_the_next_server() -> Result<()> {
    // In a place of their own: any server that starts beside them would do it.
    let place = Owner::start()?.folders[0].with_file_name(format!("left-{}", std::process::id()));
    let mut owner = Owner::start_in(Some(&place))?;
    for watcher in owner.watchers()? {
        kill_process(watcher, Signal::KILL)?;
    }
    owner.process.kill()?;
    owner.process.wait()?;
    assert!(!owner.is_gone()?, "nobody watched");
    let next = Owner::start_in(Some(&place))?;
    assert!(owner.is_gone()?);
    assert!(!next.is_gone()?, "the next one's are its own");
    drop(next);
    Ok(fs::remove_dir_all(place)?)
}

/// A process that owns servers.
struct Owner {
    process: Child,
    folders: Vec<PathBuf>,
}

impl Owner {
    fn start() -> Result<Self> {
        Self::start_in(None)
    }

    fn start_in(place: Option<&Path>) -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offhook-services"));
        command.process_group(0);
        if let Some(place) = place {
            command.env("OFFHOOK_SERVICES_FOLDER", place);
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("its output")?).lines();
        let mut value = |name: &str| -> Result<String> {
            let line = lines.next().context("a line")??;
            Ok(line.strip_prefix(&format!("{name}=")).context("a name")?.to_owned())
        };
        assert!(value("OFFHOOK_TEST_POSTGRES")?.starts_with("postgres://"));
        assert!(value("NATS")?.starts_with("nats://"));
        let folders: Vec<PathBuf> = value("FOLDERS")?.split(':').map(PathBuf::from).collect();
        assert!(folders.iter().all(|folder| folder.is_dir()) && folders.len() == 2);
        Ok(Self { process, folders })
    }

    /// Those that work in its servers' folders.
    fn processes(&self) -> Result<Vec<Pid>> {
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let path = entry?.path();
            let folder = fs::read_link(path.join("cwd")).unwrap_or_default();
            if self.folders.iter().any(|ours| folder.starts_with(ours)) {
                found.extend(number(&path));
            }
        }
        Ok(found)
    }

    /// Those that watch its servers' folders.
    fn watchers(&self) -> Result<Vec<Pid>> {
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let path = entry?.path();
            let arguments = fs::read(path.join("cmdline")).unwrap_or_default();
            let is_watcher =
                arguments.split(|byte| *byte == 0).any(|argument| argument == b"offhook-watcher");
            let is_ours = self
                .folders
                .iter()
                .any(|ours| arguments.ends_with(format!("{}\0", ours.display()).as_bytes()));
            if is_watcher && is_ours {
                found.extend(number(&path));
            }
        }
        assert_eq!(found.len(), 2, "one for each server");
        Ok(found)
    }

    fn is_gone(&self) -> Result<bool> {
        Ok(self.processes()?.is_empty() && !self.folders.iter().any(|folder| folder.exists()))
    }
}

/// Ends in order, and has ended when this returns.
impl Drop for Owner {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn number(process: &Path) -> Option<Pid> {
    Pid::from_raw(process.file_name()?.to_str()?.parse().ok()?)
}
