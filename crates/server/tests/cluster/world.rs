//! Nodes of the real binary on one PostgreSQL and one NATS, and who is on them.
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use offhook_client::{
    CallId, CallMode, Client, Config, ConnectionState, DeviceId, Event, Events, Invite, Platform, UserId,
};
use offhook_testing_services::{Database, NatsOptions, NatsServer, PostgresServer};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::server::{APP, Place, Refused, Serving, offhook, refuse};

/// How long a test waits for what must come. Only a failure takes all of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it looks for what nobody tells it.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Nodes on one database.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Serving>,
    database: Database,
    nats: Option<NatsServer>,
    more: String,
    place: Place,
}

impl Cluster {
    /// So many nodes that hear each other through NATS. `more` are lines of the app's configuration.
    pub(crate) fn start(nodes: usize, more: &str) -> Self {
        let nats = NatsServer::start(&NatsOptions::default()).expect("NATS starts");
        Self::of(nodes, Some(nats), more)
    }

    /// So many nodes that hear each other through the database.
    pub(crate) fn without_nats(nodes: usize) -> Self {
        Self::of(nodes, None, "")
    }

    fn of(nodes: usize, nats: Option<NatsServer>, more: &str) -> Self {
        let database =
            PostgresServer::for_tests().expect("PostgreSQL starts").database().expect("a database");
        let (more, place) = (more.to_owned(), Place::new());
        let mut cluster = Self { nodes: Vec::new(), database, nats, more, place };
        for _ in 0..nodes {
            cluster.add(&[]);
        }
        cluster.nodes[0].register();
        cluster
    }

    /// One node more, with these settings besides the usual ones, as pairs of a variable and its value.
    pub(crate) fn add(&mut self, settings: &[(&str, &str)]) {
        self.nodes.push(serve_with(&self.configuration(), settings));
    }

    /// A node that must not come up with these settings.
    pub(crate) fn refuse(&self, settings: &[(&str, &str)]) -> Refused {
        refuse(&self.configuration(), settings)
    }

    /// The database, to do things to it.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// A node that must not come up, as these lines of the usual configuration are left out.
    pub(crate) fn refuse_without(&self, line: &str) -> Refused {
        let config = self.configuration();
        let text = std::fs::read_to_string(&config).expect("it was written");
        let less: Vec<&str> = text.lines().filter(|other| !other.starts_with(line)).collect();
        refuse(&self.place.write(&less.join("\n")), &[])
    }

    fn configuration(&self) -> PathBuf {
        let nats = self.nats.iter().map(|nats| format!("{:?}", nats.url())).collect::<String>();
        let key = |id: &str, purpose: &str| {
            let secret = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";
            format!("[[apps.keys]]\nid = \"{id}\"\npurpose = \"{purpose}\"\nsecret = \"{secret}\"\n")
        };
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"\"\nlog_json = true\ndrain_s = 1\n\
             [store]\nurl = {:?}\n[cluster]\nnats = [{nats}]\n[push]\nsecret_file = \"{}\"\n\
             [media]\nenabled = false\n[[apps]]\nid = {APP}\n{}\n{}{}",
            self.database.url(),
            self.place.folder.join("secret").display(),
            self.more,
            key("user", "user"),
            key("server", "server"),
        );
        self.place.write(&text)
    }

    /// A device of a user, online on this node.
    pub(crate) async fn log_in(&self, node: usize, user: &str, device: &str) -> Person {
        self.log_in_on(node, user, (device, Platform::Linux)).await
    }

    pub(crate) async fn log_in_on(&self, node: usize, user: &str, device: (&str, Platform)) -> Person {
        let config = self.configuration();
        let mut person = Person::connect(&self.nodes[node].address, token(&config, user), device);
        person.until_online().await;
        person
    }
}

/// A token of a user, minted as an operator would.
fn token(config: &Path, user: &str) -> String {
    let minted =
        offhook(&["token", "--app", &APP.to_string(), "--user", user, "--config"]).arg(config).output();
    let minted = minted.expect("the binary starts");
    assert!(minted.status.success(), "a token is minted");
    String::from_utf8(minted.stdout).expect("a token is text").trim().to_owned()
}

/// A server that must come up with these variables.
fn serve_with(config: &Path, variables: &[(&str, &str)]) -> Serving {
    match crate::server::start(config, variables) {
        Ok(serving) => serving,
        Err(refused) => panic!("the node did not come up: {}", refused.said),
    }
}

/// A user on a device.
pub(crate) struct Person {
    pub(crate) client: Client,
    pub(crate) events: Events,
}

impl Person {
    fn connect(address: &str, token: String, (device, platform): (&str, Platform)) -> Self {
        let device = DeviceId::new(device).expect("valid");
        let config = Config::new(format!("ws://{address}/v1/ws"), device, platform, token);
        let (client, events) = Client::connect(config).expect("the URL is fine");
        Self { client, events }
    }

    /// Calls Bob, for so many seconds.
    pub(crate) async fn call_bob(&self, timeout_s: u32) -> CallId {
        let mut invite = Invite::new([UserId::new("bob").expect("valid")]);
        invite.mode = CallMode::Advanced;
        invite.timeout_s = timeout_s;
        in_time(self.client.invite(invite)).await.expect("placed").call.call
    }

    pub(crate) async fn until_online(&mut self) {
        let online =
            |event: &Event| matches!(event, Event::Connection(ConnectionState::Online { .. })).then_some(());
        self.until(online).await;
    }

    /// Waits until it rings, and says for which call.
    pub(crate) async fn until_it_rings(&mut self) -> CallId {
        self.until(|event| {
            let Event::Incoming(view) = event else { return None };
            Some(view.call)
        })
        .await
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
}

/// Asks until the answer is as wanted.
pub(crate) async fn until_answered(node: &Serving, path: &str, wanted: impl Fn(u16, &Value) -> bool) {
    let asking = async {
        loop {
            let (status, body) = node.ask("GET", path, &Value::Null);
            if wanted(status, &body) {
                return;
            }
            sleep(LOOK_EVERY).await;
        }
    };
    in_time(asking).await;
}

/// The text of a page that is nobody's secret, once it is as wanted.
pub(crate) async fn until_shown(address: &str, path: &str, wanted: impl Fn(&str) -> bool) {
    let asking = async {
        while !wanted(&page(address, path).await.unwrap_or_default()) {
            sleep(LOOK_EVERY).await;
        }
    };
    in_time(asking).await;
}

async fn page(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// An address of this machine at which nobody listens.
pub(crate) fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").to_string()
}

/// What must come, or the test fails.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it must come")
}
