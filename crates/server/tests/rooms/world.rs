//! A server that carries media, and the people on it.
use serde_json::{Value, json};

use crate::{
    device::{Device, printed},
    server::{APP, Place, Serving, serve},
};

/// A server of the real binary with short leases.
pub(crate) struct World {
    config: String,
    server: Serving,
    _place: Place,
}

impl World {
    /// A server whose `[media]` and `[apps.rooms]` hold these lines besides the usual ones.
    pub(crate) fn with(media: &str, rooms: &str) -> Self {
        let place = Place::new();
        let key = |id: &str, purpose: &str| {
            let secret = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";
            format!("[[apps.keys]]\nid = \"{id}\"\npurpose = \"{purpose}\"\nsecret = \"{secret}\"\n")
        };
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"\"\nlog_json = true\ndrain_s = 1\n\
             [store]\nfolder = \"{}\"\n[session]\nrequests_per_s = 10000\nrequest_burst = 10000\n\
             [media]\nenabled = true\nudp = [\"127.0.0.1:0\"]\ntcp = []\nworkers = 1\nmax_load = 1.0\n{media}\n\
             [[apps]]\nid = {APP}\nlogin = \"multi\"\n[apps.calls]\nbusy = \"reject\"\n\
             [apps.rooms]\nopen = true\n{rooms}\n{}{}",
            place.store().display(),
            key("user", "user"),
            key("server", "server"),
        );
        let config = place.write(&text);
        let server = serve(&config);
        server.register();
        Self { config: config.display().to_string(), server, _place: place }
    }

    /// A server with the usual leases.
    pub(crate) fn new() -> Self {
        Self::with("", "")
    }

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

    /// Asks the server to stop.
    pub(crate) fn stop(&self) {
        self.server.terminate();
    }
}

/// Alice has called Bob in this mode and Bob has accepted; both have a room token.
pub(crate) struct Accepted {
    pub(crate) alice: Device,
    pub(crate) bob: Device,
    pub(crate) call: String,
    /// Alice's and Bob's.
    pub(crate) tokens: [String; 2],
}

impl Accepted {
    pub(crate) async fn new(world: &World, mode: &str) -> Self {
        let mut alice = Device::log_in(world, "alice", "phone").await;
        let mut bob = Device::log_in(world, "bob", "phone").await;
        let invite = json!({ "invitees": ["bob"], "mode": mode });
        let invited = alice.does("call.invite", invite).await;
        let call = text(&invited["call"]["call"]);
        let accepted = bob.does("call.accept", json!({ "call": call })).await;
        let tokens = [text(&invited["room"]["token"]), text(&accepted["room"]["token"])];
        Self { alice, bob, call, tokens }
    }

    /// Both are in the call's room and publish.
    pub(crate) async fn talking(world: &World, mode: &str) -> Self {
        let mut both = Self::new(world, mode).await;
        let [of_alice, of_bob] = both.tokens.clone();
        both.alice.does("room.join", json!({ "token": of_alice })).await;
        both.alice.publishes(&both.call).await;
        both.bob.does("room.join", json!({ "token": of_bob })).await;
        both.bob.publishes(&both.call).await;
        let (alice, bob) = tokio::join!(both.alice.can_hear(5), both.bob.can_hear(5));
        assert!(alice && bob, "they do not hear each other: {:#?} {:#?}", both.alice.log(), both.bob.log());
        both
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text was expected, not {value}")).to_owned()
}
