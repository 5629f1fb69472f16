//! The service account, and the token that it is exchanged for (RFC 7523).
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Uri, header};
use offhook_push::{InvalidSigner, Signer};
use offhook_types::Timestamp;
use serde::Deserialize;
use serde_json::{Map, json};

const GRANT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// How long the assertion may be used; Google takes no more.
const ASSERTION_LIFE: Duration = Duration::from_hours(1);

/// A service account of Google's, as in the JSON file that its console gives out.
#[derive(Debug)]
pub struct ServiceAccount {
    email: String,
    pub(crate) project: String,
    signer: Signer,
    token_uri: Uri,
}

/// Why a text is no service account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccount {
    /// No JSON, or a field is missing.
    #[error(
        "expected the JSON file of a service account, with client_email, private_key, project_id and token_uri"
    )]
    Json,
    /// Its key.
    #[error("private_key: {0}")]
    Key(#[from] InvalidSigner),
    /// Its project.
    #[error("project_id is letters, digits and hyphens")]
    Project,
    /// Where it is exchanged.
    #[error("token_uri is an https URL")]
    TokenUri,
}

#[derive(Deserialize)]
struct File {
    client_email: String,
    private_key: String,
    project_id: String,
    token_uri: String,
}

impl ServiceAccount {
    /// Reads the file.
    ///
    /// # Errors
    /// [`InvalidAccount`].
    pub fn read(json: &str) -> Result<Self, InvalidAccount> {
        let file: File = serde_json::from_str(json).map_err(|_| InvalidAccount::Json)?;
        let is_project = !file.project_id.is_empty()
            && file.project_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_project {
            return Err(InvalidAccount::Project);
        }
        let token_uri: Uri = file.token_uri.parse().map_err(|_| InvalidAccount::TokenUri)?;
        if token_uri.scheme_str() != Some("https") {
            return Err(InvalidAccount::TokenUri);
        }
        let signer = Signer::rs256(&file.private_key)?;
        Ok(Self { email: file.client_email, project: file.project_id, signer, token_uri })
    }

    /// The request that exchanges the account's signature for an access token.
    pub(crate) fn exchange(&self, now: Timestamp) -> Request<Bytes> {
        let issued = now.as_millis() / 1_000;
        let claims = json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_uri.to_string(),
            "iat": issued,
            "exp": issued + ASSERTION_LIFE.as_secs(),
        });
        let header = Map::from_iter([("typ".to_owned(), "JWT".into())]);
        // Base64url and dots need no escaping in a form.
        let form = format!("grant_type={GRANT}&assertion={}", self.signer.sign(header, &claims));
        Request::builder()
            .method(Method::POST)
            .uri(self.token_uri.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .expect("a checked URL")
    }
}
