//! One node: a real process of the server, on a host of its own.
use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{SocketAddrV4, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::network::Host;
use crate::{app, clock};

/// How long a node may take to be ready; it waits for its store.
const START_LIMIT: Duration = Duration::from_secs(20);
/// How long it may take to end when it is asked to: it drains for [`DRAIN_S`].
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Over how many seconds a node that ends spreads the reconnects.
const DRAIN_S: u64 = 2;
/// How often it is looked whether something is so.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How long a node may take to say whether it is ready.
const READY_LIMIT: Duration = Duration::from_secs(1);

/// What all nodes have in common.
pub(crate) struct Common<'a> {
    pub(crate) binary: &'a Path,
    /// URL of the bus.
    pub(crate) bus: String,
    /// Where logs and configurations are kept.
    pub(crate) folder: &'a Path,
    /// URL of the store.
    pub(crate) store: String,
    /// Where nodes work, so that they end with the driver, however that ends.
    pub(crate) workplace: &'a Path,
}

/// A node that runs, or that was made to end.
pub(crate) struct Node {
    binary: PathBuf,
    child: Option<Child>,
    config: PathBuf,
    pub(crate) host: Host,
    log: PathBuf,
    pub(crate) name: String,
    place: SocketAddrV4,
    workplace: PathBuf,
}

impl Node {
    /// Starts a node and waits until it is ready.
    ///
    /// # Errors
    /// It cannot be started, ends, or is not ready in time.
    pub(crate) fn open(name: &str, host: Host, common: &Common<'_>) -> Result<Self> {
        let port = host.run(|| Ok(TcpListener::bind((host.address, 0))?.local_addr()?.port()))?;
        let mut node = Self {
            binary: common.binary.to_owned(),
            child: None,
            config: common.folder.join(format!("{name}.toml")),
            log: common.folder.join(format!("{name}.log")),
            name: name.to_owned(),
            place: SocketAddrV4::new(host.address, port),
            workplace: common.workplace.to_owned(),
            host,
        };
        fs::write(&node.config, node.configuration(common)).context("a configuration cannot be written")?;
        node.start()?;
        Ok(node)
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> String {
        self.place.to_string()
    }

    /// Starts it, and waits until it is ready.
    ///
    /// # Errors
    /// It runs, ends at once, or is not ready in time.
    pub(crate) fn start(&mut self) -> Result<()> {
        ensure!(self.child.is_none(), "the node runs");
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--config").arg(&self.config).env_clear();
        command.current_dir(&self.workplace);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = self.host.run(|| command.spawn().context("a node cannot be started"))?;
        let child = self.child.insert(child);
        let launched = clock::date();
        while !is_ready(self.place) {
            if let Some(status) = child.try_wait()? {
                bail!("{} ended at its start ({status}); its log is {}", self.name, self.log.display());
            }
            ensure!(clock::date().since(launched) < START_LIMIT, "{} was not ready in time", self.name);
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Ends it with SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        child.kill().context("a node could not be killed")?;
        child.wait().context("a killed node did not go")?;
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// It takes too long, or ends with a complaint.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.send(Signal::TERM)?;
        let child = self.child.as_mut().context("the node does not run")?;
        let asked = clock::date();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            ensure!(clock::date().since(asked) < STOP_LIMIT, "{} does not end", self.name);
            thread::sleep(LOOK_EVERY);
        };
        self.child = None;
        ensure!(status.success(), "{} ended with {status}; its log is {}", self.name, self.log.display());
        Ok(())
    }

    /// Stops it in its tracks.
    pub(crate) fn pause(&self) -> Result<()> {
        self.send(Signal::STOP)
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<()> {
        self.send(Signal::CONT)
    }

    /// The first line of its log that tells of a bug, if there is one.
    pub(crate) fn panic(&self) -> Option<String> {
        let log = fs::read_to_string(&self.log).ok()?;
        log.lines().find(|line| line.contains("panicked")).map(str::to_owned)
    }

    fn send(&self, signal: Signal) -> Result<()> {
        let child = self.child.as_ref().context("the node does not run")?;
        kill_process(Pid::from_child(child), signal).context("a node cannot be signaled")
    }

    fn configuration(&self, common: &Common<'_>) -> String {
        let Common { bus, folder, store, .. } = common;
        format!(
            "[server]\nlisten = \"{}\"\nmetrics_listen = \"\"\nbehind_proxy = true\nlog = \"warn\"\n\
             drain_s = {DRAIN_S}\n\n\
             [store]\nurl = \"{store}\"\n\n\
             [cluster]\nnode = \"{}\"\nnats = [\"{bus}\"]\n\n\
             [session]\nheartbeat_s = 1\nlost_after_s = 30\nrequests_per_s = 1000000\nrequest_burst = 1000000\n\n\
             [push]\nsecret_file = \"{}\"\n\n{}",
            self.place,
            self.name,
            folder.join("secret").display(),
            app::config("multi"),
        )
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.kill(); // It may have ended by itself.
    }
}

fn is_ready(place: SocketAddrV4) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&place.into(), READY_LIMIT)?;
        stream.set_read_timeout(Some(READY_LIMIT))?;
        write!(stream, "GET /v1/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200 "))
    };
    ask().unwrap_or(false)
}
