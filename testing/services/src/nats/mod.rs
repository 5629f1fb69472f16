//! A private NATS server: one process, one folder, one port.
mod config;
mod version;

use std::{
    fs,
    fs::File,
    io::Read as _,
    net::{Ipv4Addr, SocketAddrV4, TcpStream},
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

pub use version::NatsVersion;

use crate::{
    account::Account, folder::Folder, nats::config::Credentials, port::Port, processes, tls::Identity, wait,
};

/// How long a server may take until it greets.
const START_LIMIT: Duration = Duration::from_secs(20);
/// How long it may take to stop in order.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// Who may connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NatsAccess {
    /// Anybody.
    #[default]
    Open,
    /// Who knows a token.
    Token,
    /// Who knows a user's name and password.
    User,
}

/// How a server differs from its version's defaults.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// Who may connect. Default: anybody. The [URL](NatsServer::url) says what is needed.
    pub access: NatsAccess,
    /// The one address of this machine that it listens on. Default 127.0.0.1. Anything else is for networks that nobody else reaches.
    pub host: Ipv4Addr,
    /// More lines of its configuration file. Default none.
    pub settings: String,
    /// Whether TLS is spoken, and nothing but TLS. Default: not.
    pub tls: bool,
    /// Which version. Default: the newest.
    pub version: Option<NatsVersion>,
}

impl Default for NatsOptions {
    fn default() -> Self {
        Self {
            access: NatsAccess::default(),
            host: Ipv4Addr::LOCALHOST,
            settings: String::new(),
            tls: false,
            version: None,
        }
    }
}

/// A running NATS server of our own; see the crate's documentation for where it lives and how it ends.
///
/// It listens on one address alone, and keeps its port while it is down.
#[derive(Debug)]
pub struct NatsServer {
    process: Option<Child>,
    credentials: Credentials,
    authority: Option<String>,
    version: NatsVersion,
    port: Port,
    folder: Folder,
}

impl NatsServer {
    /// Starts one (some 20 ms).
    ///
    /// # Errors
    /// If no NATS server is installed, and whatever keeps it from starting, with its log.
    pub fn start(options: &NatsOptions) -> Result<Self> {
        let version = match &options.version {
            Some(version) => version.clone(),
            None => NatsVersion::newest()?,
        };
        let folder = Folder::create("nats", Account::Ours)?;
        let identity = if options.tls { Some(Identity::new()?) } else { None };
        if let Some(identity) = &identity {
            identity.write(folder.path(), Account::Ours)?;
        }
        let credentials = Credentials::new(options.access)?;
        let port = Port::take(options.host)?;
        let text = config::text(&credentials, port.place(), options);
        fs::write(folder.path().join("nats.conf"), text)?;
        let authority = identity.map(|identity| identity.authority);
        let mut server = Self { process: None, credentials, authority, version, port, folder };
        server.run()?;
        Ok(server)
    }

    /// Every version that is installed, the oldest first.
    #[must_use]
    pub fn versions() -> Vec<NatsVersion> {
        NatsVersion::installed()
    }

    /// The version that runs.
    #[must_use]
    pub fn version(&self) -> &NatsVersion {
        &self.version
    }

    /// Its URL, with what is needed to connect: `nats://user:password@127.0.0.1:port`, `nats://token@…`; `tls://…` if it speaks TLS.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "tls" } else { "nats" };
        format!("{scheme}://{}{}", self.credentials.in_url(), self.port.place())
    }

    /// The certificate of the authority that vouches for this server, in PEM, if it speaks TLS.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Its folder, with the files `nats.conf` and `log`.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The numbers of its processes (one, if it runs); for what they cost.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        let found = processes::within(self.folder.path());
        found.iter().map(|process| process.as_raw_pid().unsigned_abs()).collect()
    }

    /// Stops it in order: clients see their connections end. It stays down until [`start_again`](Self::start_again).
    ///
    /// # Errors
    /// If it is not running, or does not stop.
    pub fn stop(&mut self) -> Result<()> {
        let process = self.process.as_mut().context("the server is not running")?;
        let _ = kill_process(Pid::from_child(process), Signal::TERM); // It may have ended; it is ours until it is waited for.
        wait::until(STOP_LIMIT, "the NATS server stops", || Ok(process.try_wait()?))?;
        self.process = None;
        Ok(())
    }

    /// Ends it at once (`kill -9`). It stays down until [`start_again`](Self::start_again).
    ///
    /// # Errors
    /// If it does not die.
    pub fn kill(&mut self) -> Result<()> {
        processes::kill(self.folder.path())?;
        if let Some(mut process) = self.process.take() {
            process.wait()?;
        }
        Ok(())
    }

    /// Starts it again after [`stop`](Self::stop) or [`kill`](Self::kill), on the same port with the same credentials.
    ///
    /// # Errors
    /// If it runs, or does not start.
    pub fn start_again(&mut self) -> Result<()> {
        if self.process.is_some() {
            bail!("the server is running");
        }
        self.run()
    }

    /// Stops it in its tracks. Connections stay and hear nothing; new ones are taken by the kernel, and hear nothing.
    ///
    /// # Errors
    /// If it does not stop.
    pub fn pause(&self) -> Result<()> {
        processes::pause(self.folder.path())
    }

    /// Lets it go on.
    pub fn resume(&self) {
        processes::signal(self.folder.path(), Signal::CONT);
    }

    fn run(&mut self) -> Result<()> {
        let folder = self.folder.path();
        let log = File::options().create(true).append(true).open(folder.join("log"))?;
        let mut command = Command::new(self.version.program());
        command.args(["-c", "nats.conf"]).current_dir(folder).env_clear();
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let process = self.process.insert(command.spawn().context("the NATS server could not be started")?);
        let place = self.port.place();
        let ready = wait::until(START_LIMIT, "the NATS server greets", || {
            if let Some(status) = process.try_wait()? {
                bail!("the NATS server ended at its start ({status})");
            }
            Ok(greets(place).then_some(()))
        });
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        ready.with_context(|| format!("its log says:\n{}", log()))
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill(); // It may have ended.
            let _ = process.wait();
        }
    }
}

/// Whether a server says its first word there. It does so in the clear, also before TLS.
fn greets(place: SocketAddrV4) -> bool {
    let greeting = || {
        let mut stream = TcpStream::connect(place)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        let mut word = [0; 5];
        stream.read_exact(&mut word)?;
        Ok::<_, std::io::Error>(word)
    };
    greeting().is_ok_and(|word| &word == b"INFO ")
}
