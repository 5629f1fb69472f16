//! The provider: requests under its token, and what Apple says to them.
use std::time::Duration;

use http::{HeaderValue, header};
use offhook_push::{
    Address, Answer, ApnsToken, Environment, Order, Prepared, Signer, Unsendable, Vendor, Verdict,
};
use offhook_types::Timestamp;
use serde_json::{Map, json};

use crate::{
    Rules,
    request::request,
    verdict::{Reason, read},
};

/// A token is made anew at this age: Apple refuses it from an hour on.
const RENEW_AFTER: Duration = Duration::from_mins(50);
/// Apple refuses one that is made anew sooner than this, and the connection with it.
const LEAST_AGE: Duration = Duration::from_mins(20);

/// What an operator has of Apple to send pushes with.
#[derive(Debug)]
pub enum Credential {
    /// A certificate of the app, which the driver shows when it connects. The requests bear nothing.
    Certificate,
    /// A key of the team, in a `.p8` file.
    Key {
        /// The key's identifier: ten letters and digits.
        key_id: String,
        /// The key.
        signer: Signer,
        /// The team's identifier: ten letters and digits.
        team_id: String,
    },
}

/// Why an identifier of Apple's is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentifier {
    /// A bundle's identifier is letters, digits, dots and hyphens.
    #[error("bundle is the app's identifier, like com.example.app, without .voip")]
    Bundle,
    /// A key's or a team's identifier is ten letters and digits.
    #[error("key_id and team_id have ten letters and digits each")]
    KeyOrTeam,
}

/// Sends to one app under one credential.
#[derive(Debug)]
pub struct Provider {
    credential: Credential,
    rules: Rules,
    /// The token, and when it was made.
    token: Option<(HeaderValue, Timestamp)>,
}

impl Provider {
    /// A provider under this credential.
    ///
    /// # Errors
    /// [`InvalidIdentifier`].
    pub fn new(credential: Credential, rules: Rules) -> Result<Self, InvalidIdentifier> {
        let bundle = &rules.bundle;
        let is_bundle = bundle.contains('.')
            && !bundle.ends_with(".voip")
            && bundle.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
        if !is_bundle {
            return Err(InvalidIdentifier::Bundle);
        }
        if let Credential::Key { key_id, team_id, .. } = &credential {
            let is_id = |id: &str| id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !is_id(key_id) || !is_id(team_id) {
                return Err(InvalidIdentifier::KeyOrTeam);
            }
        }
        Ok(Self { credential, rules, token: None })
    }

    fn authorization(&mut self, now: Timestamp) -> Option<HeaderValue> {
        let Credential::Key { key_id, signer, team_id } = &self.credential else { return None };
        if let Some((token, made)) = &self.token
            && now.since(*made) < RENEW_AFTER
        {
            return Some(token.clone());
        }
        let header = Map::from_iter([("kid".to_owned(), key_id.as_str().into())]);
        let token = signer.sign(header, &json!({ "iss": team_id, "iat": now.as_millis() / 1_000 }));
        let mut token = HeaderValue::try_from(format!("bearer {token}")).expect("a token is ASCII");
        token.set_sensitive(true);
        self.token = Some((token.clone(), now));
        Some(token)
    }

    /// Whether a token that Apple calls too old may be made anew: then it is, with the next request.
    fn may_renew(&mut self, now: Timestamp) -> bool {
        let is_old = self.token.as_ref().is_some_and(|(_, made)| now.since(*made) >= LEAST_AGE);
        if is_old {
            self.token = None;
        }
        is_old
    }
}

impl Vendor for Provider {
    fn prepare(&mut self, now: Timestamp, order: &Order, address: &Address) -> Result<Prepared, Unsendable> {
        let Address::Apns(to) = address else { return Err(Unsendable::Address) };
        let mut request = request(now, &self.rules, order, to)?;
        if let Some(authorization) = self.authorization(now) {
            request.headers_mut().insert(header::AUTHORIZATION, authorization);
        }
        Ok(Prepared::Push(request))
    }

    /// Never asked: Apple's tokens are our own.
    fn granted(&mut self, _: Timestamp, _: &Answer) -> Result<(), Verdict> {
        Ok(())
    }

    fn verdict(&mut self, now: Timestamp, address: &Address, answer: &Answer) -> Verdict {
        let Address::Apns(ApnsToken { environment, .. }) = address else { return Verdict::Unknown };
        let (reason, verdict) = read(answer, other(*environment));
        match reason {
            Reason::TokenTooOld if self.may_renew(now) => Verdict::Again,
            Reason::TokenTooOld | Reason::Other => verdict,
        }
    }
}

fn other(environment: Environment) -> Environment {
    match environment {
        Environment::Production => Environment::Sandbox,
        Environment::Sandbox => Environment::Production,
    }
}
