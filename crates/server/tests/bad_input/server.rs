//! The real binary as a child process, and its REST interface over a plain socket.
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    thread,
};

use serde_json::{Value, json};

/// The app of every configuration here.
pub(crate) const APP: u32 = 7;

/// A place with a configuration file, and room for a store beside it.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    _temporary: tempfile::TempDir,
}

/// A server that serves; it is killed when dropped.
pub(crate) struct Serving {
    pub(crate) address: String,
    child: Child,
    token: String,
}

/// A server that did not come up.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        Self { folder: temporary.path().to_owned(), _temporary: temporary }
    }

    /// Where the store lies unless a test says otherwise.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// Writes a configuration that works, with these lines in its first two sections.
    pub(crate) fn configure(&self, server: &str, store: &str) -> PathBuf {
        let key = |id: &str, purpose: &str| {
            let secret = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";
            format!("[[apps.keys]]\nid = \"{id}\"\npurpose = \"{purpose}\"\nsecret = \"{secret}\"\n")
        };
        let text = format!(
            "[server]\nlog_json = true\nmetrics_listen = \"\"\n{server}\n[store]\n{store}\n\n[[apps]]\nid = {APP}\n\n{}{}",
            key("user", "user"),
            key("server", "server"),
        );
        self.write(&text)
    }

    /// Writes a configuration as it is.
    pub(crate) fn write(&self, text: &str) -> PathBuf {
        let config = self.folder.join("offhook.toml");
        fs::write(&config, text).expect("the configuration is written");
        config
    }

    /// A configuration that works: any free port, the store beside it.
    pub(crate) fn usual(&self) -> PathBuf {
        self.configure("listen = \"127.0.0.1:0\"", &folder(&self.store()))
    }
}

/// The line that names the store's folder.
pub(crate) fn folder(path: &Path) -> String {
    format!("folder = \"{}\"", path.display())
}

/// The binary, with nothing of this process's environment.
pub(crate) fn offhook(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_offhook"));
    command.env_clear().args(arguments);
    command
}

/// Starts a server that must come up.
pub(crate) fn serve(config: &Path) -> Serving {
    match start(config, &[]) {
        Ok(serving) => serving,
        Err(refused) => panic!("the server did not come up: {}", refused.said),
    }
}

/// Starts a server that must not come up.
pub(crate) fn refuse(config: &Path, variables: &[(&str, &str)]) -> Refused {
    match start(config, variables) {
        Ok(serving) => panic!("the server came up on {}", serving.address),
        Err(refused) => refused,
    }
}

/// Starts a server with these variables.
pub(crate) fn start(config: &Path, variables: &[(&str, &str)]) -> Result<Serving, Refused> {
    let mut command = offhook(&["serve", "--config"]);
    command.arg(config).envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().expect("the binary starts");
    let mut serving = Serving { address: String::new(), child, token: String::new() };
    let mut log = BufReader::new(serving.child.stderr.take().expect("its standard error is piped"));
    let mut said = String::new();
    loop {
        let mut line = String::new();
        if log.read_line(&mut line).expect("the log is text") == 0 {
            let code = serving.child.wait().expect("it has ended").code();
            return Err(Refused { code, said });
        }
        if let Some(address) = address_of(&line) {
            drain(log);
            (serving.address, serving.token) = (address, token(config));
            return Ok(serving);
        }
        said += &line;
    }
}

/// The address in the log line that says that the server serves.
fn address_of(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields").filter(|fields| fields["message"] == "serving")?;
    fields["address"].as_str().map(str::to_owned)
}

/// Reads the rest of the log, so that the server never waits for a reader. The thread ends with the server.
fn drain(mut log: BufReader<ChildStderr>) {
    thread::spawn(move || log.read_to_end(&mut Vec::new()));
}

/// A token of the app's back end, minted as an operator would.
fn token(config: &Path) -> String {
    let minted = offhook(&["token", "--app", &APP.to_string(), "--config"]).arg(config).output();
    let minted = minted.expect("the binary starts");
    assert!(minted.status.success(), "a token is minted");
    String::from_utf8(minted.stdout).expect("a token is text").trim().to_owned()
}

impl Serving {
    /// Asks over REST; the status and the body of the answer.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len(),
        )
        .expect("the request is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the answer is text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        (status.expect("an answer has a status"), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Registers the two users of the tests.
    pub(crate) fn register(&self) {
        for user in ["alice", "bob"] {
            let (status, answer) = self.ask("PUT", &format!("/v1/users/{user}"), &json!({}));
            assert_eq!(status, 200, "{answer}");
        }
    }

    /// Alice calls Bob, with this much extended data.
    pub(crate) fn place(&self, data_bytes: usize) -> (u16, Value) {
        let data = "x".repeat(data_bytes);
        self.ask(
            "POST",
            "/v1/calls",
            &json!({ "caller": "alice", "invitees": ["bob"], "timeout_s": 600, "extended_data": data }),
        )
    }

    /// The process.
    #[allow(dead_code, reason = "for benchmarks")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop.
    #[allow(dead_code, reason = "for the tests of rooms")]
    pub(crate) fn terminate(&self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "the server can be asked to stop");
    }

    /// Kills it, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A test may have killed it already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
