//! A private PostgreSQL: one process group, one folder, one port.
mod address;
mod database;
mod replication;
mod setup;
mod version;

use std::{
    fs,
    fs::File,
    net::Ipv4Addr,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

pub use address::PostgresAddress;
pub use database::Database;
pub use version::PostgresVersion;

use crate::{account::Account, folder::Folder, port::Port, processes, wait};

/// The variable that names a server for [`PostgresServer::for_tests`]: `postgres://user:password@host:port`, of a superuser.
pub const TEST_POSTGRES: &str = "OFFHOOK_TEST_POSTGRES";

/// How long a server may take until it accepts connections; after a crash it reads its log first.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long it may take to stop in order.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// How long it may take to stop at once, before it is killed.
const QUIT_LIMIT: Duration = Duration::from_secs(5);

/// How a server differs from its version's defaults. The default is quick and forgets when the machine loses power.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Whether commits survive a loss of power, as in production. Default: not, so that nothing waits for the disk (`fsync = off`).
    /// What was committed survives [`PostgresServer::kill`] either way.
    pub durable: bool,
    /// The one address of this machine that it listens on. Default 127.0.0.1. Anything else is for networks that nobody else reaches:
    /// whoever is on the same one may log in.
    pub host: Ipv4Addr,
    /// How many connections at once. Default 200.
    pub max_connections: u16,
    /// More settings of `postgresql.conf`, as names and values. They win over those above. Default none.
    pub settings: Vec<(String, String)>,
    /// Whether TLS is spoken, and nothing but TLS. Default: not.
    pub tls: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            durable: false,
            host: Ipv4Addr::LOCALHOST,
            max_connections: 200,
            settings: Vec::new(),
            tls: false,
        }
    }
}

/// A running PostgreSQL of our own; see the crate's documentation for where it lives and how it ends.
///
/// One superuser, `offhook`, with a password (SCRAM). It listens on one address alone; there is no Unix socket.
#[derive(Debug)]
pub struct PostgresServer {
    process: Option<Child>,
    address: PostgresAddress,
    authority: Option<String>,
    version: PostgresVersion,
    account: Account,
    port: Port,
    folder: Folder,
}

impl PostgresServer {
    /// Makes a fresh one of the newest version there is, and starts it (about a second and a half).
    ///
    /// # Errors
    /// If PostgreSQL 15 or newer is not installed, and whatever keeps it from starting, with the end of its log.
    pub fn start(options: &PostgresOptions) -> Result<Self> {
        setup::create(options)
    }

