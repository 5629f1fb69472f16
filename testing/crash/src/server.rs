//! The server under test: a real process on a folder of its own, killed as a power switch would, never asked to stop.
use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use offhook_types::Timestamp;

use crate::{app, clock};

/// How long a server may take to be ready.
const START_LIMIT: Duration = Duration::from_secs(10);
/// How often the driver looks whether the server is ready; the figure for restarts is as coarse as this.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// What a reply survives, by the server's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    Power,
    Process,
}

/// A place where servers live one after the other: a folder and a port.
pub(crate) struct Site {
    binary: PathBuf,
    folder: PathBuf,
    port: u16,
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    /// When it said that it was ready.
    pub(crate) ready: Timestamp,
    /// How long that took.
    pub(crate) took: Duration,
}

impl Site {
    /// A fresh folder and a free port. What an earlier run left in the folder is removed.
    pub(crate) fn fresh(binary: &Path, folder: PathBuf) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
        Ok(Self { binary: binary.to_owned(), folder, port: listener.local_addr()?.port() })
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts a server without waiting for it.
    pub(crate) fn launch(&self, durability: Durability) -> Result<Child> {
        let config = self.folder.join("offhook.toml");
        fs::write(&config, self.config(durability)).context("the configuration cannot be written")?;
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--config").arg(&config);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn().with_context(|| format!("{} cannot be started", self.binary.display()))
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn start(&self, durability: Durability) -> Result<Server> {
        let launched = clock::date();
        let mut server = Server { child: self.launch(durability)?, ready: launched, took: Duration::ZERO };
        while !self.is_ready() {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended at its start ({status}); its log is {}", self.log().display());
            }
            ensure!(clock::date().since(launched) < START_LIMIT, "the server was not ready in time");
            std::thread::sleep(LOOK_EVERY);
        }
        server.ready = clock::date();
        server.took = server.ready.since(launched);
        Ok(server)
    }

    /// The first line of the log that wakes a person, if there is one.
    pub(crate) fn complaint(&self) -> Option<String> {
        let log = fs::read_to_string(self.log()).ok()?;
        log.lines().find(|line| line.contains("ERROR") || line.contains("panicked")).map(str::to_owned)
    }

    /// Cuts the end off the journal, as if the server had replied before it wrote. For the driver's own test.
    pub(crate) fn cut_journal(&self, bytes: usize) -> Result<()> {
        let mut segments: Vec<PathBuf> = fs::read_dir(self.folder.join("store"))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        segments.sort();
        let last = segments.last().context("the store has no journal")?;
        let mut journal = fs::read(last)?;
        let end = journal.iter().rposition(|byte| *byte != 0).unwrap_or_default(); // Room may be reserved behind it.
        journal.truncate(end.saturating_sub(bytes));
        fs::write(last, journal)?;
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn config(&self, durability: Durability) -> String {
        let durability = match durability {
            Durability::Power => "power",
            Durability::Process => "process",
        };
        format!(
            "[server]\nlisten = \"{}\"\nmetrics_listen = \"\"\nlog = \"warn\"\n\n\
             [store]\nfolder = \"{}\"\ndurability = \"{durability}\"\n\n\
             [session]\nrequests_per_s = 1000000\nrequest_burst = 1000000\n\n\
             {}",
            self.address(),
            self.folder.join("store").display(),
            app::config("single"),
        )
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            write!(stream, "GET /v1/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer.starts_with("HTTP/1.1 200 "))
        };
        ask().unwrap_or(false)
    }
}

impl Server {
    /// Ends it with SIGKILL, and waits until it is gone.
    pub(crate) fn kill(mut self) -> Result<()> {
        kill(&mut self.child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already if it was killed; then there is nothing to end.
        let _ = kill(&mut self.child);
    }
}

/// Ends a process that this driver started with SIGKILL, and waits until it is gone.
pub(crate) fn kill(child: &mut Child) -> Result<()> {
    child.kill().context("the server could not be killed")?;
    child.wait().context("the killed server did not go")?;
    Ok(())
}
