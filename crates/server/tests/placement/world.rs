//! Nodes of the real binary on one PostgreSQL, over NATS or over the database's own notifications.
use std::{path::PathBuf, process::Command};

use offhook_testing_services::{Database, NatsOptions, NatsServer, PostgresServer};
use serde_json::{Value, json};

use crate::{
    device::{Device, printed},
    server::{APP, Place, Serving, serve},
};

/// What the nodes of a test share.
pub(crate) struct Cluster {
    database: Database,
    nats: Option<NatsServer>,
    nodes: u32,
    secret: PathBuf,
    _shared: Place,
}

/// A node.
pub(crate) struct World {
    config: String,
    server: Serving,
    _place: Place,
}

impl Cluster {
    /// Nodes that talk over NATS.
    pub(crate) fn over_nats() -> Self {
        let nats = NatsServer::start(&NatsOptions::default());
        Self::new(Some(nats.unwrap_or_else(|error| panic!("NATS starts: {error:#}"))))
    }

    /// Nodes that talk over the database.
    pub(crate) fn over_postgres() -> Self {
        Self::new(None)
    }

    fn new(nats: Option<NatsServer>) -> Self {
        let postgres =
            PostgresServer::for_tests().unwrap_or_else(|error| panic!("PostgreSQL starts: {error:#}"));
        let database = postgres.database().unwrap_or_else(|error| panic!("a database is made: {error:#}"));
        let shared = Place::new();
        let secret = shared.folder.join("secret");
        Self { database, nats, nodes: 0, secret, _shared: shared }
    }

    /// Starts a node whose `[media]` holds these lines besides the usual ones.
    pub(crate) fn node(&mut self, media: &str) -> World {
        self.nodes += 1;
        let place = Place::new();
        let key = |id: &str, purpose: &str| {
            let secret = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";
            format!("[[apps.keys]]\nid = \"{id}\"\npurpose = \"{purpose}\"\nsecret = \"{secret}\"\n")
        };
        let nats = self.nats.as_ref().map(|nats| format!("nats = [\"{}\"]\n", nats.url()));
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"\"\nlog_json = true\ndrain_s = 1\n\
             [store]\nfolder = \"{}\"\nurl = \"{}\"\n[cluster]\nnode = \"node-{}\"\n{}\
             [push]\nsecret_file = \"{}\"\n[session]\nrequests_per_s = 10000\nrequest_burst = 10000\n\
             [media]\nudp = [\"127.0.0.1:0\"]\ntcp = []\nworkers = 1\nmax_load = 1.0\n{media}\n\
             [[apps]]\nid = {APP}\nlogin = \"multi\"\n[apps.calls]\nbusy = \"reject\"\n[apps.rooms]\nopen = true\n{}{}",
            place.store().display(),
            self.database.url(),
            self.nodes,
            nats.unwrap_or_default(),
            self.secret.display(),
            key("user", "user"),
            key("server", "server"),
        );
        let config = place.write(&text);
        let server = serve(&config);
        server.register();
        World { config: config.display().to_string(), server, _place: place }
    }

    /// How many rooms are placed.
    pub(crate) fn placed(&self) -> String {
        let count = self.database.query("SELECT count(*) FROM offhook.placement");
        count.unwrap_or_else(|error| panic!("the database answers: {error:#}"))
    }

    /// The epoch of the only room that is placed.
    pub(crate) fn epoch(&self) -> u64 {
        let epoch = self.database.query("SELECT epoch FROM offhook.placement");
        let epoch = epoch.unwrap_or_else(|error| panic!("the database answers: {error:#}"));
        epoch.parse().unwrap_or_else(|_| panic!("one room is placed, not {epoch:?}"))
    }
}

impl World {
    pub(crate) fn address(&self) -> &str {
        &self.server.address
    }

    /// A token of a user, minted as an operator would.
    pub(crate) async fn token(&self, user: &str) -> String {
        printed(&["token", "--app", &APP.to_string(), "--user", user, "--config", &self.config]).await
    }

    /// Asks over REST; the status and the body of the answer.
    pub(crate) fn rest(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.server.ask(method, path, body)
    }

    /// Asks the node to stop.
    pub(crate) fn stop(&self) {
        self.server.terminate();
    }

    /// Kills the node.
    pub(crate) fn dies(mut self) {
        self.server.kill();
    }

    /// The node stands still.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    /// The node goes on.
    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.server.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the node can be signaled");
    }
}

/// Alice has called Bob and Bob has accepted, each over a node.
pub(crate) struct Pair {
    pub(crate) alice: Device,
    pub(crate) bob: Device,
    pub(crate) call: String,
}

impl Pair {
    /// In the advanced mode, unless it is said otherwise.
    pub(crate) async fn accepted((of_alice, of_bob): (&World, &World), mode: &str) -> Self {
        let mut alice = Device::log_in(of_alice, "alice", "phone").await;
        let mut bob = Device::log_in(of_bob, "bob", "phone").await;
        let invited = alice.does("call.invite", json!({ "invitees": ["bob"], "mode": mode })).await;
        let call = text(&invited["call"]["call"]);
        bob.does("call.accept", json!({ "call": call })).await;
        Self { alice, bob, call }
    }

    /// Both are in the call's room and publish. Alice is there first, so that it lives on her node if that takes rooms.
    pub(crate) async fn talking(worlds: (&World, &World), mode: &str) -> Self {
        let mut both = Self::accepted(worlds, mode).await;
        enters(&mut both.alice, &both.call).await;
        enters(&mut both.bob, &both.call).await;
        both.hear_each_other().await;
        both
    }

    pub(crate) async fn hear_each_other(&mut self) {
        let (alice, bob) = tokio::join!(self.alice.can_hear(5), self.bob.can_hear(5));
        assert!(
            alice && bob,
            "they do not hear each other ({alice}, {bob}): {:#?} {:#?}",
            self.alice.log(),
            self.bob.log()
        );
    }
}

/// Asks for a token, enters the room, again if the room is not to be had at once, and publishes.
pub(crate) async fn enters(device: &mut Device, room: &str) {
    let mut refused = Vec::new();
    for _ in 0..40 {
        let token = device.ask("room.token", json!({ "room": room })).await;
        let entered = match token["type"].as_str() {
            Some("problem") => token,
            _ => device.ask("room.join", json!({ "token": token["body"]["token"] })).await,
        };
        if entered["type"] == "reply.room" {
            return device.publishes(room).await;
        }
        assert_eq!(entered["body"]["retryable"], true, "{entered}");
        refused.push(entered);
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    panic!("the room is not to be had: {refused:#?}");
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text was expected, not {value}")).to_owned()
}
