//! The watcher of a folder: a shell that ends what works there once its owner is gone, even if that was killed with -9.
//!
//! It learns of it by the end of its standard input, whose other end only we hold. The kernel's own means, a signal at the parent's
//! death, would come when the *thread* ends that started the server, would not reach a server's children, and would be lost on those
//! that are stopped.
use std::{
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};

/// A running watcher. Dropped, it is dismissed: it does nothing any more.
#[derive(Debug)]
pub(crate) struct Watcher(Child);

impl Watcher {
    /// Has the folder watched. `folder` is absolute and without links.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", include_str!("watch.sh"), "offhook-watcher"]).arg(folder).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // In a group of its own, so that what ends our group, a Ctrl-C or a test runner, leaves it to do its work.
        shell.process_group(0);
        Ok(Self(shell.spawn().context("a watcher for the servers could not be started")?))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill(); // It may have ended, if somebody killed it.
        let _ = self.0.wait();
    }
}
