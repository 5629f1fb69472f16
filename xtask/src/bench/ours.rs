//! Our own server under the load tool.
use std::{
    fs::{self, File},
    io::Read as _,
    path::PathBuf,
    process::Stdio,
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::book::{Book, Figure, Load};
use crate::{
    server::{Server, free_port},
    shell,
};

/// Our server in the table.
pub(super) const NAME: &str = "offhook";

/// Our server with callees that tell that they ring.
pub(super) const RINGING: &str = "offhook, ring acknowledged";

/// The id of the app, and of its key.
pub(super) const APP: &str = "1";
pub(super) const KEY: &str = "bench";

/// How much to measure.
pub(super) struct Plan {
    pub(super) devices: u32,
    pub(super) durability: String,
    pub(super) secs: u32,
}

/// Where configuration and store of a run lie.
pub(super) fn work_folder() -> PathBuf {
    shell::target_folder().join("bench")
}

/// Runs every load: the calls on one fresh server, the idle devices on another.
pub(super) fn measure(plan: &Plan, book: &mut Book) -> Result<()> {
    let secs = plan.secs.to_string();
    let thousand = ["open", "--rate", "1000", "--pairs", "400", "--secs", &secs];
    let ringing = [&thousand[..], &["--acknowledge"]].concat();
    let server = Loaded::start(plan)?;
    server.load((NAME, Load::Thousand), &thousand, book)?;
    server.load((NAME, Load::Peak), &["closed", "--pairs", "64", "--secs", &secs], book)?;
    server.load(
        (NAME, Load::Hundred),
        &["open", "--rate", "100", "--pairs", "100", "--secs", &secs],
        book,
    )?;
    server.load((RINGING, Load::Thousand), &ringing, book)?;
    drop(server);
    let server = Loaded::start(plan)?;
    server.load((NAME, Load::Idle), &["idle", "--users", &plan.devices.to_string()], book)
}

/// A server of the release build, with an empty store and keys of its own.
struct Loaded {
    secret: String,
    server: Server,
}

impl Loaded {
    fn start(plan: &Plan) -> Result<Self> {
        let folder = work_folder();
        let store = folder.join("store");
        if store.exists() {
            fs::remove_dir_all(&store)?;
        }
        fs::create_dir_all(&folder)?;
        let (port, secret) = (free_port()?, secret()?);
        let configuration = folder.join("offhook.toml");
        fs::write(&configuration, configuration_text(plan, port, &secret))?;
        let server = Server::serve(&shell::target_folder().join("release/offhook"), &configuration, port)?;
        Ok(Self { secret, server })
    }

    /// Runs the load tool and writes down what it found.
    fn load(&self, at: (&str, Load), arguments: &[&str], book: &mut Book) -> Result<()> {
        println!("{}: {}", at.0, arguments.join(" "));
        let (url, pid) = (address(&self.server), self.server.id().to_string());
        let report = run_tool(&self.secret, &[arguments, &["--url", &url, "--pid", &pid]].concat())?;
        write_down(&report, at, book);
        Ok(())
    }
}

/// Where clients of a server connect.
pub(super) fn address(server: &Server) -> String {
    format!("{}/v1/ws", server.url().replacen("http:", "ws:", 1))
}

/// Runs the load tool as the app's users, and returns what it found.
pub(super) fn run_tool(secret: &str, arguments: &[&str]) -> Result<Value> {
    let mut tool = shell::program(shell::target_folder().join("release/offhook-load"));
    tool.args(arguments).args(["--json", "--app", APP, "--key", KEY, "--secret", secret]);
    let output = tool.stderr(Stdio::inherit()).output().context("the load tool could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().context("the load tool said nothing")?;
    println!("  {line}");
    Ok(serde_json::from_str(line)?)
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
fn configuration_text(plan: &Plan, port: u16, secret: &str) -> String {
    let store = work_folder().join("store");
    let durability = &plan.durability;
    format!(
        r#"[server]
listen = "127.0.0.1:{port}"
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

/// The secret of a run's key.
pub(super) fn secret() -> Result<String> {
    let mut random = [0_u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}
