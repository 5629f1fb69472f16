//! Who sends: a signature for each push service (RFC 8292).
use std::{collections::HashMap, fmt, time::Duration};

use http::{HeaderValue, Uri};
use offhook_push::Signer;
use offhook_types::Timestamp;
use serde_json::{Map, json};

/// How long a signature holds. RFC 8292 permits a day; a clock that is wrong by hours must not matter.
const LIFE: Duration = Duration::from_hours(12);
/// When it is made anew.
const RENEW_AFTER: Duration = Duration::from_hours(6);
/// For so many push services signatures are kept; there are a handful in the world.
const MOST_ORIGINS: usize = 64;

/// The key of an app, and whom its push services may turn to.
pub struct Vapid {
    kept: HashMap<String, (HeaderValue, Timestamp)>,
    signer: Signer,
    subject: String,
}

/// A text that is no subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "subject is mailto: with an address, or an https URL, not of localhost: some push services refuse others"
)]
pub struct InvalidSubject;

impl Vapid {
    /// A key of the curve P-256, and whom to turn to.
    ///
    /// # Errors
    /// [`InvalidSubject`].
    pub fn new(signer: Signer, subject: &str) -> Result<Self, InvalidSubject> {
        let is_plain = subject.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
        let is_contact = match subject.split_once(':') {
            Some(("mailto", address)) => address.contains('@'),
            Some(("https", rest)) => rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty()),
            Some(_) | None => false,
        };
        if !is_plain || !is_contact || subject.contains("localhost") {
            return Err(InvalidSubject);
        }
        Ok(Self { kept: HashMap::new(), signer, subject: subject.to_owned() })
    }

    /// What browsers subscribe with: the public key in base64url.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.signer.public_point()
    }

    /// The value of `Authorization` for an endpoint.
    pub(crate) fn authorization(&mut self, now: Timestamp, endpoint: &Uri) -> HeaderValue {
        // With the port, unless it is the usual one (RFC 6454, section 6.1).
        let origin = match (endpoint.host(), endpoint.port_u16()) {
            (Some(host), None | Some(443)) => format!("https://{host}"),
            (Some(host), Some(port)) => format!("https://{host}:{port}"),
            (None, _) => String::new(),
        };
        if let Some((kept, made)) = self.kept.get(&origin)
            && now.since(*made) < RENEW_AFTER
        {
            return kept.clone();
        }
        let exp = (now + LIFE).as_millis() / 1_000;
        let claims = json!({ "aud": origin, "exp": exp, "sub": self.subject });
        let token = self.signer.sign(Map::from_iter([("typ".to_owned(), "JWT".into())]), &claims);
        let value = format!("vapid t={token}, k={}", self.signer.public_point());
        let mut value = HeaderValue::try_from(value).expect("a token is ASCII");
        value.set_sensitive(true);
        if self.kept.len() >= MOST_ORIGINS {
            self.kept.clear();
        }
        self.kept.insert(origin, (value.clone(), now));
        value
    }
}

impl fmt::Debug for Vapid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vapid").field("signer", &self.signer).finish_non_exhaustive()
    }
}
