//! From a token to a grant.
use std::{borrow::Cow, fmt, time::Duration};

use offhook_types::{Account, AppId, Opaque, Timestamp, UserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    AuthError, Grant, KeyRing, Purpose, Scope, ServerGrant, Signer,
    jws::{self, Kind, Opened},
    verify_token04,
};

/// How far the clock of an issuer may be from the server's, either way. More lets dead tokens live on, less refuses
/// those of machines without a time service.
pub const LEEWAY: Duration = Duration::from_mins(1);

/// The longest token, in bytes. Longer texts are refused unread; a token with every claim at its limit fits twice.
pub const MAX_TOKEN_LEN: usize = 8 * 1024;

/// The longest time for which a user's token may be issued. More leaves a stolen token of use for longer; less makes
/// apps renew more often.
pub const MAX_USER_TOKEN_LIFETIME: Duration = Duration::from_hours(24);

/// The longest time for which a back end's token may be issued: it is made for the request at hand.
pub const MAX_SERVER_TOKEN_LIFETIME: Duration = Duration::from_mins(5);

/// The longest display name, in bytes: what a `userName` of the ZIM façade may have.
pub(crate) const MAX_NAME_LEN: usize = 256;

pub(crate) const USER_AUDIENCE: &str = "call";
pub(crate) const SERVER_AUDIENCE: &str = "rest";
pub(crate) const USER_TOKEN: Kind = Kind { typ: "call+jwt", purpose: Purpose::User };
pub(crate) const SERVER_TOKEN: Kind = Kind { typ: "srv+jwt", purpose: Purpose::Server };

/// Verifies whichever kind of token `account` logs in with: one with a dot is a JWT, any other a token04.
///
/// # Errors
/// [`AuthError`]; tell the client its code only.
pub fn verify_login(
    ring: &KeyRing,
    now: Timestamp,
    token: &str,
    account: &Account,
) -> Result<Grant, AuthError> {
    if !token.contains('.') {
        return verify_token04(ring, now, token, account);
    }
    let grant = verify_user_token(ring, now, token, Some(account.app))?;
    if grant.account.user == account.user { Ok(grant) } else { Err(AuthError::WrongUser) }
}

/// Verifies a user's JWT, and that it belongs to `app` if one is expected.
///
/// # Errors
/// [`AuthError`]; tell the client its code only.
pub fn verify_user_token(
    ring: &KeyRing,
    now: Timestamp,
    token: &str,
    app: Option<AppId>,
) -> Result<Grant, AuthError> {
    let opened = jws::open(ring, now, token, &USER_TOKEN)?;
    let claims: UserClaims<'_> = parse(&opened.claims)?;
    check_addressees(&opened, &claims.iss, (&claims.aud, USER_AUDIENCE))?;
    if app.is_some_and(|app| app != opened.app.id) {
        return Err(AuthError::WrongIssuer);
    }
    let user = UserId::new(&claims.sub).map_err(|_| AuthError::Malformed)?;
    let life = Life { issued: claims.iat.into(), expires: claims.exp.into() };
    life.check(now, claims.nbf, MAX_USER_TOKEN_LIFETIME)?;
    opened.app.check_revocation(&user, life.issued)?;
    Ok(Grant {
        account: Account::new(opened.app.id, user),
        expires: life.expires,
        issued: life.issued,
        name: name(claims.name.as_deref())?,
        scope: scope(claims.scope.as_deref())?,
        signer: Signer::Key(opened.key.spec.id.clone()),
        fingerprint: opened.key.spec.key.fingerprint,
    })
}

/// Verifies a back end's JWT. A `sub` in it means nothing.
///
/// # Errors
/// [`AuthError`]; tell the client its code only.
pub fn verify_server_token(ring: &KeyRing, now: Timestamp, token: &str) -> Result<ServerGrant, AuthError> {
    let opened = jws::open(ring, now, token, &SERVER_TOKEN)?;
    let claims: ServerClaims<'_> = parse(&opened.claims)?;
    check_addressees(&opened, &claims.iss, (&claims.aud, SERVER_AUDIENCE))?;
    let life = Life { issued: claims.iat.into(), expires: claims.exp.into() };
    life.check(now, claims.nbf, MAX_SERVER_TOKEN_LIFETIME)?;
    opened.app.check_server_revocation(life.issued)?;
    let scope = scope(claims.scope.as_deref())?;
    let key = opened.key.spec.id.clone();
    Ok(ServerGrant { app: opened.app.id, expires: life.expires, issued: life.issued, key, scope })
}

