//! Our own server under the load tool.
use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::book::{Book, Figure, Load};
use crate::shell::{self, Stopwatch};

/// Our server in the table.
pub(super) const NAME: &str = "offhook";

/// Our server with callees that tell that they ring.
pub(super) const RINGING: &str = "offhook, ring acknowledged";

/// How long the server may take until it is ready.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// The id of the app, and of its key.
const APP: &str = "1";
const KEY: &str = "bench";

/// How much to measure.
pub(super) struct Plan {
    pub(super) devices: u32,
    pub(super) durability: String,
    pub(super) secs: u32,
}

/// Where configuration, store and log of a run lie.
pub(super) fn work_folder() -> PathBuf {
    shell::target_folder().join("bench")
}

/// Runs every load: the calls on one fresh server, the idle devices on another.
pub(super) fn measure(plan: &Plan, book: &mut Book) -> Result<()> {
    let secs = plan.secs.to_string();
    let thousand = ["open", "--rate", "1000", "--pairs", "400", "--secs", &secs];
    let ringing = [&thousand[..], &["--acknowledge"]].concat();
    let server = Server::start(plan)?;
    server.load((NAME, Load::Thousand), &thousand, book)?;
    server.load((NAME, Load::Peak), &["closed", "--pairs", "64", "--secs", &secs], book)?;
    server.load(
        (NAME, Load::Hundred),
        &["open", "--rate", "100", "--pairs", "100", "--secs", &secs],
        book,
    )?;
    server.load((RINGING, Load::Thousand), &ringing, book)?;
    drop(server);
    let server = Server::start(plan)?;
    server.load((NAME, Load::Idle), &["idle", "--users", &plan.devices.to_string()], book)
}

/// A server of the release build, with an empty store and keys of its own. It dies with this value.
struct Server {
    address: SocketAddr,
    process: Child,
    secret: String,
}

impl Server {
    fn start(plan: &Plan) -> Result<Self> {
        let folder = work_folder();
        let store = folder.join("store");
        if store.exists() {
            fs::remove_dir_all(&store)?;
        }
        fs::create_dir_all(&folder)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?; // Free again, for the server to take.
        let secret = secret()?;
        let configuration = folder.join("offhook.toml");
        fs::write(&configuration, configuration_text(plan, address, &secret))?;
        let log = File::create(folder.join("server.log"))?;
        let mut command = shell::program(shell::target_folder().join("release/offhook"));
        command.args(["serve", "--config"]).arg(&configuration);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process = command.spawn().context("the server could not be started")?;
        let mut server = Self { address, process, secret };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let watch = Stopwatch::start();
        while !is_ready(self.address) {
            let log = work_folder().join("server.log");
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended ({status}): {}", fs::read_to_string(log)?);
            }
            ensure!(watch.elapsed() < START_TIMEOUT, "the server is not ready; see {}", log.display());
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Runs the load tool and writes down what it found.
    fn load(&self, at: (&str, Load), arguments: &[&str], book: &mut Book) -> Result<()> {
        println!("{}: {}", at.0, arguments.join(" "));
        let mut tool = shell::program(shell::target_folder().join("release/offhook-load"));
        tool.args(arguments).args(["--json", "--app", APP, "--key", KEY, "--secret", &self.secret]);
        tool.args([
            "--url",
            &format!("ws://{}/v1/ws", self.address),
            "--pid",
            &self.process.id().to_string(),
        ]);
        let output = tool.stderr(Stdio::inherit()).output().context("the load tool could not be started")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().last().context("the load tool said nothing")?;
        println!("  {line}");
        write_down(&serde_json::from_str(line)?, at, book);
        Ok(())
    }
}

impl Drop for Server {
    /// Kills it: there is nothing to keep, and nobody to say goodbye to.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn write_down(report: &Value, at: (&str, Load), book: &mut Book) {
    let mut add = |figure, value: &Value| book.add(at, figure, value.as_f64());
    add(Figure::AcceptP50, &report["accept_ms"]["p50"]);
    add(Figure::AcceptP99, &report["accept_ms"]["p99"]);
    add(Figure::CallsPerSecond, &report["calls_per_s"]);
    add(Figure::EndP50, &report["end_ms"]["p50"]);
    add(Figure::EndP99, &report["end_ms"]["p99"]);
    add(Figure::Failed, &report["failed"]);
    add(Figure::Failed, &report["lost"]);
    add(Figure::IdleBytes, &report["idle_bytes_per_device"]);
    add(Figure::LoadCores, &report["load_cores"]);
    add(Figure::OtherCores, &report["other_cores"]);
    add(Figure::RingP50, &report["ring_ms"]["p50"]);
    add(Figure::RingP99, &report["ring_ms"]["p99"]);
    add(Figure::ServerCpuMicrosPerCall, &report["server_cpu_us_per_call"]);
}

/// The defaults, but for the limits of single connections: a few pairs place the calls of a whole town.
fn configuration_text(plan: &Plan, address: SocketAddr, secret: &str) -> String {
    let store = work_folder().join("store");
    let durability = &plan.durability;
    format!(
        r#"[server]
listen = "{address}"
metrics_listen = ""
log = "warn"

[store]
folder = {store:?}
durability = "{durability}"

[session]
requests_per_s = 1000000
request_burst = 1000000

[[apps]]
id = {APP}

[[apps.keys]]
id = "{KEY}"
purpose = "user"
secret = "{secret}"
"#
    )
}

fn secret() -> Result<String> {
    let mut random = [0_u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

/// Whether the server says that it can serve.
fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        write!(stream, "GET /v1/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
