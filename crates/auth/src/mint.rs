//! The minting of tokens, for the command line, the development mode and tests. An app mints its own, with its own
//! library.
use std::time::Duration;

use offhook_types::{Account, AppId, Opaque, Timestamp};
use serde::Serialize;
use thiserror::Error;

use crate::{
    KeyId, MAX_SERVER_TOKEN_LIFETIME, MAX_USER_TOKEN_LIFETIME, Scope, SigningKey,
    jws::{self, Kind},
    verify::{MAX_NAME_LEN, SERVER_AUDIENCE, SERVER_TOKEN, USER_AUDIENCE, USER_TOKEN},
};

/// Why no token is minted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MintError {
    /// The lifetime is shorter than a second, or longer than tokens of this kind may live.
    #[error("the lifetime is shorter than a second or longer than tokens of this kind may live")]
    Lifetime,
    /// Room tokens are signed by Ed25519 keys only.
    #[error("a room token is signed by an Ed25519 key")]
    Key,
    /// The display name has more than 256 bytes.
    #[error("the display name has more than 256 bytes")]
    NameTooLong,
}

/// What a user's token shall say.
#[derive(Clone, Debug)]
pub struct UserTokenClaims {
    /// Whom it is for.
    pub account: Account,
    /// When it is issued; cut to the second.
    pub issued: Timestamp,
    /// How long it lives; cut to the second. One hour is usual, 24 hours the most.
    pub lifetime: Duration,
    /// The user's display name.
    pub name: Option<Opaque>,
    /// What the bearer is limited to.
    pub scope: Scope,
}

/// What a back end's token shall say.
#[derive(Clone, Debug)]
pub struct ServerTokenClaims {
    /// The app whose back end it is for.
    pub app: AppId,
    /// When it is issued; cut to the second.
    pub issued: Timestamp,
    /// How long it lives; cut to the second. Five minutes is the most.
    pub lifetime: Duration,
    /// What the back end is limited to.
    pub scope: Scope,
}

/// The claims as they are written, in the order of RFC 7519, section 4.1.
#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    aud: &'static str,
    exp: u64,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

/// Mints a token with which a user logs in, signed by the key that the ring knows as `id`.
///
/// # Errors
/// [`MintError`] for claims that would be refused.
pub fn mint_user_token(key: &SigningKey, id: &KeyId, claims: &UserTokenClaims) -> Result<String, MintError> {
    let name = claims.name.as_ref().filter(|name| !name.is_empty()).map(Opaque::as_str);
    if name.is_some_and(|name| name.len() > MAX_NAME_LEN) {
        return Err(MintError::NameTooLong);
    }
    let iat = claims.issued.as_millis() / 1000;
    let exp = iat + whole_seconds(claims.lifetime, MAX_USER_TOKEN_LIFETIME)?;
    let iss = claims.account.app.to_string();
    let (sub, scope) = (Some(claims.account.user.as_str()), claims.scope.as_str());
    Ok(seal(key, id, &USER_TOKEN, &Claims { iss, sub, aud: USER_AUDIENCE, exp, iat, name, scope }))
}

/// Mints a token for one request of a back end, signed by the key that the ring knows as `id`.
///
/// # Errors
/// [`MintError`] for claims that would be refused.
pub fn mint_server_token(
    key: &SigningKey,
    id: &KeyId,
    claims: &ServerTokenClaims,
) -> Result<String, MintError> {
    let iat = claims.issued.as_millis() / 1000;
    let exp = iat + whole_seconds(claims.lifetime, MAX_SERVER_TOKEN_LIFETIME)?;
    let (iss, scope) = (claims.app.to_string(), claims.scope.as_str());
    let claims = Claims { iss, sub: None, aud: SERVER_AUDIENCE, exp, iat, name: None, scope };
    Ok(seal(key, id, &SERVER_TOKEN, &claims))
}

pub(crate) fn whole_seconds(lifetime: Duration, longest: Duration) -> Result<u64, MintError> {
    let seconds = lifetime.as_secs();
    if (1..=longest.as_secs()).contains(&seconds) { Ok(seconds) } else { Err(MintError::Lifetime) }
}

fn seal(key: &SigningKey, id: &KeyId, kind: &Kind, claims: &Claims<'_>) -> String {
    let claims = serde_json::to_vec(claims).expect("texts and numbers are always JSON");
    jws::sign(key, id, kind.typ, &claims)
}
