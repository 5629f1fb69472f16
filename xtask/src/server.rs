//! A server of ours as a child process: started on a free port, ready when returned, gone when dropped.
use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::shell::Stopwatch;

/// How long a server may take to be ready.
const START_LIMIT: Duration = Duration::from_secs(20);
/// How often a waiting command looks again.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What nodes of one cluster have in common, and what this one is called.
pub(crate) struct Peers<'a> {
    pub(crate) database: &'a str,
    /// Where their keys lie.
    pub(crate) folder: &'a Path,
    pub(crate) name: &'a str,
    pub(crate) nats: &'a str,
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts `offhook dev` with a store that dies with it.
    pub(crate) fn dev(offhook: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(offhook);
        let listen = format!("127.0.0.1:{port}");
        command.args(["dev", "--listen", &listen, "--media-ip", "127.0.0.1"]).stdout(Stdio::null());
        Self::start(&mut command, port)
    }

    /// Starts `offhook dev` at this port as one of several nodes.
    pub(crate) fn dev_with_peers(offhook: &Path, port: u16, peers: &Peers<'_>) -> Result<Self> {
        let Peers { database, folder, name, nats } = peers;
        let mut command = Command::new(offhook);
        command.args([
            "dev",
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--media-ip",
            "127.0.0.1",
            "--folder",
        ]);
        command.arg(folder).args(["--database", database, "--nats", nats, "--node", name]);
        Self::start(command.stdout(Stdio::null()), port)
    }

    /// Starts `offhook serve` with a configuration that listens on `port`.
    pub(crate) fn serve(offhook: &Path, config: &Path, port: u16) -> Result<Self> {
        Self::start(Command::new(offhook).arg("serve").arg("--config").arg(config), port)
    }

    fn start(command: &mut Command, port: u16) -> Result<Self> {
        let child = command.stdin(Stdio::null()).spawn().context("the server could not be started")?;
        let mut server = Self { child, port };
        let watch = Stopwatch::start();
        while !server.is_ready() {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended at its start ({status})");
            }
            if watch.elapsed() > START_LIMIT {
                bail!("the server was not ready after {} s", START_LIMIT.as_secs());
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(server)
    }

    /// Where tools reach it.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The body of a page of the server.
    pub(crate) fn get(&self, path: &str) -> Result<String> {
        let answer = request(self.port, path)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the server's answer has no body")?;
        if !head.starts_with("HTTP/1.1 200 ") {
            bail!("{path} answers {}", head.lines().next().unwrap_or_default());
        }
        Ok(body.to_owned())
    }

    fn is_ready(&self) -> bool {
        self.get("/v1/ready").is_ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until somebody listens on the port.
pub(crate) fn wait_until_open(port: u16) -> Result<()> {
    let watch = Stopwatch::start();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if watch.elapsed() > START_LIMIT {
            bail!("nobody listens on port {port} after {} s", START_LIMIT.as_secs());
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// A port that nobody listens on at this moment.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    Ok(listener.local_addr()?.port())
}

fn request(port: u16, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
