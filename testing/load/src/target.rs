//! The server that is measured, or its nodes, and the keys by which the tool's users log in.
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use offhook_auth::{KeyId, Scope, SigningKey, UserTokenClaims, mint_user_token};
use offhook_types::{Account, AppId, UserId};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio_tungstenite::tungstenite::http::Uri;

use crate::{arguments, clock};

/// How long tokens live: longer than any run, so that none has to be renewed.
const TOKEN_LIFETIME: Duration = Duration::from_hours(24);

/// File descriptors beside the connections: standard streams, the poller, files of /proc.
const OTHER_FILES: u64 = 64;

/// The server, and who the tool is to it.
pub(crate) struct Target {
    pub(crate) app: AppId,
    key: SigningKey,
    key_id: KeyId,
    /// One for each node; never empty.
    places: Vec<Place>,
    /// Begins the names of this run's users, so that none brings along what an earlier run left.
    run: String,
}

/// Where a node takes connections.
pub(crate) struct Place {
    /// Host and port.
    pub(crate) address: String,
    pub(crate) uri: Uri,
}

impl Target {
    /// Checks what the command line says.
    pub(crate) fn new(arguments: &arguments::Target) -> Result<Self> {
        let places = arguments.url.iter().map(|url| Place::new(url)).collect::<Result<Vec<_>>>()?;
        ensure!(!places.is_empty(), "`--url` is missing");
        let secret = URL_SAFE_NO_PAD.decode(arguments.secret.trim_end_matches('='));
        let key = SigningKey::hs256(&secret.context("`--secret` is not base64url")?).context("`--secret`")?;
        let key_id = KeyId::new(&arguments.key).context("`--key`")?;
        let run = format!("load-{:x}", clock::date().as_millis());
        Ok(Self { app: AppId(arguments.app), key, key_id, places, run })
    }

    /// Where the run's user of this number connects. Users who follow each other are on different nodes if there are several.
    pub(crate) fn place(&self, number: u32) -> &Place {
        let at = usize::try_from(number).unwrap_or_default() % self.places.len();
        &self.places[at]
    }

    /// The user of this number in this run.
    pub(crate) fn user(&self, number: u32) -> UserId {
        UserId::new(format!("{}-{number}", self.run)).expect("letters, digits and hyphens make a short id")
    }

    /// A token for the user.
    pub(crate) fn token(&self, user: &UserId) -> String {
        let claims = UserTokenClaims {
            account: Account::new(self.app, user.clone()),
            issued: clock::date(),
            lifetime: TOKEN_LIFETIME,
            name: None,
            scope: Scope::default(),
        };
        mint_user_token(&self.key, &self.key_id, &claims).expect("a token without name may live for a day")
    }
}

impl Place {
    fn new(url: &str) -> Result<Self> {
        let uri: Uri = url.parse().context("`--url` is no address")?;
        ensure!(uri.scheme_str() == Some("ws"), "`--url` begins with `ws://`: the tool speaks no TLS");
        let host = uri.host().context("`--url` names no host")?;
        Ok(Self { address: format!("{host}:{}", uri.port_u16().unwrap_or(80)), uri })
    }
}

/// Raises the limit of open files as far as needed for so many connections.
///
/// # Errors
/// Says the limit if it cannot be raised so far.
pub(crate) fn make_room_for(connections: u32) -> Result<()> {
    let needed = u64::from(connections) + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    ensure!(
        maximum.is_none_or(|maximum| maximum >= needed),
        "{connections} connections need {needed} open files, but the limit is {}: raise it, as in `ulimit -n {needed}`",
        maximum.unwrap_or(u64::MAX)
    );
    setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum }).context("the limit of open files")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(urls: &[&str]) -> Result<Target> {
        Target::new(&arguments::Target {
            url: urls.iter().map(|&url| url.to_owned()).collect(),
            app: 1,
            key: "k".to_owned(),
            secret: URL_SAFE_NO_PAD.encode([7; 32]),
            pid: None,
            json: false,
        })
    }

    fn ports(target: &Target) -> Vec<&str> {
        (0..6).map(|number| target.place(number).address.rsplit_once(':').unwrap().1).collect()
    }

    #[test]
    fn the_two_of_a_pair_are_on_different_nodes() {
        let two = target(&["ws://127.0.0.1:1/v1/ws", "ws://127.0.0.1:2/v1/ws"]).unwrap();
        assert_eq!(ports(&two), ["1", "2", "1", "2", "1", "2"], "callers have even numbers");
        let three = target(&["ws://a:1/v1/ws", "ws://a:2/v1/ws", "ws://a:3/v1/ws"]).unwrap();
        assert_eq!(ports(&three), ["1", "2", "3", "1", "2", "3"]);
        let one = target(&["ws://a/v1/ws"]).unwrap();
        assert_eq!(ports(&one), ["80"; 6]);
    }

    #[test]
    fn every_node_must_be_reachable_without_tls() {
        assert!(target(&["ws://a:1/v1/ws", "wss://a:2/v1/ws"]).is_err());
        assert!(target(&[]).is_err());
    }
}
