//! Nothing outlives its owner, however that ends. The owner is `offhook-services`.
mod support;

use std::{
    env, fs,
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
    let place = Place::new("killed");
    let mut owner = Owner::start(&place)?;
    assert!(!owner.processes()?.is_empty());
    owner.process.kill()?;
    owner.process.wait()?;
    until("the servers are gone", || owner.is_gone())
}

#[test]
fn servers_end_with_a_killed_owner_though_they_are_paused() -> Result<()> {
    let place = Place::new("paused");
    let mut owner = Owner::start(&place)?;
    for process in owner.processes()? {
        kill_process(process, Signal::STOP)?;
    }
    owner.process.kill()?;
    owner.process.wait()?;
    until("the servers are gone", || owner.is_gone())
}

#[test]
fn servers_end_with_an_owner_whose_whole_group_was_ended() -> Result<()> {
    let place = Place::new("group");
    let mut owner = Owner::start(&place)?;
    kill_process_group(Pid::from_child(&owner.process), Signal::INT)?; // As Ctrl-C and test runners do.
    owner.process.wait()?;
    until("the servers are gone", || owner.is_gone())
}

#[test]
fn servers_end_with_an_owner_that_ends_in_order() -> Result<()> {
    let place = Place::new("order");
    let mut owner = Owner::start(&place)?;
    drop(owner.process.stdin.take());
    assert!(owner.process.wait()?.success());
    assert!(owner.is_gone()?, "at once: nobody is left to wait for");
    Ok(())
}

#[test]
fn what_was_left_without_a_watcher_is_cleared_away_by_the_next_server() -> Result<()> {
    let place = Place::new("left");
    let mut owner = Owner::start(&place)?;
    for watcher in owner.watchers()? {
        kill_process(watcher, Signal::KILL)?;
    }
    owner.process.kill()?;
    owner.process.wait()?;
    assert!(!owner.is_gone()?, "nobody watched");
    let next = Owner::start(&place)?;
    assert!(owner.is_gone()?);
    assert!(!next.is_gone()?, "the next one's are its own");
    Ok(())
}

/// A folder for the servers of one test alone. Elsewhere, any server that starts would clear away what a watcher has left.
struct Place(PathBuf);

impl Place {
    fn new(test: &str) -> Self {
        Self(env::temp_dir().join(format!("offhook-owner-{}-{test}", std::process::id())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that owns servers.
struct Owner {
    process: Child,
    folders: Vec<PathBuf>,
}

impl Owner {
    fn start(place: &Place) -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offhook-services"));
        command.process_group(0).env("OFFHOOK_SERVICES_FOLDER", &place.0);
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
