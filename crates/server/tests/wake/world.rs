//! A development server of the real binary, who calls, and what reaches a phone that sleeps.
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use offhook_client::{
    CallId, CallMode, Client, Config, ConnectionState, DeviceAddress, DeviceId, Event, Events, Invite,
    LegStatus, Platform, UserId, wake::WakeConfig,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader as AsyncReader},
    net::TcpStream,
    time::timeout,
};

/// How long a test waits for what must come. Only a failure takes all of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A development server; killed when dropped.
pub(crate) struct World {
    pub(crate) address: String,
    child: Child,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::start_with(&["--listen", "127.0.0.1:0"])
    }

    /// A server that keeps everything in this folder.
    pub(crate) fn start_in(folder: &Path, listen: &str) -> Self {
        Self::start_with(&["--listen", listen, "--folder", &folder.display().to_string()])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offhook"));
        command.args(["dev", "--media-ip", "127.0.0.1"]).args(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let link = lines.find_map(|line| line.ok()?.split_once("http://").map(|(_, rest)| rest.to_owned()));
        let link = link.expect("a link is printed");
        let address = link.split('/').next().expect("an address").to_owned();
        // What is printed later goes nowhere, and must not stop the server.
        thread::spawn(move || lines.for_each(drop));
        Self { address, child }
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    pub(crate) fn wake_config(&self, device: &str, platform: Platform) -> WakeConfig {
        WakeConfig::new(format!("http://{}", self.address), device_id(device), platform)
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.expect("the server listens");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
        body.to_owned()
    }

    pub(crate) async fn token(&self, user: &str) -> String {
        self.ask("GET", &format!("/dev/token?user={user}"), "").await
    }

    /// A device of a user that has connected.
    pub(crate) async fn log_in(&self, user: &str, device: &str) -> Person {
        let url = format!("ws://{}/v1/ws", self.address);
        let token = self.token(user).await;
        let config = Config::new(url, device_id(device), Platform::Linux, token);
        let (client, events) = Client::connect(config).expect("the URL is fine");
        let mut person = Person { client, events };
        person
            .until(|event| matches!(event, Event::Connection(ConnectionState::Online { .. })).then_some(()))
            .await;
        person
    }

    /// Bob's phone registers where it is woken, and its app is killed. Gives what reaches it from now on.
    pub(crate) async fn asleep(&self, device: &str, addresses: Vec<DeviceAddress>) -> Pushes {
        let pushes = Pushes::listen(self, "bob", device).await;
        let bob = self.log_in("bob", device).await;
        bob.client.register_device(addresses).await.expect("registered");
        bob.client.close().await;
        pushes
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A test may have killed it already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A user on a connected device.
pub(crate) struct Person {
    pub(crate) client: Client,
    pub(crate) events: Events,
}

impl Person {
    /// Calls Bob.
    pub(crate) async fn call_bob(&self, timeout_s: u32) -> CallId {
        let mut invite = Invite::new([UserId::new("bob").expect("valid")]);
        invite.mode = CallMode::Advanced;
        invite.timeout_s = timeout_s;
        self.client.invite(invite).await.expect("placed").call.call
    }

    /// Waits for what is looked for in the events.
    pub(crate) async fn until<T>(&mut self, mut found: impl FnMut(&Event) -> Option<T>) -> T {
        let looking = async {
            loop {
                let event = self.events.next().await.expect("the client lives");
                if let Some(found) = found(&event) {
                    return found;
                }
            }
        };
        in_time(looking).await
    }

    /// Waits until Bob is so in a call.
    pub(crate) async fn until_bob_is(&mut self, wanted: &LegStatus) {
        self.until(|event| {
            let (Event::CallChanged { changed, .. } | Event::CallEnded { changed, .. }) = event else {
                return None;
            };
            changed.iter().any(|leg| leg.user.as_str() == "bob" && leg.status == *wanted).then_some(())
        })
        .await;
    }
}

/// The pushes that reach one phone, as its system hands them to its app.
pub(crate) struct Pushes(AsyncReader<TcpStream>);

impl Pushes {
    async fn listen(world: &World, user: &str, device: &str) -> Self {
        Self::open(world, &format!("/dev/push/devices/{user}/{device}")).await
    }

    /// Everything that was sent, anew with each change.
    pub(crate) async fn all(world: &World) -> Self {
        Self::open(world, "/dev/push/events").await
    }

    async fn open(world: &World, path: &str) -> Self {
        let mut stream = TcpStream::connect(&world.address).await.expect("the server listens");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut reader = Self(AsyncReader::new(stream));
        reader.line(": listening").await;
        reader
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> String {
        self.line("data: ").await
    }

    /// The rest of the next line that begins so.
    async fn line(&mut self, start: &str) -> String {
        let reading = async {
            loop {
                let mut line = String::new();
                assert!(self.0.read_line(&mut line).await.expect("readable") > 0, "the server is gone");
                if let Some(rest) = line.strip_prefix(start) {
                    return rest.trim_end().to_owned();
                }
            }
        };
        in_time(reading).await
    }
}

/// What must come, or the test fails.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it must come")
}

pub(crate) fn device_id(name: &str) -> DeviceId {
    DeviceId::new(name).expect("valid")
}