/// Claims that are not named here are ignored, as RFC 7519, section 4, demands.
#[derive(Deserialize)]
struct UserClaims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow)]
    aud: Cow<'a, str>,
    iat: Seconds,
    exp: Seconds,
    nbf: Option<Seconds>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    scope: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct ServerClaims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Cow<'a, str>,
    iat: Seconds,
    exp: Seconds,
    nbf: Option<Seconds>,
    #[serde(borrow)]
    scope: Option<Cow<'a, str>>,
}

pub(crate) fn parse<'a, T: Deserialize<'a>>(claims: &'a [u8]) -> Result<T, AuthError> {
    serde_json::from_slice(claims).map_err(|_| AuthError::Malformed)
}

/// Compares issuer and audience with the key's app and `(found, wanted)`.
fn check_addressees(opened: &Opened<'_>, issuer: &str, audience: (&str, &str)) -> Result<(), AuthError> {
    if issuer != opened.app.issuer {
        return Err(AuthError::WrongIssuer);
    }
    if audience.0 != audience.1 {
        return Err(AuthError::WrongAudience);
    }
    Ok(())
}

fn name(claim: Option<&str>) -> Result<Option<Opaque>, AuthError> {
    match claim {
        None | Some("") => Ok(None),
        Some(name) if name.len() > MAX_NAME_LEN => Err(AuthError::Malformed),
        Some(name) => Ok(Some(Opaque::new(name))),
    }
}

fn scope(claim: Option<&str>) -> Result<Scope, AuthError> {
    claim.map_or_else(|| Ok(Scope::default()), |words| Scope::limited(words).ok_or(AuthError::Malformed))
}

/// From when until when a token was issued.
#[derive(Clone, Copy)]
pub(crate) struct Life {
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
}

impl Life {
    /// Refuses a life that is empty, longer than `longest`, over, or not begun; [`LEEWAY`] is granted at both ends.
    fn check(self, now: Timestamp, not_before: Option<Seconds>, longest: Duration) -> Result<(), AuthError> {
        self.check_length(longest)?;
        let begins = not_before.map_or(self.issued, |seconds| self.issued.max(seconds.into()));
        Self { issued: begins, ..self }.check_time(now, LEEWAY)
    }

    /// Refuses a life that is over, or not begun, by more than the leeway.
    pub(crate) fn check_time(self, now: Timestamp, leeway: Duration) -> Result<(), AuthError> {
        if now >= self.expires + leeway {
            return Err(AuthError::Expired);
        }
        if self.issued > now + leeway { Err(AuthError::NotYetValid) } else { Ok(()) }
    }

    /// Refuses a life that is empty or longer than `longest`.
    pub(crate) fn check_length(self, longest: Duration) -> Result<(), AuthError> {
        if self.expires <= self.issued {
            return Err(AuthError::Malformed);
        }
        if self.expires.since(self.issued) > longest { Err(AuthError::LifetimeTooLong) } else { Ok(()) }
    }
}

/// A `NumericDate` (RFC 7519, section 2) between 1970 and 9999. Parts of a second, which some issuers write, are cut
/// off.
#[derive(Clone, Copy)]
pub(crate) struct Seconds(u64);

impl Seconds {
    const MAX: u64 = 253_402_300_799;

    /// At most the year 9999.
    pub(crate) fn new(seconds: u64) -> Self {
        Self(seconds.min(Self::MAX))
    }

    pub(crate) fn as_u64(self) -> u64 {
        self.0
    }
}

impl From<Seconds> for Timestamp {
    fn from(seconds: Seconds) -> Self {
        Self::from_millis(seconds.0 * 1000)
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl de::Visitor<'_> for Number {
            type Value = Seconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since the epoch")
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Seconds, E> {
                if seconds <= Seconds::MAX {
                    Ok(Seconds(seconds))
                } else {
                    Err(E::custom("after the year 9999"))
                }
            }

            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Seconds, E> {
                let whole = Duration::try_from_secs_f64(seconds).map_err(|_| E::custom("no time"))?;
                self.visit_u64(whole.as_secs())
            }
        }
        deserializer.deserialize_any(Number)
    }
}
