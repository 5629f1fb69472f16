//! The provider: messages under an access token, and what Google says to them.
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use offhook_push::{
    Address, Answer, Kind, Order, Prepared, Token, Unsendable, Vendor, Verdict, data_message,
};
use offhook_types::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::{
    ServiceAccount,
    verdict::{Reading, after, read},
};

/// Google takes so much of data, in bytes.
const MOST_BYTES: usize = 4_096;
/// So long before its end a token is renewed: what is sent with it is on its way for a while.
const RENEW_BEFORE: Duration = Duration::from_mins(10);
/// A token that Google does not take and that is older than this may have been withdrawn: another one is asked for.
const LEAST_AGE: Duration = Duration::from_mins(1);
/// How long the end of a ring is kept for a device that is away.
const KEPT_AFTER: Duration = Duration::from_hours(24);

/// What an app's resource says of its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The channel in which the app shows them; passed on for the app to read.
    pub channel: String,
    /// The one Android package that may receive them; empty for any of the project.
    pub package: String,
    /// The sound; passed on for the app to read.
    pub sound: String,
    /// Messages are only checked by Google, not delivered.
    pub validate_only: bool,
}

/// Sends to the apps of one project.
#[derive(Debug)]
pub struct Provider {
    account: ServiceAccount,
    rules: Rules,
    token: Option<AccessToken>,
}

#[derive(Debug)]
struct AccessToken {
    authorization: HeaderValue,
    got: Timestamp,
    renew_at: Timestamp,
}

/// What the token endpoint answers.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

impl Provider {
    /// A provider under this account.
    #[must_use]
    pub fn new(account: ServiceAccount, rules: Rules) -> Self {
        Self { account, rules, token: None }
    }

    fn message(&self, now: Timestamp, order: &Order, to: &Token) -> Result<Bytes, Unsendable> {
        let mut data = data_message(now, order);
        for (name, value) in [("channel_id", &self.rules.channel), ("sound", &self.rules.sound)] {
            if !value.is_empty() {
                data.insert(name.into(), value.as_str().into());
            }
        }
        let bytes = data.iter().map(|(name, value)| name.len() + value.as_str().map_or(0, str::len)).sum();
        if bytes > MOST_BYTES {
            return Err(Unsendable::TooLarge { bytes, most: MOST_BYTES });
        }
        let (priority, ttl) = match order.kind {
            Kind::Ring => ("HIGH", order.remaining(now)),
            Kind::Stop(_) => ("HIGH", KEPT_AFTER),
            Kind::Missed => ("NORMAL", KEPT_AFTER),
        };
        // Not a millisecond longer than the ring: what is kept for zero seconds is delivered now or never.
        let mut android = json!({ "priority": priority, "ttl": format!("{}s", ttl.as_secs()) });
        if !self.rules.package.is_empty() {
            android["restricted_package_name"] = self.rules.package.as_str().into();
        }
        let mut body = json!({ "message": { "token": to.as_str(), "data": data, "android": android } });
        if self.rules.validate_only {
            body["validate_only"] = true.into();
        }
        Ok(Bytes::from(body.to_string()))
    }
}

impl Vendor for Provider {
    fn prepare(&mut self, now: Timestamp, order: &Order, address: &Address) -> Result<Prepared, Unsendable> {
        let Address::Fcm { token: to } = address else { return Err(Unsendable::Address) };
        if order.kind == Kind::Ring && order.remaining(now).is_zero() {
            return Err(Unsendable::Over);
        }
        let body = self.message(now, order, to)?;
        let Some(token) = self.token.as_ref().filter(|token| now < token.renew_at) else {
            return Ok(Prepared::Token(self.account.exchange(now)));
        };
        let uri = format!("https://fcm.googleapis.com/v1/projects/{}/messages:send", self.account.project);
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(header::AUTHORIZATION, token.authorization.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        Ok(Prepared::Push(request.expect("a project's name was checked")))
    }

    fn granted(&mut self, now: Timestamp, answer: &Answer) -> Result<(), Verdict> {
        if answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Verdict::Unavailable { after: after(answer) });
        }
        if !answer.status.is_success() {
            return Err(Verdict::CredentialRefused {
                why: format!("the token endpoint answered {}", answer.status.as_u16()).into(),
            });
        }
        let unreadable = || Verdict::Unavailable { after: None };
        let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        let bearer = format!("Bearer {}", granted.access_token);
        let mut authorization = HeaderValue::try_from(bearer).map_err(|_| unreadable())?;
        authorization.set_sensitive(true);
        let life = Duration::from_secs(granted.expires_in);
        let renew_at = now + life.saturating_sub(RENEW_BEFORE).max(life / 2);
        self.token = Some(AccessToken { authorization, got: now, renew_at });
        Ok(())
    }

    fn verdict(&mut self, now: Timestamp, _: &Address, answer: &Answer) -> Verdict {
        match read(answer) {
            Reading::Verdict(verdict) => verdict,
            Reading::TokenRefused { why } => {
                let is_old = self.token.as_ref().is_some_and(|token| now.since(token.got) >= LEAST_AGE);
                if !is_old {
                    return Verdict::CredentialRefused { why: why.into() };
                }
                self.token = None;
                Verdict::Again
            }
        }
    }
}