    /// The server that tests share: the one that `OFFHOOK_TEST_POSTGRES` names, else one for this process, started at the first
    /// call. It is nobody's to stop or to change; a test takes a [`database`](PostgresAddress::database) of its own.
    ///
    /// # Errors
    /// If the variable holds no URL; else as [`PostgresServer::start`].
    pub fn for_tests() -> Result<&'static PostgresAddress> {
        static NAMED: OnceLock<Result<PostgresAddress, String>> = OnceLock::new();
        static OURS: OnceLock<Result<PostgresServer, String>> = OnceLock::new();
        let say = |error: anyhow::Error| format!("{error:#}");
        let shared = match std::env::var_os(TEST_POSTGRES) {
            Some(url) => {
                let parse = || PostgresAddress::parse(&url.to_string_lossy()).context(TEST_POSTGRES);
                NAMED.get_or_init(|| parse().map_err(say)).as_ref()
            }
            // A static is never dropped: the watcher ends this one.
            None => {
                let start = || Self::start(&PostgresOptions::default()).map_err(say);
                OURS.get_or_init(start).as_ref().map(Self::address)
            }
        };
        shared.map_err(|error| anyhow!("{error}"))
    }

    /// The version that runs.
    #[must_use]
    pub fn version(&self) -> &PostgresVersion {
        &self.version
    }

    /// Where and as whom it is reached.
    #[must_use]
    pub fn address(&self) -> &PostgresAddress {
        &self.address
    }

    /// The URL of a database, with user and password. There is always the database `postgres`.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    /// Makes a fresh, empty database; it is dropped with what is returned. See [`PostgresAddress::database`].
    ///
    /// # Errors
    /// If the server does not do it.
    pub fn database(&self) -> Result<Database> {
        self.address.database()
    }

    /// The certificate of the authority that vouches for this server, in PEM, if it speaks TLS.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Its folder, with `data` and the file `log`.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The numbers of its processes, of which the first is the postmaster's; for what they cost.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        let found = processes::within(self.folder.path());
        found.iter().map(|process| process.as_raw_pid().unsigned_abs()).collect()
    }

    /// Stops it in order, with every session ended where it stands, and starts it again.
    ///
    /// # Errors
    /// If it is not running, does not stop, or does not start.
    pub fn restart(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the server is not running")?;
        send(&process, Signal::INT);
        let stopped = wait::until(STOP_LIMIT, "PostgreSQL stops", || Ok(process.try_wait()?));
        if stopped.is_err() {
            self.process = Some(process);
        }
        stopped?;
        self.run()
    }

    /// Ends all its processes at once, as a crash of the machine would, but for what the kernel still writes (`kill -9`). It stays
    /// down until [`start_again`](Self::start_again).
    ///
    /// # Errors
    /// If a process does not die.
    pub fn kill(&mut self) -> Result<()> {
        processes::pause(self.folder.path())?; // The postmaster must not start what takes a dead one's place.
        processes::kill(self.folder.path())?;
        if let Some(mut process) = self.process.take() {
            process.wait()?;
        }
        Ok(())
    }

    /// Starts it again after [`kill`](Self::kill), on the same port and data; returns when it has recovered.
    ///
    /// # Errors
    /// If it runs, or does not start.
    pub fn start_again(&mut self) -> Result<()> {
        if self.process.is_some() {
            bail!("the server is running");
        }
        self.run()
    }

    /// Stops all its processes in their tracks. Connections stay and hear nothing; new ones are taken by the kernel, and hear nothing.
    ///
    /// # Errors
    /// If a process does not stop.
    pub fn pause(&self) -> Result<()> {
        processes::pause(self.folder.path())
    }

    /// Lets them go on.
    pub fn resume(&self) {
        processes::signal(self.folder.path(), Signal::CONT);
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the postmaster and waits until it accepts connections.
    fn run(&mut self) -> Result<()> {
        let data = self.data();
        let state = data.join("postmaster.pid");
        // Of one that was killed. It is gone for sure, though its number may be somebody else's by now.
        let _ = fs::remove_file(&state);
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"))?;
        let mut command = Command::new(self.version.program("postgres"));
        command.arg("-D").arg(&data);
        let place = self.port.place();
        command.args(["-c", &format!("listen_addresses={}", place.ip())]);
        command.args(["-c", &format!("port={}", place.port())]);
        command.current_dir(&data).env_clear().env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let process = self.account.run(&mut command).spawn().context("PostgreSQL could not be started")?;
        let process = self.process.insert(process);
        let ready = wait::until(START_LIMIT, "PostgreSQL accepts connections", || {
            if let Some(status) = process.try_wait()? {
                bail!("PostgreSQL ended at its start ({status})");
            }
            let state = fs::read_to_string(&state).unwrap_or_default();
            Ok(is_ready(&state, process.id()).then_some(()))
        });
        ready.with_context(|| format!("its log ends so:\n{}", self.end_of_log()))
    }

    fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        // At once, but by its own means: then it gives its shared memory back. The folder's end kills what is left.
        self.resume();
        send(&process, Signal::QUIT);
        if wait::until(QUIT_LIMIT, "PostgreSQL quits", || Ok(process.try_wait()?)).is_err() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn send(process: &Child, signal: Signal) {
    let _ = kill_process(Pid::from_child(process), signal); // It may have ended; it is ours until it is waited for.
}

/// What `postmaster.pid` says: its first line is the process, its eighth how far it is.
fn is_ready(state: &str, process: u32) -> bool {
    let line = |number: usize| state.lines().nth(number - 1).unwrap_or_default().trim();
    line(1) == process.to_string() && line(8) == "ready"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_ready_when_its_own_file_says_so() {
        let state =
            |word: &str| format!("41\n/data\n1795320113\n24001\n\n127.0.0.1\n 10338415         4\n{word}\n");
        assert!(is_ready(&state("ready   "), 41));
        assert!(!is_ready(&state("starting"), 41));
        assert!(!is_ready(&state("standby "), 41), "it reads, but takes nobody yet");
        assert!(!is_ready(&state("ready   "), 4), "another's, from before a crash");
        assert!(!is_ready("", 41));
    }
}
