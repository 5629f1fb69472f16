//! One party of a scenario: a client process whose JSON lines are read as they come.
use std::{
    cell::Cell,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// How long a party waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the scenarios are played: the servers of an installation, and the binary of its clients.
pub(crate) struct Stage<'a> {
    next: Cell<usize>,
    offhook: &'a Path,
    servers: &'a [String],
}

/// A client process.
pub(crate) struct Player {
    child: Child,
    lines: Receiver<Value>,
    name: String,
    seen: Vec<String>,
}

impl<'a> Stage<'a> {
    /// Parties go to the servers in turn.
    pub(crate) fn new(offhook: &'a Path, servers: &'a [String]) -> Self {
        Self { next: Cell::new(0), offhook, servers }
    }

    /// `offhook listen` as this user, online when returned.
    pub(crate) fn listening(&self, user: &str, more: &[&str]) -> Result<Player> {
        let mut player = self.start("listen", user, more)?;
        player.wait_for("online")?;
        Ok(player)
    }

    /// `offhook call` as this user.
    pub(crate) fn calling(&self, user: &str, more: &[&str]) -> Result<Player> {
        self.start("call", user, more)
    }

    fn start(&self, command: &str, user: &str, more: &[&str]) -> Result<Player> {
        let turn = self.next.replace(self.next.get() + 1);
        let server = &self.servers[turn % self.servers.len()];
        let mut child = Command::new(self.offhook)
            .args([command, "--json", "--server", server, "--user", user])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("the client of {user} could not be started"))?;
        let stdout = child.stdout.take().context("the client has no output")?;
        Ok(Player { child, lines: read_lines(stdout), name: user.into(), seen: Vec::new() })
    }
}

impl Player {
    /// Reads on until a line of this kind came.
    fn wait_for(&mut self, kind: &str) -> Result<()> {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let found = line["event"] == kind;
                    self.note(&line);
                    if found {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("{} never saw `{kind}`; it saw {:?}", self.name, self.seen)
                }
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("{} stopped before `{kind}`; it saw {:?}", self.name, self.seen)
                }
            }
        }
    }

    /// Waits until the process ends by itself and compares everything it saw. Where two things may rightly happen, the
    /// expected line names both: `a | b`.
    pub(crate) fn saw(mut self, expected: &[&str]) -> Result<()> {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.note(&line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    bail!("{} does not stop; it saw {:?}", self.name, self.seen)
                }
            }
        }
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the client of {} failed ({status}); it saw {:?}", self.name, self.seen);
        }
        if !is_as_expected(&self.seen, expected) {
            bail!("{} saw\n  {:#?}\nand should have seen\n  {expected:#?}", self.name, self.seen);
        }
        Ok(())
    }

    fn note(&mut self, line: &Value) {
        let short = short(line);
        println!(
            "  {:>8.3} s  {:<6} {short}",
            line["at_ms"].as_f64().unwrap_or_default() / 1_000.0,
            self.name
        );
        self.seen.push(short);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // After a failure the process may still run, and must not outlive the check.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_as_expected(seen: &[String], expected: &[&str]) -> bool {
    let fits = |(seen, expected): (&String, &&str)| expected.split(" | ").any(|one| one == seen);
    seen.len() == expected.len() && seen.iter().zip(expected).all(fits)
}

fn read_lines(stdout: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
            if sender.send(value).is_err() {
                return;
            }
        }
    });
    receiver
}

/// What a line says, without times and ids: `changed bob:accepted`, `ended answered`.
fn short(line: &Value) -> String {
    let mut words = vec![line["event"].as_str().unwrap_or("?").to_owned()];
    for field in ["action", "from", "reason", "cause", "code"] {
        words.extend(line[field].as_str().map(str::to_owned));
    }
    if let Some(changed) = line["changed"].as_object() {
        words.extend(changed.iter().map(|(user, state)| format!("{user}:{}", state.as_str().unwrap_or("?"))));
    }
    words.join(" ")
}
